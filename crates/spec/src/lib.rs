//! Everything about a run in one value, and its spelling in a link.
//!
//! [`RunConfig`] is what the page edits, the worker trains and the command line reads;
//! `#key=value&…` is how it travels. [`settings`] is the only place where a key is read or written,
//! so page, link and command line cannot disagree.

pub mod architecture;
pub mod best_epoch;
mod block_place;
pub mod confusion;
pub mod epoch;
pub mod epoch_choice;
pub mod fine_tune;
pub mod lesson_run;
pub mod limits;
pub mod link;
pub mod loss_curve;
pub mod lr_curve;
pub mod net;
pub mod presets;
pub mod pretrained;
pub mod pytorch;
pub mod random;
pub mod recipe;
pub mod recorded;
mod run_config;
pub mod run_time;
pub mod schedule;
pub mod settings;
pub mod short_run;
pub mod smooth;
pub mod source;
pub mod statistics;

pub use block_place::BlockPlace;
pub use link::{read_kept_run, read_run, run_link, write_run};
pub use net::{Activation, Block, Family, HeadKind, NetConfig, StemPool};
pub use presets::{PRESETS, Preset};
pub use recipe::{Augment, ClassBalance, Optimizer, Recipe, Schedule};
pub use run_config::RunConfig;
pub use settings::{SETTINGS, Setting, SettingError};
pub use source::{Backend, DataConfig, Keep, Photos, ResizeMethod, Room, Source};
