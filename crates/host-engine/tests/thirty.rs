//! Thirty pages that train at the host for ten minutes. It takes that long, so it is asked for:
//! `cargo test --profile host -p resnette-host-engine --test thirty -- --ignored --nocapture`;
//! `RESNETTE_SECONDS` makes it shorter.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::{Duration, Instant};
use std::{env, fs, thread};

use resnette_protocol::{Command, Event};
use resnette_spec::{RunConfig, read_run};

use crate::support::hosted;

const PAGES: usize = 30;

/// Bytes of memory that this process has, pages and host together.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}

/// The page's usual network on drawn pictures, of which there are few, so that what a seat takes is
/// its network and not its pictures.
fn run() -> RunConfig {
    let (config, problems) = read_run("source=drawn&train=20&valid=5&size=32&bs=16&epochs=1000");
    assert!(problems.is_empty(), "{problems:?}");
    config
}

/// The slowest has at least .8 of the mean's steps, and a seat takes at most 60 MB.
#[test]
#[ignore = "takes ten minutes"]
fn thirty_seats_share_the_host_for_ten_minutes() {
    let seconds = env::var("RESNETTE_SECONDS").ok().and_then(|text| text.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(600));
    let class = hosted();
    let mut first = class.page(None);
    // The one set that there is, and whatever a first run takes.
    first.ask(Command::Train(run()));
    first.until(|event| matches!(event, Event::Epoch(_)));
    let before = resident();
    let mut pages: Vec<_> = (1..PAGES).map(|_| class.page(None)).collect();
    for page in &mut pages {
        page.ask(Command::Train(run()));
    }
    for page in &mut pages {
        page.until(|event| matches!(event, Event::Steps(_)));
    }
    pages.push(first);
    let start = Instant::now();
    let readers: Vec<_> = pages
        .into_iter()
        .map(|mut page| {
            thread::spawn(move || {
                let mut steps = 0_u32;
                while start.elapsed() < length {
                    page.until(|event| matches!(event, Event::Steps(_)));
                    steps += 1;
                }
                let asked = Instant::now();
                page.ask(Command::Stop);
                page.until(|event| *event == Event::Stopped);
                (steps, asked.elapsed())
            })
        })
        .collect();
    let mut most = before;
    while start.elapsed() < length {
        most = most.max(resident());
        thread::sleep(Duration::from_millis(500));
    }
    let ends: Vec<(u32, Duration)> =
        readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    let steps = || ends.iter().map(|(steps, _)| f64::from(*steps));
    let (mean, least) = (steps().sum::<f64>() / PAGES as f64, steps().fold(f64::MAX, f64::min));
    let slowest_stop = ends.iter().map(|(_, stop)| *stop).max().unwrap();
    let each = (most - before) as f64 / (PAGES - 1) as f64 / 1e6;
    println!(
        "{length:?}: {mean:.0} steps a seat, the slowest {least:.0} ({:.2} of the mean); {each:.1} \
         MB a seat; all stopped within {slowest_stop:?}, a round {:.0} ms",
        least / mean,
        length.as_secs_f64() / mean * 1e3
    );
    assert!(least >= 0.8 * mean && each <= 60.0);
}
