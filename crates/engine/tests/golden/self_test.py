"""Writes `self_test.json`: what `crates/engine/src/train/self_test.rs` compares an engine with. Weights and pictures are sines, as there."""

import json
import math
from pathlib import Path

import torch

from chapter14 import BOTTLENECK, resnet
from recipe import Adam, cross_entropy, one_cycle

CLASSES, PICTURES, SIDE, STEPS, LR = 4, 6, 20, 4, 3e-3


def sines(count, step, start):
    """Rounded to float32 as the engine's are."""
    return torch.tensor([math.sin(step * i + start) for i in range(count)]).float().double()


def fill(name, tensor, number):
    sine = sines(tensor.numel(), 0.7, number).reshape(tensor.shape)
    part = name.rsplit(".", 1)[-1]
    if part == "running_mean":
        return torch.zeros_like(sine)
    if part == "running_var":
        return torch.ones_like(sine)
    if part == "bias":
        middle, scale = 0.0, 0.1
    elif ".norm." in name:
        middle, scale = 1.0, 0.2
    else:
        middle, scale = 0.0, math.sqrt(6 / tensor[0].numel())
    return (middle + scale * sine).float().double()


def main():
    net = resnet(BOTTLENECK, [1, 2], 8, 1, (4, 8), CLASSES).double()
    state = {name: tensor for name, tensor in net.state_dict().items() if not name.endswith("num_batches_tracked")}
    for number, name in enumerate(sorted(state)):
        state[name].copy_(fill(name, state[name], number))
    x = sines(PICTURES * 3 * SIDE * SIDE, 0.37, 0.0).reshape(PICTURES, 3, SIDE, SIDE)
    y = torch.arange(PICTURES) % CLASSES
    adam, losses = Adam(net), []
    for step in range(STEPS):
        loss = cross_entropy(net.train()(x), y, 0.1).mean()
        losses.append(loss.item())
        loss.backward()
        adam.step(*one_cycle(step / STEPS, LR))
    with torch.no_grad():
        logits = net.eval()(x).flatten().tolist()
    out = Path(__file__).with_suffix(".json")
    out.write_text(json.dumps({"losses": losses, "logits": logits}, indent=1) + "\n")
    print(out, losses)


if __name__ == "__main__":
    main()
