//! How long builds took the last time that everything had to be compiled, so that whoever waits
//! knows for how long.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::binaries::Binary;
use crate::place::Place;

/// A build with fewer crates than this was not one of everything: each binary has more than twice
/// as many dependencies.
const FEWEST: u64 = 50;

/// Two builds that end at the same time must not lose each other's entry.
static FILE: Mutex<()> = Mutex::new(());

/// A build of a binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Build {
    seconds: u64,
    /// How many crates were compiled.
    crates: u64,
}

/// How long a binary takes where everything has to be compiled.
pub fn expected(place: &Place, binary: &Binary) -> Duration {
    let times = read(place);
    let known = times.get(binary.words).filter(|build| build.crates >= FEWEST);
    let known = known.map(|build| Duration::from_secs(build.seconds));
    known.unwrap_or(binary.first_build)
}

/// Remembers how long a build took, unless an earlier one had much more to compile.
pub fn note(place: &Place, binary: &Binary, took: Duration, crates: u64) {
    let _file = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut times = read(place);
    let build = Build { seconds: took.as_secs(), crates };
    if !build.replaces(times.get(binary.words).copied()) {
        return;
    }
    times.insert(binary.words.to_owned(), build);
    // Without the file the first build's time is told, which is no reason to end a build.
    let _ = fs::write(file(place), serde_json::to_vec(&times).unwrap_or_default());
}

impl Build {
    /// Whether it says more about a build of everything than the one before it: dependencies come
    /// and go, and a build of our own crates alone has a tenth as many.
    fn replaces(self, before: Option<Self>) -> bool {
        let before = before.map_or(0, |before| before.crates);
        self.crates >= FEWEST && 10 * self.crates >= 9 * before
    }
}

fn file(place: &Place) -> PathBuf {
    place.target.join("build-times.json")
}

fn read(place: &Place) -> BTreeMap<String, Build> {
    let bytes = fs::read(file(place)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_of_our_own_crates_says_nothing_about_one_of_all() {
        let all = Build { seconds: 300, crates: 200 };
        assert!(!Build { seconds: 40, crates: 12 }.replaces(Some(all)));
        assert!(!Build { seconds: 40, crates: 12 }.replaces(None));
        assert!(!Build { seconds: 160, crates: 110 }.replaces(Some(all)));
        assert!(Build { seconds: 280, crates: 190 }.replaces(Some(all)));
        assert!(all.replaces(None));
    }
}
