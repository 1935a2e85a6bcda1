//! Work in chunks, on all of Burn's threads if the feature `rayon` is on.
//!
//! What a chunk holds depends on the geometry alone and every sum is finished within its chunk, so
//! the number of threads changes no bit.

use crate::cpu::grid::Grid;

/// Floats of a chunk: enough to be worth a thread's while, few enough to stay in its cache.
const CHUNK: usize = 32_768;
/// Chunks of a small grid.
const FEW: usize = 4;

/// Pixels of a chunk of a grid.
pub(super) fn chunk(grid: Grid) -> usize {
    (CHUNK / grid.pixel().max(1)).clamp(1, grid.pixels().div_ceil(FEW).max(1))
}

/// Chunks of a grid.
pub(super) fn chunks(grid: Grid) -> usize {
    grid.pixels().div_ceil(chunk(grid))
}

/// Calls `task` with each of `jobs`, which are told apart by their place.
pub(super) fn each<J: Send>(jobs: impl IntoIterator<Item = J>, task: impl Fn(usize, J) + Sync) {
    #[cfg(feature = "rayon")]
    if rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        let jobs: Vec<J> = jobs.into_iter().collect();
        if jobs.len() > 1 {
            jobs.into_par_iter().enumerate().for_each(|(index, job)| task(index, job));
        } else {
            // Alone it is done sooner than another thread has woken.
            jobs.into_iter().for_each(|job| task(0, job));
        }
        return;
    }
    for (index, job) in jobs.into_iter().enumerate() {
        task(index, job);
    }
}
