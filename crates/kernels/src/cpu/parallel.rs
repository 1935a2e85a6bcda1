//! Work in chunks, on all of Burn's threads if the feature `rayon` is on.
//!
//! A kernel's output is cut into chunks of whole pixels. How large a chunk is depends on the shape
//! alone, and every sum is finished within its chunk, so that the number of threads does not change
//! a single bit of the result.

use crate::cpu::hwcn_shape::HwcnShape;

/// Floats in a chunk: enough to be worth waking a thread for, and few enough (128 KiB) to stay in
/// its second-level cache between two passes.
const CHUNK_FLOATS: usize = 32_768;
/// Chunks that even a small feature map is cut into, so that there is work for several threads.
const MIN_CHUNKS: usize = 4;

/// Number of pixels in each chunk of a feature map; the last chunk may have fewer.
pub(super) fn pixels_per_chunk(shape: HwcnShape) -> usize {
    (CHUNK_FLOATS / shape.pixel_stride().max(1))
        .clamp(1, shape.pixels().div_ceil(MIN_CHUNKS).max(1))
}

/// Number of chunks that a feature map is cut into.
pub(super) fn chunk_count(shape: HwcnShape) -> usize {
    shape.pixels().div_ceil(pixels_per_chunk(shape))
}

/// Calls `task` with the index of each job and the job itself, in any order and on any thread.
pub(super) fn for_each<J: Send>(jobs: impl IntoIterator<Item = J>, task: impl Fn(usize, J) + Sync) {
    #[cfg(feature = "rayon")]
    if rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        let jobs: Vec<J> = jobs.into_iter().collect();
        if jobs.len() > 1 {
            jobs.into_par_iter().enumerate().for_each(|(index, job)| task(index, job));
        } else {
            // A single job is finished here sooner than another thread would have woken for it.
            jobs.into_iter().for_each(|job| task(0, job));
        }
        return;
    }
    for (index, job) in jobs.into_iter().enumerate() {
        task(index, job);
    }
}
