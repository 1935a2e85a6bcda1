//! Reads what people type for a number or a shape. Generous with spelling, never with meaning: what
//! could be read two ways is refused, and the message says what to write instead.

mod number;
mod shape;

pub use number::{NumberError, number};
pub use shape::{LONGEST_AXIS, MOST_AXES, ShapeError, shape};

/// Characters a number or a shape may have. The longest sensible one, `torch.Size([1000, 1000,
/// 1000, 1000])`, has 37.
pub const LONGEST: usize = 64;
