//! `cargo xtask model`: trains the model that the page ships with, and measures it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{command, output, run};
use crate::progress::say;

/// The settings of the run, as a link. Only the folder of the pictures is not part of it.
const LINK: &str = "#size=64&train=20000&valid=20000&net=resnet&layers=2,2,2,2&block=bottleneck\
                    &expansion=1&width=64&stem=16,16,32&epochs=50&bs=64&lr=0.006&mixup=0.2\
                    &smoothing=0.1&augment=crop-flip-v2&schedule=one-cycle&seed=0";
/// The photos among the pictures: all that there are.
const PHOTOS: &str = "#train=20000&valid=20000";
/// The drawings among the training pictures, as large as the samples that Predict offers. They are
/// none of these; the validation pictures are photos alone.
const DRAWINGS: &str = "#source=drawn&train=100&size=160&seed=0";
/// Maximum size of the weights in bytes, since visitors have to wait for them.
const MAX_BYTES: u64 = 2_000_000;
/// The marks in the model card between which the figures are.
const MARKS: [&str; 2] = ["<!-- measured -->", "<!-- /measured -->"];

/// Trains the model on photos and drawings, or takes the one that was trained into `from`. Copies
/// its weights into `www/models`, measures them there on the photos and on the drawn samples of
/// Predict, and writes the recorded run and the figures of the model card.
///
/// # Errors
/// If a program fails, a file cannot be read or written, or the weights are too large to ship.
pub fn make(place: &Place, data: &Path, from: Option<PathBuf>) -> Result<()> {
    let trained = match from {
        Some(folder) => folder,
        None => train(place, data)?,
    };
    let models = place.root.join("www/models");
    let weights = models.join("imagenette.safetensors");
    let model = trained.join("model.safetensors");
    let size = fs::metadata(&model)
        .with_context(|| format!("{} is not there; was the training ended?", model.display()))?
        .len()
        / 2;
    anyhow::ensure!(
        size <= MAX_BYTES,
        "the weights have {size} bytes in 16 bits, and at most {MAX_BYTES} are shipped; train a \
         narrower network"
    );
    say("Making the probabilities mean what they say");
    let mut calibrate = resnette(place)?;
    calibrate.args(["calibrate", LINK, "--half", "--force", "--data"]).arg(data);
    let temperature = output(calibrate.arg("--model").arg(&model).arg("--out").arg(&weights))?;
    let size =
        fs::metadata(&weights).with_context(|| format!("can't read {}", weights.display()))?.len();
    say("Measuring the weights as they are shipped");
    let record = models.join("imagenette.json");
    let mut evaluate = resnette(place)?;
    evaluate
        .args(["evaluate", LINK, "--data"])
        .arg(data)
        .arg("--model")
        .arg(&weights)
        .arg("--record")
        .arg(&record)
        .args(["--force", "--samples", "--unlike", "--table"])
        .arg(trained.join("history.csv"));
    let measured = output(&mut evaluate)?;
    let history = fs::read_to_string(trained.join("history.csv"))
        .context("the training wrote no history.csv")?;
    let card = models.join("README.md");
    let text =
        fs::read_to_string(&card).with_context(|| format!("can't read {}", card.display()))?;
    let figures =
        format!("\n{size} bytes. {temperature}\n{measured}\n## Epochs\n\n```\n{history}```\n");
    fs::write(
        &card,
        between(&text, &figures)
            .with_context(|| format!("{} has no place for figures", card.display()))?,
    )?;
    say(format_args!("Wrote {}, {} and {}", weights.display(), record.display(), card.display()));
    Ok(())
}

/// Trains the network on photos and drawings, or goes on with a training that was stopped. Returns
/// the folder of the run.
fn train(place: &Place, data: &Path) -> Result<PathBuf> {
    let (pictures, folder) = (place.target.join("shipped-pictures"), place.target.join("shipped"));
    if pictures.exists() {
        fs::remove_dir_all(&pictures)
            .with_context(|| format!("can't remove {}", pictures.display()))?;
    }
    say("Writing the photos and the drawings into one folder");
    run(resnette(place)?
        .args(["export-pictures", PHOTOS, "--data"])
        .arg(data)
        .arg("--out")
        .arg(&pictures))?;
    run(resnette(place)?
        .args(["export-pictures", DRAWINGS, "--only", "train", "--out"])
        .arg(&pictures))?;
    let is_begun = folder.join("run.resnette").exists();
    if is_begun {
        say(format_args!(
            "Going on with the run in {}; delete that folder to train from the start",
            folder.display()
        ));
    } else {
        say("Training, for hours; after Ctrl-C the same command goes on");
    }
    run(resnette(place)?
        .args(["train", LINK, "--data"])
        .arg(&pictures)
        .arg("--out")
        .arg(&folder)
        .arg(if is_begun { "--resume" } else { "--force" }))?;
    Ok(folder)
}

fn resnette(place: &Place) -> Result<std::process::Command> {
    let mut cargo = command(place, "cargo")?;
    cargo.args(["run", "--release", "--locked", "--package", "resnette-cli", "--"]);
    Ok(cargo)
}

/// The text with the figures between the marks replaced, or `None` if it does not have the marks.
fn between(text: &str, figures: &str) -> Option<String> {
    let (before, rest) = text.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some(format!("{before}{}\n{figures}{}{after}", MARKS[0], MARKS[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_figures_change() {
        let card = format!("a\n{}\nold\n{}\nb\n", MARKS[0], MARKS[1]);
        let new = between(&card, "new\n").unwrap_or_default();
        assert_eq!(new, format!("a\n{}\nnew\n{}\nb\n", MARKS[0], MARKS[1]));
        assert_eq!(between(&new, "new\n"), Some(new.clone()));
        assert_eq!(between("no marks", "new"), None);
    }
}
