//! Our decoder beside the browser's own: how fast each is, and how far apart their pixels are.

use std::fs;
use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

use crate::data::{PATIENCE, from_files};
use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::wait_for;
use crate::page::{number, tiny_with};
use crate::stage::{Outcome, Stage, scratch, shared_photos};

/// Photos that are decoded.
const PHOTOS: usize = 300;

/// Photos of the archive, unpacked into class folders below `photos/`; none where the archive is
/// not there.
fn photos() -> Result<Vec<(String, Vec<u8>)>, Failed> {
    let Some(archive) = shared_photos()
        .map(|photos| photos.join("imagenette2-160-subset.tgz"))
        .filter(|file| file.is_file())
    else {
        return Ok(Vec::new());
    };
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(archive)?));
    let mut found = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        if path.to_lowercase().ends_with(".jpeg") && path.contains("/train/") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            found.push((
                format!("photos/{}", path.rsplit("/train/").next().unwrap_or_default()),
                bytes,
            ));
        }
    }
    // Every so-manieth, so that all classes are among them.
    let step = (found.len() / PHOTOS).max(1);
    Ok(found.into_iter().step_by(step).take(PHOTOS).collect())
}

/// The same photos through `createImageBitmap` and through the page. The pixels of a few are
/// compared one by one.
pub async fn ours_and_the_browsers(stage: &Stage) -> Outcome {
    let photos = photos()?;
    if photos.is_empty() {
        return Ok(Completion::ignored_with("skipped: ../shared/imagenette is not there"));
    }
    let chrome = &stage.chrome;
    let root = scratch("decoders")?;
    crate::data::write(&root, &photos)?;

    // Ours: loaded by the page, its engine already up.
    stage.open(&tiny_with("view=data")).await?;
    chrome.click("Draw pictures").await?;
    stage.fingerprint().await?;
    chrome
        .js_with(
            "location.hash = arguments[0]",
            vec![json!(tiny_with("train=150&valid=50&size=128&view=data"))],
        )
        .await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    stage.choose("Open a folder", &[root.join("photos")]).await?;
    wait_for("the photos", PATIENCE, async || {
        Ok(chrome.text().await?.contains("Source: photos").then_some(()))
    })
    .await?;
    let ours = photos.len() as f64 / began.elapsed().as_secs_f64();

    // The browser's: each file becomes pixels in a canvas, as a page without a decoder of its own
    // would do it.
    stage.open(&from_files()).await?;
    let paths: Vec<_> =
        photos.iter().map(|(path, _)| root.join(path).display().to_string()).collect();
    chrome.js("const input = document.createElement('input'); input.type = 'file'; input.multiple = true; input.id = 'bench'; document.body.append(input)").await?;
    chrome.client.find(Locator::Id("bench")).await?.send_keys(&paths.join("\n")).await?;
    let script = "
        const done = arguments[0], files = [...document.getElementById('bench').files];
        (async () => {
            const samples = [], began = performance.now();
            for (const [index, file] of files.entries()) {
                const bitmap = await createImageBitmap(file);
                const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
                context.drawImage(bitmap, 0, 0);
                const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
                if (index % 100 === 0) samples.push([file.name, bitmap.width, bitmap.height, data]);
            }
            const seconds = (performance.now() - began) / 1000;
            done([files.length / seconds, samples.map(([name, width, height, data]) => [name, width, height, [...data]])]);
        })();";
    let answer = chrome.client.execute_async(script, vec![]).await?;
    let theirs = number(&answer[0])?;
    println!(
        "{} photos: ours, in the worker, with shrinking {ours:.0} a second; the browser's, decoded only {theirs:.0} a second",
        photos.len()
    );

    let (mut worst, mut sum, mut count) = (0_u8, 0_u64, 0_u64);
    for sample in answer[1].as_array().ok_or("no samples")? {
        let name = sample[0].as_str().unwrap_or_default();
        let bytes = photos
            .iter()
            .find(|(path, _)| path.ends_with(&format!("/{name}")))
            .map(|(_, bytes)| bytes)
            .ok_or("an unknown photo")?;
        let ours = image::ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()?
            .decode()?
            .into_rgb8();
        assert_eq!(json!([ours.width(), ours.height()]), json!([sample[1], sample[2]]), "{name}");
        let pixels: Vec<u8> = serde_json::from_value(sample[3].clone())?;
        for (ours, theirs) in ours.pixels().zip(pixels.chunks_exact(4)) {
            for (ours, &theirs) in ours.0.iter().zip(theirs) {
                let gap = ours.abs_diff(theirs);
                (worst, sum, count) = (worst.max(gap), sum + u64::from(gap), count + 1);
            }
        }
    }
    let mean = sum as f64 / count as f64;
    println!("pixels differ by {mean:.3} of 255 in the mean, by {worst} at most");
    // The same photo, but not the same numbers: that is why the page brings its own decoder.
    assert!(mean < 2.0, "{mean}");
    chrome.nothing_panicked().await?;
    fs::remove_dir_all(root)?;
    Ok(Completion::Completed)
}
