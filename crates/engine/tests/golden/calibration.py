"""Temperature scaling (Guo et al., 2017) fitted by PyTorch's LBFGS on Platt's targets (1999), on made-up logits."""

import torch
from torch.nn import functional as F


def temperature(logits, labels):
    n, classes = logits.shape
    targets = torch.full_like(logits, 1 / (n + classes))
    targets[torch.arange(n), labels] += n / (n + classes)
    log_inverse = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_inverse], lr=0.1, max_iter=500, tolerance_grad=1e-13, tolerance_change=1e-15)

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(logits * log_inverse.exp(), targets)
        loss.backward()
        return loss

    optimizer.step(closure)
    return (-log_inverse).exp().item()


def case(rng, n, classes, scale, right):
    """`n` pictures, whose class has a logit that is higher by `right` on average."""
    labels = torch.randint(classes, (n,), generator=rng)
    logits = torch.randn(n, classes, generator=rng, dtype=torch.float64)
    logits[torch.arange(n), labels] += right
    rows = [[float(f"{x:.6g}") for x in row] for row in (scale * logits).tolist()]
    logits = torch.tensor(rows, dtype=torch.float64)
    return {
        "labels": labels.tolist(),
        "logits": rows,
        "temperature": temperature(logits, labels),
    }


def cases(rng):
    return {
        "too_sure": case(rng, 120, 5, 3.0, 1.5),
        "not_sure_enough": case(rng, 80, 10, 0.4, 4.0),
        "always_right": case(rng, 60, 3, 1.0, 12.0),
    }
