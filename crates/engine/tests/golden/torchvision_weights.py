"""Writes ResNet-18 and ResNet-50 of torchvision with random weights, and what they answer, into the given directory.

`python3 crates/engine/tests/golden/torchvision_weights.py DIRECTORY [NAME…]` makes, for each network NAME, `NAME.safetensors` (the weights
under torchvision's names, float32) and `NAME_io.safetensors` (`input`, `features`, `logits`, in eval mode). About
150 MB, so nothing of it is committed. The file is not called torchvision.py, which would hide the package itself.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torchvision import models

from storage import write_safetensors

CLASSES = 1000


def build(name, seed):
    """Random gammas and betas, and running statistics that fit the random weights, so that no layer is a no-op."""
    torch.manual_seed(seed)
    net = getattr(models, name)(weights=None, num_classes=CLASSES)
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.uniform_(m.bias, -0.2, 0.2)
            m.momentum = 1.0
    net.train()
    with torch.no_grad():
        net(torch.randn(8, 3, 96, 96))
    return net.eval()


def answers(net, x):
    """Features before the pooling and logits, computed in float64."""
    kept = []
    handle = net.layer4.register_forward_hook(lambda m, i, out: kept.append(out))
    with torch.no_grad():
        logits = net.double()(x.double())
    handle.remove()
    net.float()
    return {"input": x, "features": kept[0].float(), "logits": logits.float()}


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: torchvision_weights.py DIRECTORY [NAME...]")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for seed, name in enumerate(("resnet18", "resnet50"), 1):
        if name not in sys.argv[2:] and len(sys.argv) > 2:
            continue
        net = build(name, seed)
        # 75 px leaves an odd grid at every halving (38, 19, 10, 5, 3).
        x = torch.randn(2, 3, 75, 75)
        write_safetensors(folder / f"{name}.safetensors", net.state_dict())
        write_safetensors(folder / f"{name}_io.safetensors", answers(net, x))
        print(f"{name}: {sum(p.numel() for p in net.parameters())} parameters")


if __name__ == "__main__":
    main()
