//! How a picture is kept for a run: as it is cropped from to train, and the square of it that
//! validation sees. [`Keep`] says which of fastai's transforms a run follows.

use resnette_picture::Picture;
use resnette_spec::{Keep, ResizeMethod, Room};

use crate::render::sample_square;
use crate::resize::{MIDDLE, shrink, square, squish_middle};

/// The whole picture as it is kept to train a network whose input has `size` pixels a side. A
/// smaller picture is kept as it is.
pub fn for_training(keep: Keep, picture: &Picture, size: u32) -> Picture {
    match keep.room {
        // In two steps, like the pictures that were kept larger before there was too little room:
        // a set does not depend on the order in which its pictures came.
        Room::SmallCrops(_) => {
            shrink(&shrink(picture, keep.larger().train_side(size)), keep.train_side(size))
        }
        Room::Plain | Room::Crops(_) | Room::Batch => shrink(picture, keep.train_side(size)),
    }
}

/// The square of a picture that a network sees in validation, whose input has `size` pixels a side.
pub fn for_validation(keep: Keep, picture: &Picture, size: u32) -> Picture {
    match (keep.room, keep.method) {
        (Room::Crops(_) | Room::SmallCrops(_), ResizeMethod::Squish) => {
            squish_middle(picture, size)
        }
        (Room::Plain | Room::Crops(_) | Room::SmallCrops(_), method) => {
            square(picture, method, MIDDLE, size)
        }
        (Room::Batch, method) => {
            sample_square(&square(picture, method, MIDDLE, keep.train_side(size)), size)
        }
    }
}
