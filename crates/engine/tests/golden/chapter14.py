"""The chapter's networks in plain PyTorch: the reference that the Rust engine is compared with.

One class holds all five networks, as in the engine: `stem` (ConvLayers), an optional max-pool, `stages` (groups of
blocks) and `head`. The names of the tensors are those of `state_dict`.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

PLAIN, BASIC, BOTTLENECK = "plain", "basic", "bottleneck"


class ConvLayer(nn.Module):
    """Convolution without bias, batchnorm, ReLU (in this order; the ReLU may be left out)."""

    function = staticmethod(torch.relu)

    def __init__(self, ni, nf, size=3, stride=1, act=True, zero=False):
        super().__init__()
        self.conv = nn.Conv2d(ni, nf, size, stride, padding=(size - 1) // 2, bias=False)
        self.norm = nn.BatchNorm2d(nf, eps=1e-5, momentum=0.1)
        self.act = act
        if act:
            nn.init.kaiming_uniform_(self.conv.weight, a=0)
        # Without a ReLU the convolution keeps PyTorch's own bound, 1 / sqrt(fan_in).
        nn.init.constant_(self.norm.weight, 0.0 if zero else 1.0)
        nn.init.constant_(self.norm.bias, 1e-3)

    def forward(self, x):
        x = self.norm(self.conv(x))
        return self.function(x) if self.act else x


def conv_block(kind, ni, nf, stride):
    """The convolutions of a block; the last one has no ReLU, and gamma 0 where a skip connection runs beside it."""
    if kind == BOTTLENECK:
        inner = nf // 4
        return nn.Sequential(
            ConvLayer(ni, inner, 1),
            ConvLayer(inner, inner, 3, stride),
            ConvLayer(inner, nf, 1, act=False, zero=True),
        )
    return nn.Sequential(
        ConvLayer(ni, nf, 3, stride),
        ConvLayer(nf, nf, 3, act=False, zero=kind != PLAIN),
    )


class Block(nn.Module):
    """relu(convs(x) + idconv(pool(x))); kind `plain` leaves the second term out."""

    function = staticmethod(torch.relu)

    def __init__(self, kind, ni, nf, stride=1):
        super().__init__()
        self.skip = kind != PLAIN
        self.convs = conv_block(kind, ni, nf, stride)
        self.idconv = ConvLayer(ni, nf, 1, act=False) if self.skip and ni != nf else None
        self.pool = nn.AvgPool2d(2, ceil_mode=True) if self.skip and stride != 1 else None
        self.se = None
        self.sa = None

    def forward(self, x):
        y = self.convs(x)
        if self.se is not None:
            y = self.se(y)
        if self.sa is not None:
            y = self.sa(y)
        if self.skip:
            x = x if self.pool is None else self.pool(x)
            y = y + (x if self.idconv is None else self.idconv(x))
        return self.function(y)


class Net(nn.Module):
    """Stem, optional max-pool, stages, mean over the grid, linear head."""

    def __init__(self, stem, max_pool, stages, features, n_out):
        super().__init__()
        self.stem = nn.ModuleList(stem)
        self.max_pool = nn.MaxPool2d(3, 2, 1) if max_pool else None
        self.stages = nn.ModuleList(nn.Sequential(*blocks) for blocks in stages)
        self.head = nn.Linear(features, n_out)

    def features(self, x):
        """The output of the last stage, N x C x H x W (what Grad-CAM looks at)."""
        for layer in self.stem:
            x = layer(x)
        if self.max_pool is not None:
            x = self.max_pool(x)
        for stage in self.stages:
            x = stage(x)
        return x

    def forward(self, x):
        return self.head(self.features(x).mean((2, 3)))


FCN_WIDTHS = (16, 32, 64, 128, 256)


def fcn(widths=FCN_WIDTHS, n_out=10):
    """Run 1: ConvLayers of stride 2 and nothing else."""
    sizes = (3, *widths)
    stem = [ConvLayer(ni, nf, 3, 2) for ni, nf in zip(sizes, sizes[1:])]
    return Net(stem, False, [], sizes[-1], n_out)


def fcn_res(blocks, widths=FCN_WIDTHS, n_out=10):
    """Runs 2 and 3: the same skeleton with every ConvLayer replaced, the first one too, so there is no stem."""
    sizes = (3, *widths)
    stages = [
        [Block(BASIC, ni, nf, 2)] + [Block(BASIC, nf, nf) for _ in range(blocks - 1)]
        for ni, nf in zip(sizes, sizes[1:])
    ]
    return Net([], False, stages, sizes[-1], n_out)


def resnet(kind, layers, width=64, expansion=1, stem=(32, 32, 64), n_out=10):
    """Runs 4 and 5: the stem with its max-pool, then one stage per entry of `layers`."""
    sizes = (3, *stem)
    stem_layers = [ConvLayer(ni, nf, 3, 2 if i == 0 else 1) for i, (ni, nf) in enumerate(zip(sizes, sizes[1:]))]
    stages, ni = [], sizes[-1]
    for i, depth in enumerate(layers):
        nf = width * expansion * 2**i
        stride = 1 if i == 0 else 2
        stages.append([Block(kind, ni if b == 0 else nf, nf, stride if b == 0 else 1) for b in range(depth)])
        ni = nf
    return Net(stem_layers, True, stages, ni, n_out)


def with_mish(net):
    """The same network with `F.mish` in the place of every ReLU."""
    for module in net.modules():
        if isinstance(module, (ConvLayer, Block, SqueezeExcite)):
            module.function = nn.functional.mish
    return net


def without_skip(net, stage, block):
    """The same network without the skip connection of a block (both counted from 1), nor what is on it."""
    cut = net.stages[stage - 1][block - 1]
    cut.skip, cut.idconv, cut.pool = False, None, None
    return net


class MaxBlurPool(nn.Module):
    """What kornia's MaxBlurPool2D(3) does: max_pool2d(2, 1), then the 3x3 of Pascal's triangle at every second cell, in zeros."""

    def forward(self, x):
        x = F.max_pool2d(x, 2, 1)
        row = torch.tensor([1, 2, 1], dtype=x.dtype) / 4
        weight = (row[:, None] * row).expand(x.shape[1], 1, 3, 3)
        return F.conv2d(x, weight, stride=2, padding=1, groups=x.shape[1])


def with_blur(net):
    """The same network with the blurred pool behind its stem."""
    net.max_pool = MaxBlurPool()
    return net


class SqueezeExcite(nn.Module):
    """What `SEModule` of fastai's layers.py does, with its widths and first weights; a width of 0 counts as 8."""

    function = staticmethod(torch.relu)

    def __init__(self, nf, reduction):
        super().__init__()
        hidden = max(math.ceil(nf // reduction / 8) * 8, 8)
        self.squeeze, self.excite = nn.Conv2d(nf, hidden, 1), nn.Conv2d(hidden, nf, 1)
        nn.init.kaiming_uniform_(self.squeeze.weight)
        nn.init.xavier_uniform_(self.excite.weight)
        for layer in (self.squeeze, self.excite):
            nn.init.normal_(layer.bias, 0, 0.01)

    def forward(self, x):
        means = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(self.function(self.squeeze(means))))


def with_squeeze(net, reduction):
    """The same network with squeeze-and-excitation at the end of every residual path."""
    for block in [module for module in net.modules() if isinstance(module, Block)]:
        block.se = SqueezeExcite(block.convs[-1].conv.out_channels, reduction)
    return net


class SelfAttention(nn.Module):
    """What `SimpleSelfAttention` of fastai's layers.py does, with its first weights, but a gamma of the caller's."""

    def __init__(self, nf, gamma):
        super().__init__()
        conv = nn.Conv1d(nf, nf, 1, bias=False)
        nn.init.kaiming_normal_(conv.weight)
        self.conv = nn.utils.spectral_norm(conv)
        self.gamma = nn.Parameter(torch.tensor([gamma]))

    def forward(self, x):
        cells = x.flatten(2)
        alike = torch.bmm(cells, cells.transpose(1, 2))
        return (self.gamma * torch.bmm(alike, self.conv(cells)) + cells).view_as(x)


def with_attention(net, gamma):
    """The same network with self-attention where fastai's xresnet has it; of fewer than four stages the first has it."""
    block = net.stages[max(len(net.stages) - 4, 0)][-1]
    block.sa = SelfAttention(block.convs[-1].conv.out_channels, gamma)
    return net


def with_groups(net, groups):
    """The same network with the first 3x3 convolution of each block in groups, as fastai's ResBlock has it with `groups`."""
    for block in [module for module in net.modules() if isinstance(module, Block)]:
        layer = next(layer for layer in block.convs if layer.conv.kernel_size == (3, 3))
        old = layer.conv
        layer.conv = nn.Conv2d(old.in_channels, old.out_channels, 3, old.stride, padding=1, groups=groups, bias=False)
        nn.init.kaiming_uniform_(layer.conv.weight, a=0)
    return net


def named_networks():
    """The chapter's five networks at their true sizes, with ResNet-18 and ResNet-50 as the chapter builds them."""
    return {
        "fcn": fcn(),
        "fcn_res1": fcn_res(1),
        "fcn_res2": fcn_res(2),
        "resnet_basic_2222": resnet(BASIC, [2, 2, 2, 2]),
        "resnet_bottleneck_3463_x4": resnet(BOTTLENECK, [3, 4, 6, 3], expansion=4),
        "resnet_bottleneck_2222_x1": resnet(BOTTLENECK, [2, 2, 2, 2]),
        "reference_bottleneck_2222_x1": resnet(BOTTLENECK, [2, 2, 2, 2], 32, 1, (16, 16, 32)),
        "reference_bottleneck_1111_x4": resnet(BOTTLENECK, [1, 1, 1, 1], 32, 4, (16, 16, 32)),
    }


def is_decayed(name):
    """Weight decay is for the weights of convolutions and of the head, not for batchnorm nor any bias or gamma."""
    return name.endswith(("weight", "weight_orig")) and not any(part.startswith("norm") for part in name.split("."))
