"""The rectangles of fastai's `RandomErasing` and the boxes of its `CutMix`, for given draws.

What fastai draws with Python's and PyTorch's generators is given here as numbers; what follows from them is computed as
fastai does (`_slice`, `_bounds`, `rand_bbox`), with Python's `round` and `torch.round`, which round halves to even numbers.
"""

import math

import torch


def strip(area, side, place):
    """`place` from 0 to 1 stands for `random.randint(0, max(side - bound, 0))`."""
    bound = int(round(math.sqrt(area)))
    free = max(side - bound, 0)
    start = min(int((free + 1) * place), free)
    return [start, min(start + bound, side)]


def erased(size, share, aspect, places):
    area = share * (size * size)
    return {
        "size": size, "share": share, "aspect": aspect, "places": places,
        "rows": strip(area * aspect, size, places[0]), "columns": strip(area / aspect, size, places[1]),
    }


def cut(size, lam, row, column):
    ratio = torch.sqrt(1.0 - torch.tensor(lam, dtype=torch.float64))
    half = torch.div(torch.round(size * ratio).long(), 2, rounding_mode="floor")
    bounds = lambda centre: [torch.clamp(centre - half, 0, size).item(), torch.clamp(centre + half, 0, size).item()]
    rows, columns = bounds(torch.tensor(row)), bounds(torch.tensor(column))
    own = 1 - (columns[1] - columns[0]) * (rows[1] - rows[0]) / float(size * size)
    return {"size": size, "lam": lam, "centre": [row, column], "rows": rows, "columns": columns, "own": own}


def cases(rng):
    uniform = lambda low, high: (low + (high - low) * torch.rand((), generator=rng, dtype=torch.float64)).item()
    sizes = [16, 33, 64, 128]
    erasings, cuts = [], []
    for index in range(40):
        size = sizes[index % 4]
        aspect = math.exp(uniform(math.log(0.3), math.log(1 / 0.3)))
        erasings.append(erased(size, uniform(0, 0.3), aspect, [uniform(0, 1), uniform(0, 1)]))
        centre = torch.randint(0, size, (2,), generator=rng).tolist()
        cuts.append(cut(size, uniform(0, 1), *centre))
    # Halves: 2.5 and 3.5 pixels, and a rectangle that is longer than the picture.
    erasings += [erased(10, 0.0625, 1.0, [0.5, 0.999]), erased(10, 0.1225, 1.0, [0.0, 0.4]), erased(20, 0.3, 4.0, [0.9, 0.9])]
    cuts += [cut(10, 0.9375, 5, 5), cut(10, 0.0, 0, 9), cut(10, 1.0, 3, 3)]
    return {"erasings": erasings, "cuts": cuts}
