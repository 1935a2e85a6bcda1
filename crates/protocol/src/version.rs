//! The version of the protocol, by which page and worker notice that they are of different builds.
//!
//! It stands in the worker's address, so that a worker knows which page has started it, and beside
//! the bytes of every message of a worker, where it can be read whatever the bytes mean. Two tabs
//! of which one was reloaded after an update, or a cache that kept one file and not the other,
//! would otherwise read nonsense out of each other's messages.

/// A hash of the sources in which the messages are written down (`build.rs`).
pub const VERSION: &str = env!("RESNETTE_PROTOCOL");

/// The key in the query of a worker's address.
const KEY: &str = "protocol=";

/// The address of a worker's script for a page of this version. The script may have a query
/// already.
pub fn worker_address(script: &str) -> String {
    let before = if script.contains('?') { '&' } else { '?' };
    format!("{script}{before}{KEY}{VERSION}")
}

/// Whether the query of a worker's own address (`?protocol=…`) says that a page of this version has
/// started it. Pages of builds that had no version ask for none.
pub fn is_asked_for(query: &str) -> bool {
    query.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix(KEY))
        == Some(VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_knows_whether_a_page_of_its_version_has_started_it() {
        let address = worker_address("worker_cpu.js");
        let (file, query) = address.split_at("worker_cpu.js".len());
        assert_eq!(file, "worker_cpu.js");
        let with_query = worker_address("worker.js?threads=2");
        assert!(with_query.starts_with("worker.js?threads=2&") && is_asked_for(&with_query[9..]));
        assert!(is_asked_for(query) && is_asked_for(&format!("?x=1&{}", &query[1..])));
        for other in ["", "?", "?protocol=", "?protocol=0123456789abcdef", "?other=1"] {
            assert!(!is_asked_for(other), "{other}");
        }
    }
}
