"""fastai's head (`create_head`) by itself: pools, two norms, two dropouts, two linear layers, trained for 20 steps.

The masks of the dropouts are PyTorch's own, stored beside the numbers: the engine draws others from its seeded streams, and
is given these.
"""

import copy

import torch
from torch import nn
from torch.nn import functional as F

import networks
from recipe import cross_entropy

FEATURES, CLASSES, HIDDEN, SMOOTHING = 5, 4, 512, 0.1
PICTURES, GRID, BATCHES = 6, (3, 4), 3
RATES = (0.25, 0.5)


class Masked(nn.Module):
    """`nn.Dropout` with masks that are given, one after the other: `x * mask / (1 - p)`, and `x` in evaluation."""

    def __init__(self, masks):
        super().__init__()
        self.masks, self.step = masks, 0

    def forward(self, x):
        if not self.training:
            return x
        self.step += 1
        return x * self.masks[(self.step - 1) % len(self.masks)].to(x.dtype)


class Head(nn.Linear):
    """`[AdaptiveConcatPool2d, Flatten, *LinBnDrop(2 nf, 512, p=.25, act=ReLU), *LinBnDrop(512, classes, p=.5)]`."""

    def __init__(self, masks):
        super().__init__(HIDDEN, CLASSES, bias=False)
        self.hidden = nn.Sequential()
        layers = dict(
            norm1=nn.BatchNorm1d(2 * FEATURES), drop1=Masked(masks[0]),
            linear=nn.Linear(2 * FEATURES, HIDDEN, bias=False), act=nn.ReLU(),
            norm2=nn.BatchNorm1d(HIDDEN), drop2=Masked(masks[1]),
        )
        for name, layer in layers.items():
            self.hidden.add_module(name, layer)
        for norm in (self.hidden.norm1, self.hidden.norm2):
            nn.init.constant_(norm.bias, 1e-3)
        for layer in (self.hidden.linear, self):
            nn.init.kaiming_normal_(layer.weight)

    def forward(self, x):
        pools = F.adaptive_max_pool2d(x, 1), F.adaptive_avg_pool2d(x, 1)
        return super().forward(self.hidden(torch.cat(pools, 1).flatten(1)))


def case():
    rng = networks.seeded(1300)
    grids = [torch.randn(PICTURES, FEATURES, *GRID, generator=rng) for _ in range(BATCHES)]
    targets = [torch.randint(0, CLASSES, (PICTURES,), generator=rng) for _ in range(BATCHES)]
    torch.manual_seed(1301)
    masks = [
        [F.dropout(torch.ones(PICTURES, width), rate, training=True) for _ in range(BATCHES)]
        for width, rate in zip((2 * FEATURES, HIDDEN), RATES)
    ]
    module = networks.fresh(lambda: Head(masks), 1302, False)

    def run(dtype):
        loss_of = lambda y, i: cross_entropy(y, targets[i], SMOOTHING).mean()
        batches = [grid.to(dtype) for grid in grids]
        return networks.train(copy.deepcopy(module).to(dtype), batches, loss_of, (1, 20))

    tensors, told = networks.both(run)
    for i in range(BATCHES):
        tensors.update({f"grid{i}": grids[i], f"mask1_{i}": masks[0][i], f"mask2_{i}": masks[1][i]})
    info = {
        "features": FEATURES, "classes": CLASSES, "hidden": HIDDEN, "rates": RATES, "smoothing": SMOOTHING,
        "targets": [target.tolist() for target in targets],
    }
    return tensors, {**info, **told}
