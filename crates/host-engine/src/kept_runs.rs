//! The seats' runs in a folder, so that a host that was killed goes on with them.
//!
//! A seat that trains has a file `seat-7`: the key that its page has, the settings of the run, and
//! whether it is under way. From the first epoch on `seat-7-2.run` stands beside it, which is what
//! the seat's second run had reached after its last epoch, as a saved run. Both go with the seat.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use resnette_class::Token;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_protocol::saved::EpochPosition;
use resnette_protocol::{decode, encode};
use resnette_spec::{RunConfig, read_kept_run};
use serde::{Deserialize, Serialize};

use crate::limits::{MAX_HELD_BYTES, MAX_NETWORKS_BYTES, MAX_SEATS};

/// The form of a seat's file, and its first byte.
const FORMAT: u8 = 1;
/// The longest file of a seat, in bytes. A link has a few hundred.
const MAX_SEAT_BYTES: u64 = 64 << 10;
/// How many times hosts resume a run by themselves before it has completed another epoch. A run that
/// crashes its host would otherwise crash every host that is started.
const MAX_STARTS: u8 = 10;
/// The largest number of a seat: there is room for more.
const MAX_ID: u32 = u32::MAX / 2;
/// How often a run is written at most while it is under way. All others wait meanwhile.
const EVERY: Duration = Duration::from_secs(10);

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
    key: Token,
    /// Counts the seat's runs.
    run: u32,
    /// The settings of the newest, as a link.
    link: String,
    /// Whether it is under way, and not paused, stopped or ended.
    goes_on: bool,
    /// How many times a host has resumed it since its last complete epoch.
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
        let mut how = OpenOptions::new();
        let lock = how.write(true).create(true).truncate(false).open(folder.join("lock"));
        let lock = lock.map_err(named)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.into(), _lock: Arc::new(lock) }),
            Err(TryLockError::WouldBlock) => Err(KeptRunsError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(named(error)),
        }
    }

    /// The seats of last time, in the order of their numbers. What is damaged is left and told;
    /// what a host had not finished to write or to remove is removed.
    ///
    /// # Errors
    /// [`KeptRunsError::Folder`] if the folder cannot be listed.
    pub(crate) fn read(&self) -> Result<Found, KeptRunsError> {
        let named = |error| KeptRunsError::Folder { folder: self.folder.to_path_buf(), error };
        let (mut ids, mut files) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.folder).map_err(named)? {
            let entry = entry.map_err(named)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            match name.strip_prefix("seat-") {
                None => {}
                Some(rest) if rest.ends_with(NEW) => {
                    let _ = fs::remove_file(entry.path());
                }
                Some(rest) => match rest.parse().ok().filter(|id: &u32| id.to_string() == rest) {
                    Some(id) => ids.push(id),
                    None => files.push(name),
                },
            }
        }
        ids.sort_unstable();
        let mut found = Found { seats: Vec::new(), last: 0, left: Vec::new() };
        let mut bytes = 0;
        for id in ids {
            match self.read_seat(id, &found.seats, &mut bytes) {
                Ok(seat) => found.seats.push(seat),
                Err(reason) => found.left.push((self.seat_file(id).display().to_string(), reason)),
            }
            found.last = found.last.max(id.min(MAX_ID));
        }
        for seat in &found.seats {
            let others = |name: &&String| {
                let of_seat = name.strip_prefix(&format!("seat-{}-", seat.id));
                of_seat.is_some_and(|run| run != format!("{}.run", seat.state.run))
            };
            for name in files.iter().filter(others) {
                let _ = fs::remove_file(self.folder.join(name));
            }
        }
        Ok(found)
    }

    /// Reads a seat beside these others, whose runs have so many `bytes`.
    fn read_seat(&self, id: u32, others: &[KeptSeat], bytes: &mut u64) -> Result<KeptSeat, String> {
        if others.len() >= MAX_SEATS {
            return Err(format!("there are {MAX_SEATS} seats without it"));
        }
        if id > MAX_ID {
            return Err("no seat of a host has such a number".into());
        }
        let file = read_bounded(&self.seat_file(id), MAX_SEAT_BYTES)?;
        let state: SeatState = match file.split_first() {
            Some((&FORMAT, state)) => {
                decode(state).map_err(|_| "it is damaged, or no seat of a host".to_owned())?
            }
            Some(_) => return Err("another version of this program has written it".into()),
            None => return Err("it is empty".into()),
        };
        let saved = self.run_file(id, state.run);
        let run = match fs::symlink_metadata(&saved) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (config, problems) = read_kept_run(&state.link);
                if let Some(problem) = problems.first() {
                    return Err(problem.to_string());
                }
                KeptRun::Begun(Box::new(config))
            }
            _ => {
                let run = read_bounded(&saved, MAX_HELD_BYTES)?;
                *bytes += run.len() as u64;
                if *bytes > MAX_NETWORKS_BYTES {
                    return Err("the runs of the other seats take all the room".into());
                }
                let (_, saved) = Checkpoint::read(&run).map_err(|error| error.to_string())?;
                KeptRun::Saved(Box::new(saved.config), run)
            }
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
    /// Whether a run of last time is still to be resumed.
    is_taken_up: bool,
    /// When the run was written last.
    saved: Option<Instant>,
    /// Why the seat's file is not as it should be, if so.
    trouble: Option<String>,
}

