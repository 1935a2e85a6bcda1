//! What happens to a training picture: every move composed into one map, and the picture sampled
//! once.
//!
//! fastai's `RandomResizedCrop`, `aug_transforms` and `affine_coord`. Coordinates run from −1 to 1
//! between the centres of the first and last pixel (fastai samples with `align_corners=True`), and
//! what lies outside is mirrored in.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use resnette_picture::Picture;
use resnette_spec::Augment;

use crate::normalize::{MEAN, STD};
use crate::square::centre_square;

/// Smallest share of the area that a `crop-flip` crop keeps (fastai's and the leaderboard's
/// `min_scale`).
const MIN_SCALE_CROP: f64 = 0.35;
/// The chapter's `min_scale` for `aug_transforms`.
const MIN_SCALE_FULL: f64 = 0.5;
/// `aug_transforms` defaults.
const MAX_ROTATE_DEGREES: f64 = 10.0;
const MAX_ZOOM: f64 = 1.1;
const MAX_WARP: f64 = 0.2;
const MAX_LIGHTING: f64 = 0.2;
const P_AFFINE: f64 = 0.75;
const P_LIGHTING: f64 = 0.75;

/// A projective map of the plane, row-major 3×3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Map(pub [f64; 9]);

impl Map {
    /// Leaves everything where it is.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// From the two rows of an affine map.
    pub fn affine(rows: [f64; 6]) -> Self {
        let [a, b, c, d, e, f] = rows;
        Self([a, b, c, d, e, f, 0.0, 0.0, 1.0])
    }

    /// First `first`, then `self`.
    pub fn after(self, first: Self) -> Self {
        let mut out = [0.0; 9];
        for row in 0..3 {
            for column in 0..3 {
                out[row * 3 + column] =
                    (0..3).map(|k| self.0[row * 3 + k] * first.0[k * 3 + column]).sum();
            }
        }
        Self(out)
    }

    /// Where a point goes.
    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        let m = &self.0;
        let w = m[6] * x + m[7] * y + m[8];
        ((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w)
    }

    /// The perspective that takes the points `from` to the corners (−1,−1), (−1,1), (1,−1), (1,1)
    /// (fastai's `find_coeffs`).
    pub fn perspective(from: [(f64, f64); 4]) -> Self {
        let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)];
        let mut rows = [[0.0; 9]; 8];
        for (i, ((x, y), (u, v))) in from.into_iter().zip(corners).enumerate() {
            rows[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
            rows[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
        }
        let solved = solve(rows);
        let mut map = [1.0; 9];
        map[..8].copy_from_slice(&solved);
        Self(map)
    }
}

/// Gauss–Jordan with pivoting on eight equations.
fn solve(mut rows: [[f64; 9]; 8]) -> [f64; 8] {
    for column in 0..8 {
        let pivot = (column..8)
            .max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))
            .unwrap_or(column);
        rows.swap(column, pivot);
        let lead = rows[column];
        for (index, row) in rows.iter_mut().enumerate() {
            let factor =
                if index == column { 1.0 - 1.0 / lead[column] } else { row[column] / lead[column] };
            for k in 0..9 {
                row[k] -= factor * lead[k];
            }
        }
    }
    rows.map(|row| row[8])
}

/// How one picture is seen once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// From the output's coordinates to the picture's.
    pub map: Map,
    /// Added to the logit of every value (fastai's `Brightness`), and its factor (fastai's
    /// `Contrast`).
    pub light: Option<(f64, f64)>,
}

impl View {
    /// The map from pixels of an output of `size` to pixels of the picture, counted from the first
    /// one's centre.
    pub fn in_pixels(&self, picture: &Picture, size: u32) -> [f64; 9] {
        let last = f64::from(size.max(2) - 1);
        let half = |length: u32| f64::from(length - 1) / 2.0;
        let (x, y) = (half(picture.width), half(picture.height));
        let into = Map::affine([2.0 / last, 0.0, -1.0, 0.0, 2.0 / last, -1.0]);
        Map::affine([x, 0.0, x, 0.0, y, y]).after(self.map).after(into).0
    }
}

