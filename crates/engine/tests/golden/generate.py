"""Makes all fixtures anew: `python3 crates/engine/tests/golden/generate.py`. With `--check`, gradients are also probed by finite
differences and nothing is written."""

import copy
import json
import math
import sys
from pathlib import Path

import torch
from torch.nn import functional as F

import augment
import calibration
import class_weights
import fine_tune
import head
import mixing
import networks
import principal_axes
import ranger
import recipe
import tracking
from chapter14 import is_decayed, named_networks
from storage import plain, write_json, write_safetensors

HERE = Path(__file__).parent


def save(name, tensors, info):
    if tensors:
        write_safetensors(HERE / f"{name}.safetensors", tensors)
    write_json(HERE / f"{name}.json", info)


def training():
    for index, name in enumerate(networks.BLOCKS):
        save(f"block_{name}", *networks.block_case(index, name))
    shared, info = networks.inputs()
    save("inputs", shared, info)
    for index, name in enumerate(networks.NETS):
        tensors, case = networks.net_case(index, name, shared, info)
        save(name, tensors, case)
        if name == "resnet_bottleneck":
            save("grad_cam", *networks.grad_cam(tensors, name))
    save("fine_tune", *fine_tune.case(shared, info))
    save("fastai_head", *head.case())
    save("ranger", *ranger.case(shared, info))


def names():
    """The key lists of the networks at their true sizes, with parameter counts and what is decayed."""
    out = {}
    for name, net in named_networks().items():
        shapes = {k: list(v.shape) for k, v in net.state_dict().items() if "num_batches" not in k}
        out[name] = {
            "parameters": sum(p.numel() for p in net.parameters()),
            "decayed": sum(is_decayed(k) for k, _ in net.named_parameters()),
            "not_decayed": sum(not is_decayed(k) for k, _ in net.named_parameters()),
            "tensors": shapes,
        }
    save("networks", {}, out)


def schedules():
    points = [0.0, 0.1, 0.25, 0.5, 0.75, 1.0]
    cycle = [recipe.one_cycle(p, 3e-3) for p in points]
    lr = 2e-3
    half = lr / 2
    save("schedules", {}, {
        "pct": points,
        "one_cycle": {
            "lr_max": 3e-3, "div": 25, "div_final": 1e5, "pct_start": 0.25, "moms": [0.95, 0.85, 0.95],
            "lr": [c[0] for c in cycle], "mom": [c[1] for c in cycle],
        },
        "one_cycle_20_steps": {
            "lr_max": 3e-3,
            "lr": [recipe.one_cycle(s / 20, 3e-3)[0] for s in range(20)],
            "mom": [recipe.one_cycle(s / 20, 3e-3)[1] for s in range(20)],
        },
        "flat_cos": {"lr": 3e-3, "div_final": 1e5, "pct_start": 0.75, "lrs": [recipe.flat_cos(p, 3e-3) for p in points]},
        "groups": {
            "lr": lr,
            "slice_start_stop": recipe.even_mults(lr / 100, lr, 3),
            "slice_stop_only": [lr / 10, lr / 10, lr],
        },
        "fine_tune": {
            "base_lr": lr,
            "frozen": {"pct_start": 0.99, "div": 25, "lr_max": [lr / 10, lr / 10, lr]},
            "unfrozen": {"pct_start": 0.3, "div": 5, "lr_max": recipe.even_mults(half / 100, half, 3)},
            "frozen_lr": [recipe.one_cycle(p, lr, pct_start=0.99)[0] for p in points],
            "unfrozen_lr": [recipe.one_cycle(p, half, div=5.0, pct_start=0.3)[0] for p in points],
        },
    })


def curve(seed, start, floor, best_lr, noise, blow_up):
    """A made-up search: flat, then falling as log(lr) nears `best_lr`, then rising steeply past `blow_up`."""
    rng = networks.seeded(seed)
    out = []
    for i in range(100):
        lr = recipe.finder_lr(i)
        fall = 1 / (1 + (best_lr / lr) ** 1.2)
        rise = (lr / blow_up) ** 2
        out.append(start - (start - floor) * fall + rise + noise * torch.randn((), generator=rng).item())
    return [float(f"{max(v, 1e-3):.6g}") for v in out]


