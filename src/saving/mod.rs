//! What is kept of a run: in the browser's private storage, and as files of the reader's.

pub mod commands;
pub mod panel;
pub mod saved_runs;
pub mod snippet;
pub mod state;
pub mod storage;
