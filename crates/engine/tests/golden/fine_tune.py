"""fastai's `fine_tune`, with PyTorch's own freezing and a rate for each group, on the fixtures' small bottleneck network.

The start is `before` of `resnet_bottleneck.safetensors`; its head stays, so that the fixture is the same on every machine.
"""

import copy

import torch
from torch import nn

import networks
from recipe import Adam, cross_entropy, even_mults, one_cycle

BASE_LR = 1e-2
PER_EPOCH, EPOCHS = 4, 2


def groups(net):
    """`_resnet_split`: stem with the first half of the stages, second half, head."""
    return [nn.ModuleList([net.stem, *net.stages[:2]]), nn.ModuleList(net.stages[2:]), net.head]


def freeze(parts):
    """All but the last group, without their norms (`train_bn=True`)."""
    for part in parts[:-1]:
        for module in part.modules():
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(isinstance(module, nn.BatchNorm2d))


def unfreeze(net):
    for parameter in net.parameters():
        parameter.requires_grad_(True)


def rates(net, parts, each):
    """Learning rate by parameter name."""
    by_parameter = {parameter: lr for part, lr in zip(parts, each) for parameter in part.parameters()}
    return {name: by_parameter[parameter] for name, parameter in net.named_parameters()}


def fit(net, each, steps, batches, loss_of, offset, losses, **cycle):
    """`fit_one_cycle` with a rate for each group, and an optimiser of its own."""
    by_name, adam = rates(net, groups(net), each), Adam(net)
    for step in range(steps):
        batch = (offset + step) % len(batches)
        loss = loss_of(net(batches[batch]), batch)
        loss.backward()
        losses.append(loss.item())
        share, mom = one_cycle(step / steps, 1.0, **cycle)
        adam.step({name: lr * share for name, lr in by_name.items()}, mom)


def case(shared, info):
    module = networks.fresh(networks.NETS["resnet_bottleneck"]["build"], 800, False)
    targets = [torch.tensor(target) for target in info["targets"]]

    def run(dtype):
        net, losses = copy.deepcopy(module).to(dtype).train(), []
        batches = [shared[f"batch{i}"].to(dtype) for i in range(3)]
        loss_of = lambda y, i: cross_entropy(y, targets[i]).mean()
        freeze(groups(net))
        fit(net, [BASE_LR / 10, BASE_LR / 10, BASE_LR], PER_EPOCH, batches, loss_of, 0, losses, pct_start=0.99)
        out = networks.prefixed("frozen", networks.state_of(net))
        unfreeze(net)
        half = BASE_LR / 2
        fit(net, even_mults(half / 100, half, 3), PER_EPOCH * EPOCHS, batches, loss_of, PER_EPOCH, losses, pct_start=0.3, div=5.0)
        out.update(networks.prefixed("whole", networks.state_of(net)))
        return {k: v.detach().clone() for k, v in out.items()}, losses

    tensors, told = networks.both(run)
    return tensors, {"network": "resnet_bottleneck", "base_lr": BASE_LR, "batches": PER_EPOCH, "epochs": EPOCHS, **told}
