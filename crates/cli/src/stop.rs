//! Ctrl-C and the other signals that ask a program to end.

use std::sync::atomic::{AtomicU8, Ordering};

/// How often a signal has come.
static SIGNALS: AtomicU8 = AtomicU8::new(0);

/// The exit status of a program that was ended by Ctrl-C, as shells count it.
pub const EXIT_STATUS: u8 = 130;

/// A command was asked to stop and did. What it kept is told before this is returned.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

/// From now on the first SIGINT, SIGTERM or SIGHUP (or Ctrl-C on Windows) is only remembered, so
/// that the run can be saved. The second ends the program at once.
///
/// # Errors
/// If the system does not allow it.
pub fn listen() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if SIGNALS.fetch_add(1, Ordering::Relaxed) > 0 {
            std::process::exit(EXIT_STATUS.into());
        }
    })?;
    Ok(())
}

/// Whether a signal has come.
pub fn is_requested() -> bool {
    SIGNALS.load(Ordering::Relaxed) > 0
}
