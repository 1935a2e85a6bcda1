//! The engine as the page sees it: which one runs and why, the bridge to its worker or to the
//! class's host, its self test and its benchmark.
//!
//! The engine itself is in other crates and runs in a web worker or on another computer: nothing
//! here computes with tensors.

pub mod action;
pub mod adapter;
pub mod alarm;
pub mod benchmark;
pub mod benchmark_state;
pub mod bridge;
pub mod choice;
pub mod host_link;
pub mod message;
pub mod page_cache;
pub mod pending;
pub mod self_test;
pub mod self_test_state;
pub mod threads;
