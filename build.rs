//! The page's module keeps its relocations: by them xtask takes parts out of it
//! (`xtask/src/split.rs`). Here and not among the compiler's flags, which would be those of the
//! workers too and compile all their crates again.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bin=page=--emit-relocs");
    }
}
