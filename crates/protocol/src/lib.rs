//! What page and worker say to each other: one enum each way, a family of messages a file.
//!
//! A message to the worker travels as `[Uint8Array, path, file, path, file, …]`: the bytes are
//! [`encode`]d with postcard, the files are the browser's own handles, which only structured
//! cloning can carry, each behind its path in the opened folder. A message to the page is
//! `[Uint8Array, version]`, with the worker's [`version::VERSION`]. Nothing here has a tensor or a
//! DOM node in it.

pub mod bench;
pub mod data;
pub mod engine;
pub mod estimate;
pub mod lesson;
pub mod page_path;
pub mod persistence;
pub mod predict;
pub mod race;
pub mod range_cache;
pub mod rates;
pub mod run;
pub mod saved;
pub mod version;
pub mod watch;

use resnette_picture::report::{BatchPreview, ClassCorrections, DataReport, LoadProgress, Problem};
use resnette_spec::epoch::EpochRow;
use resnette_spec::{BlockPlace, DataConfig, RunConfig};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Tells the requests of a page apart.
pub type RequestId = u32;

/// What the page sends: a command, and the id under which its end will be reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// No other request of the page has it.
    pub id: RequestId,
    /// What is to be done.
    pub command: Command,
    /// What the reader corrected about the classes of the opened files, which are sent with the
    /// request; nothing if it has none.
    pub corrections: ClassCorrections,
}

/// How a request ended. Each ends exactly once, with an [`Event::Ended`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done. Its answer, if it has one, came before; a run, a search or an experiment has
    /// begun and reports its own end.
    Answered,
    /// It cannot be done; what there was is kept.
    Refused(Failure),
    /// It was ended before it was done: by [`Command::Stop`], by [`Command::Cancel`], or by another
    /// request that takes its place.
    Cancelled,
}