impl SeatKeeper {
    /// The keeper of a seat without a run.
    pub(crate) fn new(runs: &KeptRuns, id: u32, key: Token) -> Self {
        let state = SeatState { key, run: 0, link: String::new(), goes_on: false, starts: 0 };
        Self::with(runs, id, state)
    }

    /// The keeper of a seat of last time.
    pub(crate) fn again(runs: &KeptRuns, seat: &KeptSeat) -> Self {
        let keeper = Self::with(runs, seat.id, seat.state.clone());
        Self { is_taken_up: seat.goes_on, ..keeper }
    }

    fn with(runs: &KeptRuns, id: u32, state: SeatState) -> Self {
        let runs = runs.clone();
        Self { runs, id, state, is_taken_up: false, saved: None, trouble: None }
    }

    /// A run has begun from its first weights, in the place of the one before.
    pub(crate) fn begun(&mut self, link: String) {
        let before = self.runs.run_file(self.id, self.state.run);
        self.state.run = self.state.run.wrapping_add(1);
        (self.state.link, self.state.goes_on, self.state.starts) = (link, true, 0);
        (self.is_taken_up, self.saved) = (false, None);
        self.write_state();
        // Unless the seat's file names it still.
        if self.trouble.is_none() {
            let _ = fs::remove_file(before);
        }
    }

    /// The run is under way from now on, or not.
    pub(crate) fn goes_on(&mut self, goes_on: bool) {
        let is_taken_up = std::mem::take(&mut self.is_taken_up);
        if self.state.run == 0 || (self.state.goes_on == goes_on && !is_taken_up) {
            return;
        }
        self.state.goes_on = goes_on;
        // Whoever goes on with it by hand knows why it stood.
        self.state.starts = match is_taken_up && goes_on {
            true => self.state.starts.saturating_add(1),
            false => 0,
        };
        self.write_state();
    }

    /// Keeps what the run has reached, unless it was kept a moment ago and is under way.
    ///
    /// # Errors
    /// Why that cannot be, and the save before is as it was.
    pub(crate) fn save(&mut self, run: &Checkpoint) -> Result<(), String> {
        let is_between = matches!(run.header.position, EpochPosition::Train(0));
        if is_between && self.saved.is_some_and(|saved| saved.elapsed() < EVERY) {
            return self.trouble.clone().map_or(Ok(()), Err);
        }
        let bytes = run.write(0).map_err(|error| error.to_string())?;
        let file = self.runs.run_file(self.id, self.state.run);
        replace(&file, &bytes).map_err(|error| error.to_string())?;
        self.saved = Some(Instant::now());
        if std::mem::take(&mut self.state.starts) > 0 || self.trouble.is_some() {
            self.write_state();
        }
        self.trouble.clone().map_or(Ok(()), Err)
    }

    /// Forgets the seat, which has ended.
    pub(crate) fn forget(&self) {
        // Its file first: without it nobody looks for the run. What is not there is forgotten.
        for file in [self.runs.seat_file(self.id), self.runs.run_file(self.id, self.state.run)] {
            let _ = fs::remove_file(file);
        }
    }

