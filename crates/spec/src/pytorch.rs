//! A PyTorch program for a saved network: the few lines that define a network of the chapter, or
//! fastai's head on one of torchvision's, and load its file.

use std::fmt::Write;

use crate::architecture::{Architecture, HIDDEN, Naming};
use crate::net::{Activation, Block, Family, HeadKind, NetConfig, StemPool};
use crate::source::{Keep, ResizeMethod, Room, extra_for_squish};

/// A PyTorch program that defines the network, loads the safetensors file `file` strictly and
/// leaves the network in `net`, ready to predict pictures of `size`×`size`. `keep` says which
/// square of a picture that is.
///
/// Source: the chapter's `ResNet` and `ResBlock`, with the layers named as in this program's files.
pub fn pytorch_snippet(
    net: &NetConfig,
    classes: usize,
    size: u32,
    keep: Keep,
    file: &str,
) -> String {
    let (parameter, argument) = match net.groups > 1 {
        true => (", groups=1", ", groups=gcd(gcd(ni, nf), groups)"),
        false => ("", ""),
    };
    let mut out = String::from(if net.groups > 1 { "from math import gcd\n" } else { "" });
    let _ = write!(
        out,
        "import torch\nfrom torch import nn\nfrom safetensors.torch import load_file\n\n\
         def conv(ni, nf, ks, stride=1, act=True{parameter}):\n    \
             layer = nn.Sequential()\n    \
             layer.add_module(\"conv\", nn.Conv2d(ni, nf, ks, stride, ks // 2{argument}, \
                 bias=False))\n    \
             layer.add_module(\"norm\", nn.BatchNorm2d(nf))\n    \
             if act: layer.add_module(\"act\", nn.",
    );
    out += match net.act {
        Activation::Relu => "ReLU",
        Activation::Mish => "Mish",
    };
    out += "())\n    return layer\n\n";
    if !net.layers.is_empty() {
        if net.se > 0 {
            write_squeeze(&mut out, net.se, net.act);
        }
        if net.sa > 0 {
            out += ATTENTION;
        }
        write_block(&mut out, net);
    }
    if net.head == HeadKind::Fastai {
        write_fastai_head(&mut out);
    }
    write_net(&mut out, net, classes);
    out += "net = Net()\n";
    write_loading(&mut out, size, keep, file);
    out
}

/// The same for a network of torchvision's with fastai's head, which needs torchvision and the
/// classes of the head; `None` for any other network: with its own head torchvision builds it
/// alone.
///
/// Source: `torchvision.models.ResNet`, of which `avgpool` and `fc` are replaced as fastai's
/// `create_head` has them.
pub fn torchvision_snippet(
    plan: &Architecture,
    size: u32,
    keep: Keep,
    file: &str,
) -> Option<String> {
    if plan.naming != Naming::Torchvision || !plan.has_fastai_head() {
        return None;
    }
    let mut out = String::from(
        "import torch\nfrom torch import nn\nfrom torchvision.models import resnet\n\
         from safetensors.torch import load_file\n\n",
    );
    write_fastai_head(&mut out);
    let block = match plan.stages.iter().flatten().any(|block| block.convs.len() == 3) {
        true => "Bottleneck",
        false => "BasicBlock",
    };
    let layers: Vec<String> = plan.stages.iter().map(|stage| stage.len().to_string()).collect();
    let _ = write!(
        out,
        "net = resnet.ResNet(resnet.{block}, [{}])\n\
         net.avgpool, net.fc = MaxAvgPool(), Head({}, {})\n",
        layers.join(", "),
        plan.features,
        plan.classes
    );
    write_loading(&mut out, size, keep, file);
    Some(out)
}

