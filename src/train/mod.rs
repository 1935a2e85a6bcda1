//! The recipe and the loop.
//!
//! `schedule`, `smooth` and `order` are plain arithmetic; the rest needs the engine.

pub mod fine_tune;
#[cfg(feature = "engine")]
pub mod generations;
pub mod random;
pub mod schedule;
pub mod search;
pub mod smooth;

#[cfg(feature = "engine")]
pub mod accumulate;
#[cfg(feature = "engine")]
pub mod adam;
#[cfg(feature = "engine")]
pub mod bench;
#[cfg(feature = "engine")]
pub mod checkpoint;
#[cfg(feature = "engine")]
pub mod gradient_size;
#[cfg(feature = "engine")]
pub mod learner;
#[cfg(feature = "engine")]
pub mod loss;
#[cfg(feature = "engine")]
pub mod lr_find;
#[cfg(feature = "engine")]
pub mod mixup;
#[cfg(feature = "engine")]
pub mod self_test;
#[cfg(feature = "engine")]
pub mod tta;
#[cfg(feature = "engine")]
pub mod validate;
#[cfg(feature = "engine")]
pub mod warm_up;
