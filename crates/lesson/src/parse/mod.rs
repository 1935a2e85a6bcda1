//! Parses the numbers and shapes that people type. Many spellings are accepted, but text that could
//! be understood in two ways is refused with a message that says what to write instead.

mod number;
mod shape;

pub use number::{NumberError, number};
pub use shape::{MAX_AXES, MAX_AXIS, ShapeError, shape};

/// Maximum number of characters in a number or a shape. The longest one that makes sense,
/// `torch.Size([1000, 1000, 1000, 1000])`, has 37.
pub const MAX_CHARS: usize = 64;
