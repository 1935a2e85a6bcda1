//! Which pictures are there, which are under way and which come next, within a bound of memory.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::Wanted;
use super::maker::{MOST_OF_A_PAGE, Maker};
use crate::sample::Sample;

/// The pictures that are made, or will be soon.
#[derive(Debug)]
pub struct Queue {
    /// The most bytes of made pictures, those under way included.
    limit: u64,
    /// The most bytes of those that stay.
    stay_limit: u64,
    /// What is made next, in this order.
    waiting: VecDeque<Wanted>,
    /// What threads make now.
    making: HashSet<Wanted>,
    /// Made, and not asked for yet.
    ready: HashMap<Wanted, Arc<Sample>>,
    /// Made, and kept for the epochs to come.
    stay: HashMap<Wanted, Arc<Sample>>,
    /// Bytes of all that is `making`, `ready` or in `stay`, and of the latter alone.
    bytes: u64,
    stay_bytes: u64,
    /// The most that `bytes` has been.
    pub most: u64,
    /// Pictures that were asked for, and those of them that were there or under way.
    pub asked: u64,
    pub found: u64,
    /// Pictures that were made, by threads or by who asked.
    pub made: u64,
    /// Whether threads are to end.
    pub is_closed: bool,
}

impl Queue {
    /// An empty queue for pictures that take `all` bytes together.
    pub fn new(limit: u64, all: u64) -> Self {
        // Where not all can stay, a quarter is for what is made ahead.
        let stay_limit = if all <= limit { limit } else { limit - limit / 4 };
        Self {
            limit,
            stay_limit,
            waiting: VecDeque::new(),
            making: HashSet::new(),
            ready: HashMap::new(),
            stay: HashMap::new(),
            bytes: 0,
            stay_bytes: 0,
            most: 0,
            asked: 0,
            found: 0,
            made: 0,
            is_closed: false,
        }
    }

    /// Begins a batch: what of `wanted` is neither there nor under way has to be made by the
    /// caller. What follows is made in the order of `ahead`; what neither names is dropped.
    pub fn plan(&mut self, wanted: &[Wanted], ahead: Vec<Wanted>) -> Vec<Wanted> {
        let named: HashSet<Wanted> = wanted.iter().chain(&ahead).copied().collect();
        let mut freed = 0;
        self.ready.retain(|key, sample| {
            let stays = named.contains(key);
            freed += if stays { 0 } else { sample.bytes() };
            stays
        });
        self.bytes -= freed;
        let missing: Vec<Wanted> =
            wanted.iter().copied().filter(|wanted| !self.has(wanted)).collect();
        self.asked += wanted.len() as u64;
        self.found += (wanted.len() - missing.len()) as u64;
        self.waiting = ahead.into_iter().filter(|ahead| !self.has(ahead)).collect();
        missing
    }

    fn has(&self, wanted: &Wanted) -> bool {
        self.making.contains(wanted)
            || self.ready.contains_key(wanted)
            || self.stay.contains_key(wanted)
    }

    /// What a thread makes next: one picture, or several of the same page; `None` if there is
    /// nothing to do, or no room.
    pub fn begin(&mut self, maker: &Maker) -> Option<Vec<Wanted>> {
        let first = *self.waiting.front()?;
        if !self.start(first, maker) {
            return None;
        }
        self.waiting.pop_front();
        let mut group = vec![first];
        let Some(page) = maker.page(first) else { return Some(group) };
        // What is needed sooner comes first: a page's other pictures are taken from those that
        // there is room for in any case.
        let mut room = self.limit.saturating_sub(self.bytes);
        let mut index = 0;
        while group.len() < MOST_OF_A_PAGE
            && let Some(&other) = self.waiting.get(index)
        {
            let Some(rest) = room.checked_sub(maker.bytes(other)) else { break };
            room = rest;
            if maker.page(other) == Some(page) && self.start(other, maker) {
                self.waiting.remove(index);
                group.push(other);
            } else {
                index += 1;
            }
        }
        Some(group)
    }

    /// Takes room for a picture that is made now, if there is as much.
    fn start(&mut self, wanted: Wanted, maker: &Maker) -> bool {
        let bytes = maker.bytes(wanted);
        if self.bytes.saturating_add(bytes) > self.limit {
            return false;
        }
        self.add(bytes);
        self.making.insert(wanted);
        true
    }

