//! Signals that ask a program to end: Ctrl-C, `kill`, a terminal that is closed.

use std::io::{IsTerminal, stderr};
use std::process;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::output::tell;

/// When the first signal came.
static FIRST: OnceLock<Instant> = OnceLock::new();

/// The exit status of a program that was ended by Ctrl-C, as shells count it.
pub const EXIT_STATUS: u8 = 130;

/// How long after the first signal another is the same one. `timeout` sends its signal to the
/// program and then to the program's group, so that it comes twice.
const SAME_SIGNAL: Duration = Duration::from_millis(500);

/// A command was asked to stop and did. What it kept is told before this is returned.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub struct Stopped;

/// From now on the first SIGINT, SIGTERM or SIGHUP is only remembered, so that the run can be
/// saved. Another SIGINT or SIGTERM, if it is another, ends the program at once. A second SIGHUP
/// does not: the shell and the system each send one when a terminal is closed. What the program was
/// started to ignore, as `nohup` has it for SIGHUP, stays ignored.
///
/// # Errors
/// If the system does not allow it.
#[cfg(unix)]
pub fn listen() -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal));
    let mut signals = Signals::new(wanted)?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            received(signal == SIGHUP);
        }
    })?;
    Ok(())
}

/// From now on the first Ctrl-C is only remembered, so that the run can be saved. Another one ends
/// the program at once.
///
/// # Errors
/// If the system does not allow it.
#[cfg(not(unix))]
pub fn listen() -> std::io::Result<()> {
    ctrlc::set_handler(|| received(false)).map_err(std::io::Error::other)
}

/// Whether a signal has come.
pub fn is_requested() -> bool {
    FIRST.get().is_some()
}

/// What is done about a signal.
fn received(is_hang_up: bool) {
    let is_first = !is_requested();
    let first = *FIRST.get_or_init(Instant::now);
    if is_first {
        // The progress bar leaves the cursor behind itself.
        let line_break = if stderr().is_terminal() { "\n" } else { "" };
        tell(format_args!("{line_break}stopping; a second time ends at once, unsaved"));
    } else if !is_hang_up && first.elapsed() > SAME_SIGNAL {
        process::exit(EXIT_STATUS.into());
    }
}

/// Whether the program was started so that it ignores a signal.
#[cfg(unix)]
#[allow(unsafe_code, reason = "the system is asked by a function of C")]
fn is_ignored(signal: i32) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action nothing changes, and `action` is as large as what is written to
    // it. All bits zero are a valid `sigaction`, so it may be read even if the call has failed.
    let action = unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
        action.assume_init()
    };
    action.sa_sigaction == libc::SIG_IGN
}