/// fastai's `RandomResizedCropGPU`: one box for the whole batch, as shares of each picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchCrop {
    area: f64,
    x: f64,
    y: f64,
}

impl BatchCrop {
    /// Draws the box of a batch.
    pub fn draw(rng: &mut ChaCha8Rng) -> Self {
        Self { area: rng.random_range(MIN_SCALE_FULL..1.0), x: rng.random(), y: rng.random() }
    }
}

/// Draws how a picture is seen.
pub fn draw(kind: Augment, picture: &Picture, crop: BatchCrop, rng: &mut ChaCha8Rng) -> View {
    let (w, h) = (f64::from(picture.width), f64::from(picture.height));
    let side = w.min(h);
    match kind {
        Augment::None => View {
            map: boxed((w, h), ((w - side) / 2.0, (h - side) / 2.0), (side, side)),
            light: None,
        },
        Augment::CropFlip => {
            let (corner, size) = random_box((w, h), MIN_SCALE_CROP, rng);
            let moves = Moves { flip: rng.random(), ..Moves::NONE };
            View { map: boxed((w, h), corner, size).after(moves.map(1.0)), light: None }
        }
        Augment::Full => {
            let cut = (crop.area.sqrt() * side).round();
            let corner = (((w - cut + 1.0) * crop.x).floor(), ((h - cut + 1.0) * crop.y).floor());
            let moves = Moves::draw(rng);
            // The crop is a square, so nothing has to be corrected for its sides.
            let map =
                boxed((w, h), corner, (cut, cut)).after(random_warp(rng)).after(moves.map(1.0));
            View { map, light: random_light(rng) }
        }
    }
}

/// fastai's `RandomResizedCrop`: area uniform in `[min_scale, 1]`, ratio log-uniform in `[3/4,
/// 4/3]`, ten tries, then the middle.
fn random_box(
    (w, h): (f64, f64),
    min_scale: f64,
    rng: &mut ChaCha8Rng,
) -> ((f64, f64), (f64, f64)) {
    let log_ratio = (4.0f64 / 3.0).ln();
    for _ in 0..10 {
        let area = rng.random_range(min_scale..1.0) * w * h;
        let ratio = rng.random_range(-log_ratio..log_ratio).exp();
        let (cw, ch) = ((area * ratio).sqrt().round(), (area / ratio).sqrt().round());
        if cw >= 1.0 && ch >= 1.0 && cw <= w && ch <= h {
            let corner = (
                (rng.random::<f64>() * (w - cw + 1.0)).floor(),
                (rng.random::<f64>() * (h - ch + 1.0)).floor(),
            );
            return (corner, (cw, ch));
        }
    }
    let side = w.min(h);
    (((w - side) / 2.0, (h - side) / 2.0), (side, side))
}

/// From −1…1 over a box (corner and sides in pixels) to −1…1 over the picture: fastai's crop, cut
/// and resized in one.
pub fn boxed((w, h): (f64, f64), (x, y): (f64, f64), (bw, bh): (f64, f64)) -> Map {
    let axis = |length: f64, start: f64, size: f64| {
        let span = (length - 1.0).max(1.0);
        let scale = (size - 1.0) / span;
        (scale, (2.0 * start + size - 1.0) / span - 1.0)
    };
    let ((sx, tx), (sy, ty)) = (axis(w, x, bw), axis(h, y, bh));
    Map::affine([sx, 0.0, tx, 0.0, sy, ty])
}

/// fastai's affine transforms of one picture: `Flip`, `Rotate`, `Zoom`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moves {
    /// Mirror image.
    pub flip: bool,
    /// Turn, in degrees.
    pub degrees: f64,
    /// Enlargement; 1 leaves the size.
    pub zoom: f64,
    /// Where the enlarged window lies, as a share of what it can move: 0 left, 1 right.
    pub col: f64,
    /// 0 top, 1 bottom.
    pub row: f64,
}

impl Moves {
    /// Leaves everything where it is.
    pub const NONE: Self = Self { flip: false, degrees: 0.0, zoom: 1.0, col: 0.5, row: 0.5 };

