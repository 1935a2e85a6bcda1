//! Resnette trains a small bottleneck ResNet on Imagenette in a browser tab: chapter 14 of the fastai book, alive.
//!
//! The way of the data, which is also the order in which to read:
//!
//! 1. [`config`]: one `RunConfig` says everything about a run; it is what a link holds.
//! 2. [`data`]: source → decode → subset → batch.
//! 3. [`model`]: the chapter's networks.
//!    On a GPU their layers run on kernels of our own (`kernels`, feature `gpu`).
//! 4. [`train`]: recipe and loop.
//! 5. [`predict`]: pictures of the reader's, and why the network answers as it does.
//! 6. [`lesson`]: the chapter's questions and what its demos compute.
//! 7. [`protocol`]: what page and worker say to each other.
//! 8. [`saved`]: runs that are kept.
//!
//! The engine (features `cpu`, `gpu`) knows nothing of the browser, and the page (feature `page`) nothing of tensors.

#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod data;
#[cfg(any(feature = "cpu", feature = "gpu"))]
pub mod kernels;
pub mod lesson;
pub mod model;
pub mod predict;
pub mod protocol;
pub mod saved;
pub mod train;
#[cfg(feature = "page")]
pub mod ui;
#[cfg(feature = "worker")]
pub mod worker;
