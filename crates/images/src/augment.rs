//! Random augmentation: how a picture is transformed and in what light, and the first version of
//! which part of it the network sees. The versions since are in [`crate::view`].
//!
//! All geometric transforms of a picture are composed into a single [`Projective`], so that the
//! picture is sampled only once (in [`crate::render`]). The transforms and their ranges are
//! fastai's: `RandomResizedCrop`, `RandomResizedCropGPU` and `aug_transforms`
//! (<https://docs.fast.ai/vision.augment.html>).

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use resnette_picture::Picture;
use resnette_spec::source::MIN_CROP_AREA;

use crate::projective::Projective;

/// The smallest part of the area that a crop keeps under [`Augment::Full`](resnette_spec::Augment):
/// chapter 14's `min_scale` for `aug_transforms`.
const MIN_SCALE_FULL: f64 = 0.5;
// The defaults of fastai's `aug_transforms`.
const MAX_ROTATE_DEGREES: f64 = 10.0;
const MAX_ZOOM: f64 = 1.1;
const MAX_WARP: f64 = 0.2;
const MAX_LIGHTING: f64 = 0.2;
const P_AFFINE: f64 = 0.75;
const P_LIGHTING: f64 = 0.75;

/// Brightness and contrast: what is added to the logit of every value (fastai's `Brightness`), and
/// what the sum is multiplied by (fastai's `Contrast`). (0, 1) changes nothing.
pub type Lighting = (f64, f64);

/// How one picture of one batch is transformed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleTransform {
    /// From coordinates of the output to coordinates of the picture, both from −1 to 1.
    pub map: Projective,
    /// The change of brightness and contrast; `None` for no change.
    pub lighting: Option<Lighting>,
}

impl SampleTransform {
    /// The picture's middle square, without anything random.
    pub fn centre(picture: &Picture) -> Self {
        let (w, h) = sides(picture);
        let (corner, size) = centre_box(w, h);
        Self { map: Projective::crop((w, h), corner, size), lighting: None }
    }

    /// Draws a random crop and a flip, sampled at points:
    /// [`Augment::CropFlipV1`](resnette_spec::Augment).
    pub fn crop_flip_v1(picture: &Picture, rng: &mut ChaCha8Rng) -> Self {
        let (w, h) = sides(picture);
        let (corner, size) =
            random_resized_crop(w, h, MIN_CROP_AREA, rng).unwrap_or_else(|| centre_box(w, h));
        let flip = FlipRotateZoom { flip: rng.random(), ..FlipRotateZoom::IDENTITY };
        let map = Projective::crop((w, h), corner, size).after(flip.matrix(1.0));
        Self { map, lighting: None }
    }

    /// Draws all of `aug_transforms`, after the crop that all pictures of a batch share:
    /// [`Augment::FullV1`](resnette_spec::Augment).
    pub fn full_v1(picture: &Picture, crop: BatchCrop, rng: &mut ChaCha8Rng) -> Self {
        let (w, h) = sides(picture);
        let affine = FlipRotateZoom::random(rng);
        let (corner, cut) = crop.within(w.min(h), (w, h));
        // The crop is square, so its aspect ratio is 1.
        let map =
            Projective::crop((w, h), corner, cut).after(random_warp(rng)).after(affine.matrix(1.0));
        Self { map, lighting: random_lighting(rng) }
    }

    /// Draws all of `aug_transforms` for a square that fastai's `Resize` would give `side` pixels.
    /// As in fastai the square is moved and warped first, and the crop that all pictures of a batch
    /// share is cut from that: [`Augment::Full`](resnette_spec::Augment).
    pub fn full(side: u32, crop: BatchCrop, rng: &mut ChaCha8Rng) -> Self {
        let affine = FlipRotateZoom::random(rng);
        let warp = random_warp(rng);
        let lighting = random_lighting(rng);
        Self { map: crop.of_moved(side, warp, affine), lighting }
    }