    /// From output to picture coordinates: fastai multiplies flip · rotate · zoom, so that the zoom
    /// comes first. `ratio` is height / width of the picture; a turn must not shear one that is
    /// not square.
    pub fn map(&self, ratio: f64) -> Map {
        let mirror = if self.flip { -1.0 } else { 1.0 };
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let scale = 1.0 / self.zoom;
        let shift = |pct: f64| (1.0 - scale) * (2.0 * pct - 1.0);
        let flip = Map::affine([mirror, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let turn = Map::affine([cos, sin, 0.0, -sin, cos, 0.0]);
        let mut map = flip.after(turn).after(Map::affine([
            scale,
            0.0,
            shift(self.col),
            0.0,
            scale,
            shift(self.row),
        ]));
        map.0[1] *= ratio;
        map.0[3] /= ratio;
        map
    }

    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let flip = rng.random();
        // Everything is drawn whether it is used or not: the numbers that follow stay the same.
        let (degrees, turned) =
            (rng.random_range(-MAX_ROTATE_DEGREES..MAX_ROTATE_DEGREES), rng.random_bool(P_AFFINE));
        let (zoom, col, row) = (rng.random_range(1.0..MAX_ZOOM), rng.random(), rng.random());
        let zoomed = rng.random_bool(P_AFFINE);
        Self {
            flip,
            degrees: if turned { degrees } else { 0.0 },
            zoom: if zoomed { zoom } else { 1.0 },
            col,
            row,
        }
    }
}

/// fastai's `_WarpCoord`, which decides for each direction by itself whether to lean.
fn random_warp(rng: &mut ChaCha8Rng) -> Map {
    let mut lean = || {
        let magnitude = rng.random_range(-MAX_WARP..MAX_WARP);
        if rng.random_bool(P_AFFINE) { magnitude } else { 0.0 }
    };
    let (x, y) = (lean(), lean());
    warp(x, y)
}

/// Leans the picture by `x` sideways and `y` up or down.
pub fn warp(x: f64, y: f64) -> Map {
    Map::perspective([
        (-1.0 - y, -1.0 - x),
        (-1.0 + y, 1.0 + x),
        (1.0 + y, -1.0 + x),
        (1.0 - y, 1.0 - x),
    ])
}

fn random_light(rng: &mut ChaCha8Rng) -> Option<(f64, f64)> {
    let change = rng.random_range(0.5 * (1.0 - MAX_LIGHTING)..0.5 * (1.0 + MAX_LIGHTING));
    let bright = rng.random_bool(P_LIGHTING);
    let limit = -(1.0 - MAX_LIGHTING).ln();
    let scale = rng.random_range(-limit..limit).exp();
    let contrast = rng.random_bool(P_LIGHTING);
    let add = if bright { (change / (1.0 - change)).ln() } else { 0.0 };
    (bright || contrast).then_some((add, if contrast { scale } else { 1.0 }))
}

/// Samples the picture through a view into `out`, `[3, size, size]`, normalised.
pub fn render(picture: &Picture, view: &View, size: u32, out: &mut [f32]) {
    let plane = (size * size) as usize;
    let last = f64::from(size.max(2) - 1);
    let span = (f64::from(picture.width - 1), f64::from(picture.height - 1));
    for row in 0..size {
        let y = 2.0 * f64::from(row) / last - 1.0;
        for column in 0..size {
            let x = 2.0 * f64::from(column) / last - 1.0;
            let (u, v) = view.map.apply(x, y);
            let place = ((u + 1.0) / 2.0 * span.0, (v + 1.0) / 2.0 * span.1);
            let mut rgb = bilinear((picture.width, picture.height), place, |x, y| {
                picture.pixel(x, y).map(|byte| f32::from(byte) / 255.0)
            });
            if let Some(light) = view.light {
                rgb = rgb.map(|value| lit(value, light));
            }
            let at = (row * size + column) as usize;
            for channel in 0..3 {
                out[channel * plane + at] = (rgb[channel] - MEAN[channel]) / STD[channel];
            }
        }
    }
}

/// The whole square at `size` pixels, normalised: what validation sees.
pub fn whole(picture: &Picture, size: u32, out: &mut [f32]) {
    let resized;
    let picture = if (picture.width, picture.height) == (size, size) {
        picture
    } else {
        resized = centre_square(picture, size);
        &resized
    };
    let plane = (size * size) as usize;
    for (at, pixel) in picture.rgb.chunks_exact(3).enumerate() {
        for channel in 0..3 {
            out[channel * plane + at] =
                (f32::from(pixel[channel]) / 255.0 - MEAN[channel]) / STD[channel];
        }
    }
}

/// The value between the four pixels around a point (in pixels, from the first one's centre) of a
/// picture of `width`×`height`; outside, the picture is mirrored.
pub fn bilinear(
    (width, height): (u32, u32),
    (x, y): (f64, f64),
    pixel: impl Fn(u32, u32) -> [f32; 3],
) -> [f32; 3] {
    let (x, y) = (mirror(x, width), mirror(y, height));
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = ((x - x0) as f32, (y - y0) as f32);
    let (x0, y0) = (x0 as u32, y0 as u32);
    let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
    let [a, b, c, d] = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| pixel(x, y));
    std::array::from_fn(|i| {
        let top = a[i] * (1.0 - fx) + b[i] * fx;
        let bottom = c[i] * (1.0 - fx) + d[i] * fx;
        top * (1.0 - fy) + bottom * fy
    })
}

