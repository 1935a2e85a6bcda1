//! Pictures: from memory if they are the same as before, else from their source.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_images::batch_preview::batch_preview;
use resnette_images::dataset::Dataset;
use resnette_images::load::fallback_decoder::FallbackDecoder;
use resnette_images::load::open_file::OpenFile;
use resnette_images::load::{
    LoadError, LoadObserver, TRAIN_FILE, VALID_FILE, load_drawn, load_files, load_imagenette,
    load_parquet,
};
use resnette_images::problems::Problems;
use resnette_picture::report::{ClassCorrections, LoadProgress, Problem};
use resnette_protocol::{Event, RequestId, Subsystem};
use resnette_spec::{DataConfig, RunConfig, Source};

use crate::host::{HeldFile, Host};
use crate::shared_sets::SharedSets;
use crate::ticket::Ticket;
use crate::wanted::Wanted;

/// Time between two progress messages while loading: often enough for the eye.
const PROGRESS_EVERY: Duration = Duration::from_millis(80);

/// The files that came with a request, and what the reader corrected about their classes.
pub(crate) struct OpenedFiles<F> {
    pub(crate) files: Vec<F>,
    pub(crate) corrections: ClassCorrections,
}

impl<F> OpenedFiles<F> {
    /// Applies the corrections that a saved run brings, if it has any: a reader who opens the same
    /// files again after closing the page need not repeat them.
    pub(crate) fn correct_as(&mut self, saved: &Checkpoint) {
        if let Some(corrections) = &saved.header.corrections {
            self.corrections.clone_from(corrections);
        }
    }
}

/// What pictures are wanted for, by one request.
pub(crate) enum Purpose {
    /// To be looked at.
    Load,
    /// A run from its beginning.
    Train(RunConfig),
    /// The opened network, fine-tuned.
    FineTune(RunConfig),
    /// A learning-rate search.
    FindRate(RunConfig),
    /// A search for the rate of fine-tuning the opened network.
    FindFineTuneRate(RunConfig),
    /// The saved run that has been read.
    Continue,
    /// The saved run that has been read and has ended, for one epoch more.
    OneMoreEpoch,
}

impl Purpose {
    /// Whether a run begins or goes on once the pictures are there.
    fn is_run(&self) -> bool {
        !matches!(self, Self::Load) && !self.is_search()
    }

    /// Whether a search for a rate begins once the pictures are there.
    fn is_search(&self) -> bool {
        matches!(self, Self::FindRate(_) | Self::FindFineTuneRate(_))
    }
}

/// What came of loading for everyone who waits for it.
pub(crate) struct LoadEnd<H: Host> {
    /// The pictures; `None` if there are none, and then every request has been refused.
    pub(crate) set: Option<Arc<Dataset>>,
    /// The requests that go on with the pictures, oldest first.
    pub(crate) waiting: Vec<(Ticket<H>, Purpose)>,
}

/// The pictures, or why there are none, for a person; and what was refused on the way to that.
type Loaded = Result<Arc<Dataset>, (String, Problems)>;

struct LoadJob<H: Host> {
    wanted: Wanted,
    waiting: Vec<(Ticket<H>, Purpose)>,
    work: LocalBoxFuture<'static, Loaded>,
}

/// The pictures that are loaded, and those that are on their way.
pub struct DataStore<H: Host> {
    loaded: Option<(Wanted, Arc<Dataset>)>,
    job: Option<LoadJob<H>>,
}

impl<H: Host> Default for DataStore<H> {
    fn default() -> Self {
        Self { loaded: None, job: None }
    }
}

impl<H: Host> DataStore<H> {
    /// The pictures that are loaded.
    pub fn set(&self) -> Option<&Arc<Dataset>> {
        self.loaded.as_ref().map(|(_, set)| set)
    }

