//! What a batch sees of a picture: the part that is cut out of what is kept, and what happens to
//! that.
//!
//! fastai changes pictures in two places, and so does this module. Item transforms work on whole
//! pictures, which Pillow resizes with antialiasing: `RandomResizedCrop` and `Resize`. Their result
//! is the picture of a [`View`]. Batch transforms sample at points: `aug_transforms`. They are its
//! [`SampleTransform`], which the CPU or a GPU applies.
//!
//! Source: `fastai/vision/augment.py`, <https://docs.fast.ai/vision.augment.html>. Where ours
//! differs: crops are cut out of pictures that are kept small ([`resnette_spec::Keep`]) and not out
//! of the original, and all batch transforms are sampled at once, where fastai samples the crop
//! after the others.

use std::borrow::Cow;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use resnette_picture::Picture;
use resnette_spec::{Augment, Keep, Recipe, ResizeMethod};

use crate::augment::{BatchCrop, CropBox, SampleTransform, random_resized_crop};
use crate::projective::Projective;
use crate::resize::{MIDDLE, crop, needs_shrinking, resize, shrink, square, square_box};

/// One picture of a batch before it becomes numbers.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// What is sampled: the picture as it is kept, or what was cut out of it.
    pub picture: Cow<'a, Picture>,
    /// How it is sampled.
    pub transform: SampleTransform,
}

impl<'a> View<'a> {
    /// Draws how a batch with pictures of `size` pixels a side sees a picture, which is kept at
    /// least as large as a set for this size would keep it. `crop` is what all pictures of a batch
    /// share in [`Augment::Full`].
    pub fn random(
        recipe: &Recipe,
        kept: &'a Picture,
        size: u32,
        crop: BatchCrop,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let method = recipe.keep().method;
        match recipe.augment {
            Augment::None if matches!(method, ResizeMethod::Squish | ResizeMethod::Pad) => Self {
                picture: Cow::Owned(square(kept, method, MIDDLE, size)),
                transform: SampleTransform { map: Projective::IDENTITY, lighting: None },
            },
            Augment::None => {
                let picture = at_most(kept, Keep::SQUARE.train_side(size));
                let transform = SampleTransform::centre(&picture);
                Self { picture, transform }
            }
            Augment::CropFlipV1 => {
                let picture = at_most(kept, Keep::SQUARE.train_side(size));
                let transform = SampleTransform::crop_flip_v1(&picture, rng);
                Self { picture, transform }
            }
            Augment::FullV1 => {
                let picture = at_most(kept, Keep::SQUARE.train_side(size));
                let transform = SampleTransform::full_v1(&picture, crop, rng);
                Self { picture, transform }
            }
            Augment::CropFlip => {
                let (w, h) = (f64::from(kept.width), f64::from(kept.height));
                let (corner, part) = random_resized_crop(w, h, recipe.min_scale, rng)
                    .unwrap_or_else(|| widest_box(w, h));
                let map = if rng.random() { Projective::MIRROR } else { Projective::IDENTITY };
                Self {
                    picture: Cow::Owned(cut(kept, (corner, part), size)),
                    transform: SampleTransform { map, lighting: None },
                }
            }
            Augment::Full => {
                let side = Keep::BATCH.train_side(size);
                let place = (rng.random(), rng.random());
                let whole = at_most(kept, side);
                Self {
                    picture: match method {
                        ResizeMethod::Auto | ResizeMethod::Crop => square_at(whole, place),
                        ResizeMethod::Squish | ResizeMethod::Pad => {
                            Cow::Owned(square(&whole, method, place, side))
                        }
                    },
                    transform: SampleTransform::full(side, crop, rng),
                }
            }
        }
    }
}

/// The box of a picture, resized with antialiasing to `size` × `size` pixels.
pub fn cut(picture: &Picture, (corner, part): CropBox, size: u32) -> Picture {
    let whole = |(a, b): (f64, f64)| (a as u32, b as u32);
    resize(picture, (whole(corner), whole(part)), (size, size))
}

/// What fastai's `RandomResizedCrop` takes of a picture of `w` × `h` pixels if ten random boxes do
/// not fit into it: all of it, or the middle of one that is narrower than 3:4 or wider than 4:3.
pub fn widest_box(w: f64, h: f64) -> CropBox {
    let (narrowest, widest) = (3.0 / 4.0, 4.0 / 3.0);
    let (cw, ch) = match w / h {
        ratio if ratio < narrowest => (w, (w / narrowest).floor()),
        ratio if ratio > widest => ((h * widest).floor(), h),
        _ => (w, h),
    };
    let corner = (((w - cw) / 2.0).floor(), ((h - ch) / 2.0).floor());
    (corner, (cw.max(1.0), ch.max(1.0)))
}

/// The largest square of a picture at a place from 0 (left, top) to 1 (right, bottom): fastai's
/// `Resize` before it resizes.
fn square_at(picture: Cow<'_, Picture>, place: (f64, f64)) -> Cow<'_, Picture> {
    if picture.width == picture.height {
        return picture;
    }
    let (corner, side) = square_box(&picture, place);
    Cow::Owned(crop(&picture, corner, (side, side)))
}

/// A picture with a shorter side of at most `side` pixels. Sampling a larger one at every second
/// pixel or so would alias, so it is shrunk to what a data set for that size would have kept.
fn at_most(picture: &Picture, side: u32) -> Cow<'_, Picture> {
    match needs_shrinking(picture, side) {
        true => Cow::Owned(shrink(picture, side)),
        false => Cow::Borrowed(picture),
    }
}

