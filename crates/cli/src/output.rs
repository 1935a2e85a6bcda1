//! Standard output, whose reader may leave before the program ends, as `head` does. Nothing that is
//! printed gives orders to a terminal, whatever the files that it was read from are called.

use std::fmt::Display;
use std::io::{self, Write};

use crate::quoted::printable;

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

/// Prints a text without characters that a terminal would obey.
///
/// # Errors
/// [`OutputClosed`] if nobody reads it any more, or if it cannot be written.
pub fn print(text: impl Display) -> Result<(), OutputClosed> {
    let text = text.to_string();
    let mut output = io::stdout().lock();
    write!(output, "{}", printable(&text)).and_then(|()| output.flush()).map_err(|_| OutputClosed)
}

/// Prints a line to standard error without characters that a terminal would obey. If nobody can read
/// it, the work goes on.
pub fn tell(text: impl Display) {
    let text = text.to_string();
    let _ = writeln!(io::stderr().lock(), "{}", printable(&text));
}
