//! How many pictures a network flags as unlike anything that it was trained on.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use resnette_engine::predict::classify::Classifier;
use resnette_images::load::fallback_decoder::NoFallback;
use resnette_picture::drawn::unknowns::Unknown;
use resnette_protocol::predict::{Explain, Request};
use serde_bytes::ByteBuf;

use crate::png::png;

/// Pictures of each kind that are drawn.
const DRAWN: u64 = 100;
/// Side of these in pixels, which is the shorter side of the Imagenette photos.
const SIDE: u32 = 160;

/// The answers about the pictures of a kind.
struct Row {
    kind: String,
    pictures: usize,
    /// How many were flagged.
    flagged: usize,
    /// Sum of the probabilities of the first guesses.
    confidence: f64,
}

/// How many drawn pictures of each kind, and how many of those in each folder, the network flags as
/// unlike anything that it was trained on, as a Markdown table.
///
/// # Errors
/// If the network's file does not say how to tell such pictures, a folder cannot be read or has no
/// pictures, or the engine fails.
pub async fn measure(classifier: Classifier<'_>, folders: &[PathBuf]) -> anyhow::Result<String> {
    ensure!(
        classifier.familiarity.is_some(),
        "this network's file does not say how to tell pictures that are unlike its own, so --unlike \
         cannot be used: its run had fewer than 50 validation pictures, or an earlier version \
         wrote it; `resnette calibrate` writes a file that does"
    );
    let mut rows = Vec::new();
    for kind in Unknown::ALL {
        let files = (0..DRAWN).map(|index| Ok(ByteBuf::from(png(&kind.draw(index, SIDE))?)));
        rows.push(ask(classifier, kind.name().into(), files).await?);
    }
    for folder in folders {
        let paths = pictures_in(folder)?;
        let read = |path: PathBuf| {
            let bytes = std::fs::read(&path);
            bytes.map(ByteBuf::from).with_context(|| format!("{} cannot be read", path.display()))
        };
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let row = ask(classifier, name, paths.into_iter().map(read)).await?;
        ensure!(row.pictures > 0, "{} has no pictures that can be read", folder.display());
        rows.push(row);
    }
    Ok(render(&rows))
}

/// The files of a folder, in the order of their names.
fn pictures_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", folder.display()))?.path();
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Asks the network about files one by one; those that are no pictures do not count.
async fn ask(
    classifier: Classifier<'_>,
    kind: String,
    files: impl Iterator<Item = anyhow::Result<ByteBuf>>,
) -> anyhow::Result<Row> {
    let mut row = Row { kind, pictures: 0, flagged: 0, confidence: 0.0 };
    for file in files {
        let files = vec![(row.kind.clone(), file?)];
        let request = Request { files, explain: Explain::default(), ..Request::default() };
        let answer = classifier.answer(&request, &NoFallback).await?;
        for prediction in answer.predictions.into_iter().flatten() {
            row.pictures += 1;
            row.flagged += usize::from(prediction.unlike);
            row.confidence += prediction.classes.first().map_or(0.0, |class| f64::from(class.1));
        }
    }
    Ok(row)
}

fn render(rows: &[Row]) -> String {
    let mut out = String::from(
        "\n| pictures | number | flagged as unlike | mean probability of the first guess |\n\
         |--|--:|--:|--:|\n",
    );
    for Row { kind, pictures, flagged, confidence } in rows {
        let mean = |sum: f64| 100.0 * sum / (*pictures).max(1) as f64;
        let (flagged, confidence) = (mean(*flagged as f64), mean(*confidence));
        let _ = writeln!(out, "| {kind} | {pictures} | {flagged:.1} % | {confidence:.0} % |");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_the_pictures() {
        let rows = [Row { kind: "noise".into(), pictures: 8, flagged: 6, confidence: 2.0 }];
        let text = render(&rows);
        assert!(text.ends_with("| noise | 8 | 75.0 % | 25 % |\n"), "{text}");
    }
}