def lr_search():
    cases = {
        "typical": curve(31, 2.35, 1.4, 1e-3, 0.04, 0.3),
        "noisy": curve(32, 2.30, 1.5, 5e-3, 0.2, 0.5),
        "stops_early": curve(33, 2.40, 1.6, 3e-4, 0.03, 5e-3),
        "never_rises": curve(34, 2.30, 0.7, 1e-1, 0.02, 1e3),
        "flat": curve(35, 2.303, 2.303, 1e-3, 0.01, 1e3),
    }
    out = {}
    for name, raw in cases.items():
        found = recipe.find(raw)
        single = recipe.suggestions(
            torch.tensor(found["lrs"][10:-5]).numpy(), torch.tensor(found["smoothed"][10:-5]).numpy()
        )
        if single["index"] != found["index"]:
            raise SystemExit(f"lr_find case {name}: float32 picks other points: {single['index']} {found['index']}")
        out[name] = {"raw": raw[: len(found["lrs"])], **found}
    save("lr_find", {}, out)


def averages():
    rng = networks.seeded(41)
    losses = [float(f"{2.3 * math.exp(-i / 30) + 0.1 * torch.randn((), generator=rng).item():.6g}") for i in range(60)]
    save("train_loss", {}, {"beta": recipe.BETA, "losses": losses, "train_loss": recipe.smooth(losses)})
    save("tracking", {}, {"cases": tracking.cases()})
    save("calibration", {}, calibration.cases(networks.seeded(71)))
    save("principal_axes", {}, principal_axes.cases())
    save("mixing", {}, mixing.cases(networks.seeded(81)))
    save("class_weights", {}, class_weights.cases())


def window(function, size, out, probe):
    """First and last input cell that an output cell depends on, read off PyTorch by probing one cell at a time."""
    response = function(probe(size), out)[:, 0]
    rows = [(response[:, o] != 0).nonzero()[:, 0] for o in range(out)]
    return [[int(r[0]), int(r[-1]) + 1] for r in rows]


