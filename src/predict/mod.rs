//! What a network says of pictures, and why.
//!
//! `classify` answers; `grad_cam` and `activations` show what the answer rests on; [`evaluate`] and
//! `measure` say how good a network is on a validation set.

pub mod evaluate;

#[cfg(feature = "engine")]
pub mod activations;
#[cfg(feature = "engine")]
pub mod classify;
#[cfg(feature = "engine")]
pub mod grad_cam;
#[cfg(feature = "engine")]
pub mod measure;
