//! Work on pictures, of a batch or of a set that is being loaded, on all of rayon's threads if the
//! feature `rayon` is on.

/// How many threads share the work.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}

/// What `task` makes of each item, in their order, on any thread.
pub(crate) fn map<T: Send + Sync, R: Send>(
    items: &[T],
    task: impl Fn(usize, &T) -> R + Sync,
) -> Vec<R> {
    #[cfg(feature = "rayon")]
    if rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        return items.par_iter().enumerate().map(|(index, item)| task(index, item)).collect();
    }
    items.iter().enumerate().map(|(index, item)| task(index, item)).collect()
}

/// Calls `task` with the index of each chunk of `len` numbers and the chunk itself, in any order
/// and on any thread. What does not fill a chunk at the end is left alone.
pub(crate) fn for_each_chunk(
    numbers: &mut [f32],
    len: usize,
    task: impl Fn(usize, &mut [f32]) + Sync,
) {
    #[cfg(feature = "rayon")]
    if rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        numbers.par_chunks_exact_mut(len).enumerate().for_each(|(index, chunk)| task(index, chunk));
        return;
    }
    for (index, chunk) in numbers.chunks_exact_mut(len).enumerate() {
        task(index, chunk);
    }
}
