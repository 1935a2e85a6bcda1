//! What happens to the engine, and what is requested of it beside runs and predictions.

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
    /// A worker of another version than the page's was started, and has been ended.
    OtherVersion,
    /// The page ended the worker, and what it held is gone.
    Ended,
}
