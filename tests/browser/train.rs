//! Training on the drawn set with the CPU engine.

use std::time::{Duration, Instant};

use libtest_mimic::{Completion, Failed};
use resnette_static_host::Site;

use crate::chrome::wait_for;
use crate::page::tiny_with;
use crate::stage::{Outcome, Stage, dist};

/// Three epochs: the table is complete and the network has learned something.
pub async fn drawn_set_on_cpu(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("train=100&valid=30&size=48&width=16&stem=8,8,16&epochs=3&bs=16&lr=0.006&expansion=2&view=train")).await?;
    let ready = chrome.status().await?;
    assert_eq!(ready, "Ready");
    let plain = chrome.tints().await?;
    assert!(plain.len() == 4 && plain.iter().all(|tint| tint == &plain[0]), "{plain:?}");
    chrome.click("Train").await?;
    // The status line tells of the way there, in the contract's words.
    let training = chrome
        .wait_status(Duration::from_secs(120), |status| status.starts_with("Training epoch "))
        .await?;
    assert!(training.contains(" of 3, batch "), "{training}");
    chrome.wait_status(Duration::from_secs(300), |status| status == "Done").await?;
    let rows = chrome.epochs().await?;
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows[2].accuracy >= 0.5, "{rows:?}");
    assert!(rows[2].train_loss < rows[0].train_loss, "{rows:?}");
    assert!(rows[2].valid_loss < 10_f64.ln(), "better than guessing evenly: {rows:?}");
    for bar in ["Epoch", "Run"] {
        assert!(
            (chrome.progress(bar).await? - 1.0).abs() < 1e-6,
            "the bar {bar} is full at the end"
        );
    }
    // The ribbon shows where the gradient is large.
    let tints = chrome.tints().await?;
    assert!(
        tints.len() == 4 && tints.contains(&1.0) && tints.contains(&0.15),
        "the largest and the smallest are told apart: {tints:?}"
    );
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// All addresses are relative: the page works where a static host puts it.
pub async fn works_under_a_sub_path(stage: &Stage) -> Outcome {
    // The built page once more, one folder down.
    let dist = dist()?;
    let below = Site { dist: dist.clone(), data: Some(dist), port: Some(0), ..Site::default() }
        .start()
        .map_err(|error| format!("{error:#}"))?;
    stage.open_at(&format!("{}data/", below.url()), &tiny_with("epochs=1")).await?;
    let rows = stage.train(Duration::from_secs(120)).await?;
    assert_eq!(rows.len(), 1);
    let outside: Vec<_> = below
        .log()
        .into_iter()
        .filter(|served| !served.path.starts_with("/data/") && served.path != "/favicon.ico")
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
    Ok(Completion::Completed)
}

/// Stop ends the run within a step, and the next run begins as if the first had not been.
pub async fn stop_ends_the_run(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("epochs=1000")).await?;
    chrome.click("Train").await?;
    chrome
        .wait_status(Duration::from_secs(120), |status| status.starts_with("Training epoch "))
        .await?;
    wait_for("the first row", Duration::from_secs(60), async || {
        Ok((!chrome.epochs().await?.is_empty()).then_some(()))
    })
    .await?;
    let pressed = Instant::now();
    chrome.click("Stop").await?;
    chrome.wait_status(Duration::from_secs(10), |status| !status.starts_with("Training")).await?;
    println!("stopped after {} ms", pressed.elapsed().as_millis());
    let rows = chrome.epochs().await?.len();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(chrome.epochs().await?.len(), rows, "nothing trains on");
    assert!((1..1000).contains(&rows));
    wait_for("the button Train", Duration::from_secs(5), async || {
        Ok(chrome.button("Train").await.ok())
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// `autostart=1` needs no click, and the same link gives the same table twice, but for the time.
pub async fn a_link_starts_the_same_run_again(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let mut tables = Vec::new();
    for _ in 0..2 {
        stage.open(&tiny_with("epochs=2&autostart=1")).await?;
        chrome.wait_status(Duration::from_secs(120), |status| status == "Done").await?;
        let rows = chrome.epochs().await?;
        tables.push(rows.into_iter().map(|row| row.cells[..4].to_vec()).collect::<Vec<_>>());
    }
    if tables[0].len() == 2 && tables[0] == tables[1] {
        Ok(Completion::Completed)
    } else {
        Err(Failed::from(format!("the two runs differ: {tables:?}")))
    }
}
