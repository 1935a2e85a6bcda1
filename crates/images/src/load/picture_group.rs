//! Pictures that are decoded together, on all of rayon's threads.
//!
//! What comes of a picture depends on its bytes alone, so a group gives the same pictures as one
//! after another, on however many threads. It is small: between two groups a reader can stop, and
//! its pictures together take no more memory than the largest single one may.

use bytes::Bytes;
use resnette_picture::Picture;

use crate::decode::kind::{Content, PictureKind, sniff};
use crate::decode::{MAX_PIXELS, declared_size};
use crate::load::archive_reader::MAX_PICTURE_BYTES;
use crate::load::picture_decoder::{Attempt, PictureDecoder};
use crate::parallel;

/// The most pictures for each thread. A thread that is done with its own takes another's, which
/// evens out pictures of different sizes.
const PICTURES_PER_THREAD: usize = 4;
/// Pixels for each thread after which one picture for each is enough: it takes long by itself.
const PIXELS_PER_THREAD: u64 = 1 << 20;

/// Pictures whose bytes are there, waiting until there are enough of them. Each has an item beside
/// it that says what it is for.
pub struct PictureGroup<T> {
    waiting: Vec<(T, Bytes)>,
    threads: usize,
    /// Encoded bytes and pixels of those that wait.
    bytes: u64,
    pixels: u64,
}

impl<T: Send + Sync> PictureGroup<T> {
    /// An empty group for the threads that there are. With a single one no picture waits for
    /// another.
    pub fn new() -> Self {
        Self { waiting: Vec::new(), threads: parallel::threads(), bytes: 0, pixels: 0 }
    }

    /// What waits, oldest first.
    pub fn items(&self) -> impl ExactSizeIterator<Item = &T> {
        self.waiting.iter().map(|(item, _)| item)
    }

    /// Whether this picture can be decoded together with those that wait, within the bounds of
    /// memory.
    pub fn has_room_for(&self, bytes: &[u8]) -> bool {
        self.waiting.is_empty()
            || self.bytes + bytes.len() as u64 <= MAX_PICTURE_BYTES
                && self.pixels + pixels(bytes) <= MAX_PIXELS
    }

    /// Has a picture wait with the others.
    pub fn add(&mut self, item: T, bytes: Bytes) {
        if self.threads == 1 {
            // It does not wait.
            self.waiting.push((item, bytes));
            return;
        }
        self.bytes += bytes.len() as u64;
        self.pixels += pixels(&bytes);
        // A picture of a parquet file is a piece of a page, which would stay in memory with it.
        self.waiting.push((item, Bytes::copy_from_slice(&bytes)));
    }

    /// Whether there are enough pictures to give every thread its work.
    pub fn is_full(&self) -> bool {
        let each_has_one = self.waiting.len() >= self.threads;
        // With one thread there is nothing to wait for.
        let is_work = self.threads == 1 || self.pixels >= PIXELS_PER_THREAD * self.threads as u64;
        each_has_one && is_work || self.waiting.len() >= PICTURES_PER_THREAD * self.threads
    }

    /// Decodes all that wait and empties the group. `make` makes of a decoded picture what is kept
    /// of it, on the thread that decoded it, so that only one whole picture a thread is in memory.
    pub fn decode<R: Send>(
        &mut self,
        decoder: &PictureDecoder,
        make: impl Fn(&T, &[u8], &Picture) -> R + Sync,
    ) -> Vec<Decoded<T, R>> {
        (self.bytes, self.pixels) = (0, 0);
        let waiting = std::mem::take(&mut self.waiting);
        let attempts = parallel::map(&waiting, |_, (item, bytes)| {
            decoder.attempt(bytes, |picture| make(item, bytes, picture))
        });
        let pairs = waiting.into_iter().zip(attempts);
        pairs.map(|((item, bytes), attempt)| Decoded { item, bytes, attempt }).collect()
    }
}

/// A picture of a group, and what came of it.
pub struct Decoded<T, R> {
    /// What it is for.
    pub item: T,
    /// Its file.
    pub bytes: Bytes,
    /// Made of it, or why not; for [`PictureDecoder::finish`].
    pub attempt: Attempt<R>,
}

