//! Pictures: where they come from and what becomes of them before the network sees them.

pub mod classes;
pub mod drawn;
pub mod picture;

pub use picture::Picture;
