"""Training fixtures of single blocks and of small networks.

Everything is computed in float64 and stored rounded to float32; the same run in float32 says how far an honest
float32 engine may be off (`float32_error` in the JSON).
"""

import copy

import torch
from torch import nn

from chapter14 import (
    BASIC, BOTTLENECK, PLAIN, Block, Net, fcn, fcn_res, resnet, with_attention, with_blur, with_groups, with_mish, with_squeeze, without_skip,
)
from recipe import Adam, cross_entropy, mixup_input, mixup_loss, one_cycle

LR_MAX = 3e-3
STEPS = 20
PICTURES, SIDE, CLASSES = 4, 40, 10


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def shake(module, seed):
    """Gammas in [.5, 1.5] and small betas, so that gradients reach every parameter at the first step."""
    rng = seeded(seed)
    with torch.no_grad():
        for m in module.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.weight.copy_(torch.rand(m.weight.shape, generator=rng) + 0.5)
                m.bias.copy_(torch.rand(m.bias.shape, generator=rng) * 0.4 - 0.2)


def fresh(build, seed, shaken):
    torch.manual_seed(seed)
    module = build()
    if shaken:
        shake(module, seed + 1)
    return module


class BiasedVariance:
    """Keeps a second running variance per batchnorm, from the biased batch variance (Burn's way)."""

    def __init__(self, module):
        kinds = (nn.BatchNorm1d, nn.BatchNorm2d)
        self.norms = {name: m for name, m in module.named_modules() if isinstance(m, kinds)}
        self.values = {name: m.running_var.clone() for name, m in self.norms.items()}
        for name, m in self.norms.items():
            m.register_forward_hook(self.hook(name))

    def hook(self, name):
        def update(m, inputs, _):
            if m.training:
                x = inputs[0].detach()
                var = x.var([axis for axis in range(x.dim()) if axis != 1], unbiased=False)
                self.values[name] = (1 - m.momentum) * self.values[name] + m.momentum * var

        return update

    def state(self, module):
        """The state of `module` with the biased variances in place of PyTorch's."""
        state = state_of(module)
        state.update({f"{name}.running_var": value.clone() for name, value in self.values.items()})
        return state


def state_of(module):
    return {k: v.clone() for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}


def prefixed(prefix, tensors):
    return {f"{prefix}.{k}": v.clone() for k, v in tensors.items()}


def load(module, state):
    module = copy.deepcopy(module)
    module.load_state_dict(state, strict=False)
    return module


def grads(module):
    return {k: p.grad for k, p in module.named_parameters()}


def train(module, batches, loss_of, keep):
    """20 steps of Adam under one-cycle. Returns tensors and the losses before each step."""
    out, losses = prefixed("before", state_of(module)), []
    biased = BiasedVariance(module)
    adam = Adam(module)
    module.train()
    for step in range(STEPS):
        x = batches[step % len(batches)].clone().requires_grad_()
        y = module(x)
        loss = loss_of(y, step % len(batches))
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            out["output"] = y
            if not isinstance(module, Net):  # A picture's gradient is large to store and says nothing new.
                out["grad_input"] = x.grad
            out.update(prefixed("grad", grads(module)))
        adam.step(*one_cycle(step / STEPS, LR_MAX))
        if step == 0:
            running = {k: v for k, v in state_of(module).items() if "running_" in k}
            out.update(prefixed("running", running))
        if step + 1 in keep:
            out.update(prefixed(f"step{step + 1}", state_of(module)))
    module.eval()
    with torch.no_grad():
        out["eval_output"] = module(batches[0])
        other = load(module, biased.state(module)).eval()
        out["eval_output_biased"] = other(batches[0])
        out.update(prefixed("biased", {k: v for k, v in biased.state(module).items() if "running_var" in k}))
    return {k: v.detach().clone() for k, v in out.items()}, losses


def group(name):
    """Tensors are judged in groups: `grad.stem.0...` counts as `grad`, running statistics apart from weights."""
    head = name.split(".")[0]
    return f"{head}.running" if head.startswith("step") and "running_" in name else head