    /// Whether pictures are on their way.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Wants pictures. If they are in memory the answer comes at once; if the same are on their way
    /// the request waits with the others; else loading begins, and what waits for other pictures is
    /// cancelled. What was loaded before stays until the new pictures are there.
    pub(crate) fn want(
        &mut self,
        host: &H,
        config: DataConfig,
        seed: u32,
        opened: OpenedFiles<H::File>,
        ticket: Ticket<H>,
        purpose: Purpose,
    ) -> Option<LoadEnd<H>> {
        let mark = |file: &H::File| (file.path().to_owned(), file.size(), file.last_modified());
        let wanted = Wanted {
            config: config.clone(),
            seed,
            files: opened.files.iter().map(mark).collect(),
            corrections: opened.corrections.clone(),
        };
        if let Some(set) = self.in_memory(host, &wanted) {
            self.cancel();
            host.post(Event::Loaded(set.report()));
            return Some(LoadEnd { set: Some(set), waiting: vec![(ticket, purpose)] });
        }
        if let Some(job) = self.job.as_mut().filter(|job| job.wanted == wanted) {
            if purpose.is_run() {
                // The page shows one run at a time: the one that was asked for last.
                job.waiting.retain(|(_, other)| !other.is_run());
            } else if purpose.is_search() {
                // There is one search at a time too, and each begins with a network of its own.
                job.waiting.retain(|(_, other)| !other.is_search());
            }
            job.waiting.push((ticket, purpose));
            return None;
        }
        self.cancel();
        host.post(Event::Loading(LoadProgress::default()));
        let work = load_or_share(host.clone(), wanted.clone(), opened).boxed_local();
        self.job = Some(LoadJob { wanted, waiting: vec![(ticket, purpose)], work });
        None
    }

    fn in_memory(&mut self, host: &H, wanted: &Wanted) -> Option<Arc<Dataset>> {
        if let Some((_, set)) = self.loaded.as_ref().filter(|(loaded, _)| loaded == wanted) {
            return Some(set.clone());
        }
        let set = host.shared_sets()?.get(wanted)?;
        self.loaded = Some((wanted.clone(), set.clone()));
        Some(set)
    }

    /// Ends loading, with everything that waits for it, and says whether there was any.
    pub fn cancel(&mut self) -> bool {
        // The tickets cancel their requests, and the dropped work ends its download.
        self.job.take().is_some()
    }

    /// Ends what this request waits for, and says whether it was a run. Loading itself ends with
    /// the last request that waits for it.
    pub fn cancel_request(&mut self, request: RequestId) -> bool {
        let Some(job) = &mut self.job else { return false };
        let run = |(ticket, purpose): &(Ticket<H>, Purpose)| {
            ticket.request() == request && purpose.is_run()
        };
        let was_run = job.waiting.iter().any(run);
        job.waiting.retain(|(ticket, _)| ticket.request() != request);
        if job.waiting.is_empty() {
            self.job = None;
        }
        was_run
    }

    /// Goes on with loading; ready once it has ended. If it failed, every request that waits has
    /// been refused.
    pub(crate) fn poll(&mut self, host: &H, context: &mut Context<'_>) -> Poll<LoadEnd<H>> {
        let Some(job) = &mut self.job else { return Poll::Pending };
        let Poll::Ready(loaded) = job.work.poll_unpin(context) else {
            return Poll::Pending;
        };
        let Some(LoadJob { wanted, waiting, .. }) = self.job.take() else { return Poll::Pending };
        match loaded {
            Ok(set) => {
                host.post(Event::Loaded(set.report()));
                self.loaded = Some((wanted, set.clone()));
                Poll::Ready(LoadEnd { set: Some(set), waiting })
            }
            Err((reason, problems)) => {
                host.post(Event::Refused(problems.into_vec()));
                for (ticket, _) in waiting {
                    ticket.refused(Subsystem::Data, &reason);
                }
                Poll::Ready(LoadEnd { set: None, waiting: Vec::new() })
            }
        }
    }

