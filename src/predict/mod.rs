//! The place Predict: the reader's pictures, what the network says about them, and what it is good
//! and bad at.

pub mod commands;
pub mod confusion;
pub mod drawing;
pub mod drawn_sample;
pub mod explanation;
pub mod measured_pictures;
pub mod microscope;
pub mod pinned;
pub mod reliability;
pub mod samples;
pub mod state;
pub mod top_losses;
pub mod trail;
pub mod transfer;
pub mod view;
