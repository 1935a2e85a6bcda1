//! `resnette predict`: classifies pictures.

use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use resnette_engine::model::Network;
use resnette_engine::model::file::ModelFile;
use resnette_engine::model::safetensors::MAX_FILE_BYTES;
use resnette_engine::predict::classify::Classifier;
use resnette_images::load::fallback_decoder::NoFallback;
use resnette_protocol::predict::{Explain, Prediction, Request};
use serde_bytes::ByteBuf;
use serde_json::json;

use crate::arguments::EngineChoice;
use crate::device;
use crate::like::LikeArgs;
use crate::output::{OutputError, print_line, tell};

/// Number of classes that are printed for a picture.
const CLASSES_SHOWN: usize = 5;

/// Arguments of `predict`.
#[derive(Clone, Debug, clap::Args)]
pub struct PredictArgs {
    /// Pictures: JPEG, PNG or WebP.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Network: a safetensors file of this program or of the page, or a ResNet of torchvision or
    /// timm.
    #[arg(long)]
    model: PathBuf,
    #[command(flatten)]
    like: LikeArgs,
    /// One JSON object a picture, with all classes, their probabilities, and whether the picture is
    /// unlike anything that the network was trained on.
    #[arg(long)]
    json: bool,
    /// Engine.
    #[arg(long, value_enum, default_value_t)]
    engine: EngineChoice,
}

/// Classifies pictures one by one, as the page does, and prints the most probable classes.
///
/// # Errors
/// If a file cannot be read, the model or the link of `--like` cannot be used, or none of the
/// pictures can be decoded.
pub async fn predict(args: PredictArgs) -> anyhow::Result<()> {
    let (device, _) = device::start(args.engine).await?;
    let (file, network) = open(&args.model, &args.like, &device)?;
    if !file.info.trained {
        tell(format_args!("{} has not been trained: it guesses", file.info.name));
    }
    let classifier = Classifier {
        network: &network,
        info: &file.info,
        device: &device,
        familiarity: file.familiarity.as_ref(),
    };
    let mut answered = 0;
    for path in &args.files {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).with_context(|| format!("{name} cannot be read"))?;
        let request = Request {
            files: vec![(name.clone(), ByteBuf::from(bytes))],
            explain: Explain::default(),
            ..Request::default()
        };
        for prediction in classifier.answer(&request, &NoFallback).await?.predictions {
            answered += usize::from(prediction.is_ok());
            print_prediction(&name, &prediction, args.json)?;
        }
    }
    if answered == 0 {
        anyhow::bail!("none of the files is a picture that can be opened")
    } else {
        Ok(())
    }
}

/// Reads a model file and builds its network.
///
/// # Errors
/// Those of [`open_file`].
pub fn open(path: &Path, like: &LikeArgs, device: &Device) -> anyhow::Result<(ModelFile, Network)> {
    let file = open_file(path, like)?;
    let network = file.build(device)?;
    Ok((file, network))
}

/// Reads a model file without building its network.
///
/// # Errors
/// If the file cannot be read, is too large, or is not a model, or if a setting of the link of
/// `--like` is refused.
pub fn open_file(path: &Path, like: &LikeArgs) -> anyhow::Result<ModelFile> {
    let assumed = like.run()?;
    let name = path.display().to_string();
    let metadata = std::fs::metadata(path).with_context(|| format!("{name} cannot be read"))?;
    if !metadata.is_file() {
        // A pipe or a device may never end, and a folder is no file.
        anyhow::bail!("{name} is no ordinary file; give the model's own file");
    }
    let length = metadata.len();
    if length > MAX_FILE_BYTES as u64 {
        anyhow::bail!(
            "{name} has {} MB, and at most {} MB are opened",
            length.div_ceil(1_000_000),
            MAX_FILE_BYTES / 1_000_000
        );
    }
    let bytes = std::fs::read(path).with_context(|| format!("{name} cannot be read"))?;
    ModelFile::read(&name, &bytes, &assumed).with_context(|| format!("{name} cannot be used"))
}

/// Prints what a picture shows; a picture that cannot be opened is told beside the answers.
fn print_prediction(
    name: &str,
    prediction: &Result<Prediction, String>,
    as_json: bool,
) -> Result<(), OutputError> {
    match prediction {
        Ok(prediction) if as_json => {
            let classes: Vec<_> = prediction
                .classes
                .iter()
                .map(|(class, p)| json!({ "class": class, "probability": p }))
                .collect();
            let unlike = prediction.unlike;
            print_line(json!({ "file": name, "predictions": classes, "unlike": unlike }))
        }
        Ok(prediction) => {
            print_line(name)?;
            prediction.classes.iter().take(CLASSES_SHOWN).try_for_each(
                |(class, probability)| {
                    print_line(format_args!("{:>8.2} %  {class}", probability * 100.0))
                },
            )?;
            if prediction.unlike {
                print_line("            unlike anything that the network was trained on")?;
            }
            Ok(())
        }
        Err(reason) if as_json => print_line(json!({ "file": name, "error": reason })),
        Err(reason) => {
            tell(format_args!("{name}: {reason}"));
            Ok(())
        }
    }
}
