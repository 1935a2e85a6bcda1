//! What a network says of pictures, and why.
//!
//! `classify` answers; `grad_cam` and `activations` show what the answer rests on; [`evaluate`] and
//! `measure` say how good a network is on a validation set.

pub mod evaluate;

pub mod activations;
pub mod classify;
pub mod grad_cam;
pub mod measure;
