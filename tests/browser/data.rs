//! Pictures from everywhere: the same whichever way they came, kept for next time, and what is
//! broken is named.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::Locator;
use libtest_mimic::{Completion, Failed};
use parquet::basic::Compression;
use resnette_picture::classes::IMAGENETTE;
use xtask::hub::{Faults, Hub};

use crate::chrome::wait_for;
use crate::fixtures::{
    Groups, SCHEMA, Writing, folder, gzip, jpeg, lying_jpeg, parquet, raw_entry, tar,
};
use crate::page::{TINY, tiny_with};
use crate::stage::{Outcome, Stage, scratch, shared_photos};

/// Long enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Two of Imagenette's classes: their ids name folders, their places in the list are the labels.
pub const CLASSES: [(&str, i64); 2] = [("n01440764", 0), ("n03888257", 9)];
pub const TRAIN: usize = 12;
pub const VALID: usize = 6;

/// Twelve and six drawings of each class in ImageNet's layout.
pub fn drawings() -> Vec<(String, Vec<u8>)> {
    let ids = CLASSES.map(|(id, _)| id);
    let mut files = folder("set/train", &ids, TRAIN);
    // Validation has drawings of its own.
    let valid = folder("set/val", &ids, VALID).into_iter().enumerate();
    files.extend(valid.map(|(at, (path, _))| {
        let drawing = jpeg(at / VALID, (TRAIN + at % VALID) as u64);
        (path, drawing)
    }));
    files
}

/// The same drawings as Hugging Face would have them, on a server of their own.
pub fn hub(name: &str, faults: Faults) -> Result<Hub, Failed> {
    let root = scratch(name)?;
    for (part, first, each) in [("train", 0, TRAIN), ("validation", TRAIN, VALID)] {
        let groups: Groups = CLASSES
            .iter()
            .enumerate()
            .map(|(drawing, &(_, label))| {
                (first..first + each)
                    .map(|index| (Some(jpeg(drawing, index as u64)), label))
                    .collect()
            })
            .collect();
        fs::create_dir(root.join(part))?;
        let names = Some(IMAGENETTE.iter().map(|(id, _)| (*id).to_owned()).collect());
        let writing = Writing { names, ..Writing::default() };
        fs::write(root.join(part).join("0000.parquet"), parquet(&groups, &writing))?;
    }
    Ok(Hub::start(&root, faults).map_err(|error| format!("{error:#}"))?)
}

pub fn from_hub(hub: &Hub) -> String {
    tiny_with(&format!("source=url&data={}&train={TRAIN}&valid={VALID}&view=data", hub.base()))
}

pub fn from_files() -> String {
    tiny_with(&format!("train={TRAIN}&valid={VALID}&view=data"))
}

