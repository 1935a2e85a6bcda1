//! Classes that a reader makes here, each with a name and its pictures.

pub mod camera;
pub mod class;
pub mod class_card;
pub mod commands;
pub mod editor;
pub mod kept;
pub mod picture;
pub mod project;
pub mod project_file;
pub mod section;
pub mod state;
pub mod thumbnails;
pub mod undo;