    fn write_state(&mut self) {
        let written =
            encode(&(FORMAT, &self.state)).map_err(|error| error.to_string()).and_then(|bytes| {
                let file = self.runs.seat_file(self.id);
                replace(&file, &bytes).map_err(|error| error.to_string())
            });
        self.trouble = written.err();
    }
}

/// The end of the name under which a file is written before it is renamed.
const NEW: &str = ".new";

/// Writes a file whole, for this user alone, or leaves what was there.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(NEW);
    let beside = PathBuf::from(beside);
    let _ = fs::remove_file(&beside);
    let mut how = OpenOptions::new();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let written = how.open(&beside).and_then(|mut new| {
        new.write_all(bytes)?;
        // A name that a power cut leaves must not stand for nothing.
        new.sync_data()?;
        fs::rename(&beside, file)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Reads an ordinary file: a pipe would never end.
fn read_bounded(file: &Path, most: u64) -> Result<Vec<u8>, String> {
    let what = fs::symlink_metadata(file).map_err(|error| error.to_string())?;
    if !what.is_file() {
        return Err("it is no ordinary file".into());
    }
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 <= most => Ok(bytes),
        Ok(_) => Err(format!("it is longer than the {most} bytes that such a file has at most")),
        Err(error) => Err(error.to_string()),
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !fs::symlink_metadata(folder)?.is_dir() {
        return Err(io::Error::new(ErrorKind::NotADirectory, "it is no folder"));
    }
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
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

    /// A run that crashes each host before its next epoch is not resumed for ever; once somebody has
    /// resumed it by hand, it is again.
    #[test]
    fn a_run_that_ends_the_host_each_time_is_left() {
        let folder = folder("starts");
        let runs = KeptRuns::open(&folder).unwrap();
        SeatKeeper::new(&runs, 1, KEY).begun("epochs=7".into());
        for _ in 0..MAX_STARTS {
            let seat = runs.read().unwrap().seats.pop().unwrap();
            assert!(seat.goes_on);
            SeatKeeper::again(&runs, &seat).goes_on(true);
        }
        let seat = runs.read().unwrap().seats.pop().unwrap();
        assert!(!seat.goes_on);
        let mut keeper = SeatKeeper::again(&runs, &seat);
        keeper.goes_on(false);
        keeper.goes_on(true);
        assert!(runs.read().unwrap().seats[0].goes_on);
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
        fs::write(folder.join("seat-5"), b"").unwrap();
        fs::create_dir(folder.join("seat-6")).unwrap();
        fs::write(folder.join("seat-9"), vec![1; 70 << 10]).unwrap();
        fs::write(folder.join("seat-4294967295"), b"\x01").unwrap();
        for other in ["seat-x", "seat-007", "notes.txt"] {
            fs::write(folder.join(other), b"").unwrap();
        }
        // What a host leaves that is killed while it writes or removes.
        for rest in ["seat-1.new", "seat-1-1.run.new", "seat-1-7.run"] {
            fs::write(folder.join(rest), b"").unwrap();
        }
        let found = runs.read().unwrap();
        let ids: Vec<u32> = found.seats.iter().map(|seat| seat.id).collect();
        assert_eq!((ids, found.left.len(), found.last), (vec![1], 7, MAX_ID));
        let left = |name: &str| folder.join(name).exists();
        assert!(left("seat-9") && left("seat-x") && left("seat-3-1.run") && left("notes.txt"));
        assert!(!left("seat-1.new") && !left("seat-1-1.run.new") && !left("seat-1-7.run"));
        fs::remove_dir_all(folder).unwrap();
    }

    /// The keys are this user's alone, also in a folder that was open to others.
    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_keys() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder("private");
        fs::create_dir(&folder).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let runs = KeptRuns::open(&folder).unwrap();
        SeatKeeper::new(&runs, 1, KEY).begun("epochs=7".into());
        assert_eq!((mode(&folder), mode(&folder.join("seat-1"))), (0o700, 0o600));
        drop(runs);
        let link = folder.with_extension("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(matches!(KeptRuns::open(&link), Err(KeptRunsError::Folder { .. })));
        fs::remove_file(link).unwrap();
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
