//! Pictures that are not square: the page sees of them what the command line sees.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};
use libtest_mimic::{Completion, Failed};
use resnette_picture::drawn::draw;

use crate::native::{native, predict, run};
use crate::page::tiny_with;
use crate::predict::{largest_gap, open, wait_predictions};
use crate::stage::{Outcome, Stage, scratch};
use crate::transfer::{model_is, open_model};

/// The upper part of a drawing, as a file.
fn wide_picture(folder: &Path) -> Result<PathBuf, Failed> {
    let mut picture = draw(4, 1, 5, 64);
    picture.rgb.truncate(64 * 40 * 3);
    let picture = RgbImage::from_raw(64, 40, picture.rgb).ok_or("too few bytes")?;
    let file = folder.join("wide.png");
    picture.save_with_format(&file, ImageFormat::Png)?;
    Ok(file)
}

/// Networks that crop, pad and squish answer differently of a wide picture, and in the page as on
/// the command line. Their drawings are square, so that training with random crops gives all three
/// the same weights but for what `resize` says.
pub async fn a_wide_picture_becomes_a_square_as_the_model_says(stage: &Stage) -> Outcome {
    let Some(native) = native() else {
        return Ok(Completion::ignored_with("skipped: resnette is not built (cargo build)"));
    };
    let folder = scratch("squares")?;
    let picture = wide_picture(&folder)?;
    let chrome = &stage.chrome;
    let mut answers: Vec<BTreeMap<String, f64>> = Vec::new();
    for method in ["crop", "pad", "squish"] {
        let own = folder.join(method);
        fs::create_dir_all(&own)?;
        let settings = tiny_with(&format!("epochs=3&lr=0.006&augment=crop-flip&resize={method}"));
        let link = format!("#{settings}");
        run(&native, &["train", &link, "--out", &own.display().to_string()])?;
        let model = folder.join(format!("{method}.safetensors"));
        fs::copy(own.join("model.safetensors"), &model)?;
        let told = predict(&native, &model, std::slice::from_ref(&picture))?.remove(0);

        stage.open(&tiny_with("view=predict")).await?;
        open_model(chrome, &model).await?;
        model_is(chrome, &format!("{method}.safetensors")).await?;
        open(chrome, std::slice::from_ref(&picture)).await?;
        let gap = largest_gap(&wait_predictions(chrome).await?, &told)?;
        assert!(gap < 1e-3, "{method}: {gap}");
        answers.push(told);
    }
    let [crop, pad, squish] = &answers[..] else { return Err("three answers".into()) };
    for (one, other) in [(crop, pad), (pad, squish), (squish, crop)] {
        let gap = largest_gap(one, other)?;
        assert!(gap > 1e-3, "{one:?} {other:?}");
    }
    fs::remove_dir_all(folder)?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}
