"""fastai's batch transforms on the given draws (nothing is random here), in the order in which it composes them."""

import math

import torch
from torch.nn import functional as F

ALIGN_CORNERS = True


def matrix(values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype).reshape(3, 3)


def flip_matrix(flip):
    return matrix([-1 if flip else 1, 0, 0, 0, 1, 0, 0, 0, 1])


def rotate_matrix(degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return matrix([c, s, 0, -s, c, 0, 0, 0, 1])


def zoom_matrix(zoom, col=0.5, row=0.5):
    """`col` and `row` say where the window lies: 0 left or top, .5 centre, 1 right or bottom. This is also the shift."""
    s = 1 / zoom
    return matrix([s, 0, (1 - s) * (2 * col - 1), 0, s, (1 - s) * (2 * row - 1), 0, 0, 1])


def affine(height, width, flip=False, degrees=0.0, zoom=1.0, col=0.5, row=0.5):
    """2 x 3, from output to input coordinates; the off-diagonal entries correct for pictures that are not square."""
    m = flip_matrix(flip) @ rotate_matrix(degrees) @ zoom_matrix(zoom, col, row)
    m[0, 1] *= height / width
    m[1, 0] *= width / height
    return m[:2]


def warp_coefficients(x, y):
    """The eight coefficients of the perspective map, found from where the four corners go."""
    corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)]
    moved = [(-1 - y, -1 - x), (-1 + y, 1 + x), (1 + y, -1 + x), (1 - y, 1 - x)]
    rows, right = [], []
    for (u, v), (a, b) in zip(corners, moved):
        rows.append([a, b, 1, 0, 0, 0, -u * a, -u * b])
        rows.append([0, 0, 0, a, b, 1, -v * a, -v * b])
        right += [u, v]
    return torch.linalg.solve(torch.tensor(rows, dtype=torch.float64), torch.tensor(right, dtype=torch.float64))


def warp(grid, coefficients):
    m = torch.cat([coefficients, torch.ones(1, dtype=coefficients.dtype)]).reshape(3, 3)
    out = grid @ m[:, :2].T + m[:, 2]
    return out[..., :2] / out[..., 2:]


def sample(image, grid):
    """Bilinear with reflection; when the output is less than half as large, an area average comes first."""
    zoom_in = 2 / float(grid.max() - grid.min())
    shrink = min(image.shape[-2] / grid.shape[-3], image.shape[-1] / grid.shape[-2]) / 2
    image = image[None]
    if shrink > 1 and shrink > zoom_in:
        image = F.interpolate(image, scale_factor=1 / shrink, mode="area", recompute_scale_factor=True)
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="reflection", align_corners=ALIGN_CORNERS)[0]


def transform(image, size, draws, warp_by=None):
    """(matrix, coefficients or None, grid, output) for one C x H x W picture."""
    m = affine(*image.shape[-2:], **draws)
    grid = F.affine_grid(m[None], [1, image.shape[0], *size], align_corners=ALIGN_CORNERS)
    coefficients = None
    if warp_by is not None:
        coefficients = warp_coefficients(*warp_by)
        grid = warp(grid, coefficients)
    return m, coefficients, grid[0], sample(image, grid)


def crop(image, top, left, height, width, size):
    """RandomResizedCropGPU: cut the window out, then resize it as an identity map."""
    cut = image[:, top : top + height, left : left + width]
    return transform(cut, size, {})[3]


def logit(x):
    x = x.clamp(1e-7, 1 - 1e-7)
    return -(1 / x - 1).log()


def lighting(image, brightness=0.5, contrast=1.0):
    """Add logit(brightness), then multiply by contrast, both on the logits of the pixels."""
    shift = logit(torch.tensor(brightness, dtype=image.dtype))
    return torch.sigmoid((logit(image) + shift) * contrast)