    /// The map from pixels of an output of `size` × `size` pixels to pixels of the picture, both
    /// counted from the centre of the first pixel, as a 3×3 matrix in row-major order.
    pub fn in_pixels(&self, picture: &Picture, size: u32) -> [f64; 9] {
        let last = f64::from(size.max(2) - 1);
        let half = |length: u32| f64::from(length - 1) / 2.0;
        let (x, y) = (half(picture.width), half(picture.height));
        let from_pixels = Projective::affine([2.0 / last, 0.0, -1.0, 0.0, 2.0 / last, -1.0]);
        Projective::affine([x, 0.0, x, 0.0, y, y]).after(self.map).after(from_pixels).0
    }
}

/// The crop that all pictures of a batch share, as in fastai's `RandomResizedCropGPU`: a square
/// whose size and position are relative to each picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchCrop {
    /// The square's area, relative to the picture's largest square.
    area: f64,
    /// The horizontal position, 0 at the left and 1 at the right.
    x: f64,
    /// The vertical position, 0 at the top and 1 at the bottom.
    y: f64,
}

impl BatchCrop {
    /// Draws the random crop of a batch.
    pub fn random(rng: &mut ChaCha8Rng) -> Self {
        Self { area: rng.random_range(MIN_SCALE_FULL..1.0), x: rng.random(), y: rng.random() }
    }

    /// A crop with this part of the largest square's area, at a place from 0 (left, top) to 1
    /// (right, bottom).
    pub fn at(area: f64, x: f64, y: f64) -> Self {
        Self { area, x, y }
    }

    /// The map from coordinates of the output to coordinates of a square of `side` pixels that is
    /// moved, then warped, and then cropped.
    pub fn of_moved(self, side: u32, warp: Projective, moved: FlipRotateZoom) -> Projective {
        let side = f64::from(side);
        let (corner, cut) = self.within(side, (side, side));
        warp.after(moved.matrix(1.0)).after(Projective::crop((side, side), corner, cut))
    }

    /// The box in a picture of `w` × `h` pixels whose largest square has `side` pixels.
    fn within(self, side: f64, (w, h): (f64, f64)) -> CropBox {
        let cut = (self.area.sqrt() * side).round();
        let corner = (((w - cut + 1.0) * self.x).floor(), ((h - cut + 1.0) * self.y).floor());
        (corner, (cut, cut))
    }
}

/// A box's upper left corner, and its width and height, in whole pixels.
pub type CropBox = ((f64, f64), (f64, f64));

/// A picture's width and height in pixels.
fn sides(picture: &Picture) -> (f64, f64) {
    (f64::from(picture.width), f64::from(picture.height))
}

/// The largest centred square of a picture of `w` × `h` pixels.
fn centre_box(w: f64, h: f64) -> CropBox {
    let side = w.min(h);
    (((w - side) / 2.0, (h - side) / 2.0), (side, side))
}

/// The box of fastai's `RandomResizedCrop`: an area uniform in [`min_scale`, 1) and an aspect ratio
/// log-uniform in [3/4, 4/3). `None` if ten tries give no box that fits into the picture.
pub(crate) fn random_resized_crop(
    w: f64,
    h: f64,
    min_scale: f64,
    rng: &mut ChaCha8Rng,
) -> Option<CropBox> {
    let log_ratio = (4.0f64 / 3.0).ln();
    for _ in 0..10 {
        // All of the area is a range of one number, which `random_range` does not take.
        let share = if min_scale < 1.0 { rng.random_range(min_scale..1.0) } else { 1.0 };
        let area = share * w * h;
        let ratio = rng.random_range(-log_ratio..log_ratio).exp();
        let (cw, ch) = ((area * ratio).sqrt().round(), (area / ratio).sqrt().round());
        if cw >= 1.0 && ch >= 1.0 && cw <= w && ch <= h {
            let corner = (
                (rng.random::<f64>() * (w - cw + 1.0)).floor(),
                (rng.random::<f64>() * (h - ch + 1.0)).floor(),
            );
            return Some((corner, (cw, ch)));
        }
    }
    None
}

