//! Every refusal of a file that holds no network: what was found, what is read, and what to do.
#![allow(clippy::unwrap_used)]

use crate::model::file::*;
use crate::model::weights::Array;

fn tensor(shape: &[usize]) -> Array {
    Array { shape: shape.to_vec(), values: vec![0.5; shape.iter().product()] }
}

/// A file whose tensors are called so, each of one number.
fn named(names: &[&str]) -> Vec<u8> {
    let weights = names.iter().map(|name| ((*name).to_owned(), tensor(&[1]))).collect();
    written(&weights)
}

fn written(weights: &Weights) -> Vec<u8> {
    safetensors::write(&Metadata::new(), weights, Precision::F32).unwrap()
}

/// torchvision's smallest network, changed.
fn resnet(change: impl FnOnce(&mut Weights)) -> Vec<u8> {
    let architecture = Architecture::torchvision([1, 0, 0, 0], false, 2);
    let tensors = architecture.tensors().into_iter();
    let mut weights: Weights = tensors.map(|(name, shape)| (name, tensor(&shape))).collect();
    change(&mut weights);
    written(&weights)
}

/// A safetensors file with this header.
fn headed(header: &str) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 16]].concat()
}

/// A zip archive that begins with an entry of this name.
fn zip(name: &str) -> Vec<u8> {
    let mut entry = b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    entry.extend((name.len() as u16).to_le_bytes());
    entry.extend([0, 0]);
    entry.extend(name.as_bytes());
    entry.extend([0x80, 2, b'}', b'.']);
    entry
}

