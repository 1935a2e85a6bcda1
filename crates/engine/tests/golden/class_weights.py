"""PyTorch's own `cross_entropy` with `weight` and `label_smoothing`: losses and gradients of some logits."""

import torch
from torch.nn import functional as F

import networks

COUNTS = [30, 6, 15, 9]


def cases():
    rng = networks.seeded(1400)
    logits = (2 * torch.randn(8, 4, generator=rng)).double()
    labels = torch.randint(0, 4, (8,), generator=rng)
    weights = sum(COUNTS) / (len(COUNTS) * torch.tensor(COUNTS, dtype=torch.float64))
    out = []
    for smoothing in (0.0, 0.1):
        leaf = logits.clone().requires_grad_()
        loss = F.cross_entropy(leaf, labels, weight=weights, label_smoothing=smoothing)
        loss.backward()
        out.append({"smoothing": smoothing, "loss": loss.item(), "gradient": leaf.grad.flatten().tolist()})
    return {"counts": COUNTS, "labels": labels.tolist(), "logits": logits.flatten().tolist(), "cases": out}
