"""Pictures of fast.ai's archive layout (`FOLDER/{train,val}/CLASS/*.JPEG` in a .tgz), as the engine keeps and crops them.

Needs Debian's `python3-pil` beside PyTorch. Only `train_torch.py` reads pictures; no fixture is made from any.
"""

import io
import math
import tarfile

import numpy as np
import torch
from PIL import Image

MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def tensor(picture):
    x = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1).float() / 255
    return (x - MEAN) / STD


def shrink(picture, side):
    """The whole picture with its shorter side at most `side`."""
    w, h = picture.size
    short = min(w, h)
    return picture if short <= side else picture.resize((round(w * side / short), round(h * side / short)), Image.BILINEAR)


def centre_square(picture, side):
    w, h = picture.size
    cut = min(w, h)
    left, top = (w - cut) // 2, (h - cut) // 2
    return picture.crop((left, top, left + cut, top + cut)).resize((side, side), Image.BILINEAR)


def random_resized_crop(picture, side, min_scale, rng):
    """fastai's `RandomResizedCrop` (area uniform, ratio log-uniform in [3/4, 4/3], ten tries), then a mirror image half of the time."""
    w, h = picture.size
    box = None
    for _ in range(10):
        area, ratio = rng.uniform(min_scale, 1) * w * h, math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
        cw, ch = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 1 <= cw <= w and 1 <= ch <= h:
            left, top = rng.integers(0, w - cw + 1), rng.integers(0, h - ch + 1)
            box = (left, top, left + cw, top + ch)
            break
    cut = picture.crop(box).resize((side, side), Image.BILINEAR) if box else centre_square(picture, side)
    return cut.transpose(Image.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else cut


def load(archive, side):
    """Training pictures shrunk to 5/4 of `side`, validation squares of `side`, and the labels of both."""
    found = {"train": [], "val": []}
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = member.name.split("/")
            if member.isfile() and len(parts) == 4 and parts[1] in found:
                picture = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
                kept = shrink(picture, side + side // 4) if parts[1] == "train" else centre_square(picture, side)
                found[parts[1]].append((parts[2], kept))
    classes = sorted({name for name, _ in found["train"]})
    labels = {part: torch.tensor([classes.index(name) for name, _ in rows]) for part, rows in found.items()}
    pictures = {part: [picture for _, picture in rows] for part, rows in found.items()}
    return pictures["train"], labels["train"], pictures["val"], labels["val"]
