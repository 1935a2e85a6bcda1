//! The PyTorch program of a run's network. Nobody needs it before a run, so the function that writes it
//! comes with a module that is fetched later (`src/lesson/lazy.rs`).

use std::cell::Cell;

use resnette_spec::{Keep, NetConfig};

/// [`pytorch_snippet`](resnette_spec::pytorch::pytorch_snippet).
pub type Write = fn(&NetConfig, usize, u32, Keep, &str) -> String;

thread_local! {
    static WRITE: Cell<Option<Write>> = const { Cell::new(None) };
}

/// The function has come.
pub fn provide(write: Write) {
    WRITE.set(Some(write));
}

/// The program for a network of `classes` classes and `size`×`size` pixels, which loads `file`; `None`
/// before the function has come.
pub fn snippet(
    net: &NetConfig,
    classes: usize,
    size: u32,
    keep: Keep,
    file: &str,
) -> Option<String> {
    WRITE.get().map(|write| write(net, classes, size, keep, file))
}
