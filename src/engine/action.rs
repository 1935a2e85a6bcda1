//! What happens to the engine, and what is requested of it beside runs and predictions.

use resnette_spec::run_time::StepWork;

use crate::engine::choice::Choice;

/// A change of the engine, or a request to examine it.
#[derive(Clone, Debug)]
pub enum EngineAction {
    /// It is known which engine would run and why, or why none can.
    Chosen(Result<Choice, String>),
    /// The self test was asked for.
    AskSelfTest,
    /// The benchmark was asked for.
    AskBenchmark,
    /// It was asked how fast it trains this.
    AskEstimate(StepWork),
    /// A worker of another version than the page's was started, and has been ended.
    OtherVersion,
    /// The connection to the class's host is being made again, in words for the reader.
    Away(&'static str),
    /// The connection to the class's host was made again, which tells what there is.
    CameBack,
    /// The page ended the worker, and what it held is gone.
    Ended,
}
