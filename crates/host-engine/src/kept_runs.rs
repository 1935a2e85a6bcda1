//! The seats' runs in a folder, so that a host that was killed goes on with them.
//!
//! A seat that trains has a file `seat-7`: the key that its page has, the settings of the run, and
//! whether it is under way. From the first epoch on `seat-7-2.run` stands beside it, which is what
//! the seat's second run had reached after its last epoch, as a saved run. Both go with the seat.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnette_class::Token;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_protocol::saved::run_file::MAX_FILE_BYTES;
use resnette_protocol::{decode, encode};
use resnette_spec::{RunConfig, read_run};
use serde::{Deserialize, Serialize};

use crate::limits::MAX_SEATS;

/// The form of a seat's file.
const FORMAT: u8 = 1;
/// The longest file of a seat, in bytes. A link has a few hundred.
const MAX_SEAT_BYTES: u64 = 64 << 10;
/// How often a run is begun again by itself without an epoch to show for it. One that ends the host
/// each time would otherwise end it for ever.
const MAX_STARTS: u8 = 3;

/// Why runs are not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeptRunsError {
    /// Another host keeps its runs there.
    #[error(
        "another host keeps its runs in {0}. Nothing was changed; end that host, or name another \
         file to keep the class in"
    )]
    InUse(PathBuf),
    /// The folder cannot be used.
    #[error("runs cannot be kept in {folder}: {error}. Nothing was started")]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// What the file of a seat says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SeatState {
    format: u8,
    key: Token,
    /// Counts the seat's runs.
    run: u32,
    /// The settings of the newest, as a link.
    link: String,
    /// Whether it is under way, and not paused, stopped or ended.
    goes_on: bool,
    /// How often a host has gone on with it since its last epoch.
    starts: u8,
}

/// What a seat of before had.
pub(crate) struct KeptSeat {
    pub(crate) id: u32,
    pub(crate) key: Token,
    pub(crate) run: KeptRun,
    /// Whether the run is to go on by itself.
    pub(crate) goes_on: bool,
    state: SeatState,
}

/// A run of before.
pub(crate) enum KeptRun {
    /// It had not ended its first epoch.
    Begun(Box<RunConfig>),
    /// A saved run, and its settings.
    Saved(Box<RunConfig>, Vec<u8>),
}

impl KeptRun {
    pub(crate) fn config(&self) -> &RunConfig {
        match self {
            Self::Begun(config) | Self::Saved(config, _) => config,
        }
    }
}

/// What a folder holds.
pub(crate) struct Found {
    pub(crate) seats: Vec<KeptSeat>,
    /// The largest number of a seat, also of one that could not be read.
    pub(crate) last: u32,
    /// Files that were left where they are, and why.
    pub(crate) left: Vec<(String, String)>,
}

/// The folder, which no other host uses meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct KeptRuns {
    folder: Arc<Path>,
    _lock: Arc<File>,
}

