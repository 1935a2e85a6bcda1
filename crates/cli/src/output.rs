//! Standard output, whose reader may leave before the program ends, as `head` does. Nothing that is
//! printed gives orders to a terminal, whatever the files that it was read from are called.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::quoted::printable;

/// Whether another process prints what this one would: the first rank of a team.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From now on nothing is printed or told, or everything again.
#[cfg(feature = "mpi")]
pub fn set_quiet(is_quiet: bool) {
    IS_QUIET.store(is_quiet, Ordering::Relaxed);
}

/// Why nothing more can be printed.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Who read it has left.
    #[error("nobody reads the output any more")]
    NobodyReads,
    /// The disk is full, or the terminal is closed.
    #[error("the output cannot be written ({0})")]
    System(io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Self::System(error),
        }
    }
}

/// Prints a text and a line break.
///
/// # Errors
/// [`OutputError`]
pub fn print_line(text: impl Display) -> Result<(), OutputError> {
    print(format_args!("{text}\n"))
}

/// Prints a text without characters that a terminal would obey.
///
/// # Errors
/// [`OutputError`]
pub fn print(text: impl Display) -> Result<(), OutputError> {
    if IS_QUIET.load(Ordering::Relaxed) {
        return Ok(());
    }
    let text = text.to_string();
    let mut output = io::stdout().lock();
    write!(output, "{}", printable(&text))?;
    Ok(output.flush()?)
}

/// Prints a line to standard error without characters that a terminal would obey. If nobody can
/// read it, the work goes on.
pub fn tell(text: impl Display) {
    if IS_QUIET.load(Ordering::Relaxed) {
        return;
    }
    let text = text.to_string();
    let _ = writeln!(io::stderr().lock(), "{}", printable(&text));
}
