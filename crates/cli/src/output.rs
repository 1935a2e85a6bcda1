//! Standard output, whose reader may leave before the program ends, as `head` does.

use std::fmt::Display;
use std::io::{self, Write};

/// Nobody reads standard output any more.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub struct OutputClosed;

/// Prints a text and a line break.
///
/// # Errors
/// [`OutputClosed`] if nobody reads it any more, or if it cannot be written.
pub fn print_line(text: impl Display) -> Result<(), OutputClosed> {
    print(format_args!("{text}\n"))
}

/// Prints a text as it is.
///
/// # Errors
/// [`OutputClosed`] if nobody reads it any more, or if it cannot be written.
pub fn print(text: impl Display) -> Result<(), OutputClosed> {
    let mut output = io::stdout().lock();
    write!(output, "{text}").and_then(|()| output.flush()).map_err(|_| OutputClosed)
}

/// Prints a line to standard error. If nobody can read it, the work goes on.
pub fn tell(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
