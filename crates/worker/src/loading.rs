//! Pictures for the session: from memory where they are the same as before, else from their source.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use resnette_images::files::load_files;
use resnette_images::load::{
    LoadError, Progress, TRAIN_FILE, VALID_FILE, load_drawn, load_parquet,
};
use resnette_images::problems::Problems;
use resnette_images::set::DataSet;
use resnette_images::sheet::sheet;
use resnette_picture::report::{LoadProgress, Problem};
use resnette_protocol::{Event, Stage};
use resnette_spec::{DataConfig, RunConfig, Source};
use web_time::Instant;

use crate::breathe::breathe;
use crate::fetch::FetchSource;
use crate::files::HeldFile;
use crate::inbox::Inbox;
use crate::post;
use crate::session::{Session, fail};
use crate::shelf::Shelf;

/// Milliseconds between two progress messages while loading: often enough for the eye.
const TELL_EVERY: u128 = 80;

/// Pictures and what they were loaded for.
pub(super) struct Loaded {
    wanted: Wanted,
    pub(super) set: Arc<DataSet>,
}

/// What decides which pictures are loaded.
#[derive(PartialEq)]
struct Wanted {
    config: DataConfig,
    seed: u32,
    /// Path, size and date of each opened file.
    files: Vec<(String, u64, u64)>,
}

impl Session {
    /// The pictures of a configuration; what was loaded before is kept where this fails.
    pub(super) async fn load(
        &mut self,
        config: &DataConfig,
        seed: u32,
        files: &[HeldFile],
    ) -> Option<Arc<DataSet>> {
        let wanted = Wanted {
            config: config.clone(),
            seed,
            files: files.iter().map(HeldFile::mark).collect(),
        };
        if let Some(loaded) = self.data.as_ref().filter(|loaded| loaded.wanted == wanted) {
            post(&Event::Loaded(loaded.set.report()));
            return Some(loaded.set.clone());
        }
        post(&Event::Loading(LoadProgress::default()));
        let mut problems = Problems::default();
        let mut teller = Teller { inbox: self.inbox.clone(), told: Instant::now() };
        let loaded = match config.source {
            Source::Drawn => load_drawn(config, seed, &mut teller).await,
            Source::HuggingFace | Source::Url => self.fetch(config, seed, &mut teller).await,
            Source::Files => load_files(files, config, seed, &mut problems, &mut teller).await,
        };
        match loaded {
            Ok(mut set) => {
                set.problems.extend(problems.into_vec());
                let set = Arc::new(set);
                post(&Event::Loaded(set.report()));
                self.data = Some(Loaded { wanted, set: set.clone() });
                Some(set)
            }
            Err(LoadError::Stopped) => {
                post(&Event::Stopped);
                None
            }
            Err(error) => {
                post(&Event::Refused(problems.into_vec()));
                fail(Stage::Data, error);
                None
            }
        }
    }

    async fn fetch(
        &self,
        config: &DataConfig,
        seed: u32,
        teller: &mut Teller,
    ) -> Result<DataSet, LoadError> {
        let (base, name, full) =
            (config.address(), config.source_name(), Rc::new(Cell::new(false)));
        let file = async |file| {
            let url = format!("{base}/{file}");
            let shelf = Shelf::open(url.clone(), full.clone()).await;
            FetchSource::new(url, format!("{name}, {file}"), shelf, self.inbox.clone())
        };
        let mut set =
            load_parquet(file(TRAIN_FILE).await, file(VALID_FILE).await, config, seed, teller)
                .await?;
        if full.get() {
            let reason = "the browser has no room left to keep all of these pictures; they are used now, and loaded again next time. Forget kept pictures, or free room on the disk";
            set.problems.push(Problem {
                name: "Keeping pictures for next time".into(),
                reason: reason.into(),
            });
        }
        Ok(set)
    }

    /// Shows a batch of what is loaded as the network would see it.
    pub(super) fn show_batch(&self, mut config: RunConfig, shuffle: u32) {
        let Some(Loaded { wanted, set }) = &self.data else {
            return fail(Stage::Data, "there are no pictures yet; load some first");
        };
        // The pictures were kept for this size; another one would show what no network gets.
        config.data = wanted.config.clone();
        post(&Event::Batch(sheet(set, &config, shuffle)));
    }
}

/// Tells the page how loading goes, and hears Stop.
struct Teller {
    inbox: Inbox,
    told: Instant,
}

impl Progress for Teller {
    async fn loaded(&mut self, progress: &LoadProgress) -> bool {
        if self.told.elapsed().as_millis() >= TELL_EVERY {
            self.told = Instant::now();
            post(&Event::Loading(progress.clone()));
            breathe().await;
        }
        !self.inbox.take_stop()
    }
}