    /// Shows a batch of what is loaded as the network would see it.
    pub(crate) fn show_batch(
        &self,
        host: &H,
        mut config: RunConfig,
        shuffle: u32,
        ticket: Ticket<H>,
    ) {
        let Some((wanted, set)) = &self.loaded else {
            let reason = "there are no pictures yet; load some first";
            return ticket.refused(Subsystem::Data, reason);
        };
        // The pictures were kept for this size; another one would show what no network gets.
        config.data = wanted.config.clone();
        host.post(Event::Batch(batch_preview(set, &config, shuffle)));
        ticket.answered();
    }
}

/// Takes the pictures that another session of the place has, or loads them when no other loads.
async fn load_or_share<H: Host>(host: H, wanted: Wanted, opened: OpenedFiles<H::File>) -> Loaded {
    let sets: Option<SharedSets> = host.shared_sets();
    let _turn = match &sets {
        Some(sets) => Some(sets.turn().await),
        None => None,
    };
    if let Some(sets) = &sets {
        // Whoever loaded before may have loaded the same.
        if let Some(set) = sets.get(&wanted) {
            return Ok(set);
        }
        sets.check_room().map_err(|error| (error.to_string(), Problems::default()))?;
    }
    let (loaded, problems) = load(host, wanted.config.clone(), wanted.seed, opened).await;
    match loaded {
        Ok(mut set) => {
            set.problems.extend(problems.into_vec());
            let set = Arc::new(set);
            if let Some(sets) = &sets {
                sets.add(wanted, &set);
            }
            Ok(set)
        }
        Err(error) => Err((error.to_string(), problems)),
    }
}

/// Loads pictures from whichever source the configuration names.
async fn load<H: Host>(
    host: H,
    config: DataConfig,
    seed: u32,
    opened: OpenedFiles<H::File>,
) -> (Result<Dataset, LoadError>, Problems) {
    let OpenedFiles { files, corrections } = opened;
    let mut problems = Problems::default();
    let mut progress = Reporter { told: host.now(), host: host.clone() };
    let set = match config.source {
        Source::Drawn => load_drawn(&config, seed, &mut progress).await,
        Source::HuggingFace | Source::Url => fetch(&host, &config, seed, &mut progress).await,
        Source::Files => {
            let problems = &mut problems;
            load_files(&files, &corrections, &config, seed, problems, &mut progress).await
        }
    };
    (set, problems)
}

async fn fetch<H: Host>(
    host: &H,
    config: &DataConfig,
    seed: u32,
    progress: &mut Reporter<H>,
) -> Result<Dataset, LoadError> {
    let (base, name) = (config.address(), config.source_name());
    let full = Rc::new(Cell::new(false));
    let open = |file: &str| {
        host.open(format!("{base}/{file}"), format!("{name}, {file}"), Some(full.clone()))
    };
    let (train, valid) = (open(TRAIN_FILE).await, open(VALID_FILE).await);
    let mut set = match config.source {
        Source::HuggingFace => load_imagenette(train, valid, config, seed, progress).await?,
        _ => load_parquet(train, valid, config, seed, progress).await?,
    };
    set.problems.extend(set.missing_validation());
    if full.get() {
        set.problems.push(Problem {
            name: "Keeping pictures for next time".into(),
            reason: "the browser has no room left to keep all of these pictures; they are used \
                     now, and loaded again next time. Forget kept pictures, or free room on the disk"
                .into(),
        });
    }
    Ok(set)
}

/// Tells the page how loading goes.
struct Reporter<H> {
    host: H,
    told: Duration,
}

impl<H: Host> LoadObserver for Reporter<H> {
    fn fallback(&self) -> impl FallbackDecoder {
        self.host.decoder()
    }

    async fn on_progress(&mut self, progress: &LoadProgress) -> bool {
        if self.host.now().saturating_sub(self.told) >= PROGRESS_EVERY {
            self.told = self.host.now();
            self.host.post(Event::Loading(progress.clone()));
            self.host.pause().await;
        }
        // Loading is cancelled by dropping it.
        true
    }
}
