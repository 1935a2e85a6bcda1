"""Finds the receptive fields of the cells of every layer by gradients: the pixels whose change changes a cell.

`python3 crates/spec/tests/receptive_fields.py` makes `receptive_fields.json`. Every network has one channel, weights of 1 and no
norm or ReLU, so that no gradient vanishes by chance; a max-pool, whose gradient reaches only the largest pixel, is replaced by a
sum over the same window. Which layers there are, with which strides and paddings, is written down here a second time, after the
chapter's code and torchvision's."""

import json
from pathlib import Path

import torch
from torch.nn import functional as F


def window(x, ks, stride, padding):
    return F.conv2d(x, torch.ones(1, 1, ks, ks, dtype=x.dtype), stride=stride, padding=padding)


def conv(x, ks, stride):
    return window(x, ks, stride, (ks - 1) // 2)


def residual(block, stride):
    """Kernel and stride of each convolution on the residual path."""
    return [(1, 1), (3, stride), (1, 1)] if block == "bottleneck" else [(3, stride), (3, 1)]


def chapter(x, family, stem, layers, block, expansion, width):
    """Name and output of every layer of the chapter's networks, in the order of `Architecture::layer_names`."""
    convolutional = family == "fcn"
    seen = []
    for index, _ in enumerate(stem):
        x = conv(x, 3, 2 if index == 0 or convolutional else 1)
        seen.append((f"stem.{index}", x))
    if not convolutional:
        x = window(x, 3, 2, 1)
        seen.append(("max_pool", x))
    channels = stem[-1]
    for stage, blocks in enumerate(layers):
        nf = width * expansion * 2**stage
        for index in range(blocks):
            first = 1 if stage == 0 and not convolutional else 2
            stride = first if index == 0 else 1
            name, entry = f"stages.{stage}.{index}", x
            for number, (ks, step) in enumerate(residual(block, stride)):
                x = conv(x, ks, step)
                seen.append((f"{name}.convs.{number}", x))
            if block != "plain":
                way = entry
                if stride == 2:
                    way = F.avg_pool2d(way, 2, ceil_mode=True)
                    seen.append((f"{name}.pool", way))
                if channels != nf:
                    way = conv(way, 1, 1)
                    seen.append((f"{name}.idconv", way))
                x = x + way
            channels = nf
            seen.append((name, x))
    return seen


def torchvision(x, layers, bottleneck):
    """The same for torchvision's: a strided 1×1 convolution on the skip connection."""
    x = conv(x, 7, 2)
    seen = [("conv1", x)]
    x = window(x, 3, 2, 1)
    seen.append(("maxpool", x))
    for stage, blocks in enumerate(layers):
        for index in range(blocks):
            stride = 2 if index == 0 and stage > 0 else 1
            entry = x
            for ks, step in residual("bottleneck" if bottleneck else "basic", stride):
                x = conv(x, ks, step)
            x = x + (conv(entry, 1, stride) if stride == 2 else entry)
            seen.append((f"layer{stage + 1}.{index}", x))
    return seen


def fields(size, network):
    """For each layer the rows `[from, to)` that each cell of the diagonal sees."""
    x = torch.ones(1, 1, size, size, dtype=torch.float64, requires_grad=True)
    out = {}
    for name, grid in network(x):
        rows = []
        for cell in range(grid.shape[-1]):
            (gradient,) = torch.autograd.grad(grid[0, 0, cell, cell], x, retain_graph=True)
            seen = gradient[0, 0] != 0
            lines = seen.any(1).nonzero().flatten().tolist()
            first, last = lines[0], lines[-1] + 1
            # A square without holes.
            assert bool(seen[first:last, first:last].all()) and int(seen.sum()) == (last - first) ** 2, (name, cell)
            rows.append([first, last])
        out[name] = rows
    return out


CHAPTER = {
    "resnet_basic": ("resnet", [4, 8], [1, 2, 1], "basic", 1, 8, [40, 33]),
    "resnet_bottleneck": ("resnet", [4, 4, 8], [2, 1, 1, 1], "bottleneck", 4, 4, [64, 50]),
    "resnet_plain": ("resnet", [4, 8], [1, 1], "plain", 1, 8, [32]),
    "fcn": ("fcn", [4, 8], [1, 1], "basic", 1, 8, [32, 37]),
}
TORCHVISION = {"torchvision_basic": ([2, 1, 1, 1], False, [64, 65]), "torchvision_bottleneck": ([1, 2, 1, 1], True, [64, 70])}


def text(numbers):
    return ",".join(map(str, numbers))


def main():
    cases = {}
    for name, (family, stem, layers, block, expansion, width, sizes) in CHAPTER.items():
        settings = f"net={family}&stem={text(stem)}&layers={text(layers)}&block={block}&expansion={expansion}&width={width}"
        for size in sizes:
            found = fields(size, lambda x: chapter(x, family, stem, layers, block, expansion, width))
            cases[f"{name}_{size}"] = {"settings": settings, "size": size, "fields": found}
    for name, (layers, bottleneck, sizes) in TORCHVISION.items():
        for size in sizes:
            found = fields(size, lambda x: torchvision(x, layers, bottleneck))
            cases[f"{name}_{size}"] = {"layers": layers, "bottleneck": bottleneck, "size": size, "fields": found}
    lines = [f" {json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items()]
    out = Path(__file__).with_suffix(".json")
    out.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
