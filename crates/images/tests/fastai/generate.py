"""What fastai's transforms make of drawn pictures, with Pillow's pixels and PyTorch's grids: pictures.json beside this file.

Written from the formulas of fastai/vision/augment.py (RandomResizedCrop, Resize, RandomResizedCropGPU, AffineCoordTfm); fastai itself
is not needed; torchvision, with which it pads, hands pictures to numpy.pad. Make it again with Debian's Python: apt install python3-numpy python3-pil python3-torch, then python3 crates/images/tests/fastai/generate.py.
"""

import json
import math
from pathlib import Path

import numpy
import PIL
import torch
from PIL import Image
from torch.nn import functional as F


def drawn(width, height):
    """Ramps, edges and a wave that turns faster than pixels. The test draws the same."""
    picture = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            value = lambda c: (3 * (x * (7 + c) + y * (5 + 2 * c)) + (x // 6 + y // 5) % 2 * 60 + x * y * (c + 1) // 8) % 256
            picture.putpixel((x, y), (value(0), value(1), value(2)))
    return picture


def squished(picture, size):
    """RandomResizedCrop in validation: all of the picture at size + val_xtra, then the middle."""
    extra = math.ceil(size * 0.14 / 8) * 8
    whole = picture.resize((size + extra, size + extra), Image.BILINEAR)
    start = (whole.size[0] - size) // 2
    return whole.crop((start, start, start + size, start + size))


def resize(picture, size, places=(0.5, 0.5)):
    """Resize with ResizeMethod.Crop; in training `places` are random."""
    w, h = picture.size
    m = min(w / size, h / size)
    side = int(m * size)
    x, y = int(places[0] * (w - side)), int(places[1] * (h - side))
    return picture.crop((x, y, x + side, y + side)).resize((size, size), Image.BILINEAR)


def resized_by(method, picture, size, places=(0.5, 0.5)):
    """Resize(size, method=method) with its default pad_mode, reflection; in training `places` are random."""
    w, h = picture.size
    if method == "squish":
        return picture.resize((size, size), Image.BILINEAR)
    if method == "crop":
        return resize(picture, size, places)
    m = max(w / size, h / size)
    side = int(m * size)
    assert side == max(w, h), "fastai's square is a pixel too small here, by the rounding of a float"
    left, top = -int(places[0] * (w - side)), -int(places[1] * (h - side))
    right, bottom = max(side - w - left, 0), max(side - h - top, 0)
    padded = numpy.pad(numpy.asarray(picture), ((top, bottom), (left, right), (0, 0)), "reflect")
    return Image.fromarray(padded).resize((size, size), Image.BILINEAR)


def batch_resized(picture, size):
    """RandomResizedCropGPU in validation: the whole picture through grid_sample."""
    image = torch.tensor(list(picture.tobytes()), dtype=torch.float64).reshape(1, *picture.size[::-1], 3).permute(0, 3, 1, 2) / 255
    grid = F.affine_grid(torch.eye(3, dtype=torch.float64)[None, :2], [1, 3, size, size], align_corners=True)
    out = F.grid_sample(image, grid, mode="bilinear", padding_mode="reflection", align_corners=True)[0]
    return Image.frombytes("RGB", (size, size), bytes((out * 255).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).flatten().tolist()))


def fallback(w, h):
    """RandomResizedCrop's box when ten random ones do not fit."""
    if w / h < 3 / 4:
        cw, ch = w, int(w / (3 / 4))
    elif w / h > 4 / 3:
        cw, ch = int(h * (4 / 3)), h
    else:
        cw, ch = w, h
    return (w - cw) // 2, (h - ch) // 2, cw, ch


def moved_grid(side, size, area, x, y, flip, degrees, zoom, col, row, warp):
    """Where each pixel of a batch's crop comes from in a square of `side` pixels, in [-1, 1]: the crop lies in the square as
    AffineCoordTfm has moved and warped it, whose pixels are found by the matrix and then by the perspective."""
    cut = int(round(math.sqrt(area * side * side)))
    left, top = math.floor(x * (side - cut + 1)), math.floor(y * (side - cut + 1))
    at = torch.arange(size, dtype=torch.float64) * (cut - 1) / (size - 1)
    over = lambda start: 2 * (start + at) / (side - 1) - 1
    grid = torch.stack(torch.meshgrid(over(left), over(top), indexing="xy"), -1)
    s, t = 1 / zoom, math.radians(degrees)
    matrix = torch.tensor([[-1.0 if flip else 1.0, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=torch.float64)
    matrix = matrix @ torch.tensor([[math.cos(t), math.sin(t), 0], [-math.sin(t), math.cos(t), 0], [0, 0, 1]], dtype=torch.float64)
    matrix = matrix @ torch.tensor([[s, 0, (1 - s) * (2 * col - 1)], [0, s, (1 - s) * (2 * row - 1)], [0, 0, 1]], dtype=torch.float64)
    grid = grid @ matrix[:2, :2].T + matrix[:2, 2]
    # find_coeffs: the perspective that takes the moved corners to the corners.
    wx, wy = warp
    corners = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    targets = [(-1 - wy, -1 - wx), (-1 + wy, 1 + wx), (1 + wy, -1 + wx), (1 - wy, 1 - wx)]
    rows, right = [], []
    for (u, v), (a, b) in zip(corners, targets):
        rows += [[a, b, 1, 0, 0, 0, -u * a, -u * b], [0, 0, 0, a, b, 1, -v * a, -v * b]]
        right += [u, v]
    found = torch.linalg.solve(torch.tensor(rows, dtype=torch.float64), torch.tensor(right, dtype=torch.float64))
    m = torch.cat([found, torch.ones(1, dtype=torch.float64)]).reshape(3, 3)
    grid = grid @ m[:, :2].T + m[:, 2]
    return (grid[..., :2] / grid[..., 2:]).reshape(-1, 2)


def main():
    hexed = lambda picture: picture.tobytes().hex()
    squish = [
        {"picture": [w, h], "size": size, "rgb": hexed(squished(drawn(w, h), size))}
        for w, h, size in [(71, 53, 32), (53, 71, 24), (64, 64, 16), (20, 17, 24), (213, 160, 32)]
    ]
    resized = [
        {"picture": [w, h], "size": size, "rgb": hexed(batch_resized(resize(drawn(w, h), size + size // 4), size))}
        for w, h, size in [(71, 53, 32), (53, 90, 24), (20, 20, 24)]
    ]
    methods = [
        {"picture": [w, h], "size": size, "method": method, "place": place, "rgb": hexed(resized_by(method, drawn(w, h), size, place))}
        for method in ["squish", "crop", "pad"]
        for w, h, size, place in [
            (71, 53, 32, (0.5, 0.5)), (53, 71, 24, (0.5, 0.5)), (40, 40, 16, (0.5, 0.5)), (97, 20, 24, (0.5, 0.5)), (9, 64, 16, (0.5, 0.5)),
            (20, 17, 24, (0.5, 0.5)), (71, 53, 32, (0.9, 0.2)), (53, 71, 24, (0.3, 0.8)),
        ]
    ]
    batches = [
        {"picture": [w, h], "size": size, "method": method, "rgb": hexed(batch_resized(resized_by(method, drawn(w, h), size + size // 4), size))}
        for method in ["squish", "pad"] for w, h, size in [(71, 53, 32), (53, 90, 24)]
    ]
    crops = []
    for (w, h), (x, y, cw, ch), size, flip in [
        ((71, 53), (4, 3, 51, 42), 24, False),
        ((71, 53), (0, 0, 71, 53), 32, True),
        ((53, 71), (11, 20, 25, 30), 32, False),
        ((145, 109), (21, 9, 88, 99), 32, True),
        ((40, 40), (8, 8, 16, 16), 16, True),
    ]:
        cut = drawn(w, h).crop((x, y, x + cw, y + ch)).resize((size, size), Image.BILINEAR)
        cut = cut.transpose(Image.FLIP_LEFT_RIGHT) if flip else cut
        crops.append({"picture": [w, h], "box": [x, y, cw, ch], "size": size, "flip": flip, "rgb": hexed(cut)})
    fallbacks = [{"picture": [w, h], "box": fallback(w, h)} for w, h in [(300, 20), (20, 300), (41, 40), (7, 100), (100, 74), (100, 75)]]
    moved = []
    for side, size, area, x, y, flip, degrees, zoom, col, row, warp in [
        (20, 16, 0.8, 0.3, 0.9, False, 0.0, 1.0, 0.5, 0.5, (0.0, 0.0)),
        (20, 16, 0.5, 0.0, 0.99, True, 9.0, 1.0, 0.5, 0.5, (0.0, 0.0)),
        (40, 16, 0.99, 0.6, 0.1, False, -7.5, 1.08, 0.2, 0.8, (0.2, -0.15)),
        (20, 16, 0.6, 0.5, 0.5, True, 4.0, 1.1, 0.9, 0.1, (-0.1, 0.18)),
    ]:
        grid = moved_grid(side, size, area, x, y, flip, degrees, zoom, col, row, warp)
        moved.append({
            "side": side, "size": size, "area": area, "x": x, "y": y, "flip": flip, "degrees": degrees, "zoom": zoom, "col": col,
            "row": row, "warp": warp, "grid": [[round(value, 9) for value in point] for point in grid.tolist()],
        })
    made = {
        "made_with": {"pillow": PIL.__version__, "torch": torch.__version__},
        "squish": squish, "resize": resized, "methods": methods, "batches": batches, "crops": crops, "fallbacks": fallbacks, "moved": moved,
    }
    Path(__file__).with_name("pictures.json").write_text(json.dumps(made, separators=(",", ":")) + "\n")


main()
