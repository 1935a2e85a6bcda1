//! Parses the numbers and shapes that people type. Many spellings are accepted, but text that could
//! be understood in two ways is refused with a message that says what to write instead.

mod number;
mod shape;

pub use number::{MAX_CHARS, NumberError, number};
pub use shape::{MAX_AXES, MAX_AXIS, ShapeError, shape};
