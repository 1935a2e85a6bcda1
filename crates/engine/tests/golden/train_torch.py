"""Reference training in PyTorch on real pictures, printed as the book's table.

`python3 crates/engine/tests/golden/train_torch.py ARCHIVE.tgz [--epochs 8 ...]`, an archive in fast.ai's layout. What happens to the pictures is in
`photos.py`, the rest is the fixtures' recipe. docs/results.md sets its figures beside the engine's.
"""

import argparse
import time

import numpy as np
import torch

import photos
from chapter14 import fcn, fcn_res, resnet
from recipe import BETA, Adam, cross_entropy, mixup_input, mixup_loss, one_cycle


def options():
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("--net", choices=["fcn", "fcn_res1", "fcn_res2", "plain", "basic", "bottleneck"], default="bottleneck")
    p.add_argument("--layers", type=lambda s: [int(v) for v in s.split(",")], default=[2, 2, 2, 2])
    p.add_argument("--stem", type=lambda s: [int(v) for v in s.split(",")], default=[16, 16, 32])
    p.add_argument("--width", type=int, default=32)
    p.add_argument("--expansion", type=int, default=1)
    p.add_argument("--side", type=int, default=64)
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--lr", type=float, default=6e-3)
    p.add_argument("--smoothing", type=float, default=0.0)
    p.add_argument("--mixup", type=float, default=0.0, help="alpha of the Beta distribution; 0 is off")
    p.add_argument("--min-scale", type=float, default=0.35)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=2)
    return p.parse_args()


def build(o, classes):
    if o.net == "fcn":
        return fcn(n_out=classes)
    if o.net.startswith("fcn_res"):
        return fcn_res(int(o.net[-1]), n_out=classes)
    return resnet(o.net, o.layers, o.width, o.expansion, o.stem, classes)


@torch.no_grad()
def validate(net, x, y, o):
    net.eval()
    loss = right = 0.0
    for i in range(0, len(x), o.batch):
        logits, target = net(x[i : i + o.batch]), y[i : i + o.batch]
        loss += cross_entropy(logits, target, o.smoothing).sum().item()
        right += (logits.argmax(1) == target).sum().item()
    return loss / len(x), right / len(x)


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(o.seed)
    rng = np.random.default_rng(o.seed)
    x, y, valid_x, valid_y = photos.load(o.data, o.side)
    valid_x = torch.stack([photos.tensor(picture) for picture in valid_x])
    net = build(o, int(y.max()) + 1)
    adam, per_epoch, smoothed, step = Adam(net), len(x) // o.batch, 0.0, 0
    print("epoch train_loss valid_loss accuracy time")
    for epoch in range(o.epochs):
        start, order = time.time(), rng.permutation(len(x))
        net.train()
        for b in range(per_epoch):
            pick = order[b * o.batch : (b + 1) * o.batch]
            xb = torch.stack([photos.tensor(photos.random_resized_crop(x[i], o.side, o.min_scale, rng)) for i in pick])
            yb = y[pick]
            if o.mixup > 0:
                lam = torch.from_numpy(rng.beta(o.mixup, o.mixup, len(yb))).float()
                lam, perm = torch.maximum(lam, 1 - lam), torch.from_numpy(rng.permutation(len(yb)))
                loss = mixup_loss(net(mixup_input(xb, lam, perm)), yb, lam, perm, o.smoothing).mean()
            else:
                loss = cross_entropy(net(xb), yb, o.smoothing).mean()
            loss.backward()
            adam.step(*one_cycle(step / (per_epoch * o.epochs), o.lr))
            step += 1
            smoothed = BETA * smoothed + (1 - BETA) * loss.item()
        valid_loss, accuracy = validate(net, valid_x, valid_y, o)
        taken = round(time.time() - start)
        print(f"{epoch} {smoothed / (1 - BETA**step):.6f} {valid_loss:.6f} {accuracy:.6f} {taken // 60:02}:{taken % 60:02}", flush=True)


if __name__ == "__main__":
    main()