impl KeptRuns {
    /// Takes the folder for this host, and makes it if it is not there: for this user alone, since
    /// the seats' keys are in it.
    ///
    /// # Errors
    /// [`KeptRunsError`]
    pub(crate) fn open(folder: &Path) -> Result<Self, KeptRunsError> {
        let named = |error| KeptRunsError::Folder { folder: folder.to_owned(), error };
        make_private(folder).map_err(named)?;
        let lock = File::create(folder.join("lock")).map_err(named)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.into(), _lock: Arc::new(lock) }),
            Err(TryLockError::WouldBlock) => Err(KeptRunsError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(named(error)),
        }
    }

    /// The seats of last time, in the order of their numbers. What is damaged is left and told.
    ///
    /// # Errors
    /// [`KeptRunsError::Folder`] if the folder cannot be listed.
    pub(crate) fn read(&self) -> Result<Found, KeptRunsError> {
        let named = |error| KeptRunsError::Folder { folder: self.folder.to_path_buf(), error };
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(named)? {
            let name = entry.map_err(named)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("seat-"));
            ids.extend(number.and_then(|number| number.parse::<u32>().ok()));
        }
        ids.sort_unstable();
        ids.dedup();
        let mut found =
            Found { seats: Vec::new(), last: ids.last().copied().unwrap_or(0), left: Vec::new() };
        for id in ids {
            let seat = match found.seats.len() < MAX_SEATS {
                true => self.read_seat(id),
                false => Err(format!("there are {MAX_SEATS} seats without it")),
            };
            match seat {
                Ok(seat) => found.seats.push(seat),
                Err(reason) => found.left.push((self.seat_file(id).display().to_string(), reason)),
            }
        }
        Ok(found)
    }

    fn read_seat(&self, id: u32) -> Result<KeptSeat, String> {
        let bytes = read_bounded(&self.seat_file(id), MAX_SEAT_BYTES)?;
        let state: SeatState = decode(&bytes).map_err(|_| "it is no seat of a host".to_owned())?;
        if state.format != FORMAT {
            return Err("another version of this program has written it".into());
        }
        let run = match read_bounded(&self.run_file(id, state.run), MAX_FILE_BYTES) {
            Ok(bytes) => {
                let (_, saved) = Checkpoint::read(&bytes).map_err(|error| error.to_string())?;
                KeptRun::Saved(Box::new(saved.config), bytes)
            }
            Err(_) if !self.run_file(id, state.run).exists() => {
                let (config, problems) = read_run(&state.link);
                if let Some(problem) = problems.first() {
                    return Err(problem.to_string());
                }
                KeptRun::Begun(Box::new(config))
            }
            Err(reason) => return Err(reason),
        };
        let goes_on = state.goes_on && state.starts < MAX_STARTS;
        Ok(KeptSeat { id, key: state.key, run, goes_on, state })
    }

    fn seat_file(&self, id: u32) -> PathBuf {
        self.folder.join(format!("seat-{id}"))
    }

    fn run_file(&self, id: u32, run: u32) -> PathBuf {
        self.folder.join(format!("seat-{id}-{run}.run"))
    }
}

/// Keeps the run of one seat.
pub(crate) struct SeatKeeper {
    runs: KeptRuns,
    id: u32,
    state: SeatState,
    /// Why the seat's file is not as it should be, if so.
    trouble: Option<String>,
}

impl SeatKeeper {
    /// The keeper of a seat without a run.
    pub(crate) fn new(runs: &KeptRuns, id: u32, key: Token) -> Self {
        let state = SeatState {
            format: FORMAT,
            key,
            run: 0,
            link: String::new(),
            goes_on: false,
            starts: 0,
        };
        Self { runs: runs.clone(), id, state, trouble: None }
    }

    /// The keeper of a seat of last time, whose run goes on once more.
    pub(crate) fn again(runs: &KeptRuns, seat: &KeptSeat) -> Self {
        let mut keeper =
            Self { runs: runs.clone(), id: seat.id, state: seat.state.clone(), trouble: None };
        keeper.state.goes_on = seat.goes_on;
        keeper.state.starts = keeper.state.starts.saturating_add(u8::from(seat.goes_on));
        keeper.write_state();
        keeper
    }

    /// A run has begun from its first weights, in the place of the one before.
    pub(crate) fn begun(&mut self, link: String) {
        let before = self.runs.run_file(self.id, self.state.run);
        self.state.run = self.state.run.wrapping_add(1);
        (self.state.link, self.state.goes_on, self.state.starts) = (link, true, 0);
        self.write_state();
        // The seat's file names another one by now.
        let _ = fs::remove_file(before);
    }

    /// The run is under way from now on, or not.
    pub(crate) fn goes_on(&mut self, goes_on: bool) {
        if self.state.run > 0 && self.state.goes_on != goes_on {
            self.state.goes_on = goes_on;
            self.write_state();
        }
    }

