"""Principal axes of made-up vectors by numpy's SVD, and a second map turned onto the first by orthogonal Procrustes.

`python3 crates/engine/tests/golden/principal_axes.py` makes `principal_axes.json` alone, `generate.py` with all others."""

from pathlib import Path

import numpy as np
from storage import write_json


def plain(array):
    """In whole 64ths, which float32 holds exactly."""
    return (np.round(64 * array) / 64).tolist()


def project(vectors):
    """Coordinates on the two principal axes, each of which points to where the farthest vector lies."""
    vectors = np.array(vectors)
    centred = vectors - vectors.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    points = left[:, :2] * values[:2]
    for axis in range(2):
        points[:, axis] *= np.sign(points[np.abs(points[:, axis]).argmax(), axis])
    return points, values[:2] ** 2 / (values**2).sum()


def turn(points, before):
    """scipy's `orthogonal_procrustes` in two lines."""
    left, _, right = np.linalg.svd(points.T @ before)
    return points @ (left @ right)


def case(rng, n, features, classes):
    """`n` vectors in clusters, which are elsewhere, and farther apart, in the second map."""
    labels = rng.integers(classes, size=n)
    first = plain(rng.normal(size=(classes, features))[labels] + rng.normal(size=(n, features)))
    second = plain(2.5 * rng.normal(size=(classes, features))[labels] + rng.normal(size=(n, features)))
    before, explained = project(first)
    after, explained_after = project(second)
    return {
        "features": features,
        "first": first,
        "second": second,
        "before": before.tolist(),
        "explained": explained.tolist(),
        "after": after.tolist(),
        "explained_after": explained_after.tolist(),
        "turned": turn(after, before).tolist(),
    }


def cases():
    rng = np.random.default_rng(20)
    return {
        "more_vectors": case(rng, 60, 8, 4),
        "more_features": case(rng, 25, 70, 5),
        "as_many": case(rng, 20, 20, 2),
        "two_features": case(rng, 30, 2, 3),
    }


if __name__ == "__main__":
    write_json(Path(__file__).parent / "principal_axes.json", cases())
