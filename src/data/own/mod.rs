//! Classes that a reader makes here, each with a name and its pictures.

pub mod camera;
pub mod editor;
pub mod state;
