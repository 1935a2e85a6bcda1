"""Milliseconds per training step with PyTorch on this machine's processor, as JSON.

Four networks at 64 px: the two small ones that the engines were compared on, and the two reference networks of the
test pictures; `bench_torch.py ROUNDS NAME …` measures some. A step is: zero the gradients, forward, cross entropy, backward, Adam.
"""

import json
import platform
import statistics
import sys
import time

import torch
from torch.nn import functional as F

from chapter14 import BASIC, BOTTLENECK, is_decayed, resnet

SIDE, WARM_UP, ROUNDS = 64, 3, 12

NETS = {
    "basic": (16, lambda: resnet(BASIC, [1, 1, 1, 1], 16, 1, (8, 8, 16))),
    "bottleneck": (8, lambda: resnet(BOTTLENECK, [1, 1, 1, 1], 16, 4, (8, 8, 16))),
    "reference_2222_x1": (64, lambda: resnet(BOTTLENECK, [2, 2, 2, 2], 32, 1, (16, 16, 32))),
    "reference_1111_x4": (64, lambda: resnet(BOTTLENECK, [1, 1, 1, 1], 32, 4, (16, 16, 32))),
}


def optimiser(net):
    decayed, rest = [], []
    for name, p in net.named_parameters():
        (decayed if is_decayed(name) else rest).append(p)
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.99), eps=1e-5, foreach=True)


def measure(build, batch, rounds):
    torch.manual_seed(0)
    net = build().train()
    opt = optimiser(net)
    x, y = torch.randn(batch, 3, SIDE, SIDE), torch.randint(0, 10, (batch,))
    times = []
    for step in range(WARM_UP + rounds):
        if step == WARM_UP:
            cpu = time.process_time()
        start = time.perf_counter()
        opt.zero_grad(set_to_none=True)
        F.cross_entropy(net(x), y).backward()
        opt.step()
        times.append((time.perf_counter() - start) * 1e3)
    cpu = (time.process_time() - cpu) / rounds * 1e3
    times = times[WARM_UP:]
    return {"cpu_ms": round(cpu, 1), "median_ms": round(statistics.median(times), 1), "least_ms": round(min(times), 1)}


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    out = {"torch": torch.__version__, "machine": platform.machine(), "side": SIDE, "rounds": rounds, "nets": {}}
    wanted = sys.argv[2:] or list(NETS)
    for name, (batch, build) in ((name, NETS[name]) for name in wanted):
        row = {"batch": batch, "parameters": sum(p.numel() for p in build().parameters())}
        for threads in (1, 2):
            torch.set_num_threads(threads)
            row[f"threads_{threads}"] = measure(build, batch, rounds)
        out["nets"][name] = row
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
