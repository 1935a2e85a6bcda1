//! In work.

fn main() {}
