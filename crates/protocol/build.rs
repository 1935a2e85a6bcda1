//! The version of the protocol: a hash of the sources in which its messages are written down, so
//! that nobody can forget to change it. Page and worker are built from the same sources; if they
//! differ, one of them is of another build.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The crates whose types travel, beside each other.
const CRATES: [&str; 3] = ["protocol", "spec", "picture"];

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    for name in CRATES {
        println!("cargo::rerun-if-changed=../{name}/src");
    }
    println!("cargo::rustc-env=RESNETTE_PROTOCOL={}", digest(&sources(&here)?));
    Ok(())
}

/// The sources of all crates beside this one: path and text, in the order of their paths.
pub fn sources(here: &Path) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for name in CRATES {
        collect(&here.join("..").join(name).join("src"), name, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, name: &str, found: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, found)?;
        } else if path.ends_with(".rs") {
            found.push((path, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

/// FNV-1a with 64 bits, in hexadecimal digits. Line ends count the same on every system.
pub fn digest(sources: &[(String, String)]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for (path, text) in sources {
        path.bytes().chain([0]).for_each(&mut add);
        text.bytes().filter(|byte| *byte != b'\r').chain([0]).for_each(&mut add);
    }
    format!("{hash:016x}")
}