/// Page → worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Load the pictures of this configuration without training.
    Load {
        /// Which.
        data: DataConfig,
        /// Draws the subset.
        seed: u32,
    },
    /// Load what is not there yet, then train from the beginning.
    Train(RunConfig),
    /// Hold after the current step.
    Pause,
    /// Go on.
    Resume,
    /// Train one batch of a paused run, or validate one where the epoch's training batches are
    /// through, and stay paused.
    Step,
    /// End the run after the current step; network and table stay.
    Stop,
    /// End this request if it is under way: a download, or loading that a run, a search or the
    /// reader waits for.
    Cancel(RequestId),
    /// Train one epoch more with the last learning rate's tail, after a run has ended.
    OneMoreEpoch,
    /// Split a run that is under way or paused: one goes on with the skip connection of this block,
    /// one without it. Both train until one is kept.
    CutSkip(BlockPlace),
    /// End the race, and go on with this one.
    KeepRunner(race::Runner),
    /// Multiply the learning rate of what is left of the run.
    ScaleRate(f64),
    /// Search for a learning rate for this run; [`Command::Stop`] ends it.
    FindRate(RunConfig),
    /// The same for a fine-tuning of the network of the opened file.
    FindFineTuneRate(RunConfig),
    /// Compare the engine with PyTorch's numbers.
    SelfTest,
    /// Measure training steps of this run's network, on random pictures.
    Benchmark(bench::BenchmarkRequest),
    /// Measure, in about a second, how fast a network trains. Whatever else is asked for ends it.
    Estimate(estimate::EstimateRequest),
    /// Classify pictures.
    Predict(predict::Request),
    /// Measure the network on the validation set in depth.
    Evaluate,
    /// A picture of the batch that the network sees next; each number is another batch.
    ShowBatch {
        /// The configuration whose augmentation is shown.
        config: RunConfig,
        /// Which batch.
        shuffle: u32,
    },
    /// Write the network as a file.
    SaveModel(persistence::ModelFormat),
    /// Read a network from a file's bytes.
    OpenModel {
        /// For messages.
        name: String,
        /// The file.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Fetch a network from the Hugging Face Hub ([`resnette_spec::pretrained::address`]) and read
    /// it.
    FetchModel(String),
    /// Load what is not there yet, then fine-tune the network of the opened file on it.
    FineTune(RunConfig),
    /// Write the whole run as a file.
    SaveRun,
    /// Read a run from a file of ours; it waits until it is continued.
    OpenRun {
        /// For messages.
        name: String,
        /// The file.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Go on with a saved run.
    Continue(persistence::ContinueRun),
    /// An experiment of the lesson.
    Lesson(lesson::Request),
    /// Tell after every epoch, and now, what the network of the run makes of some validation
    /// pictures; `None` ends that. Nothing of it changes the run.
    Watch(Option<watch::Watching>),
}

/// Worker → page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The engine is up.
    Ready(engine::EngineInfo),
    /// Answer to [`Command::SelfTest`].
    Checked(engine::SelfTest),
    /// Answer to [`Command::Benchmark`].
    Benchmarked(bench::Benchmark),
    /// Answer to [`Command::Estimate`].
    Estimated(estimate::Estimate),
    /// What the engine holds after an epoch.
    Memory(engine::Memory),
    /// Pictures are coming.
    Loading(LoadProgress),
    /// A download waits before it asks again; nothing: it has asked.
    Waiting(Option<data::Waiting>),
    /// Pictures are there.
    Loaded(DataReport),
    /// Files that were refused, where nothing could be loaded.
    Refused(Vec<Problem>),
    /// Kernels are being compiled: the first step of a run is under way.
    Compiling,
    /// A run begins.
    Started(run::RunShape),
    /// Steps have been taken.
    Steps(run::StepReport),
    /// A validation batch has been seen.
    Validating {
        /// From 0.
        epoch: u32,
        /// From 0.
        batch: u32,
        /// In all.
        batches: u32,
    },
    /// An epoch is complete.
    Epoch(EpochRow),
    /// The run holds.
    Paused,
    /// The run goes on.
    Resumed,
    /// The run has ended as planned.
    Done,
    /// The run was stopped.
    Stopped,
    /// A request has ended.
    Ended {
        /// Its id.
        request: RequestId,
        /// How it ended.
        outcome: Outcome,
    },
    /// Something failed; what there was is kept.
    Failed(Failure),
    /// Answer to [`Command::Predict`].
    Predicted(predict::Answer),
    /// Answer to [`Command::Evaluate`].
    Evaluated(predict::Evaluation),
    /// Answer to [`Command::ShowBatch`].
    Batch(BatchPreview),
    /// Answer to [`Command::SaveModel`] and [`Command::SaveRun`]: a file for the reader.
    Model {
        /// Suggested file name.
        name: String,
        /// Its bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// How far [`Command::FetchModel`] has come: bytes, and bytes in all.
    Fetching(u64, u64),
    /// Answer to [`Command::OpenModel`] and [`Command::FetchModel`].
    Opened(predict::ModelInfo),
    /// A saved run has been read.
    Restored(Box<persistence::Restored>),
    /// What became of an autosave.
    Autosaved(persistence::AutosaveOutcome),
    /// About a search for a learning rate.
    Rates(rates::Rates),
    /// About an experiment of the lesson.
    Lesson(lesson::Event),
    /// About a race that [`Command::CutSkip`] has begun.
    Race(race::Race),
    /// What was asked for with [`Command::Watch`].
    Watched(watch::Watched),
    /// The engine is still being built on this computer (`cargo xtask serve`). What was asked of it
    /// waits, and it starts by itself when it is there.
    Building,
}

/// A failure, explained to the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The part of the system in which it happened.
    pub during: Subsystem,
    /// A sentence that says what happened, what has been kept and what the user can do.
    pub message: String,
}

/// The part of the system in which a failure happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subsystem {
    /// The engine: it did not start, or its device was lost.
    Engine,
    /// Loading pictures.
    Data,
    /// Training a network.
    Training,
    /// Classifying pictures, or measuring a network.
    Predicting,
    /// Reading or writing a network or a run.
    Model,
}

/// The bytes are not a message of this version of the protocol.
#[derive(Debug, thiserror::Error)]
#[error(
    "page and worker do not understand each other ({0}); reload the page so that both have the \
     same version"
)]
pub struct ProtocolError(#[from] postcard::Error);

/// Encodes a message with postcard.
///
/// # Errors
/// Never for the types of this crate; the signature is that of postcard.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, ProtocolError> {
    Ok(postcard::to_stdvec(message)?)
}

/// Decodes a message.
///
/// # Errors
/// [`ProtocolError`] if the bytes are not a message of this version of the protocol.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ProtocolError> {
    Ok(postcard::from_bytes(bytes)?)
}
