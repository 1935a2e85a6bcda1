//! Builds, serves and tests Resnette. The binary is `cargo xtask`; the library is also what the
//! browser tests start their servers from.
//!
//! - [`place`]: where the checkout, the tools and the build folder are.
//! - [`checkout`]: which checkout the shared build folder was last used from.
//! - [`tools`]: what a build or a test needs and how it is installed.
//! - [`dist`]: the page and its workers, built into `dist/`.
//! - [`split`]: parts of the page that a first visit does without, taken out of its module.
//! - [`policy`], [`offline`], [`compress`]: the security policy, the service worker and the
//!   compressed files, written into `dist/`.
//! - [`constructors`]: the check that a worker's exports do not run all constructors again at every
//!   call.
//! - [`serve`]: a static host for `dist/` on this computer.
//! - [`hub`]: a server that behaves as Hugging Face does, on good days and bad, for tests.
//! - [`model`]: the model that comes with the page, made again.
//! - [`styles`]: the style sheet, joined from `www/styles`.
//! - [`suite`]: `cargo xtask test`.
//! - [`mod@bench`]: `cargo xtask bench`.

pub mod bench;
pub mod checkout;
pub mod compress;
pub mod constructors;
pub mod digest;
pub mod dist;
pub mod hub;
pub mod model;
pub mod offline;
pub mod place;
pub mod policy;
pub mod process;
pub mod serve;
pub mod split;
pub mod styles;
pub mod suite;
pub mod tools;