def pooling():
    windows = {}
    for size in range(1, 17):
        for out in range(1, 17):
            eye = lambda n: torch.eye(n)[:, None]
            mean = window(F.adaptive_avg_pool1d, size, out, eye)
            largest = window(F.adaptive_max_pool1d, size, out, eye)
            formula = [[o * size // out, -(-(o + 1) * size // out)] for o in range(out)]
            if not mean == largest == formula:
                raise SystemExit(f"adaptive pooling {size} -> {out}: {mean} {largest} {formula}")
            windows[f"{size}->{out}"] = mean
    rng = networks.seeded(51)
    tensors, cases = {}, []
    for (h, w), (oh, ow) in [((5, 7), (3, 3)), ((7, 7), (2, 3)), ((9, 4), (4, 4)), ((1, 1), (1, 1)), ((3, 3), (5, 4)), ((8, 6), (1, 1))]:
        name = f"{h}x{w}_to_{oh}x{ow}"
        x = torch.randn(2, 3, h, w, generator=rng, dtype=torch.float64).float().double()
        tensors[f"{name}.input"] = x
        tensors[f"{name}.avg"] = F.adaptive_avg_pool2d(x, (oh, ow))
        tensors[f"{name}.max"] = F.adaptive_max_pool2d(x, (oh, ow))
        cases.append({"name": name, "input": [h, w], "output": [oh, ow]})
    save("adaptive_pool", networks.rounded(tensors), {"cases": cases, "windows": windows})


AFFINE = {
    "identity": {},
    "flip": dict(flip=True),
    "rotate": dict(degrees=10.0),
    "rotate_back": dict(degrees=-7.5),
    "zoom_centre": dict(zoom=1.1),
    "zoom_shifted": dict(zoom=1.3, col=0.1, row=0.85),
    "zoom_out": dict(zoom=0.8),
    "all": dict(flip=True, degrees=9.0, zoom=1.08, col=0.75, row=0.2),
}
WARPS = {"none": None, "warp": (0.2, -0.15), "warp_x": (0.1, 0.0)}


def pictures():
    rng = networks.seeded(61)
    images = {f"{h}x{w}": torch.rand(3, h, w, generator=rng) for h, w in [(9, 11), (16, 16)]}
    tensors = {f"image_{k}": v for k, v in images.items()}
    cases, crops, lights = [], [], []
    for size, image in images.items():
        for affine_name, draws in AFFINE.items():
            for warp_name, by in WARPS.items():
                if by is not None and affine_name not in ("identity", "all"):
                    continue
                name = f"{size}_{affine_name}" + ("" if by is None else f"_{warp_name}")
                m, coefficients, grid, out = augment.transform(image.double(), image.shape[-2:], draws, by)
                tensors[f"{name}.output"] = out
                if affine_name == "all":
                    tensors[f"{name}.grid"] = grid
                cases.append({
                    "name": name, "image": f"image_{size}", "draws": draws, "warp": by, "matrix": plain(m),
                    "coefficients": None if coefficients is None else plain(coefficients),
                })
    for name, source, box, size in [
        ("crop_to_8", "16x16", (2, 3, 11, 11), (8, 8)),
        ("crop_enlarged", "16x16", (5, 1, 6, 6), (12, 12)),
        ("whole_to_6", "16x16", (0, 0, 16, 16), (6, 6)),
        ("crop_9x11", "9x11", (1, 2, 7, 7), (5, 5)),
    ]:
        tensors[f"{name}.output"] = augment.crop(images[source].double(), *box, size)
        crops.append({"name": name, "image": f"image_{source}", "top_left_height_width": box, "size": size})
    for name, brightness, contrast in [
        ("brighter", 0.6, 1.0), ("darker", 0.4, 1.0), ("stronger", 0.5, 1.25), ("weaker_darker", 0.42, 0.8),
    ]:
        image = images["9x11"].clone()
        image[:, 0, 0], image[:, 0, 1] = 0.0, 1.0
        tensors["image_light"] = image
        tensors[f"{name}.output"] = augment.lighting(image.double(), brightness, contrast)
        lights.append({"name": name, "image": "image_light", "brightness": brightness, "contrast": contrast})
    save("augment", networks.rounded(tensors), {
        "align_corners": augment.ALIGN_CORNERS, "padding": "reflection", "mode": "bilinear",
        "cases": cases, "crops": crops, "lighting": lights,
    })


def check():
    """Central differences in float64 on a few entries of every parameter, for all blocks and networks."""
    shared, info = networks.inputs()
    jobs = []
    for index, name in enumerate(networks.BLOCKS):
        tensors, case = networks.block_case(index, name)
        module = networks.Block(case["kind"], case["ni"], case["nf"], case["stride"])
        r = tensors["r"].double()
        jobs.append((name, module, tensors, tensors["input"].double(), lambda y, r=r: (y * r).mean()))
    targets = torch.tensor(info["targets"][0])
    for index, (name, case) in enumerate(networks.NETS.items()):
        tensors, _ = networks.net_case(index, name, shared, info)
        loss = lambda y, s=case["smoothing"]: recipe.cross_entropy(y, targets, s).mean()
        jobs.append((name, case["build"](), tensors, shared["batch0"].double(), loss))
    worst = 0.0
    for name, module, tensors, x, loss in jobs:
        state = {k[len("before.") :]: v for k, v in tensors.items() if k.startswith("before.")}
        module = networks.load(module, state).double().train()
        rng = networks.seeded(7)
        for key, p in module.named_parameters():
            if key.endswith("weight_orig"):
                continue  # A change would turn the vectors of its spectral norm, which count as constants.
            for _ in range(3):
                at = int(torch.randint(0, p.numel(), (), generator=rng))
                flat, step = p.data.view(-1), 1e-6
                was = flat[at].item()
                flat[at] = was + step
                above = loss(copy.deepcopy(module)(x)).item()
                flat[at] = was - step
                below = loss(copy.deepcopy(module)(x)).item()
                flat[at] = was
                want = tensors[f"grad.{key}"].view(-1)[at].item()
                gap = abs((above - below) / (2 * step) - want) / (1e-4 + abs(want))
                worst = max(worst, gap)
                if gap > 1e-2:
                    print(f"{name} {key}[{at}]: difference {(above - below) / (2 * step):.6g}, gradient {want:.6g}")
    print(f"largest relative gap between differences and gradients: {worst:.2g}")


def main():
    torch.set_num_threads(1)
    if "--check" in sys.argv:
        return check()
    for make in (training, names, schedules, lr_search, averages, pooling, pictures):
        make()
    files = sorted(p for p in HERE.iterdir() if p.suffix in (".json", ".safetensors"))
    for p in files:
        if p.suffix == ".json":
            json.loads(p.read_text())
    print(f"{len(files)} files, {sum(p.stat().st_size for p in files) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