def errors(exact, single):
    """Per group: the largest value, and the largest gap between PyTorch's float32 run and the float64 run."""
    out = {}
    for name, value in exact.items():
        if not value.is_floating_point():
            continue
        row = out.setdefault(group(name), {"largest": 0.0, "gap": 0.0})
        row["largest"] = max(row["largest"], value.abs().max().item())
        row["gap"] = max(row["gap"], (single[name].double() - value).abs().max().item())
    return {k: {kk: float(f"{vv:.3g}") for kk, vv in v.items()} for k, v in out.items()}


def rounded(tensors):
    return {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}


def both(run):
    """Runs in float64 and float32. `run(dtype)` gives (tensors, losses)."""
    exact, losses = run(torch.float64)
    single, losses32 = run(torch.float32)
    gap = max(abs(a - b) for a, b in zip(losses, losses32))
    return rounded(exact), {"losses": losses, "losses_float32_gap": gap, "float32_error": errors(exact, single)}


BLOCKS = {
    "plain_s1": (PLAIN, 6, 6, 1, (7, 7)),
    "plain_s2": (PLAIN, 4, 6, 2, (7, 9)),
    "basic_s1": (BASIC, 6, 6, 1, (7, 7)),
    "basic_s1_wider": (BASIC, 4, 6, 1, (5, 7)),
    "basic_s2": (BASIC, 4, 6, 2, (7, 7)),
    "basic_s2_same": (BASIC, 6, 6, 2, (6, 9)),
    "bottleneck_s1": (BOTTLENECK, 8, 8, 1, (7, 7)),
    "bottleneck_s1_wider": (BOTTLENECK, 4, 8, 1, (7, 5)),
    "bottleneck_s2": (BOTTLENECK, 8, 12, 2, (7, 9)),
    "bottleneck_s2_same": (BOTTLENECK, 8, 8, 2, (8, 8)),
}