    /// Ends the making of a picture, which takes `bytes`; `None` if it could not be made.
    pub fn end(&mut self, wanted: Wanted, bytes: u64, made: Option<Arc<Sample>>) {
        if !self.making.remove(&wanted) {
            return;
        }
        match made {
            Some(sample) => {
                self.made += 1;
                self.ready.insert(wanted, sample);
            }
            None => self.bytes -= bytes,
        }
    }

    /// Whether a thread makes this picture now.
    pub fn is_making(&self, wanted: Wanted) -> bool {
        self.making.contains(&wanted)
    }

    /// Takes a picture that is there. It stays for the next epoch if there is room.
    pub fn take(&mut self, wanted: Wanted) -> Option<Arc<Sample>> {
        if let Some(sample) = self.stay.get(&wanted) {
            return Some(sample.clone());
        }
        let sample = self.ready.remove(&wanted)?;
        self.bytes -= sample.bytes();
        self.keep(wanted, &sample);
        Some(sample)
    }

    /// Counts a picture that was made by who asked for it. It stays for the next epoch if there is
    /// room.
    pub fn keep_made(&mut self, wanted: Wanted, sample: &Arc<Sample>) {
        self.made += 1;
        self.keep(wanted, sample);
    }

    /// Keeps a picture for the next epoch if there is room.
    fn keep(&mut self, wanted: Wanted, sample: &Arc<Sample>) {
        let bytes = sample.bytes();
        let has_room = self.stay_bytes.saturating_add(bytes) <= self.stay_limit
            && self.bytes.saturating_add(bytes) <= self.limit;
        if has_room && self.stay.insert(wanted, sample.clone()).is_none() {
            self.stay_bytes += bytes;
            self.add(bytes);
        }
    }

    fn add(&mut self, bytes: u64) {
        self.bytes += bytes;
        self.most = self.most.max(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_picture::Picture;

    use super::super::{Part, Place, Places};
    use super::*;
    use crate::dataset::Dataset;
    use crate::decode::DecodeOptions;
    use crate::file_hash::FileHash;

    /// What makes a picture of 48 bytes for each of these pages.
    fn maker(pages: &[u32]) -> Maker {
        let (mut set, mut places) = (Dataset::default(), Places::default());
        for (row, &page) in (0_u32..).zip(pages) {
            let file = FileHash::of(&[row as u8]);
            places.add(file, Place::Row { page, row });
            let picture = Picture { width: 4, height: 4, rgb: Vec::new() };
            set.train.push(Sample::train(picture, 0).with_file(file));
        }
        Maker::new(&set, Vec::new(), places, 4, DecodeOptions::default()).unwrap()
    }

    fn train(indices: &[usize]) -> Vec<Wanted> {
        indices.iter().map(|&index| (Part::Train, index)).collect()
    }

    #[test]
    fn companions_leave_room_for_what_is_needed_sooner() {
        let maker = maker(&[7, 8, 7, 8, 9, 7]);
        let ahead = train(&[0, 1, 2, 3, 4, 5]);
        // Room for four pictures: the last one of the first page is needed too late.
        let mut queue = Queue::new(4 * 48, maker.all_bytes());
        assert!(queue.plan(&[], ahead.clone()).is_empty());
        assert_eq!(queue.begin(&maker), Some(train(&[0, 2])));
        assert_eq!(queue.begin(&maker), Some(train(&[1, 3])));
        assert_eq!(queue.begin(&maker), None);
        // With room for all, it comes with its page.
        let mut queue = Queue::new(6 * 48, maker.all_bytes());
        assert!(queue.plan(&[], ahead).is_empty());
        assert_eq!(queue.begin(&maker), Some(train(&[0, 2, 5])));
    }

    #[test]
    fn pictures_of_a_page_are_made_in_groups() {
        let maker = maker(&[7, 8, 7, 7, 7, 7, 7, 7, 7, 7, 8]);
        let groups = maker.groups(&train(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
        assert_eq!(groups, [train(&[0, 2, 3, 4, 5, 6, 7, 8]), train(&[1, 10]), train(&[9])]);
    }
}
