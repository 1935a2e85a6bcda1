//! wasm-bindgen, as a library: the command line tool would have to be installed first, which takes
//! longer than the page takes to build.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

/// What is to be done with a module.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    /// The module as cargo wrote it.
    pub module: &'a Path,
    /// The folder that `NAME.js` and `NAME_bg.wasm` go into.
    pub folder: &'a Path,
    /// How these files are called.
    pub name: &'a str,
    /// Whether other modules use this one's memory and table: the linker's exports stay then.
    pub has_parts: bool,
}

/// Writes the script through which a browser starts the module, and the module that fits it, both
/// without the names of functions.
///
/// # Errors
/// If the module cannot be read, was built with another version of wasm-bindgen, or the files
/// cannot be written.
pub fn bind(binding: Binding) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .input_path(binding.module)
        .out_name(binding.name)
        .typescript(false)
        // The script finds its module beside itself.
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(binding.has_parts)
        .keep_lld_exports(binding.has_parts);
    // It panics where its tool would end; whoever waits for the result has to hear of it.
    catch_unwind(AssertUnwindSafe(|| bindgen.generate(binding.folder)))
        .map_err(|_| anyhow!("wasm-bindgen has panicked"))
        .flatten()
        .with_context(|| format!("wasm-bindgen cannot process {}", binding.module.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use crate::place::Place;

    /// The version of a package in a `Cargo.lock`.
    fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
        let name = format!("name = \"{package}\"");
        let mut lines = lock.lines().skip_while(|line| *line != name);
        lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
    }

    #[test]
    fn the_library_has_the_version_of_the_page() {
        let lock = fs::read_to_string(Place::find().unwrap().root.join("Cargo.lock")).unwrap();
        let page = locked(&lock, "wasm-bindgen");
        assert!(page.is_some());
        assert_eq!(locked(&lock, "wasm-bindgen-cli-support"), page);
    }
}
