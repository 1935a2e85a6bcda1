//! Small parts that several features draw with, and that know nothing of a run.

pub mod bar;
pub mod channels;
pub mod copy_button;
pub mod file_input;
pub mod format;
pub mod icons;
pub mod live_text;
pub mod object_url;
pub mod opened_files;
pub mod picture;
