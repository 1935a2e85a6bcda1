//! `cargo xtask model`: trains the model that the page ships with, and measures it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{command, output, run};
use crate::progress::say;

/// The settings of the run, as a link. Only the folder of the pictures is not part of it.
const LINK: &str = "#size=64&train=20000&valid=20000&net=resnet&layers=2,2,2,2&block=bottleneck\
                    &expansion=1&width=40&stem=16,16,32&epochs=26&bs=64&lr=0.006&mixup=0\
                    &smoothing=0.1&augment=crop-flip&schedule=one-cycle";
/// Maximum size of the weights in bytes, since visitors have to wait for them.
const MAX_BYTES: u64 = 2_000_000;
/// The marks in the model card between which the figures are.
const MARKS: [&str; 2] = ["<!-- measured -->", "<!-- /measured -->"];

/// Trains the model, or takes the one that was trained into `from`. Copies its weights into
/// `www/models`, measures them there, and writes the recorded run and the figures of the model
/// card.
///
/// # Errors
/// If a program fails, a file cannot be read or written, or the weights are too large to ship.
pub fn make(place: &Place, data: &Path, from: Option<PathBuf>) -> Result<()> {
    let trained = match from {
        Some(folder) => folder,
        None => {
            let folder = place.target.join("shipped");
            say("Training (about three hours on two cores)");
            run(resnette(place)?
                .args(["train", LINK, "--data"])
                .arg(data)
                .arg("--out")
                .arg(&folder)
                .arg("--force"))?;
            folder
        }
    };
    let models = place.root.join("www/models");
    let weights = models.join("imagenette.safetensors");
    let half = trained.join("model-f16.safetensors");
    let size = fs::metadata(&half)
        .with_context(|| format!("{} is not there; was the training ended?", half.display()))?
        .len();
    anyhow::ensure!(
        size <= MAX_BYTES,
        "the weights have {size} bytes, and at most {MAX_BYTES} are shipped; train a narrower \
         network"
    );
    fs::copy(&half, &weights).with_context(|| format!("can't write {}", weights.display()))?;
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
        .arg("--force")
        .arg("--table")
        .arg(trained.join("history.csv"));
    let measured = output(&mut evaluate)?;
    let history = fs::read_to_string(trained.join("history.csv"))
        .context("the training wrote no history.csv")?;
    let card = models.join("README.md");
    let text =
        fs::read_to_string(&card).with_context(|| format!("can't read {}", card.display()))?;
    let figures = format!("\n{size} bytes. {measured}\n## Epochs\n\n```\n{history}```\n");
    fs::write(
        &card,
        between(&text, &figures)
            .with_context(|| format!("{} has no place for figures", card.display()))?,
    )?;
    say(format_args!("Wrote {}, {} and {}", weights.display(), record.display(), card.display()));
    Ok(())
}

fn resnette(place: &Place) -> Result<std::process::Command> {
    let mut cargo = command(place, "cargo")?;
    cargo.args(["run", "--locked", "--package", "resnette-cli", "--"]);
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