/// Loads the file into `net`, and says which pictures it takes.
fn write_loading(out: &mut String, size: u32, keep: Keep, file: &str) {
    let name: String =
        file.chars().filter(|c| !c.is_control() && *c != '"' && *c != '\\').collect();
    let _ = write!(
        out,
        "net.load_state_dict(load_file(\"{name}\"), strict=True)\n\
         net.eval()  # pictures: {}, [0, 1], \
             minus (.485, .456, .406), over (.229, .224, .225)\n",
        square(keep, size)
    );
}

/// What makes a square of `size` pixels a side of a picture, in a few words.
fn square(keep: Keep, size: u32) -> String {
    let by = |method, side: u32| match method {
        ResizeMethod::Auto | ResizeMethod::Crop => format!("the middle square at {side} px"),
        ResizeMethod::Squish => format!("squeezed to {side} × {side} px"),
        ResizeMethod::Pad => format!("padded to a square by reflection, at {side} px"),
    };
    match (keep.room, keep.method) {
        (Room::Crops(_) | Room::SmallCrops(_), ResizeMethod::Squish) => {
            let side = size + extra_for_squish(size);
            format!("squeezed to {side} × {side} px, of that the middle {size} px")
        }
        (Room::Plain | Room::Crops(_) | Room::SmallCrops(_), method) => by(method, size),
        (Room::Batch, method) => {
            format!("{}, resized to {size} px at points", by(method, keep.train_side(size)))
        }
    }
}

/// Whether a skip connection of the network is cut.
fn is_cut(net: &NetConfig) -> bool {
    net.cut.iter().any(|&place| net.has_skip(place))
}

/// The class of a block; one of a network in which skip connections are cut is told whether it has
/// one, and one of a network with self-attention whether it has that.
fn write_block(out: &mut String, net: &NetConfig) {
    let (block, is_cut, attends) = (net.block, is_cut(net), net.sa > 0);
    let groups = match net.groups {
        0 | 1 => String::new(),
        groups => format!(", groups={groups}"),
    };
    let convs = match block {
        Block::Bottleneck => format!(
            "conv(ni, max(nf // 4, 1), 1), \
             conv(max(nf // 4, 1), max(nf // 4, 1), 3, stride{groups}), \
             conv(max(nf // 4, 1), nf, 1, act=False)"
        ),
        Block::Basic | Block::Plain => {
            format!("conv(ni, nf, 3, stride{groups}), conv(nf, nf, 3, act=False)")
        }
    };
    let _ = write!(
        out,
        "class Block(nn.Module):\n    \
             def __init__(self, ni, nf, stride{}{}):\n        \
                 super().__init__()\n        \
                 self.convs = nn.Sequential({convs})\n",
        if is_cut { ", skip" } else { "" },
        if attends { ", attends" } else { "" },
    );
    let mut path = String::from("self.convs(x)");
    if net.se > 0 {
        *out += "        self.se = SqueezeExcite(nf)\n";
        path = format!("self.se({path})");
    }
    if attends {
        *out += "        self.sa = SelfAttention(nf) if attends else nn.Identity()\n";
        path = format!("self.sa({path})");
    }
    if is_cut {
        *out += "        \
                     self.skip = skip\n        \
                     if not skip: return\n";
    }
    if block != Block::Plain {
        *out += "        \
                     self.pool = nn.AvgPool2d(2, ceil_mode=True) if stride == 2 else \
                         nn.Identity()\n        \
                     self.idconv = conv(ni, nf, 1, act=False) if ni != nf else \
                         nn.Identity()\n";
    }
    let sum = match block {
        Block::Plain => path,
        Block::Basic | Block::Bottleneck if is_cut => {
            format!("({path} + self.idconv(self.pool(x)) if self.skip else {path})")
        }
        Block::Basic | Block::Bottleneck => format!("({path} + self.idconv(self.pool(x)))"),
    };
    let _ = write!(out, "    def forward(self, x): return {}\n\n", activated(&sum, net.act));
}

/// An expression with the network's activation behind it.
fn activated(expression: &str, act: Activation) -> String {
    match act {
        Activation::Relu => format!("{expression}.relu()"),
        Activation::Mish => format!("nn.functional.mish({expression})"),
    }
}