pub fn write(root: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failed> {
    for (path, bytes) in files {
        let place = root.join(path);
        fs::create_dir_all(place.parent().unwrap_or(root))?;
        fs::write(place, bytes)?;
    }
    Ok(())
}

impl Stage {
    /// Puts files, or a folder, into the chooser of this name.
    pub async fn choose(&self, name: &str, places: &[PathBuf]) -> Result<(), Failed> {
        let input = wait_for(&format!("a file input named {name:?}"), PATIENCE, async || {
            for input in self.chrome.client.find_all(Locator::Css("input[type=file]")).await? {
                if self.chrome.accessible_name(&input).await.is_ok_and(|label| label == name) {
                    return Ok(Some(input));
                }
            }
            Ok(None)
        })
        .await?;
        let paths: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        Ok(input.send_keys(&paths.join("\n")).await?)
    }

    /// The number that the page gives to what it has loaded.
    pub async fn fingerprint(&self) -> Result<String, Failed> {
        let script =
            "return (document.body.innerText.match(/Fingerprint ([0-9a-f]{16})/) ?? [])[1] ?? null";
        let found = wait_for("loaded pictures", PATIENCE, async || {
            let status = self.chrome.status().await?;
            if status.starts_with("Failed") {
                return Err(format!("the page says: {status}").into());
            }
            Ok(self.chrome.js(script).await?.as_str().map(str::to_owned))
        });
        found.await
    }

    /// Trains without leaving Data, which has no table of epochs.
    async fn train_here(&self) -> Result<(), Failed> {
        self.chrome.click("Train").await?;
        self.chrome.wait_status(PATIENCE, |status| status == "Done").await.map(drop)
    }

    /// The items of the list of problems.
    pub async fn problems(&self) -> Result<Vec<String>, Failed> {
        let script = "return [...document.querySelectorAll('ul[aria-label=Problems] > li')].map(item => item.textContent)";
        Ok(serde_json::from_value(self.chrome.js(script).await?)?)
    }
}

/// A server, an archive and a folder of the same drawings.
pub async fn every_way_gives_the_same_pictures(stage: &Stage) -> Outcome {
    let hub = hub("same", Faults::default())?;
    stage.open(&from_hub(&hub)).await?;
    stage.chrome.click("Download").await?;
    let from_server = stage.fingerprint().await?;
    let asked = hub.log();
    assert!(
        asked.iter().all(|asked| asked.method == "GET" && asked.referrer.is_none()),
        "{asked:?}"
    );

    let root = scratch("same-files")?;
    write(&root, &drawings())?;
    fs::write(root.join("set.tgz"), gzip(&tar(&drawings())))?;
    let mut prints = Vec::new();
    for (chooser, place) in [("Open pictures or archives", "set.tgz"), ("Open a folder", "set")] {
        stage.open(&from_files()).await?;
        stage.choose(chooser, &[root.join(place)]).await?;
        prints.push(stage.fingerprint().await?);
        assert_eq!(stage.problems().await?, Vec::<String>::new());
        assert!(
            stage
                .chrome
                .text()
                .await?
                .contains("24 pictures to train on and 12 to validate with, in 2 classes")
        );
    }
    assert_eq!(prints[0], prints[1], "archive and folder");
    // The server's file has ten classes, of which eight are empty; the pictures and their classes
    // are the same.
    assert_eq!(prints[0], from_server, "server and archive");
    stage.chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// The real photos from a server, the archive, and the folder of parquet files.
pub async fn photos_are_the_same_too(stage: &Stage) -> Outcome {
    let Some(photos) = shared_photos() else {
        return Ok(Completion::ignored_with("skipped: ../shared/imagenette is not there"));
    };
    let settings = |more: &str| tiny_with(&format!("train=150&valid=50&view=data{more}"));
    stage.open(&settings(&format!("&source=url&data={}data/160px", stage.site.url()))).await?;
    stage.chrome.click("Download").await?;
    let served = stage.fingerprint().await?;
    for (chooser, place) in
        [("Open pictures or archives", "imagenette2-160-subset.tgz"), ("Open a folder", "160px")]
    {
        stage.open(&settings("")).await?;
        stage.choose(chooser, &[photos.join(place)]).await?;
        assert_eq!(stage.fingerprint().await?, served, "{place}");
    }
    stage.chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Twenty pictures a class of the full set take a quarter of the file at most, by the server's own
/// count.
pub async fn a_small_draw_reads_a_quarter_at_most(stage: &Stage) -> Outcome {
    let full = shared_photos().map(|photos| photos.join("160px-full")).filter(|full| full.is_dir());
    let Some(full) = full else {
        return Ok(Completion::ignored_with(
            "skipped: ../shared/imagenette/160px-full is not there",
        ));
    };
    let hub = Hub::start(&full, Faults::default()).map_err(|error| format!("{error:#}"))?;
    stage
        .open(&tiny_with(&format!("source=url&data={}&train=20&valid=5&view=data", hub.base())))
        .await?;
    stage.chrome.click("Download").await?;
    stage.fingerprint().await?;
    let (sent, size) = (
        hub.bytes_by_file()["train/0000.parquet"],
        fs::metadata(full.join("train/0000.parquet"))?.len(),
    );
    println!(
        "{:.1} of {:.1} MB, {:.1} %",
        sent as f64 / 1e6,
        size as f64 / 1e6,
        100.0 * sent as f64 / size as f64
    );
    assert!(sent * 4 <= size, "{sent} of {size}");
    Ok(Completion::Completed)
}

/// Busy, cut, and whole where a part was asked for: the pictures are the same.
pub async fn bad_weather_changes_nothing(stage: &Stage) -> Outcome {
    let mut prints = Vec::new();
    for (name, faults) in [
        ("fair", Faults::default()),
        ("busy", Faults { busy: 2, retry_after: 1, ..Faults::default() }),
        ("cut", Faults { cuts: 3, cut_after: 2_000, ..Faults::default() }),
        ("whole", Faults { whole_files: true, ..Faults::default() }),
    ] {
        let hub = hub(name, faults)?;
        stage.open(&from_hub(&hub)).await?;
        stage.chrome.click("Download").await?;
        prints.push(stage.fingerprint().await?);
        if name == "cut" {
            let beginnings = hub
                .log()
                .into_iter()
                .filter_map(|asked| asked.range)
                .filter(|range| range.starts_with("bytes=2000-"))
                .count();
            assert!(beginnings > 0, "a cut read goes on where it broke off: {:?}", hub.log());
        }
    }
    assert!(prints.iter().all(|print| *print == prints[0]), "{prints:?}");
    stage.chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// The second visit trains with the pictures' server gone; what is forgotten is gone.
pub async fn a_second_visit_needs_no_server(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let hub = hub("kept", Faults::default())?;
    let settings = from_hub(&hub);
    stage.open(&settings).await?;
    chrome.click("Download").await?;
    let first = stage.fingerprint().await?;
    wait_for("what is kept", PATIENCE, async || {
        Ok(chrome.button("Forget kept pictures").await.ok())
    })
    .await?;
    drop(hub);
    stage.open(&settings).await?;
    stage.train_here().await?;
    assert_eq!(stage.fingerprint().await?, first);
    chrome.click("Forget kept pictures").await?;
    wait_for("word that they are gone", PATIENCE, async || {
        Ok(chrome.text().await?.contains("The kept pictures are deleted").then_some(()))
    })
    .await?;
    stage.open(&settings).await?;
    chrome.click("Train").await?;
    let status = chrome.wait_status(PATIENCE, |status| status.starts_with("Failed")).await?;
    assert!(status.contains("could not be reached"), "{status}");
    Ok(Completion::Completed)
}

/// Cancel ends a download in the middle of a file, at once.
pub async fn cancel_calls_the_download_off(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let hub = hub("slow", Faults { bytes_per_second: Some(2_000), ..Faults::default() })?;
    stage.open(&from_hub(&hub)).await?;
    chrome.click("Download").await?;
    wait_for("the first bytes", PATIENCE, async || {
        Ok(hub.log().iter().any(|asked| asked.status == 206).then_some(()))
    })
    .await?;
    chrome.click("Cancel").await?;
    chrome.wait_status(Duration::from_secs(5), |status| status == "Ready").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let requests = hub.log().len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(hub.log().len(), requests, "nothing is asked for any more");
    chrome.button("Download").await?;
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}

/// Before the first photo from Hugging Face the terms are shown; drawings need none.
pub async fn terms_come_before_the_first_photo(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("source=huggingface&view=train")).await?;
    chrome.click("Train").await?;
    chrome.button("Agree and download").await?;
    let focused = chrome.client.active_element().await?;
    assert_eq!(chrome.accessible_name(&focused).await?, "Agree and download");
    assert_eq!(chrome.status().await?, "Ready");
    chrome.click("Use drawn pictures").await?;
    chrome.wait_status(PATIENCE, |status| status == "Done").await?;
    assert!(chrome.button("Agree and download").await.is_err());
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// A batch as the network sees it, and another.
pub async fn a_batch_is_shown_and_another(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    stage.open(&tiny_with("view=data&augment=crop-flip")).await?;
    chrome.click("Draw pictures").await?;
    stage.fingerprint().await?;
    let pixels = "return [...document.querySelectorAll('.batch-pictures canvas')].map(canvas => canvas.toDataURL()).join()";
    chrome.click("Show a batch").await?;
    let shown = async |before: &str| {
        wait_for("a batch", PATIENCE, async || {
            let now = chrome.js(pixels).await?.as_str().unwrap_or_default().to_owned();
            Ok((!now.is_empty() && now != before).then_some(now))
        })
        .await
    };
    let first = shown("").await?;
    chrome.click("Show another batch").await?;
    shown(&first).await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Classes made on the page: two names, five pictures each.
pub async fn own_classes_become_a_set(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = scratch("own")?;
    write(&root, &folder("own", &["cat", "dog"], 10))?;
    stage.open(&from_files()).await?;
    chrome.unfold(".own").await?;
    for (at, name) in ["🐈 cat", "dog"].into_iter().enumerate() {
        // Its part of the page comes by itself.
        let field = format!("own-class-{at}");
        let field = chrome.client.wait().at_most(PATIENCE).for_element(Locator::Id(&field)).await?;
        field.send_keys(name).await?;
        assert!(!chrome.button("Use these classes").await?.is_enabled().await?);
        let folder = root.join("own").join(["cat", "dog"][at]);
        let pictures: Vec<_> = (0..10).map(|index| folder.join(format!("{index}.jpg"))).collect();
        stage.choose(&format!("Add pictures to {name}"), &pictures).await?;
    }
    chrome.click("Use these classes").await?;
    stage.fingerprint().await?;
    let text = chrome.text().await?;
    assert!(
        text.contains("16 pictures to train on and 4 to validate with, in 2 classes")
            && text.contains("🐈 cat"),
        "{text}"
    );
    stage.train_here().await?;
    // The network as a table ends in the head: one output a class.
    chrome.client.find(Locator::LinkText("Train")).await?.click().await?;
    wait_for("a head for two classes", PATIENCE, async || {
        Ok(chrome.text().await?.contains("head\n1×1\n× 2").then_some(()))
    })
    .await?;
    chrome.console_is_clean().await?;
    Ok(Completion::Completed)
}

/// Broken and hostile files: each is named with a reason, the page lives, and what is good is used.
pub async fn hostile_files_are_named(stage: &Stage) -> Outcome {
    let chrome = &stage.chrome;
    let root = scratch("hostile")?;
    let good = folder("pets", &["cat", "dog 🐕 כלב"], 8);
    let whole = gzip(&tar(&good));
    let entry = |name: &str, kind, bytes: &[u8]| {
        [raw_entry(name, kind, bytes.len() as u64, bytes), tar(&good)].concat()
    };
    let ordinary = tar::EntryType::Regular;
    let mut odd: Groups =
        vec![(0..20).map(|row| (Some(jpeg(row % 2, row as u64)), (row % 2) as i64)).collect()];
    odd[0][4].0 = None;
    let written = |schema: &'static str, compression| {
        parquet(&odd, &Writing { schema, compression, ..Writing::default() })
    };
    let snappy = Compression::SNAPPY;
    let mut huge = Cursor::new(Vec::new());
    image::GrayImage::new(10_000, 10_000).write_to(&mut huge, image::ImageFormat::Png)?;
    let long_name = [
        raw_entry("././@LongLink", tar::EntryType::GNULongName, 10 << 20, &vec![b'a'; 10 << 20]),
        tar(&good),
    ]
    .concat();
    let bomb = [raw_entry("a/b/bomb.jpg", ordinary, 1 << 30, &[]), vec![0; 200 << 20]].concat();
    let cases = [
        ("cut.tgz", whole[..whole.len() / 2].to_vec(), "cut.tgz"),
        ("bomb.tgz", gzip(&bomb), "20 times its size"),
        ("out.tar", entry("../../escape/cat/x.jpg", ordinary, b"x"), "escape"),
        ("link.tar", entry("pets/cat/link.jpg", tar::EntryType::Symlink, b""), "link.jpg"),
        (
            "page.tar",
            entry("pets/cat/page.jpg", ordinary, b"<!doctype html><title>404</title>"),
            "but a web page",
        ),
        ("empty.tar", entry("pets/cat/empty.jpg", ordinary, b""), "empty.jpg: the file is empty"),
        ("lying.tar", entry("pets/cat/lying.jpg", ordinary, &lying_jpeg()), "lying.jpg"),
        (
            "huge.tar",
            entry("pets/cat/huge.png", ordinary, &huge.into_inner()),
            "at most 64 million",
        ),
        ("root.tar", entry("/etc/cat/x.jpg", ordinary, b"x"), "/etc/cat/x.jpg"),
        ("header.tar", long_name, "longer than any path"),
        ("nulls.parquet", written(SCHEMA, snappy), "row 4 of group 0: the file is empty"),
        (
            "columns.parquet",
            written(
                "message m { optional group image { optional binary url; optional binary path; } optional int64 label; }",
                snappy,
            ),
            "the paths of its pictures",
        ),
        (
            "types.parquet",
            written(
                "message m { optional group image { optional binary bytes; optional binary path; } optional int32 number; }",
                snappy,
            ),
            "no column of labels",
        ),
        ("codec.parquet", written(SCHEMA, Compression::LZ4), "codec 5"),
        ("nonsense.parquet", vec![7; 5_000], "nonsense.parquet"),
        ("empty.tgz", Vec::new(), "empty.tgz"),
        ("notes.pdf", b"%PDF".to_vec(), "notes.pdf"),
    ];
    stage.open(&from_files()).await?;
    for (name, bytes, told) in cases {
        fs::write(root.join(name), bytes)?;
        stage.choose("Open pictures or archives", &[root.join(name)]).await?;
        wait_for(name, PATIENCE, async || {
            let problems = stage.problems().await?;
            Ok(problems
                .iter()
                .any(|problem| problem.contains(told) && problem.contains(name))
                .then_some(()))
        })
        .await?;
        wait_for("the end of loading", PATIENCE, async || {
            Ok((!chrome.status().await?.starts_with("Loading")).then_some(()))
        })
        .await?;
        chrome.nothing_panicked().await?;
    }
    // A folder of ten thousand files that are none of ours, with two classes among them.
    write(&root, &good)?;
    let junk = root.join("pets/junk");
    fs::create_dir(&junk)?;
    for index in 0..10_000 {
        fs::write(junk.join(format!("{index}.bin")), b"x")?;
    }
    stage.choose("Open a folder", &[root.join("pets")]).await?;
    wait_for("the count of the others", PATIENCE, async || {
        Ok(stage
            .problems()
            .await?
            .last()
            .is_some_and(|last| last.contains("9900 more"))
            .then_some(()))
    })
    .await?;
    assert!(chrome.text().await?.contains("in 2 classes"));
    chrome.js_with("location.hash = arguments[0]", vec![TINY.into()]).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stage.train(PATIENCE).await?.len(), 1, "the page goes on");
    chrome.nothing_panicked().await?;
    Ok(Completion::Completed)
}