    /// Keeps what the run has reached.
    ///
    /// # Errors
    /// Why that cannot be, and the save before is as it was.
    pub(crate) fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), String> {
        let bytes = checkpoint.write(0).map_err(|error| error.to_string())?;
        let file = self.runs.run_file(self.id, self.state.run);
        replace(&file, &bytes).map_err(|error| error.to_string())?;
        if std::mem::take(&mut self.state.starts) > 0 || self.trouble.is_some() {
            self.write_state();
        }
        self.trouble.clone().map_or(Ok(()), Err)
    }

    /// Forgets the seat, which has ended.
    pub(crate) fn forget(&self) {
        // Its file first: without it nobody looks for the run. What is not there is forgotten.
        let _ = fs::remove_file(self.runs.seat_file(self.id));
        let _ = fs::remove_file(self.runs.run_file(self.id, self.state.run));
    }

    fn write_state(&mut self) {
        let written = encode(&self.state).map_err(|error| error.to_string()).and_then(|bytes| {
            let file = self.runs.seat_file(self.id);
            replace(&file, &bytes).map_err(|error| error.to_string())
        });
        self.trouble = written.err();
    }
}

/// Writes a file whole, or leaves what was there.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = file.with_added_extension("new");
    fs::write(&beside, bytes)?;
    fs::rename(&beside, file)
}

fn read_bounded(file: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 <= most => Ok(bytes),
        Ok(_) => Err(format!("it is longer than the {most} bytes that such a file has at most")),
        Err(error) => Err(error.to_string()),
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut maker = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    match maker.create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("resnette-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    const KEY: Token = Token([7; 16]);

    #[test]
    fn a_run_without_an_epoch_is_its_settings() {
        let folder = folder("begun");
        let runs = KeptRuns::open(&folder).unwrap();
        let mut keeper = SeatKeeper::new(&runs, 5, KEY);
        // A seat that does not train leaves nothing.
        keeper.goes_on(true);
        assert!(runs.read().unwrap().seats.is_empty());
        keeper.begun("epochs=7".into());
        let found = runs.read().unwrap();
        assert_eq!((found.seats.len(), found.last), (1, 5));
        let seat = &found.seats[0];
        assert_eq!((seat.id, seat.key, seat.goes_on), (5, KEY, true));
        assert!(matches!(&seat.run, KeptRun::Begun(config) if config.recipe.epochs == 7));
        keeper.goes_on(false);
        assert!(!runs.read().unwrap().seats[0].goes_on);
        keeper.forget();
        assert!(runs.read().unwrap().seats.is_empty());
        fs::remove_dir_all(folder).unwrap();
    }

    /// A run with which each host has ended before its next epoch does not go on by itself for
    /// ever.
    #[test]
    fn a_run_that_ends_the_host_each_time_is_left() {
        let folder = folder("starts");
        let runs = KeptRuns::open(&folder).unwrap();
        SeatKeeper::new(&runs, 1, KEY).begun("epochs=7".into());
        for _ in 0..MAX_STARTS {
            let seat = runs.read().unwrap().seats.pop().unwrap();
            assert!(seat.goes_on);
            SeatKeeper::again(&runs, &seat);
        }
        assert!(!runs.read().unwrap().seats[0].goes_on);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_damaged_is_left_and_told() {
        let folder = folder("damaged");
        let runs = KeptRuns::open(&folder).unwrap();
        SeatKeeper::new(&runs, 1, KEY).begun("epochs=7".into());
        SeatKeeper::new(&runs, 2, KEY).begun("epochs=lots".into());
        SeatKeeper::new(&runs, 3, KEY).begun("epochs=7".into());
        fs::write(folder.join("seat-3-1.run"), b"no run").unwrap();
        fs::write(folder.join("seat-4"), b"\x02").unwrap();
        fs::write(folder.join("seat-9"), vec![1; 70 << 10]).unwrap();
        fs::write(folder.join("seat-x"), b"").unwrap();
        let found = runs.read().unwrap();
        let ids: Vec<u32> = found.seats.iter().map(|seat| seat.id).collect();
        assert_eq!((ids, found.left.len(), found.last), (vec![1], 4, 9));
        assert!(folder.join("seat-9").exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn two_hosts_do_not_share_a_folder() {
        let folder = folder("shared");
        let first = KeptRuns::open(&folder).unwrap();
        assert!(matches!(KeptRuns::open(&folder), Err(KeptRunsError::InUse(_))));
        drop(first);
        assert!(KeptRuns::open(&folder).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }
}