/// The class of self-attention: fastai's `SimpleSelfAttention`, whose weight PyTorch divides by the
/// norm that it keeps the two vectors for.
const ATTENTION: &str = "\
class SelfAttention(nn.Module):
    def __init__(self, nf):
        super().__init__()
        self.conv = nn.utils.spectral_norm(nn.Conv1d(nf, nf, 1, bias=False))
        self.gamma = nn.Parameter(torch.zeros(1))
    def forward(self, x):
        cells = x.flatten(2)
        return x + (self.gamma * cells @ cells.transpose(1, 2) @ self.conv(cells)).reshape(x.shape)

";

/// The class of squeeze-and-excitation.
fn write_squeeze(out: &mut String, reduction: u32, act: Activation) {
    let squeezed = activated("self.squeeze(x.mean((2, 3), keepdim=True))", act);
    let _ = write!(
        out,
        "class SqueezeExcite(nn.Module):\n    \
             def __init__(self, nf):\n        \
                 super().__init__()\n        \
                 hidden = max((nf // {reduction} + 7) // 8, 1) * 8\n        \
                 self.squeeze = nn.Conv2d(nf, hidden, 1)\n        \
                 self.excite = nn.Conv2d(hidden, nf, 1)\n    \
             def forward(self, x): return x * self.excite({squeezed}).sigmoid()\n\n"
    );
}

/// The classes of fastai's head: the pool, and the layers behind it. In torchvision's networks they
/// take the places of `avgpool` and `fc`.
fn write_fastai_head(out: &mut String) {
    let _ = write!(
        out,
        "class MaxAvgPool(nn.Module):\n    \
             def forward(self, x): return torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1)\n\n\
         class Head(nn.Linear):\n    \
             def __init__(self, nf, classes):\n        \
                 super().__init__({HIDDEN}, classes, bias=False)\n        \
                 self.hidden = nn.Sequential()\n        \
                 layers = dict(norm1=nn.BatchNorm1d(2 * nf), drop1=nn.Dropout(.25), \
                     linear=nn.Linear(2 * nf, {HIDDEN}, bias=False), act=nn.ReLU(), \
                     norm2=nn.BatchNorm1d({HIDDEN}), drop2=nn.Dropout(.5))\n        \
                 for name, layer in layers.items(): self.hidden.add_module(name, layer)\n    \
             def forward(self, x): return super().forward(self.hidden(x))\n\n"
    );
}

/// The blocks whose skip connection is cut, as the parts of a Python tuple.
fn places(net: &NetConfig) -> String {
    let cut = net.cut.iter().filter(|&&place| net.has_skip(place));
    cut.map(|place| format!("({}, {}),", place.stage, place.block)).collect()
}

