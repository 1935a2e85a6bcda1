//! Builds, serves and tests Resnette. The binary is `cargo xtask`. The browser tests use the
//! library to start their servers.
//!
//! - [`place`]: the folders of the checkout, the tools and the builds.
//! - [`checkout`]: which checkout the shared build folder was last used from.
//! - [`tools`]: the tools that builds and tests need, and how they are installed.
//! - [`browsers`]: the browsers beside Chromium, and how they are installed.
//! - [`dist`]: builds the page and its workers ([`binaries`]) into `dist/`; [`serving`] does so
//!   while the page is served already.
//! - [`mod@compile`], [`mod@progress`], [`times`]: cargo's builds, one line for each, and how long
//!   they took.
//! - [`bindgen`]: wasm-bindgen as a library.
//! - [`split`]: splits the parts that a first visit does not need off the page's module.
//! - [`start_script`]: the inline scripts that start the page and tell if that fails.
//! - [`policy`], [`offline`], [`compress`]: write the content security policy, the service worker
//!   and the compressed files into `dist/`.
//! - [`shipped_crates`], [`licences`], [`mod@sbom`]: what page and workers are made of, its
//!   licences, and the list for programs.
//! - [`stand_in`]: a script in the place of a worker that is still being built.
//! - [`loader`], [`threads`], [`names`]: the workers' scripts, the one with threads, and the module
//!   of old encodings.
//! - [`constructors`]: checks that a worker's exports do not run all constructors at every call.
//! - [`hub`]: a server for tests that imitates the Hugging Face Hub, including its faults.
//! - [`model`]: trains the model that the page ships with.
//! - [`mpi`]: Open MPI for the tests of a team of ranks, and how it is installed.
//! - [`styles`]: joins the style sheet from `www/styles`.
//! - [`suite`]: `cargo xtask test`, all checks and tests.
//! - [`mod@bench`]: `cargo xtask bench`, measurements next to other engines.

pub mod bench;
pub mod binaries;
pub mod bindgen;
pub mod browsers;
pub mod checkout;
mod circles;
pub mod compile;
pub mod compress;
pub mod constructors;
pub mod digest;
pub mod dist;
pub mod hub;
pub mod licences;
pub mod loader;
pub mod model;
pub mod mpi;
pub mod names;
pub mod offline;
pub mod page_files;
pub mod place;
pub mod policy;
pub mod process;
pub mod progress;
pub mod sbom;
pub mod serving;
pub mod shipped_crates;
pub mod split;
pub mod stand_in;
pub mod start_script;
pub mod styles;
pub mod suite;
pub mod threads;
pub mod times;
pub mod tools;
mod walls;
