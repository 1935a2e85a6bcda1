//! Drawing a set from pictures that pass by once, in any order.
//!
//! Each picture has a number that depends on the seed, its class and its file's name alone, and the
//! pictures with the smallest numbers of each class are kept. So a draw needs no list beforehand,
//! holds no more than it keeps, and gives the same pictures from an archive as from a folder,
//! whatever their order.

use std::collections::{BTreeMap, BinaryHeap};

use rand::RngCore;
use resnette_picture::Picture;
use resnette_spec::DataConfig;
use resnette_spec::random::{Purpose, stream};

use crate::decode::{DecodeError, decode};
use crate::fingerprint;
use crate::imagenet::readable_name;
use crate::layout::{Part, Place};
use crate::load::LoadError;
use crate::set::{DataSet, Sample, train_side};
use crate::square::{centre_square, shrink};

/// A set with more classes is no classroom's, and no head of ours is so wide.
pub const MOST_CLASSES: usize = 1_000;
/// Fewer pictures of a class leave one to validate with and next to none to learn from.
const FEWEST_PICTURES: usize = 5;
/// The share that validates where the folders do not say.
const VALID_SHARE: f64 = 0.2;
/// Bytes of kept pictures above which a browser's memory is at risk.
const MOST_BYTES: usize = 1_500_000_000;

/// Why a picture was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// It is no picture.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Its class is one too many.
    #[error("there are more than {MOST_CLASSES} classes; this one is left out")]
    Classes,
    /// There is no room.
    #[error("the pictures kept so far take 1.5 GB; choose fewer a class, or smaller ones")]
    Memory,
}

/// The pictures kept so far.
pub struct Collector<'a> {
    config: &'a DataConfig,
    seed: u32,
    classes: BTreeMap<String, Class>,
    bytes: usize,
}

#[derive(Default)]
struct Class {
    /// By `index(part)`.
    piles: [Pile; 3],
}

#[derive(Default)]
struct Pile {
    /// Pictures that passed by and were not found broken.
    seen: usize,
    kept: BinaryHeap<Kept>,
}

/// A kept picture in both forms: which one is needed may only be known at the end.
#[derive(PartialEq, Eq)]
struct Kept {
    number: u64,
    file: String,
    whole: Picture,
    square: Picture,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.whole.rgb.len() + self.square.rgb.len()
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.number, &self.file).cmp(&(other.number, &other.file))
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn index(part: Option<Part>) -> usize {
    match part {
        Some(Part::Train) => 0,
        Some(Part::Valid) => 1,
        None => 2,
    }
}

/// A picture's number in the draw.
pub fn number(seed: u32, place: &Place) -> u64 {
    let position = fingerprint::hash(place.class.bytes().chain([b'/']).chain(place.file.bytes()));
    stream(seed, Purpose::Subset, position).next_u64()
}

impl<'a> Collector<'a> {
    /// Nothing is kept yet.
    pub fn new(config: &'a DataConfig, seed: u32) -> Self {
        Self { config, seed, classes: BTreeMap::new(), bytes: 0 }
    }

    /// How many pictures of a pile are kept.
    fn limit(&self, part: Option<Part>) -> usize {
        match part {
            Some(Part::Train) => self.config.train as usize,
            Some(Part::Valid) => self.config.valid as usize,
            None => self.config.train as usize + self.config.valid as usize,
        }
    }

    /// Counts a picture that passes by, and tells whether its bytes are wanted.
    ///
    /// # Errors
    /// [`TakeError::Classes`]
    pub fn wants(&mut self, place: &Place) -> Result<bool, TakeError> {
        let (limit, number) = (self.limit(place.part), number(self.seed, place));
        if self.classes.len() >= MOST_CLASSES && !self.classes.contains_key(&place.class) {
            return Err(TakeError::Classes);
        }
        let pile =
            &mut self.classes.entry(place.class.clone()).or_default().piles[index(place.part)];
        pile.seen += 1;
        Ok(pile.kept.len() < limit
            || pile
                .kept
                .peek()
                .is_some_and(|last| (number, &place.file) < (last.number, &last.file)))
    }