/// How many pixels decoding takes memory for: those that the header tells, and as many as there may
/// be where it tells none. What is not decoded here takes none.
fn pixels(bytes: &[u8]) -> u64 {
    use PictureKind::{Bmp, Gif, Jpeg, Png, WebP};
    match sniff(bytes) {
        Content::Picture(kind @ (Jpeg | Png | WebP | Gif | Bmp)) => {
            let told = declared_size(bytes, kind);
            // A PNG with 16 bits a channel is decoded into twice as many bytes.
            let times = if kind == Png && bytes.get(24) == Some(&16) { 2 } else { 1 };
            let pixels = told.map(|(width, height)| times * u64::from(width) * u64::from(height));
            pixels.map_or(MAX_PIXELS, |pixels| pixels.min(MAX_PIXELS))
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A GIF that says it has so many pixels.
    fn gif(width: u16, height: u16) -> Bytes {
        [&b"GIF89a"[..], &width.to_le_bytes(), &height.to_le_bytes()].concat().into()
    }

    fn group(threads: usize) -> PictureGroup<usize> {
        PictureGroup { threads, ..PictureGroup::new() }
    }

    /// How many of the same picture make a full group.
    fn full_at(threads: usize, bytes: &Bytes) -> usize {
        let mut group = group(threads);
        for count in 0.. {
            if group.is_full() {
                return count;
            }
            assert!(group.has_room_for(bytes));
            group.add(count, bytes.clone());
        }
        0
    }

    #[test]
    fn a_group_is_a_few_pictures_a_thread_and_one_of_large_ones() {
        assert_eq!(full_at(1, &gif(160, 160)), 1);
        assert_eq!(full_at(3, &gif(160, 160)), 12);
        assert_eq!(full_at(3, &gif(2_000, 1_500)), 3);
        assert_eq!(full_at(3, &b"no picture".to_vec().into()), 12);
    }

    #[test]
    fn together_they_are_no_larger_than_one_may_be() {
        let mut large = group(8);
        large.add(0, gif(6_000, 5_000));
        assert!(large.has_room_for(&gif(6_000, 5_000)));
        assert!(!large.has_room_for(&gif(6_000, 6_000)));
        // One whose size is not told may have any.
        assert!(!large.has_room_for(b"\xff\xd8\xff"));
        assert!(large.has_room_for(&[7; 100]));
        let mut heavy = group(8);
        heavy.add(0, vec![0; MAX_PICTURE_BYTES as usize - 10].into());
        assert!(heavy.has_room_for(&[0; 10]) && !heavy.has_room_for(&[0; 11]));
        // A single one is never too large for a group of its own.
        assert!(group(8).has_room_for(&gif(60_000, 60_000)));
        let told = heavy.decode(&PictureDecoder::new(false), |_, _, _| ()).len();
        assert_eq!((told, heavy.items().len(), heavy.bytes), (1, 0, 0));
    }

    #[cfg(feature = "rayon")]
    #[test]
    fn pictures_of_a_group_are_decoded_at_the_same_time() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        use std::time::{Duration, Instant};

        let mut file = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(4, 4).write_to(&mut file, image::ImageFormat::Png).unwrap();
        let picture = Bytes::from(file.into_inner());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let met = pool.install(|| {
            let mut group = PictureGroup::new();
            (0..2).for_each(|index| group.add(index, picture.clone()));
            let here = AtomicUsize::new(0);
            // Each waits until the other is there too.
            let decoded = group.decode(&PictureDecoder::new(false), |_, _, _| {
                here.fetch_add(1, Ordering::SeqCst);
                let start = Instant::now();
                while here.load(Ordering::SeqCst) < 2 && start.elapsed() < Duration::from_secs(20) {
                    std::thread::yield_now();
                }
                here.load(Ordering::SeqCst)
            });
            let made = decoded.iter().map(|decoded| decoded.attempt.made().copied());
            made.collect::<Vec<_>>()
        });
        assert_eq!(met, [Some(2), Some(2)]);
    }
}
