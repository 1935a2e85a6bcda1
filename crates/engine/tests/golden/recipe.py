"""fastai's training recipe, written down again from its description: optimiser, schedules, losses, learning-rate search."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from chapter14 import is_decayed

BETA = 0.98


class Adam:
    """Adam with decoupled weight decay. The bias correction of the first moment uses the *current* momentum."""

    def __init__(self, net, sqr_mom=0.99, eps=1e-5, wd=0.01):
        self.params = dict(net.named_parameters())
        self.sqr_mom, self.eps, self.wd, self.count = sqr_mom, eps, wd, 0
        self.avg = {name: torch.zeros_like(p) for name, p in self.params.items()}
        self.sqr = {name: torch.zeros_like(p) for name, p in self.params.items()}

    @torch.no_grad()
    def step(self, lr, mom):
        """`lr` for all, or a rate by parameter name. What is frozen has no gradient, and stays."""
        self.count += 1
        debias_avg = 1 - mom**self.count
        debias_sqr = 1 - self.sqr_mom**self.count
        for name, p in self.params.items():
            if p.grad is None:
                continue
            rate = lr[name] if isinstance(lr, dict) else lr
            if is_decayed(name):
                p.mul_(1 - rate * self.wd)
            avg, sqr = self.avg[name], self.sqr[name]
            avg.mul_(mom).add_(p.grad, alpha=1 - mom)
            sqr.mul_(self.sqr_mom).addcmul_(p.grad, p.grad, value=1 - self.sqr_mom)
            p.addcdiv_(avg, (sqr / debias_sqr).sqrt() + self.eps, value=-rate / debias_avg)
            p.grad = None


def cosine(start, end, pos):
    return start + (1 + math.cos(math.pi * (1 - pos))) * (end - start) / 2


def two_cosines(pct, split, start, middle, end):
    """Cosine from `start` to `middle` over the first `split` of the run, then from `middle` to `end`."""
    if pct < split:
        return cosine(start, middle, pct / split)
    return cosine(middle, end, (pct - split) / (1 - split))


def one_cycle(pct, lr_max, div=25.0, div_final=1e5, pct_start=0.25, moms=(0.95, 0.85, 0.95)):
    """(lr, momentum) at the share `pct` of all steps; step k of n is at k / n, so the very end is never reached."""
    lr = two_cosines(pct, pct_start, lr_max / div, lr_max, lr_max / div_final)
    return lr, two_cosines(pct, pct_start, *moms)


def flat_cos(pct, lr, div_final=1e5, pct_start=0.75):
    return two_cosines(pct, pct_start, lr, lr, lr / div_final)


def cross_entropy(logits, targets, smoothing=0.0):
    """One loss per picture."""
    logp = F.log_softmax(logits, 1)
    nll = -logp.gather(1, targets[:, None])[:, 0]
    return (1 - smoothing) * nll + smoothing * -logp.mean(1)


def mixup_loss(logits, targets, lam, perm, smoothing=0.0):
    """One loss per picture: lam of its own target, 1 - lam of its partner's."""
    return lam * cross_entropy(logits, targets, smoothing) + (1 - lam) * cross_entropy(logits, targets[perm], smoothing)


def mixup_input(x, lam, perm):
    lam = lam[:, None, None, None]
    return lam * x + (1 - lam) * x[perm]


def smooth(losses, beta=BETA):
    """The debiased moving average that fastai prints as train_loss."""
    value, out = 0.0, []
    for count, loss in enumerate(losses, 1):
        value = beta * value + (1 - beta) * loss
        out.append(value / (1 - beta**count))
    return out


def even_mults(start, stop, n):
    """n learning rates from start to stop, each the same factor above the one before."""
    if n == 1:
        return [stop]
    step = (stop / start) ** (1 / (n - 1))
    return [start * step**i for i in range(n)]


def finder_lr(step, start=1e-7, end=10.0, num_it=100):
    return start * (end / start) ** (step / num_it)


def find(raw, num_it=100):
    """The search over recorded raw batch losses: where it stops, and what is left for the suggestions."""
    smoothed, best, stopped = smooth(raw), math.inf, len(raw)
    for i, value in enumerate(smoothed):
        best = min(best, value)
        if value > 4 * best:
            stopped = i + 1
            break
    lrs = [finder_lr(i) for i in range(stopped)]
    first = num_it // 10
    return {
        "lrs": lrs,
        "smoothed": smoothed[:stopped],
        "used_from": first,
        "used_to": stopped - 5,
        **suggestions(np.array(lrs[first:-5]), np.array(smoothed[first:stopped][:-5])),
    }


def suggestions(lrs, losses):
    at = {"valley": valley(losses), "minimum": int(losses.argmin()), "steep": steep(lrs, losses), "slide": slide(losses)}
    values = {name: float(lrs[i]) for name, i in at.items()}
    values["minimum"] /= 10
    return {"index": {name: int(i % len(lrs)) for name, i in at.items()}, "suggestion": values}


def valley(losses):
    """The longest falling subsequence ends at `end`; its length (not its first index) gives the start."""
    n = len(losses)
    length = [1] * n
    start = end = 0
    for i in range(1, n):
        length[i] = 1 + max((length[j] for j in range(i) if losses[i] < losses[j]), default=0)
        if length[i] > length[end]:
            end = i
            start = end - length[end]
    third = (end - start) / 3
    return start + int(third) + int(third / 2)


def steep(lrs, losses):
    """The left end of the interval with the most negative slope over log(lr)."""
    return int((np.diff(losses) / np.diff(np.log(lrs))).argmin())


def slide(losses, width=15, threshold=0.005):
    """From the right end, slide two gradients `width` apart to the left until they agree within `threshold`."""
    grad = np.gradient(losses)
    right, left = -1, -1 - width
    found = left
    while left >= -len(losses) and abs(grad[right] - grad[left]) > threshold:
        found = left
        right, left = right - 1, left - 1
    return found
