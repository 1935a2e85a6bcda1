//! Training on real photos, where the shared folder is there.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;

use crate::chrome::{Browser, Chrome};
use crate::page::tiny_with;
use crate::runs::figures;
use crate::stage::{Outcome, Stage, dist, shared_photos};

/// Forty photos a class at 48 px: far better than chance (.1), and the loss falls.
pub async fn forty_a_class_on_cpu(stage: &Stage) -> Outcome {
    if shared_photos().is_none() {
        return Ok(Completion::ignored_with("skipped: ../shared/imagenette is not there"));
    }
    let data = format!("{}data/160px", stage.site.url());
    let settings = format!(
        "source=url&data={data}&train=40&valid=20&size=48&block=bottleneck&layers=1,1,1,1&expansion=2&width=16&stem=8,8,16&epochs=6&bs=16&lr=0.006&augment=crop-flip"
    );
    stage.open(&tiny_with(&settings)).await?;
    let rows = stage.train(Duration::from_secs(600)).await?;
    println!("{rows:?}");
    assert_eq!(rows.len(), 6);
    // 200 pictures: chance has a standard deviation of .021.
    assert!(rows[5].accuracy >= 0.2, "{rows:?}");
    assert!(rows[5].train_loss < rows[0].train_loss - 0.1, "{rows:?}");
    stage.chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// What Chromium's run of [`rows_are_the_same_everywhere`] gave: rows without their times, and the
/// losses of the steps.
static CHROMIUMS: Mutex<Option<Figures>> = Mutex::new(None);

type Figures = (Vec<Vec<String>>, Vec<f64>);

/// A short run on photos by address has the same rows and step losses in every browser, to the last
/// printed digit.
pub async fn rows_are_the_same_everywhere(stage: &Stage) -> Outcome {
    if shared_photos().is_none() {
        return Ok(Completion::ignored_with("skipped: ../shared/imagenette is not there"));
    }
    let here = short_run(stage).await?;
    let known = || CHROMIUMS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if stage.chrome.browser == Browser::Chromium {
        *CHROMIUMS.lock().unwrap_or_else(PoisonError::into_inner) = Some(here);
        return Ok(Completion::Completed);
    }
    let chromiums = match known() {
        Some(figures) => figures,
        // Chromium's test was not asked for.
        None => {
            let site =
                Site { dist: dist()?, data: shared_photos(), port: Some(0), ..Site::default() };
            let site = site.start().map_err(|error| format!("{error:#}"))?;
            let other = Stage { site, chrome: Chrome::start().await? };
            let figures = short_run(&other).await?;
            other.chrome.stop().await?;
            figures
        }
    };
    assert_eq!(here, chromiums, "{} and Chromium", stage.chrome.browser.name());
    Ok(Completion::Completed)
}

async fn short_run(stage: &Stage) -> Result<Figures, Failed> {
    let data = format!("{}data/160px", stage.site.url());
    let settings =
        format!("source=url&data={data}&train=20&valid=5&size=48&epochs=2&bs=16&augment=crop-flip");
    stage.open(&tiny_with(&settings)).await?;
    let rows = stage.train(Duration::from_secs(300)).await?;
    stage.chrome.console_is_clean().await?;
    Ok((figures(&rows), stage.chrome.step_losses().await?))
}