/// The class of the network.
fn write_net(out: &mut String, net: &NetConfig, classes: usize) {
    let convolutional = net.family == Family::FullyConvolutional;
    let stem: Vec<String> = [3].iter().chain(&net.stem).map(u32::to_string).collect();
    let layers: Vec<String> = net.layers.iter().map(u32::to_string).collect();
    let stem_stride = if convolutional { "2" } else { "2 if i == 0 else 1" };
    let stage_stride = if convolutional { "b == 0" } else { "b == 0 and s > 0" };
    let _ = write!(
        out,
        "class Net(nn.Module):\n    \
             def __init__(self, stem=[{}], layers=[{}], width={}, classes={classes}{}):\n        \
                 super().__init__()\n        \
                 self.stem = nn.Sequential(*[conv(stem[i], stem[i + 1], 3, {stem_stride}) \
                     for i in range(len(stem) - 1)])\n        \
                 self.pool, self.stages, ni = {}, nn.Sequential(), stem[-1]\n",
        stem.join(", "),
        layers.join(", "),
        net.width * net.expansion,
        if is_cut(net) { format!(", cut=({})", places(net)) } else { String::new() },
        match net.pool {
            _ if convolutional => "nn.Identity()",
            StemPool::Max => "nn.MaxPool2d(3, 2, 1)",
            // Two averages of 2×2 are a blur of 3×3 with the weights 1, 2, 1.
            StemPool::Blur => {
                "nn.Sequential(nn.MaxPool2d(2, 1), nn.AvgPool2d(2, 1, 1), nn.AvgPool2d(2, 2))"
            }
        },
    );
    if !net.layers.is_empty() {
        let _ = write!(
            out,
            "        \
                 for s, blocks in enumerate(layers):\n            \
                     nf = width << s\n            \
                     self.stages.add_module(str(s), nn.Sequential(*[Block(nf if b else ni, nf, \
                         2 if {stage_stride} else 1{}{}) for b in range(blocks)]))\n            \
                     ni = nf\n",
            // Stages and blocks count from 1 there, as in the setting.
            if is_cut(net) { ", (s + 1, b + 1) not in cut" } else { "" },
            match net.sa > 0 {
                true => ", s == max(len(layers) - 4, 0) and b == blocks - 1",
                false => "",
            },
        );
    }
    *out += match net.head {
        HeadKind::Auto | HeadKind::Linear => {
            "        \
                     self.head = nn.Linear(ni, classes)\n    \
                 def forward(self, x): \
                     return self.head(self.stages(self.pool(self.stem(x))).mean((2, 3)))\n\n"
        }
        HeadKind::Fastai => {
            "        \
                     self.last, self.head = MaxAvgPool(), Head(ni, classes)\n    \
                 def forward(self, x): \
                     return self.head(self.last(self.stages(self.pool(self.stem(x)))))\n\n"
        }
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::read_run;

    #[test]
    fn a_network_of_torchvision_needs_a_program_for_fastais_head_alone() {
        for (layers, bottleneck, built) in [
            ([2, 2, 2, 2], false, "resnet.ResNet(resnet.BasicBlock, [2, 2, 2, 2])"),
            ([3, 4, 6, 3], true, "resnet.ResNet(resnet.Bottleneck, [3, 4, 6, 3])"),
        ] {
            let plan = Architecture::torchvision(layers, bottleneck, 10);
            assert_eq!(torchvision_snippet(&plan, 128, Keep::CROPS, "model.safetensors"), None);
            let plan = plan.with_head(HeadKind::Fastai);
            let program =
                torchvision_snippet(&plan, 128, Keep::CROPS, "model.safetensors").unwrap();
            let head = format!("MaxAvgPool(), Head({}, 10)", plan.features);
            for part in
                [built, head.as_str(), "class MaxAvgPool", "class Head", "\"model.safetensors\""]
            {
                assert!(program.contains(part), "{part}: {program}");
            }
        }
        let chapter = Architecture::new(&NetConfig::default(), 10).with_head(HeadKind::Fastai);
        assert_eq!(torchvision_snippet(&chapter, 128, Keep::CROPS, "model.safetensors"), None);
    }

    #[test]
    fn the_program_says_what_the_network_sees() {
        for (settings, words) in [
            ("augment=none", "pictures: the middle square at 64 px, [0, 1]"),
            ("", "pictures: squeezed to 80 × 80 px, of that the middle 64 px, [0, 1]"),
            ("resize=pad", "pictures: padded to a square by reflection, at 64 px, [0, 1]"),
            ("augment=none&resize=squish", "pictures: squeezed to 64 × 64 px, [0, 1]"),
            ("augment=full", "pictures: the middle square at 80 px, resized to 64 px at points"),
        ] {
            let run = read_run(settings).0;
            let program = pytorch_snippet(&run.net, 10, 64, run.recipe.keep(), "m.safetensors");
            assert!(program.contains(words), "{settings}: {program}");
        }
    }
}
