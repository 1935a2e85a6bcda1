//! Open MPI, under which the tests of a team run, and what its bindings are built with.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::which;
use crate::progress::say;
use crate::tools::{apt_install, is_debian};

/// A program that must be on `PATH`, and Debian's package with it.
const PROGRAMS: [(&str, &str); 3] =
    [("mpirun", "openmpi-bin"), ("mpicc", "libopenmpi-dev"), ("clang", "clang")];

/// Where Debian puts libclang, which reads MPI's headers: one folder a version.
const LLVM: &str = "/usr/lib";

/// Sees to Open MPI: on Debian it is installed, elsewhere it must be there.
///
/// # Errors
/// If something is missing and this is no Debian, or apt-get fails.
pub fn for_tests() -> Result<()> {
    let mut missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| which(program).is_none())
        .map(|(_, package)| *package)
        .collect();
    if !is_debian() {
        return match missing.is_empty() {
            true => Ok(()),
            false => bail!("{} missing, and there is no apt-get", missing.join(" and ")),
        };
    }
    if !has_libclang(Path::new(LLVM)) {
        missing.push("libclang-dev");
    }
    if missing.is_empty() {
        return Ok(());
    }
    say(format_args!("Installing Open MPI with apt-get: {}", missing.join(", ")));
    apt_install(&missing)
}

/// Whether a folder of Debian's has `llvm-14/lib/libclang.so` or that of another version.
fn has_libclang(folder: &Path) -> bool {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm-"))
        .any(|entry| entry.path().join("lib/libclang.so").exists())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{env, fs, process};

    use super::*;

    #[test]
    fn libclang_is_found_in_any_version() {
        let folder = env::temp_dir().join(format!("resnette-llvm-{}", process::id()));
        fs::create_dir_all(folder.join("llvm-14/lib")).unwrap();
        assert!(!has_libclang(&folder));
        fs::create_dir_all(folder.join("llvm-19/lib")).unwrap();
        fs::write(folder.join("llvm-19/lib/libclang.so"), "").unwrap();
        assert!(has_libclang(&folder) && !has_libclang(&folder.join("absent")));
        fs::remove_dir_all(folder).unwrap();
    }
}
