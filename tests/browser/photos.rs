//! Training on real photos, where the shared folder is there.

use std::time::Duration;

use libtest_mimic::Completion;

use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, shared_photos};

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
