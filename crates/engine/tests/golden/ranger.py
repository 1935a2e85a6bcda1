"""fastai's `ranger` (RAdam inside Lookahead) under `fit_flat_cos`, on the fixtures' small bottleneck network.

The start is `before` of `resnet_bottleneck.safetensors`. Twenty steps: in the first five the average of squares is not used
yet, and after 6, 12 and 18 the weights return half-way to the slow ones.
"""

import copy
import math

import torch

import networks
from chapter14 import is_decayed
from recipe import cross_entropy, flat_cos

LR, MOM, SQR_MOM, EPS, WD, EVERY, SHARE = 8e-3, 0.95, 0.99, 1e-6, 0.01, 6, 0.5
KEPT = (6, 20)


class Ranger:
    """RAdam with decoupled weight decay; every `EVERY` steps slow and fast weights meet."""

    def __init__(self, net):
        self.params, self.count = dict(net.named_parameters()), 0
        self.avg = {name: torch.zeros_like(p) for name, p in self.params.items()}
        self.sqr = {name: torch.zeros_like(p) for name, p in self.params.items()}
        self.slow = {name: p.detach().clone() for name, p in self.params.items()}

    @torch.no_grad()
    def step(self, lr):
        self.count += 1
        power = SQR_MOM**self.count
        most = 2 / (1 - SQR_MOM) - 1
        length = most - 2 * self.count * power / (1 - power)
        debias = 1 - MOM**self.count
        for name, p in self.params.items():
            if is_decayed(name):
                p.mul_(1 - lr * WD)
            avg, sqr = self.avg[name], self.sqr[name]
            avg.mul_(MOM).add_(p.grad, alpha=1 - MOM)
            sqr.mul_(SQR_MOM).addcmul_(p.grad, p.grad, value=1 - SQR_MOM)
            if length > 5:
                share = math.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length))
                p.addcdiv_(avg, (sqr / (1 - power)).sqrt() + EPS, value=-lr * share / debias)
            else:
                p.add_(avg, alpha=-lr / debias)
            p.grad = None
        if self.count % EVERY == 0:
            for name, p in self.params.items():
                slow = self.slow[name]
                slow.add_(p - slow, alpha=SHARE)
                p.copy_(slow)


def case(shared, info):
    module = networks.fresh(networks.NETS["resnet_bottleneck"]["build"], 800, False)
    targets = [torch.tensor(target) for target in info["targets"]]

    def run(dtype):
        net, losses, out = copy.deepcopy(module).to(dtype).train(), [], {}
        batches = [shared[f"batch{i}"].to(dtype) for i in range(3)]
        ranger = Ranger(net)
        for step in range(networks.STEPS):
            loss = cross_entropy(net(batches[step % 3]), targets[step % 3]).mean()
            loss.backward()
            losses.append(loss.item())
            ranger.step(flat_cos(step / networks.STEPS, LR))
            if step + 1 in KEPT:
                out.update(networks.prefixed(f"step{step + 1}", networks.state_of(net)))
        return {k: v.detach().clone() for k, v in out.items()}, losses

    tensors, told = networks.both(run)
    return tensors, {"network": "resnet_bottleneck", "lr": LR, "wd": WD, **told}
