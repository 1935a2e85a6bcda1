//! The recipe and the loop.
//!
//! `schedule`, `smooth` and `order` are plain arithmetic; the rest needs the engine.

pub mod accumulate;
pub mod adam;
pub mod bench;
pub mod checkpoint;
pub mod export;
pub mod generations;
pub mod gradient_size;
pub mod learner;
pub mod loss;
pub mod lr_find;
pub mod self_test;
pub mod tta;
pub mod validate;
pub mod warm_up;
