//! Checks that the exports of a WebAssembly module do not run all constructors at every call.
//!
//! CubeCL registers its operations through constructors (with the crate `inventory`). If nothing in
//! a program refers to `__wasm_call_ctors`, the linker assumes a command that is run once, and
//! wraps *every export* in a call to all constructors, including wasm-bindgen's allocator. That
//! took 70 % of the run time (6,100 ms per training step instead of 1,850). A worker's `main`
//! therefore has to call the constructors itself, once. The wrappers are named `….command_export`,
//! but release builds have no names, so the check recognises the wrappers by their code.

use std::collections::HashMap;

use anyhow::{Result, bail};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef};

/// The number of exports that are wrapped in a call to the constructors.
///
/// A wrapper calls the constructors (without arguments and results), passes its own parameters on
/// to one function, may call the destructors, and ends. Two exports of this form that begin with
/// the same call were made by the linker. A single one is counted as well, although a `main` that
/// calls the constructors itself can look like that; [`check`] allows for it.
///
/// # Errors
/// If the bytes are not a WebAssembly module.
pub fn wrapped_exports(module: &[u8]) -> Result<usize> {
    let mut imported = 0;
    let mut exported = Vec::new();
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported +=
                        u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    // wasm-bindgen interprets these exports and removes them. They are never
                    // called, and some of them look like a wrapper by chance.
                    let description = export.name.starts_with("__wbindgen_describe");
                    if export.kind == ExternalKind::Func && !description {
                        exported.push(export.index);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    exported.sort_unstable();
    exported.dedup();
    let mut wrappers = HashMap::<u32, usize>::new();
    for index in exported {
        // An export without a body is a re-exported import.
        let Some(body) = index.checked_sub(imported).and_then(|index| bodies.get(index as usize))
        else {
            continue;
        };
        if let Some(first) = first_call_of_wrapper(body)? {
            *wrappers.entry(first).or_default() += 1;
        }
    }
    Ok(wrappers.into_values().max().unwrap_or(0))
}

/// The function that a body calls first, or `None` if the body does not have the form of a wrapper.
fn first_call_of_wrapper(body: &FunctionBody<'_>) -> Result<Option<u32>> {
    let mut operators = body.get_operators_reader()?.into_iter().peekable();
    let Some(Operator::Call { function_index: first }) = operators.next().transpose()? else {
        return Ok(None);
    };
    let mut calls = 0;
    for operator in operators {
        match operator? {
            Operator::LocalGet { .. } => {}
            Operator::Call { .. } => calls += 1,
            Operator::End => return Ok(matches!(calls, 1 | 2).then_some(first)),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// How many functions a module names `….command_export`: zero also where the names were stripped.
///
/// # Errors
/// If the bytes are no WebAssembly module.
pub fn named_command_exports(module: &[u8]) -> Result<usize> {
    let mut count = 0;
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let wasmparser::KnownCustom::Name(names) = section.as_known() else { continue };
        for group in names {
            if let wasmparser::Name::Function(functions) = group? {
                for function in functions {
                    count += usize::from(function?.name.ends_with(".command_export"));
                }
            }
        }
    }
    Ok(count)
}

/// Checks that the exports of a module do not run the constructors.
///
/// # Errors
/// If they do, with advice what to change, or if the bytes are not a WebAssembly module.
pub fn check(module: &[u8]) -> Result<()> {
    let (wrapped, named) = (wrapped_exports(module)?, named_command_exports(module)?);
    if wrapped > 1 || named > 0 {
        bail!(
            "the linker wrapped {} exports in a call to all constructors, which makes every call \
             slow; call __wasm_call_ctors once at the start of the worker's main",
            wrapped.max(named)
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::process::Command;
    use std::{env, fs};

    use super::*;

    /// Compiles and links a source for the browser as the workers are, with or without names.
    /// Returns the module.
    fn link(name: &str, source: &str, strip: &str) -> Vec<u8> {
        let folder = env::temp_dir()
            .join(format!("resnette-constructors-{}-{name}-{strip}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("lib.rs"), source).unwrap();
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let arguments = [
            "--edition=2024",
            "--crate-type=cdylib",
            "--target=wasm32-unknown-unknown",
            "-O",
            "-Cpanic=abort",
            "lib.rs",
            "-o",
            "out.wasm",
        ];
        let status = Command::new(rustc)
            .current_dir(&folder)
            .args(arguments)
            .arg(format!("-Cstrip={strip}"))
            .status()
            .unwrap();
        assert!(status.success(), "the sample does not compile");
        let module = fs::read(folder.join("out.wasm")).unwrap();
        fs::remove_dir_all(folder).unwrap();
        module
    }

    /// A program with two exports and a constructor, like a worker.
    const SAMPLE: &str = r#"
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        extern "C" fn construct() { COUNT.fetch_add(1, Ordering::Relaxed); }
        #[used]
        #[unsafe(link_section = ".init_array")]
        static CONSTRUCTOR: extern "C" fn() = construct;
        #[unsafe(no_mangle)]
        pub extern "C" fn count(add: u32) -> u32 { COUNT.load(Ordering::Relaxed) + add }
        #[unsafe(no_mangle)]
        pub extern "C" fn reset() { COUNT.store(0, Ordering::Relaxed) }
    "#;

    /// The remedy: a `main` that calls the constructors once.
    const CALLED_ONCE: &str = r#"
        unsafe extern "C" { fn __wasm_call_ctors(); }
        #[unsafe(no_mangle)]
        pub extern "C" fn main() { unsafe { __wasm_call_ctors() } reset(); }
    "#;

    #[test]
    fn the_linkers_wrappers_are_found_with_and_without_names() {
        let stripped = link("wrapped", SAMPLE, "symbols");
        assert!(wrapped_exports(&stripped).unwrap() >= 2);
        assert!(check(&stripped).unwrap_err().to_string().contains("__wasm_call_ctors"));
        let named = link("wrapped", SAMPLE, "none");
        assert!(named_command_exports(&named).unwrap() >= 2, "the linker names its wrappers");
        assert_eq!(wrapped_exports(&named).unwrap(), wrapped_exports(&stripped).unwrap());
    }

    #[test]
    fn a_module_that_calls_the_constructors_once_is_fit() {
        for strip in ["symbols", "none"] {
            let module = link("once", &format!("{SAMPLE}{CALLED_ONCE}"), strip);
            assert!(wrapped_exports(&module).unwrap() <= 1);
            assert_eq!(named_command_exports(&module).unwrap(), 0);
            check(&module).unwrap();
        }
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(check(b"<!doctype html>").is_err());
    }
}