    /// Takes in a picture that [`Collector::wants`] wanted; the last one of its pile goes where the
    /// pile is full.
    ///
    /// # Errors
    /// [`TakeError`]
    pub fn take(&mut self, place: &Place, bytes: &[u8]) -> Result<(), TakeError> {
        let (limit, number, size) =
            (self.limit(place.part), number(self.seed, place), self.config.size);
        let decoded = decode(bytes);
        let Some(class) = self.classes.get_mut(&place.class) else {
            return Err(TakeError::Classes);
        };
        let pile = &mut class.piles[index(place.part)];
        let picture = match decoded {
            Ok(picture) => picture,
            Err(error) => {
                pile.seen -= 1;
                return Err(error.into());
            }
        };
        let kept = Kept {
            number,
            file: place.file.clone(),
            whole: shrink(&picture, train_side(size)),
            square: centre_square(&picture, size),
        };
        if self.bytes + kept.bytes() > MOST_BYTES && pile.kept.len() < limit {
            return Err(TakeError::Memory);
        }
        self.bytes += kept.bytes();
        pile.kept.push(kept);
        if pile.kept.len() > limit
            && let Some(gone) = pile.kept.pop()
        {
            self.bytes -= gone.bytes();
        }
        Ok(())
    }

    /// Takes back the count of a wanted picture whose bytes could not be read.
    pub fn missed(&mut self, place: &Place) {
        if let Some(class) = self.classes.get_mut(&place.class) {
            let pile = &mut class.piles[index(place.part)];
            pile.seen = pile.seen.saturating_sub(1);
        }
    }

    /// Pictures that are kept now, and pictures that would be at most.
    pub fn progress(&self) -> (u32, u32) {
        let kept: usize =
            self.classes.values().flat_map(|class| &class.piles).map(|pile| pile.kept.len()).sum();
        (kept as u32, self.limit(None) as u32 * self.classes.len() as u32)
    }

    /// The set: classes in the order of their keys, each class by its pictures' numbers.
    ///
    /// A class whose folders do not say which pictures validate is split, one in five.
    ///
    /// # Errors
    /// [`LoadError::Nothing`], [`LoadError::FewClasses`], [`LoadError::FewPictures`]
    pub fn finish(self, source: String) -> Result<DataSet, LoadError> {
        let seen = |class: &Class| class.piles.iter().map(|pile| pile.seen).sum::<usize>();
        let found: Vec<(String, Class)> =
            self.classes.into_iter().filter(|(_, class)| seen(class) > 0).collect();
        match &found[..] {
            [] => return Err(LoadError::Nothing(source)),
            // One class leaves nothing to tell apart.
            [(only, _)] => {
                return Err(LoadError::FewClasses {
                    source_name: source,
                    class: readable_name(only),
                });
            }
            _ => {}
        }
        let few: Vec<String> = found
            .iter()
            .filter(|(_, class)| seen(class) < FEWEST_PICTURES)
            .map(|(key, class)| format!("{} ({})", readable_name(key), seen(class)))
            .collect();
        if !few.is_empty() {
            let shown = few.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            return Err(LoadError::FewPictures {
                source_name: source,
                classes: shown,
                fewest: FEWEST_PICTURES,
            });
        }
        let (train, valid) = (self.config.train as usize, self.config.valid as usize);
        let mut set = DataSet { source, ..DataSet::default() };
        for (label, (key, class)) in found.into_iter().enumerate() {
            let label = label as u32;
            set.classes.push(readable_name(&key));
            let [given, validating, open] = class.piles;
            let as_train = |kept: Kept| Sample { picture: kept.whole, label };
            let as_valid = |kept: Kept| Sample { picture: kept.square, label };
            if given.seen + open.seen > 0 && validating.seen > 0 {
                let mut all = given.kept.into_vec();
                all.extend(open.kept);
                all.sort_unstable();
                set.train.extend(all.into_iter().take(train).map(as_train));
                set.valid.extend(
                    validating.kept.into_sorted_vec().into_iter().take(valid).map(as_valid),
                );
            } else {
                let count = given.seen + validating.seen + open.seen;
                let mut all: Vec<Kept> =
                    [given, validating, open].into_iter().flat_map(|pile| pile.kept).collect();
                all.sort_unstable();
                let share = ((count as f64 * VALID_SHARE).round() as usize)
                    .clamp(1, valid.max(1))
                    .min(all.len().saturating_sub(1));
                let rest = all.split_off(share);
                set.valid.extend(all.into_iter().map(as_valid));
                set.train.extend(rest.into_iter().take(train.min(count - share)).map(as_train));
            }
        }
        Ok(set)
    }
}
