//! What is kept of the pictures of a class while they are seen one after another.

use std::collections::{BTreeSet, BinaryHeap};

use rand::RngCore;
use resnette_picture::Picture;
use resnette_spec::Keep;
use resnette_spec::random::{Purpose, stream};

use crate::file_hash::FileHash;
use crate::hash::fnv1a;
use crate::keep::{for_training, for_validation};
use crate::load::class_name::sampling_name;
use crate::load::entry::Split;
use crate::outline::{is_outline, outline};
use crate::resize::shrink;

/// What is kept of one class.
#[derive(Default)]
pub struct Class {
    /// The reservoirs of the training pictures, of the validation pictures, and of those whose
    /// path names no split.
    pub reservoirs: [Reservoir; 3],
    /// What distinguishes the class: its key, or several if the reader made several into one.
    pub keys: BTreeSet<String>,
    /// Some of the folders and files that its pictures come from.
    pub origins: BTreeSet<String>,
}

impl Class {
    /// Where the pictures of a split are kept.
    pub fn reservoir(&mut self, split: Option<Split>) -> &mut Reservoir {
        let [train, valid, unassigned] = &mut self.reservoirs;
        match split {
            Some(Split::Train) => train,
            Some(Split::Valid) => valid,
            None => unassigned,
        }
    }

    /// The pictures of a split that are kept.
    pub fn kept(&self, split: Option<Split>) -> &BinaryHeap<KeptPicture> {
        let [train, valid, unassigned] = &self.reservoirs;
        match split {
            Some(Split::Train) => &train.kept,
            Some(Split::Valid) => &valid.kept,
            None => &unassigned.kept,
        }
    }

    /// The number of readable pictures seen.
    pub fn seen(&self) -> usize {
        self.reservoirs.iter().map(|reservoir| reservoir.seen).sum()
    }
}

/// The pictures with the smallest keys.
#[derive(Default)]
pub struct Reservoir {
    /// The number of pictures seen, less those that turned out to be unreadable.
    pub seen: usize,
    /// The one with the largest key is on top.
    pub kept: BinaryHeap<KeptPicture>,
}

impl Reservoir {
    /// Keeps every picture with a shorter side of at most `side` pixels, and returns the memory
    /// that they then take.
    pub fn shrink(&mut self, side: u32) -> usize {
        let mut kept = std::mem::take(&mut self.kept).into_vec();
        kept.iter_mut().for_each(|picture| picture.shrink(side));
        let bytes = kept.iter().map(KeptPicture::bytes).sum();
        self.kept = kept.into();
        bytes
    }
}

/// Makes of pictures what is kept of them: settings alone, so that it can be done on any thread.
#[derive(Clone, Copy, Debug)]
pub struct PictureMaker {
    /// How pictures are kept.
    pub keep: Keep,
    /// Side of the network's input in pixels.
    pub size: u32,
}

/// A picture that is made and not yet kept.
pub struct MadePicture {
    keep: Keep,
    hash: u64,
    content: FileHash,
    for_training: Picture,
    for_validation: Picture,
}

impl PictureMaker {
    /// Both forms of a picture, given its file as well.
    pub fn make(self, bytes: &[u8], picture: &Picture) -> MadePicture {
        MadePicture {
            keep: self.keep,
            hash: fnv1a(bytes.iter().copied()),
            content: FileHash::of(bytes),
            for_training: for_training(self.keep, picture, self.size),
            for_validation: for_validation(self.keep, picture, self.size),
        }
    }
}

impl MadePicture {
    /// The same without its pixels.
    pub fn into_outline(self) -> Self {
        let (for_training, for_validation) =
            (outline(&self.for_training), outline(&self.for_validation));
        Self { for_training, for_validation, ..self }
    }

    /// The picture as it is kept now: smaller, where it was made before there was too little room.
    pub fn kept(self, key: u64, file: String, maker: PictureMaker) -> KeptPicture {
        let Self { keep, hash, content, for_training, for_validation } = self;
        let mut kept = KeptPicture { key, file, hash, content, for_training, for_validation };
        if keep != maker.keep {
            kept.shrink(maker.keep.train_side(maker.size));
        }
        kept
    }
}

/// A picture in both forms, since it may become clear only at the end whether it is used to train
/// or to validate.
#[derive(PartialEq, Eq)]
pub struct KeptPicture {
    /// Its random key.
    pub key: u64,
    /// Its file's name.
    pub file: String,
    /// Tells pictures in two folders apart whose files have the same name.
    pub hash: u64,
    /// Tells whether two pictures come from the same bytes.
    pub content: FileHash,
    /// As it is used to train.
    pub for_training: Picture,
    /// As it is used to validate.
    pub for_validation: Picture,
}

impl KeptPicture {
    /// Keeps the whole picture with a shorter side of at most `side` pixels.
    pub fn shrink(&mut self, side: u32) {
        if !is_outline(&self.for_training) {
            self.for_training = shrink(&self.for_training, side);
        }
    }

    /// The memory that both forms take.
    pub fn bytes(&self) -> usize {
        self.for_training.rgb.len() + self.for_validation.rgb.len()
    }
}

impl Ord for KeptPicture {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.key, &self.file, self.hash).cmp(&(other.key, &other.file, other.hash))
    }
}

impl PartialOrd for KeptPicture {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The random key of a picture: the sample consists of those with the smallest keys.
pub fn sampling_key(seed: u32, class: &str, file: &str) -> u64 {
    let class = sampling_name(class);
    let position = fnv1a(class.bytes().chain([b'/']).chain(file.bytes()));
    stream(seed, Purpose::Subset, position).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_made_before_there_was_too_little_room_is_the_same() {
        let picture = Picture {
            width: 190,
            height: 131,
            rgb: (0..190 * 131 * 3_u64).map(|i| (i * i / 11 % 251) as u8).collect(),
        };
        let made = |keep| PictureMaker { keep, size: 32 }.make(b"file", &picture);
        let small = PictureMaker { keep: Keep::SMALL_CROPS, size: 32 };
        let kept = |keep| made(keep).kept(1, "a.jpg".into(), small);
        assert!(kept(Keep::CROPS) == kept(Keep::SMALL_CROPS));
        assert_eq!(kept(Keep::CROPS).for_training.height, 40);
    }
}
