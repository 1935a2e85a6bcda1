"""Gradients that arrive at the blocks of the small networks, for the lesson's demo "Skip connections".

The weights are those of the training fixtures (`before.NAME`) and the pictures those of `inputs`, read from the files.
"""

import json
import struct
from pathlib import Path

import torch

from networks import NETS
from recipe import cross_entropy
from storage import write_json

HERE = Path(__file__).parent


def tensors(name):
    raw = (HERE / f"{name}.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header, data = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    header.pop("__metadata__", None)

    def read(entry):
        start, end = entry["data_offsets"]
        return torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32).reshape(entry["shape"]).double()

    return {key: read(entry) for key, entry in header.items()}


def arriving(name, shared, labels):
    """Root mean square of the loss's gradient with respect to each block's input, first block first; train mode."""
    case = NETS[name]
    net = case["build"]().double().train()
    state = {key[len("before.") :]: value for key, value in tensors(name).items() if key.startswith("before.")}
    missing, extra = net.load_state_dict(state, strict=False)
    assert not extra and all("num_batches" in key for key in missing), (missing, extra)
    x = shared["batch0"]
    for layer in net.stem:
        x = layer(x)
    if net.max_pool is not None:
        x = net.max_pool(x)
    inputs = []
    for block in (block for stage in net.stages for block in stage):
        x.retain_grad()
        inputs.append(x)
        x = block(x)
    loss = cross_entropy(net.head(x.mean((2, 3))), labels, case["smoothing"]).mean()
    loss.backward()
    return {"loss": loss.item(), "rms": [x.grad.square().mean().sqrt().item() for x in inputs]}


def main():
    shared = tensors("inputs")
    labels = torch.tensor(json.loads((HERE / "inputs.json").read_text())["targets"][0])
    names = ("resnet_plain", "resnet_basic", "resnet_bottleneck")
    write_json(HERE / "lesson.json", {name: arriving(name, shared, labels) for name in names})


if __name__ == "__main__":
    main()
