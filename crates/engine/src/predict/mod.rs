//! What a network answers about pictures, and why.
//!
//! [`classify`] answers; [`grad_cam`] and [`activations`] show what an answer rests on;
//! [`evaluate`](mod@evaluate) and [`evaluation`] say how good a network is on a validation set, and
//! [`calibration`], [`familiarity`] and [`reliability`] how far its answers can be trusted;
//! [`calibrated`](mod@calibrated) folds temperature scaling into its head, and [`watch`] looks at a
//! network while it learns.

pub mod activations;
pub mod calibrated;
pub mod calibration;
pub mod classify;
pub mod evaluate;
pub mod evaluation;
pub mod familiarity;
pub mod grad_cam;
pub mod reliability;
pub mod watch;