/// Folds a coordinate into `0..=length − 1` by reflection at the outer pixels' centres.
fn mirror(x: f64, length: u32) -> f64 {
    let last = f64::from(length - 1);
    if last == 0.0 || !x.is_finite() {
        return 0.0;
    }
    let folded = x.abs() % (2.0 * last);
    if folded > last { 2.0 * last - folded } else { folded }
}

/// fastai's lighting of a value in `0..=1`: `add` (the brightness' logit) is added to the logit,
/// then `scale` multiplies it.
pub fn lit(value: f32, (add, scale): (f64, f64)) -> f32 {
    let p = f64::from(value).clamp(1e-7, 1.0 - 1e-7);
    let logit = ((p / (1.0 - p)).ln() + add) * scale;
    (1.0 / (1.0 + (-logit).exp())) as f32
}

#[cfg(test)]
mod tests {
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    fn ramp(width: u32, height: u32) -> Picture {
        let rgb = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| [x as u8 * 3, y as u8 * 3, 99]))
            .collect();
        Picture { width, height, rgb }
    }

    #[test]
    fn no_augmentation_is_the_middle_square() {
        let picture = ramp(24, 16);
        let view = draw(
            Augment::None,
            &picture,
            BatchCrop { area: 1.0, x: 0.0, y: 0.0 },
            &mut stream(0, Purpose::Augment, 0),
        );
        let (mut sampled, mut plain) = (vec![0.0; 3 * 256], vec![0.0; 3 * 256]);
        render(&picture, &view, 16, &mut sampled);
        whole(&picture, 16, &mut plain);
        assert!(sampled.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn crops_stay_inside() {
        let picture = ramp(40, 30);
        let crop = BatchCrop::draw(&mut stream(0, Purpose::Augment, 1));
        for index in 0..500 {
            let view =
                draw(Augment::CropFlip, &picture, crop, &mut stream(0, Purpose::Augment, index));
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
                let (u, v) = view.map.apply(x, y);
                assert!(u.abs() < 1.0 + 1e-9 && v.abs() < 1.0 + 1e-9, "{index}: {u} {v}");
            }
        }
    }

    #[test]
    fn full_augmentation_stays_in_range_and_changes_the_picture() {
        let picture = ramp(40, 30);
        let mut seen = std::collections::HashSet::new();
        for index in 0..20 {
            let mut out = vec![0.0; 3 * 32 * 32];
            let crop = BatchCrop::draw(&mut stream(0, Purpose::Augment, 1000 + index));
            let view = draw(Augment::Full, &picture, crop, &mut stream(0, Purpose::Augment, index));
            render(&picture, &view, 32, &mut out);
            assert!(out.iter().all(|value| (-2.2..2.7).contains(value)));
            seen.insert(out.iter().map(|value| (value * 1e4) as i64).collect::<Vec<_>>());
        }
        assert_eq!(seen.len(), 20);
    }
}
