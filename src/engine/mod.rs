//! The engine as the page sees it: which one runs and why, the bridge to its worker, its self test
//! and its benchmark.
//!
//! The engine itself is in other crates and runs in a web worker: nothing here computes with
//! tensors.

pub mod action;
pub mod adapter;
pub mod alarm;
pub mod benchmark;
pub mod benchmark_state;
pub mod bridge;
pub mod choice;
pub mod message;
pub mod page_cache;
pub mod pending;
pub mod self_test;
pub mod self_test_state;
pub mod threads;