def block_case(index, name):
    """One block; the loss is the mean of output times a fixed random tensor `r`."""
    kind, ni, nf, stride, (h, w) = BLOCKS[name]
    rng = seeded(500 + index)
    x = torch.randn(3, ni, h, w, generator=rng)
    half = (-(-h // stride), -(-w // stride))
    r = torch.randn(3, nf, *half, generator=rng)
    module = fresh(lambda: Block(kind, ni, nf, stride), 600 + index, shaken=True)

    def run(dtype):
        return train(copy.deepcopy(module).to(dtype), [x.to(dtype)], lambda y, _: (y * r.to(dtype)).mean(), (1, STEPS))

    tensors, info = both(run)
    tensors.update(input=x, r=r)
    return tensors, {"kind": kind, "ni": ni, "nf": nf, "stride": stride, **info}


def inputs():
    """The three batches that all network cases share, with targets, Mixup's lambdas and partners."""
    rng = seeded(700)
    tensors, info = {}, {"targets": [], "lam": [], "perm": []}
    for i in range(3):
        tensors[f"batch{i}"] = torch.randn(PICTURES, 3, SIDE, SIDE, generator=rng)
        info["targets"].append(torch.randint(0, CLASSES, (PICTURES,), generator=rng).tolist())
        # Eighths and sixteenths: exact in any float type.
        lam = 0.5 + torch.randint(0, 9, (PICTURES,), generator=rng) / 16
        info["lam"].append(lam.tolist())
        info["perm"].append(torch.randperm(PICTURES, generator=rng).tolist())
    return tensors, info


NETS = {
    "resnet_bottleneck": dict(
        build=lambda: resnet(BOTTLENECK, [1, 1, 1, 1], 4, 4, (4, 4, 8)), smoothing=0.1, keep=(1, 5, 20), shaken=False,
        form=dict(kind=BOTTLENECK, stem=[4, 4, 8], max_pool=True, layers=[1, 1, 1, 1], width=4, expansion=4),
    ),
    "resnet_basic": dict(
        build=lambda: resnet(BASIC, [2, 1, 1, 1], 4, 1, (4, 4, 8)), smoothing=0.0, keep=(1, 5, 20), shaken=True,
        form=dict(kind=BASIC, stem=[4, 4, 8], max_pool=True, layers=[2, 1, 1, 1], width=4, expansion=1),
    ),
    "resnet_plain": dict(
        build=lambda: resnet(PLAIN, [1, 1, 1, 1], 3, 1, (4, 4, 4)), smoothing=0.1, keep=(20,), shaken=False,
        form=dict(kind=PLAIN, stem=[4, 4, 4], max_pool=True, layers=[1, 1, 1, 1], width=3, expansion=1),
    ),
    "fcn": dict(
        build=lambda: fcn((4, 6, 8, 8, 10)), smoothing=0.0, keep=(20,), shaken=False,
        form=dict(kind=BASIC, stem=[4, 6, 8, 8, 10], max_pool=False, widths=[], blocks=0),
    ),
    "fcn_res1": dict(
        build=lambda: fcn_res(1, (4, 6, 8, 8, 10)), smoothing=0.0, keep=(20,), shaken=False,
        form=dict(kind=BASIC, stem=[], max_pool=False, widths=[4, 6, 8, 8, 10], blocks=1),
    ),
    "fcn_res2": dict(
        build=lambda: fcn_res(2, (4, 6, 8, 8, 10)), smoothing=0.0, keep=(20,), shaken=True,
        form=dict(kind=BASIC, stem=[], max_pool=False, widths=[4, 6, 8, 8, 10], blocks=2),
    ),
    "resnet_mish": dict(
        build=lambda: with_mish(resnet(BASIC, [1, 1, 1], 4, 1, (4, 4, 8))), smoothing=0.1, keep=(1, 20), shaken=True,
        form=dict(kind=BASIC, stem=[4, 4, 8], max_pool=True, layers=[1, 1, 1], width=4, expansion=1, act="mish"),
    ),
    "resnet_cut": dict(
        build=lambda: without_skip(resnet(BASIC, [1, 2, 1], 4, 1, (4, 4, 8)), 2, 1),
        smoothing=0.1, keep=(1, 5, 20), shaken=True,
        form=dict(kind=BASIC, stem=[4, 4, 8], max_pool=True, layers=[1, 2, 1], width=4, expansion=1, cut="2.1"),
    ),
    # Made beside `resnet_cut`, before it stood here: the seeds are those of the places that they had then.
    "resnet_se": dict(
        place=7,
        build=lambda: with_squeeze(resnet(BOTTLENECK, [2, 1], 12, 2, (4, 4, 8)), 2), smoothing=0.1, keep=(1, 20), shaken=True,
        form=dict(kind=BOTTLENECK, stem=[4, 4, 8], max_pool=True, layers=[2, 1], width=12, expansion=2, se=2),
    ),
    "resnet_se_mish": dict(
        place=8,
        build=lambda: with_mish(with_squeeze(resnet(PLAIN, [1, 1], 8, 1, (4, 8)), 4)), smoothing=0.0, keep=(20,), shaken=True,
        form=dict(kind=PLAIN, stem=[4, 8], max_pool=True, layers=[1, 1], width=8, expansion=1, act="mish", se=4),
    ),
    "resnet_blur": dict(
        place=9,
        build=lambda: with_blur(resnet(BASIC, [1, 1], 8, 1, (4, 8))), smoothing=0.1, keep=(1, 20), shaken=True,
        form=dict(kind=BASIC, stem=[4, 8], max_pool=True, layers=[1, 1], width=8, expansion=1, pool="blur"),
    ),
    "resnet_sa": dict(
        build=lambda: with_attention(resnet(BASIC, [2, 1], 8, 1, (4, 8)), 0.01), smoothing=0.1, keep=(1, 5, 20), shaken=True,
        form=dict(kind=BASIC, stem=[4, 8], max_pool=True, layers=[2, 1], width=8, expansion=1, sa=1),
    ),
    # With fastai's first gamma, and so with its first norm.
    "resnet_sa_se_mish": dict(
        build=lambda: with_mish(with_squeeze(with_attention(resnet(BOTTLENECK, [2, 1], 8, 2, (4, 8)), 0.0), 2)),
        smoothing=0.0, keep=(1, 20), shaken=True,
        form=dict(kind=BOTTLENECK, stem=[4, 8], max_pool=True, layers=[2, 1], width=8, expansion=2, act="mish", se=2, sa=1),
    ),
    "resnet_groups": dict(
        build=lambda: with_groups(resnet(BOTTLENECK, [1, 1], 16, 2, (4, 8)), 4), smoothing=0.1, keep=(1, 20), shaken=True,
        form=dict(kind=BOTTLENECK, stem=[4, 8], max_pool=True, layers=[1, 1], width=16, expansion=2, groups=4),
    ),
}


def net_case(index, name, shared, shared_info):
    """A network trained for 20 steps on the shared batches, then the four losses at the end with their gradients."""
    case = NETS[name]
    module = fresh(case["build"], 800 + 10 * case.get("place", index), case["shaken"])
    targets = [torch.tensor(t) for t in shared_info["targets"]]

    def run(dtype):
        batches = [shared[f"batch{i}"].to(dtype) for i in range(3)]

        def loss_of(y, i):
            return cross_entropy(y, targets[i], case["smoothing"]).mean()

        return train(copy.deepcopy(module).to(dtype), batches, loss_of, case["keep"])

    tensors, info = both(run)
    info = {
        **case["form"],
        "classes": CLASSES,
        "smoothing": case["smoothing"],
        "schedule": [dict(zip(("lr", "mom"), one_cycle(s / STEPS, LR_MAX))) for s in range(STEPS)],
        "tensors": {k: list(v.shape) for k, v in module.state_dict().items() if "num_batches" not in k},
        **info,
    }
    if name in ("resnet_bottleneck", "resnet_basic"):
        more, info["variants"] = variants(module, tensors, shared, shared_info)
        tensors.update(more)
    return tensors, info


def variants(module, tensors, shared, info):
    """Losses at the weights after step 20, in train mode, on batch 1: with and without smoothing and Mixup."""
    state = {k[len("step20.") :]: v for k, v in tensors.items() if k.startswith("step20.")}
    x, target = shared["batch1"].double(), torch.tensor(info["targets"][1])
    lam, perm = torch.tensor(info["lam"][1], dtype=torch.float64), torch.tensor(info["perm"][1])
    out, rows = {}, {}
    for mixup in (False, True):
        for smoothing in (0.0, 0.1):
            net = load(module.double(), state).train()
            logits = net(mixup_input(x, lam, perm) if mixup else x)
            logits.retain_grad()
            each = mixup_loss(logits, target, lam, perm, smoothing) if mixup else cross_entropy(logits, target, smoothing)
            each.mean().backward()
            name = ("mixup" if mixup else "pure") + ("_smooth" if smoothing else "")
            rows[name] = {"mixup": mixup, "smoothing": smoothing, "loss": each.mean().item(), "each": each.tolist()}
            out[f"{name}.logits"], out[f"{name}.grad_logits"] = logits, logits.grad
            if name == "mixup_smooth":
                out.update(prefixed(f"{name}.grad", grads(net)))
    return rounded({k: v.detach().clone() for k, v in out.items()}), rows


def grad_cam(tensors, net_name):
    """Class activation maps of the trained small network on one larger picture (80 px: a 3 x 3 last grid)."""
    state = {k[len("step20.") :]: v for k, v in tensors.items() if k.startswith("step20.")}
    net = load(NETS[net_name]["build"](), state).double().eval()
    x = torch.randn(1, 3, 80, 80, generator=seeded(900))
    out, info = {"input": x}, {"network": net_name, "state": "step20", "classes": {}}
    for label in range(CLASSES):
        act = net.features(x.double())
        act.retain_grad()
        logits = net.head(act.mean((2, 3)))
        logits[0, label].backward()
        raw = (act.grad.mean((2, 3), keepdim=True) * act).sum(1)[0].detach()
        row = {"logit": logits[0, label].item(), "raw": raw.tolist(), "cam": raw.relu().tolist()}
        out["activations"], out["logits"] = act.detach(), logits.detach()
        # Two classes are enough: those whose maps are neither all zero nor all positive, if there are such.
        signs = (raw > 0).sum().item()
        info["classes"][str(label)] = {**row, "positive": signs}
        out[f"grad{label}"] = act.grad.clone()
    chosen = sorted(info["classes"], key=lambda k: abs(info["classes"][k]["positive"] - 4.5))[:2]
    info["classes"] = {k: info["classes"][k] for k in sorted(chosen)}
    out = {k: v for k, v in out.items() if not k.startswith("grad") or k[4:] in chosen}
    return rounded(out), info