#[cfg(test)]
mod tests {
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    /// Columns of their own colour, so that a picture tells what was cut out of it.
    fn columns(width: u32, height: u32) -> Picture {
        let rgb = (0..height).flat_map(|_| (0..width).flat_map(|x| [x as u8, 7, 9])).collect();
        Picture { width, height, rgb }
    }

    fn views(augment: Augment, kept: &Picture, size: u32) -> Vec<View<'_>> {
        views_of(&Recipe { augment, ..Recipe::default() }, kept, size)
    }

    fn views_of<'a>(recipe: &Recipe, kept: &'a Picture, size: u32) -> Vec<View<'a>> {
        let crop = BatchCrop::random(&mut stream(3, Purpose::Augment, 0));
        (1..200)
            .map(|index| {
                View::random(recipe, kept, size, crop, &mut stream(3, Purpose::Augment, index))
            })
            .collect()
    }

    #[test]
    fn crops_have_the_size_of_the_network_and_are_mirrored_half_of_the_time() {
        let kept = columns(145, 109);
        let views = views(Augment::CropFlip, &kept, 64);
        let mirrored = views.iter().filter(|view| view.transform.map == Projective::MIRROR).count();
        assert!((70..130).contains(&mirrored), "{mirrored}");
        for View { picture, transform } in &views {
            assert_eq!((picture.width, picture.height, transform.lighting), (64, 64, None));
            // From left to right at least the narrowest box: √(0.35 · 3/4) of the root of the area.
            let span = picture.pixel(63, 0)[0] - picture.pixel(0, 0)[0];
            assert!((60..145).contains(&span), "{span}");
        }
    }

    #[test]
    fn a_picture_that_no_box_fits_into_is_cut_in_its_middle() {
        for ((w, h), wanted) in [
            ((300.0, 20.0), ((137.0, 0.0), (26.0, 20.0))),
            ((30.0, 90.0), ((0.0, 25.0), (30.0, 40.0))),
            ((40.0, 32.0), ((0.0, 0.0), (40.0, 32.0))),
            ((1.0, 1.0), ((0.0, 0.0), (1.0, 1.0))),
        ] {
            assert_eq!(widest_box(w, h), wanted);
        }
        let kept = columns(250, 4);
        assert!(views(Augment::CropFlip, &kept, 16).iter().all(|view| view.picture.width == 16));
        let thin = Picture::filled(1, 1, [5; 3]);
        assert!(views(Augment::CropFlip, &thin, 16).iter().all(|view| view.picture.width == 16));
    }

    /// At least `min_scale` of the picture is shown, and with smaller boxes less than with larger.
    #[test]
    fn the_smallest_crop_is_as_the_recipe_says() {
        let kept = columns(200, 200);
        let span = |view: &View<'_>| {
            let [left, right] = [0, 31].map(|x| view.picture.pixel(x, 0)[0]);
            f64::from(right - left) / 200.0
        };
        let spans = |min_scale: f64| -> Vec<f64> {
            let recipe = Recipe { min_scale, ..Recipe::default() };
            views_of(&recipe, &kept, 32).iter().map(span).collect()
        };
        let least = |spans: &[f64]| spans.iter().copied().fold(1.0, f64::min);
        let (small, usual) = (spans(0.08), spans(0.35));
        // √(min_scale · 3/4), less the pixel that antialiasing takes at both edges.
        assert!((0.2..0.4).contains(&least(&small)), "{small:?}");
        assert!((0.45..0.65).contains(&least(&usual)), "{usual:?}");
        assert_eq!(usual, spans(Recipe::default().min_scale));
        // All of the picture: a square box fits, and any other is wider or higher than the picture.
        assert!(spans(1.0).iter().all(|&span| span > 0.9));
    }

    /// Without random crops training sees what validation sees, and `Resize` before batch
    /// transforms takes the same method.
    #[test]
    fn squares_are_made_as_the_recipe_says() {
        let kept = columns(120, 80);
        for resize in [ResizeMethod::Squish, ResizeMethod::Pad] {
            let recipe = Recipe { augment: Augment::None, resize, ..Recipe::default() };
            for view in views_of(&recipe, &kept, 64) {
                assert_eq!(*view.picture, square(&kept, resize, MIDDLE, 64));
                assert_eq!(view.transform.map, Projective::IDENTITY);
            }
            let recipe = Recipe { augment: Augment::Full, resize, ..Recipe::default() };
            let views = views_of(&recipe, &kept, 64);
            assert!(views.iter().all(|view| (view.picture.width, view.picture.height) == (80, 80)));
            let whole = |view: &View<'_>| {
                view.picture.pixel(0, 0)[0] < 5 && view.picture.pixel(79, 0)[0] > 114
            };
            assert!(views.iter().all(whole), "{resize:?}");
        }
    }

    /// fastai's `Resize` takes a square at a place of its own from each picture.
    #[test]
    fn squares_lie_anywhere_on_the_long_side() {
        let kept = columns(120, 80);
        let views = views(Augment::Full, &kept, 64);
        let starts: Vec<u8> = views.iter().map(|view| view.picture.pixel(0, 0)[0]).collect();
        assert!(starts.iter().any(|&start| start < 5) && starts.iter().any(|&start| start > 34));
        assert!(views.iter().all(|view| (view.picture.width, view.picture.height) == (80, 80)));
        // Kept for a larger size, they are shrunk first.
        let large = columns(240, 160);
        assert!(self::views(Augment::Full, &large, 64).iter().all(|view| view.picture.width == 80));
    }
}
