//! How many threads the CPU engine gets, and which of its two workers that takes.

use crate::shell::browser_api;

/// The most threads that are used unless the setting asks for more: a network of this size has no
/// work for more of them.
const MOST: u32 = 8;

/// The address of the CPU engine's worker, for what the setting `threads` says.
pub fn cpu_worker(wanted: u32) -> String {
    match threads(wanted, browser_api::cores(), browser_api::shares_memory()) {
        1 => "worker_cpu.js".into(),
        threads => format!("worker_cpu_threads.js?threads={threads}"),
    }
}

/// How many threads to compute on: those that are wanted, or, for 0, one less than there are cores,
/// since the page needs one too.
///
/// Threads share memory, which not every browser gives, and none to a page that is not isolated from
/// other sites.
fn threads(wanted: u32, cores: u32, shares_memory: bool) -> u32 {
    match wanted {
        _ if !shares_memory => 1,
        0 => cores.saturating_sub(1).clamp(1, MOST),
        wanted => wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_left_to_the_page() {
        for (wanted, cores, expected) in
            [(0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 4, 3), (0, 64, 8), (1, 8, 1), (3, 2, 3)]
        {
            assert_eq!(threads(wanted, cores, true), expected, "{wanted} of {cores}");
            assert_eq!(threads(wanted, cores, false), 1);
        }
    }
}
