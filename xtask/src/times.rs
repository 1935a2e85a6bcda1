//! How long builds took the last time, so that whoever waits knows for how long.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::place::Place;

/// A build that took less had nothing to compile, and says nothing about the next one.
const SHORTEST: Duration = Duration::from_secs(10);

/// When a binary was last compiled, in words that follow its name; empty if that is not known.
pub fn last(place: &Place, name: &str) -> String {
    read(place).get(name).map_or_else(String::new, |seconds| {
        format!("; the last time something had to be compiled it took {}", words(*seconds))
    })
}

/// Remembers how long a build took.
pub fn note(place: &Place, name: &str, took: Duration) {
    if took < SHORTEST {
        return;
    }
    let mut times = read(place);
    times.insert(name.to_owned(), took.as_secs());
    // Without the file nobody is told, which is no reason to end a build.
    let _ = fs::write(file(place), serde_json::to_vec(&times).unwrap_or_default());
}

fn file(place: &Place) -> PathBuf {
    place.target.join("build-times.json")
}

fn read(place: &Place) -> BTreeMap<String, u64> {
    let bytes = fs::read(file(place)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn words(seconds: u64) -> String {
    match seconds {
        0..100 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 30) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_seconds_or_minutes() {
        assert_eq!(words(40), "40 seconds");
        assert_eq!(words(15 * 60 + 40), "16 minutes");
    }
}
