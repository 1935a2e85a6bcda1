//! What a network is that is none of those which are built here, going by the names of its tensors.

use crate::model::weights::Weights;

/// The most names that a message quotes, and the most characters of each.
const MOST_QUOTED: (usize, usize) = (3, 60);

/// What some networks' tensors are called: a part of a name, and the network.
const KNOWN: [(&str, &str); 22] = [
    ("resnet.embedder.", "a ResNet under the names of the library transformers"),
    ("cls_token", "a vision transformer (ViT)"),
    ("class_token", "a vision transformer (ViT)"),
    ("patch_embed.", "a vision transformer"),
    ("visual.", "a network for pictures and text (CLIP)"),
    ("vision_model.", "a network for pictures and text (CLIP)"),
    ("lora_", "an addition to another network (LoRA)"),
    ("self_attn.", "a language model"),
    ("embed_tokens.", "a language model"),
    ("attention.self.", "a language model"),
    ("wte.", "a language model"),
    ("down_blocks.", "a network that draws pictures (diffusion)"),
    ("features.denseblock", "a DenseNet"),
    ("conv_dw.", "a ConvNeXt, MobileNet or EfficientNet"),
    ("conv_pw", "a MobileNet or EfficientNet"),
    ("features.0.0.", "a MobileNet, EfficientNet or ConvNeXt of torchvision"),
    ("features.0.", "a VGG, AlexNet or SqueezeNet"),
    ("Mixed_5b.", "an Inception network"),
    ("inception3a.", "a GoogLeNet"),
    ("backbone.body.", "a network that finds objects in pictures"),
    ("rpn.", "a network that finds objects in pictures"),
    ("model.22.", "a YOLO network, which finds objects in pictures"),
];

/// What stands before every name when a network was saved as part of something.
const PREFIXES: [&str; 6] = ["module.", "model.", "backbone.", "net.", "encoder.", "state_dict."];

/// What the tensors belong to, and what to do, as the end of a sentence that begins with “this is”.
pub fn foreign_network(weights: &Weights) -> String {
    if weights.is_empty() {
        return "a file without tensors; open one that holds a network".into();
    }
    let has = |name: &str| weights.contains_key(name);
    let any = |part: &str| weights.keys().any(|name| name.contains(part));
    if has("layer1.0.conv1.weight") && has("conv1.weight") {
        return "a ResNet without its last layer, fc, which tells the classes apart (so feature \
                extractors are saved, timm's with num_classes=0); save the whole network, with fc"
            .into();
    }
    if has("conv1.0.weight") && any("layer1.0.") {
        return "a ResNet whose stem has three convolutions (timm's names end in d, as in \
                resnet50d), which is not built here; open one with a single one, such as resnet50"
            .into();
    }
    for prefix in PREFIXES {
        let is_resnet = ["conv1.weight", "stem.0.conv.weight"];
        if is_resnet.iter().any(|name| has(&format!("{prefix}{name}"))) {
            return format!(
                "a network whose tensors are called “{prefix}…”, as one that was saved as part of \
                 another; take “{prefix}” from the beginning of the names, and save it again"
            );
        }
    }
    if has("0.0.weight") && any("0.4.0.conv1.") {
        return "a ResNet as fastai saves it, under numbers instead of names; save the state dict \
                of torchvision's network instead"
            .into();
    }
    if let Some((_, network)) = KNOWN.iter().find(|(part, _)| any(part)) {
        return format!("{network}; {WANTED}");
    }
    let quoted = weights.keys().take(MOST_QUOTED.0).map(|name| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(MOST_QUOTED.1).collect();
        format!("“{shown}”")
    });
    format!(
        "another network, whose tensors are called {}{}; {WANTED}",
        quoted.collect::<Vec<_>>().join(", "),
        if weights.len() > MOST_QUOTED.0 { " and so on" } else { "" }
    )
}

const WANTED: &str = "a ResNet of this page, of torchvision or of timm is wanted";

/// Which relative of torchvision's ResNets has these tensors, if it is one that is not built here.
pub fn foreign_resnet(weights: &Weights) -> Option<&'static str> {
    let shape = |name: &str| weights.get(name).map(|array| &array.shape[..]);
    let any = |part: &str| weights.keys().any(|name| name.contains(part));
    if any(".se.") {
        return Some("a ResNet with squeeze-and-excitation (SE-ResNet)");
    }
    if any(".downsample.1.conv") || any(".conv2_bn") || any(".conv2.bn0.") {
        return Some("a ResNeSt or another relative of ResNet");
    }
    match shape("layer1.0.conv2.weight") {
        Some([out, into, ..]) if out != into => Some("a ResNeXt, whose convolutions are grouped"),
        Some([out, ..]) if *out != 64 => Some("a wide ResNet"),
        _ => None,
    }
}
