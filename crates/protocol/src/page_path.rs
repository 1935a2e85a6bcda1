//! What tells two copies of the page on one origin apart. Everything that a browser keeps for a
//! page belongs to the origin, so without it the copies would share runs and downloads, and delete
//! each other's.
//!
//! ```
//! use resnette_protocol::page_path::page_name;
//!
//! // The page and its worker find the same name, each from its own address.
//! assert_eq!(page_name("/class/index.html"), page_name("/class/worker_cpu.js"));
//! assert_ne!(page_name("/class/"), page_name("/class/copy/"));
//! ```

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest part of a path that is written out. File systems allow names of 255 bytes.
const MAX_CHARS: usize = 120;

/// A name for the folder that a page lies in, from the path of any file in that folder. Letters,
/// digits and `_` only, so that it can stand in the names of folders, locks, caches and keys.
pub fn page_name(path: &str) -> String {
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    // `_` is escaped as well, so that no two paths have the same name.
    let name = utf8_percent_encode(folder, NON_ALPHANUMERIC).to_string().replace('%', "_");
    if name.len() <= MAX_CHARS {
        return name;
    }
    format!("{}_{:08x}", &name[..MAX_CHARS - 9], crc32fast::hash(folder.as_bytes()))
}

/// The lock under which the list of runs is written.
pub fn run_list_lock(page: &str) -> String {
    format!("resnette-list-{page}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_folders_have_other_names() {
        let long = |end: &str| format!("/{}/{end}/", "folder".repeat(60));
        let paths = ["/", "/a/", "/a_/", "/a/b/", "/a%2Fb/", "/ä/", &long("a"), &long("b")];
        let names: std::collections::BTreeSet<_> =
            paths.iter().map(|path| page_name(path)).collect();
        assert_eq!(names.len(), paths.len(), "{names:?}");
        for name in names {
            assert!(name.len() <= MAX_CHARS, "{name}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{name}");
        }
        assert_eq!(page_name(""), page_name("/"));
    }
}