/// What was opened, its bytes, and the message.
fn rows() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let whole = resnet(|_| {});
    let mut not_finite = whole.clone();
    let end = not_finite.len();
    not_finite[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    vec![
        (
            "an empty file",
            Vec::new(),
            "the file is empty: its download or copy did not work. Download it again",
        ),
        (
            "a download that left zeros",
            vec![0; 4_000],
            "the file holds nothing but zeros, as after a download that did not work. Download it again",
        ),
        (
            "the page about a file, saved as .safetensors",
            b"\n<!DOCTYPE html><html><title>timm/resnet18</title>".to_vec(),
            "this is a web page and no safetensors file; download the file itself",
        ),
        (
            "a pointer of Git LFS",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 46807446\n"
                .to_vec(),
            "this is a pointer of Git LFS, a few lines that stand for the file, and no safetensors or burnpack file; get the file itself, with git lfs pull or by the download button of its page",
        ),
        (
            "resnet18.pth of today's PyTorch, renamed",
            zip("resnet18/data.pkl"),
            "this is a file of PyTorch (.pth, .pt or .bin), a small program that would have to be run to be read, and no safetensors or burnpack file; open it in PyTorch and save its state dict by safetensors.torch.save_file, or choose the .safetensors beside it",
        ),
        (
            "a .pth of old PyTorch",
            b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M".to_vec(),
            "this is a file of PyTorch (.pth, .pt or .bin), a small program that would have to be run to be read, and no safetensors or burnpack file; open it in PyTorch and save its state dict by safetensors.torch.save_file, or choose the .safetensors beside it",
        ),
        (
            "an exported model of Teachable Machine, still packed",
            zip("model.json"),
            "this is a zip archive, and no safetensors or burnpack file; unpack it and open the .safetensors in it, if it has one",
        ),
        (
            "keras_model.h5",
            b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0".to_vec(),
            "this is a network of Keras or TensorFlow (HDF5), and no safetensors or burnpack file; only PyTorch's ResNets are read, saved by safetensors.torch.save_file",
        ),
        (
            "a network as ONNX",
            b"\x08\x07\x12\x07pytorch\x1a\x052.1.0:\x80\x01".to_vec(),
            "this is a network as ONNX, and no safetensors or burnpack file; only PyTorch's ResNets are read, saved by safetensors.torch.save_file",
        ),
        (
            "model.tflite",
            b"\x1c\0\0\0TFL3\x14\0 \0\x1c\0".to_vec(),
            "this is a network for TensorFlow Lite, and no safetensors or burnpack file; only PyTorch's ResNets are read, saved by safetensors.torch.save_file",
        ),
        (
            "a language model",
            b"GGUF\x03\0\0\0\x23\x01\0\0".to_vec(),
            "this is a language model (GGUF), and no safetensors or burnpack file; open a ResNet that this page or safetensors.torch.save_file saved",
        ),
        (
            "model.safetensors.index.json",
            br#"{"metadata": {"total_size": 7}, "weight_map": {"a": "model-1.safetensors"}}"#
                .to_vec(),
            "this is the list of a network that is stored in several files, and no safetensors or burnpack file; a ResNet is one file: choose the .safetensors of a smaller network",
        ),
        (
            "config.json",
            br#"{"architectures": ["ResNetForImageClassification"]}"#.to_vec(),
            "this is a JSON document, and no safetensors or burnpack file; open a ResNet that this page or safetensors.torch.save_file saved",
        ),
        (
            "a saved run",
            b"RESNETTE\x01\0\0\0\x07\0\0\0\0".to_vec(),
            "this is a whole run that this page saved, and not a network alone; open it by itself with Open model or run, or save its model and open that",
        ),
        (
            "a photo",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01".to_vec(),
            "this is a picture, and no safetensors or burnpack file; networks are opened here; classify it in Predict",
        ),
        (
            "bytes of no kind that is known",
            b"\x07\x93\x11\xfe\xaa\x55\x01\x99\x70\x31\x02".to_vec(),
            "this cannot be read as safetensors (its first bytes are no length of a header); open a file that was saved by this page or by safetensors.torch.save_file, or load this one again if it is such a file",
        ),
        (
            "five bytes",
            b"hello".to_vec(),
            "this cannot be read as safetensors (it is too short); open a file that was saved by this page or by safetensors.torch.save_file, or load this one again if it is such a file",
        ),
        (
            "a download that was cut off",
            whole[..whole.len() / 2].to_vec(),
            "the file is not as long as its header says; it was probably cut while it was downloaded. Download it again",
        ),
        (
            "no tensors",
            written(&Weights::new()),
            "by the names of the tensors this is a file without tensors; open one that holds a network",
        ),
        (
            "a ResNet without its last layer",
            resnet(|weights| weights.retain(|name, _| !name.starts_with("fc."))),
            "by the names of the tensors this is a ResNet without its last layer, fc, which tells the classes apart (so feature extractors are saved, timm's with num_classes=0); save the whole network, with fc",
        ),
        (
            "timm's resnet50d",
            named(&["conv1.0.weight", "conv1.3.weight", "layer1.0.conv1.weight", "fc.weight"]),
            "by the names of the tensors this is a ResNet whose stem has three convolutions (timm's names end in d, as in resnet50d), which is not built here; open one with a single one, such as resnet50",
        ),
        (
            "a ResNet that DataParallel saved",
            named(&["module.conv1.weight", "module.layer1.0.conv1.weight", "module.fc.weight"]),
            "by the names of the tensors this is a network whose tensors are called “module.…”, as one that was saved as part of another; take “module.” from the beginning of the names, and save it again",
        ),
        (
            "a ResNet of the library transformers",
            named(&["resnet.embedder.embedder.convolution.weight", "classifier.1.weight"]),
            "by the names of the tensors this is a ResNet under the names of the library transformers; a ResNet of this page, of torchvision or of timm is wanted",
        ),
        (
            "a ResNet of fastai's Learner",
            named(&["0.0.weight", "0.4.0.conv1.weight", "1.8.weight"]),
            "by the names of the tensors this is a ResNet as fastai saves it, under numbers instead of names; save the state dict of torchvision's network instead",
        ),
        (
            "a vision transformer",
            named(&["cls_token", "patch_embed.proj.weight", "blocks.0.attn.qkv.weight"]),
            "by the names of the tensors this is a vision transformer (ViT); a ResNet of this page, of torchvision or of timm is wanted",
        ),
        (
            "a MobileNet",
            named(&["features.0.0.weight", "classifier.1.weight"]),
            "by the names of the tensors this is a MobileNet, EfficientNet or ConvNeXt of torchvision; a ResNet of this page, of torchvision or of timm is wanted",
        ),
        (
            "a network of no kind that is known",
            named(&["a.weight", "b.weight", "c.weight", "d.weight"]),
            "by the names of the tensors this is another network, whose tensors are called “a.weight”, “b.weight”, “c.weight” and so on; a ResNet of this page, of torchvision or of timm is wanted",
        ),
        (
            "a language model whose numbers are of a kind that is not read",
            headed(
                r#"{"model.embed_tokens.weight":{"dtype":"F8_E4M3","shape":[16],"data_offsets":[0,16]}}"#,
            ),
            "by the names of the tensors this is a language model; a ResNet of this page, of torchvision or of timm is wanted",
        ),
        (
            "one tensor of 64-bit numbers",
            headed(r#"{"conv1.weight":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}"#),
            "by the names of the tensors this is another network, whose tensors are called “conv1.weight”; a ResNet of this page, of torchvision or of timm is wanted",
        ),
        (
            "a ResNeXt",
            resnet(|weights| {
                weights.insert("layer1.0.conv2.weight".into(), tensor(&[64, 4, 3, 3]));
            }),
            "this is a ResNeXt, whose convolutions are grouped (the tensor “layer1.0.conv2.weight” has shape [64, 4, 3, 3], and the network needs [64, 64, 3, 3]); the ResNets that are read are ResNet-18, 34, 50, 101 and 152 of torchvision and timm, and this page's own",
        ),
        (
            "a SE-ResNet",
            resnet(|weights| {
                weights.insert("layer1.0.se.fc1.weight".into(), tensor(&[4]));
            }),
            "this is a ResNet with squeeze-and-excitation (SE-ResNet) (the file has a tensor “layer1.0.se.fc1.weight” that this network has no place for; it was saved from another network); the ResNets that are read are ResNet-18, 34, 50, 101 and 152 of torchvision and timm, and this page's own",
        ),
        (
            "a ResNet with a layer more",
            resnet(|weights| {
                weights.insert("extra.weight".into(), tensor(&[4]));
            }),
            "the file has a tensor “extra.weight” that this network has no place for; it was saved from another network; open a ResNet of this page, of torchvision or of timm",
        ),
        (
            "a network whose training broke",
            not_finite,
            "the tensor “layer1.0.conv2.weight” holds numbers that are not finite, so the network would answer nonsense; one that was saved before its training broke is of use",
        ),
        (
            "a burnpack file that was cut off",
            burnpack::write(&Metadata::new(), &[("a.weight".to_owned(), tensor(&[8]))].into())
                .unwrap()[..30]
                .to_vec(),
            "the file is not as long as its header says; it was probably cut while it was downloaded. Download it again",
        ),
    ]
}

#[test]
fn every_refusal_says_what_was_found_and_what_to_do() {
    let mut wrong = Vec::new();
    for (opened, bytes, message) in rows() {
        let found = match ModelFile::read("some.safetensors", &bytes, &RunConfig::default()) {
            Ok(_) => "it was opened".to_owned(),
            Err(error) => error.to_string(),
        };
        if found != message {
            wrong.push(format!("{opened}\nfound    {found}\nexpected {message}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// “Damaged” is said of nothing that is only another kind of file.
#[test]
fn nothing_is_called_damaged_that_is_whole() {
    for (opened, _, message) in rows() {
        assert!(!message.contains("damaged") && !message.contains("corrupt"), "{opened}");
    }
}