/// The parameters of fastai's affine transforms `Flip`, `Rotate` and `Zoom` for one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlipRotateZoom {
    /// Whether to mirror the picture horizontally.
    pub flip: bool,
    /// The rotation in degrees.
    pub degrees: f64,
    /// The magnification; 1 keeps the size.
    pub zoom: f64,
    /// The horizontal position of the magnified part: 0 at the left, 1 at the right.
    pub zoom_x: f64,
    /// The vertical position of the magnified part: 0 at the top, 1 at the bottom.
    pub zoom_y: f64,
}

impl FlipRotateZoom {
    /// The parameters that change nothing.
    pub const IDENTITY: Self =
        Self { flip: false, degrees: 0.0, zoom: 1.0, zoom_x: 0.5, zoom_y: 0.5 };

    /// The map from coordinates of the output to coordinates of the picture.
    ///
    /// fastai multiplies flip · rotate · zoom, so the zoom is applied first. `ratio` is the
    /// picture's height divided by its width, so that a rotation does not shear a picture that is
    /// not square.
    pub fn matrix(&self, ratio: f64) -> Projective {
        let mirror = if self.flip { -1.0 } else { 1.0 };
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let scale = 1.0 / self.zoom;
        let shift = |position: f64| (1.0 - scale) * (2.0 * position - 1.0);
        let flip = Projective::affine([mirror, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let rotate = Projective::affine([cos, sin, 0.0, -sin, cos, 0.0]);
        let zoom =
            Projective::affine([scale, 0.0, shift(self.zoom_x), 0.0, scale, shift(self.zoom_y)]);
        let mut matrix = flip.after(rotate).after(zoom);
        matrix.0[1] *= ratio;
        matrix.0[3] /= ratio;
        matrix
    }

    fn random(rng: &mut ChaCha8Rng) -> Self {
        let flip = rng.random();
        // All numbers are drawn whether they are used or not, so that the following ones do not
        // depend on it.
        let (degrees, rotates) =
            (rng.random_range(-MAX_ROTATE_DEGREES..MAX_ROTATE_DEGREES), rng.random_bool(P_AFFINE));
        let (zoom, zoom_x, zoom_y) = (rng.random_range(1.0..MAX_ZOOM), rng.random(), rng.random());
        let zooms = rng.random_bool(P_AFFINE);
        Self {
            flip,
            degrees: if rotates { degrees } else { 0.0 },
            zoom: if zooms { zoom } else { 1.0 },
            zoom_x,
            zoom_y,
        }
    }
}

/// A random [`Projective::warp`]. As in fastai's `_WarpCoord`, each direction is warped or not
/// independently of the other.
fn random_warp(rng: &mut ChaCha8Rng) -> Projective {
    let mut magnitude = || {
        let magnitude = rng.random_range(-MAX_WARP..MAX_WARP);
        if rng.random_bool(P_AFFINE) { magnitude } else { 0.0 }
    };
    let (x, y) = (magnitude(), magnitude());
    Projective::warp(x, y)
}

/// fastai's `Brightness` and `Contrast`, each with a probability of its own.
fn random_lighting(rng: &mut ChaCha8Rng) -> Option<Lighting> {
    let change = rng.random_range(0.5 * (1.0 - MAX_LIGHTING)..0.5 * (1.0 + MAX_LIGHTING));
    let changes_brightness = rng.random_bool(P_LIGHTING);
    let limit = -(1.0 - MAX_LIGHTING).ln();
    let scale = rng.random_range(-limit..limit).exp();
    let changes_contrast = rng.random_bool(P_LIGHTING);
    let brightness = if changes_brightness { (change / (1.0 - change)).ln() } else { 0.0 };
    let contrast = if changes_contrast { scale } else { 1.0 };
    (changes_brightness || changes_contrast).then_some((brightness, contrast))
}

#[cfg(test)]
mod tests {
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    #[test]
    fn crops_stay_inside() {
        let picture = Picture::filled(40, 30, [99; 3]);
        for index in 0..500 {
            let rng = &mut stream(0, Purpose::Augment, index);
            let transform = SampleTransform::crop_flip_v1(&picture, rng);
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
                let (u, v) = transform.map.apply(x, y);
                assert!(u.abs() < 1.0 + 1e-9 && v.abs() < 1.0 + 1e-9, "{index}: {u} {v}");
            }
        }
    }
}
