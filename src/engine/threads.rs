//! How many threads the CPU engine gets, and which of its two workers that takes.

use crate::engine::alarm::Alarm;
use crate::shell::browser_api;

/// The most threads that are used unless the setting asks for more: a network of this size has no
/// work for more of them.
const MOST: u32 = 8;

/// The script of the worker that computes on several threads.
pub const THREADS_SCRIPT: &str = "worker_cpu_threads.js";

/// The address of the CPU engine's worker for what the setting `threads` says, and where its
/// threads tell of a crash; `crashed` is called with the browser's words when one does.
pub fn cpu_engine(wanted: u32, crashed: impl Fn(String) + 'static) -> (String, Option<Alarm>) {
    let threads = cpu_threads(wanted);
    let alarm = (threads > 1).then(|| Alarm::listen(crashed)).flatten();
    (cpu_worker(threads, alarm.as_ref().map(Alarm::name)), alarm)
}

/// How many threads the CPU engine computes on, for what the setting `threads` says.
fn cpu_threads(wanted: u32) -> u32 {
    threads(wanted, browser_api::cores(), browser_api::shares_memory())
}

/// The address of the CPU engine's worker for so many threads. `alarm` names the channel on which
/// one that crashes tells the page ([`Alarm`]).
fn cpu_worker(threads: u32, alarm: Option<&str>) -> String {
    match (threads, alarm) {
        (1, _) => "worker_cpu.js".into(),
        (threads, None) => format!("{THREADS_SCRIPT}?threads={threads}"),
        (threads, Some(alarm)) => format!("{THREADS_SCRIPT}?threads={threads}&alarm={alarm}"),
    }
}

/// How many threads to compute on: those that are wanted, or, for 0, one less than there are cores,
/// since the page needs one too.
///
/// Threads share memory, which not every browser gives, and none to a page that is not isolated
/// from other sites.
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

    #[test]
    fn only_an_engine_with_threads_is_told_where_they_tell_of_a_crash() {
        assert_eq!(cpu_worker(1, Some("a-1")), "worker_cpu.js");
        assert_eq!(cpu_worker(3, None), "worker_cpu_threads.js?threads=3");
        assert_eq!(cpu_worker(3, Some("a-1")), "worker_cpu_threads.js?threads=3&alarm=a-1");
    }
}
