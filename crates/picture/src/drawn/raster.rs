//! A small software rasteriser with exact area coverage.
//!
//! Every edge of an outline adds the signed area to its right to each pixel row it crosses, stored
//! as differences between neighbouring pixels; a running sum along the row then gives the coverage
//! of each pixel. Nothing is sampled, so edges are smooth at any size, and the cost is proportional
//! to the outline's length. Font rasterisers work this way, for instance
//! <https://github.com/raphlinus/font-rs>.

use crate::drawn::palette::{Rgb, blend};
use crate::drawn::path::{Affine, Path, Point};

/// What an outline is filled with.
#[derive(Clone, Copy)]
pub enum Paint {
    /// One colour.
    Solid(Rgb),
    /// One colour with an opacity between 0 and 1.
    Translucent(Rgb, f32),
    /// A gradient from the colour at the first point to the colour at the second.
    LinearGradient(Point, Rgb, Point, Rgb),
    /// A gradient from the colour at the centre to the colour at this radius.
    RadialGradient(Point, Rgb, f32, Rgb),
}

impl Paint {
    /// The same paint with its points transformed.
    fn transformed(self, transform: &Affine) -> Self {
        match self {
            Self::LinearGradient(from, a, to, b) => {
                Self::LinearGradient(transform.apply(from), a, transform.apply(to), b)
            }
            Self::RadialGradient(centre, a, radius, b) => {
                Self::RadialGradient(transform.apply(centre), a, radius * transform.scale(), b)
            }
            uniform => uniform,
        }
    }

    /// The colour and opacity at a point, in pixels.
    fn at(&self, x: f32, y: f32) -> (Rgb, f32) {
        match *self {
            Self::Solid(colour) => (colour, 1.0),
            Self::Translucent(colour, opacity) => (colour, opacity),
            Self::LinearGradient(from, a, to, b) => {
                let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
                let part =
                    ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy).max(1e-6);
                (blend(a, b, part.clamp(0.0, 1.0)), 1.0)
            }
            Self::RadialGradient(centre, a, radius, b) => {
                let (dx, dy) = (x - centre[0], y - centre[1]);
                let part = (dx * dx + dy * dy).sqrt() / radius.max(1e-6);
                (blend(a, b, part.clamp(0.0, 1.0)), 1.0)
            }
        }
    }
}

/// The part of each pixel, 0 to 1, that an outline covers, within the outline's bounding box.
struct Mask {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    coverage: Vec<f32>,
}

impl Mask {
    fn row(&self, y: usize) -> &[f32] {
        &self.coverage[(y - self.top) * self.width..][..self.width]
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        if x < self.left
            || y < self.top
            || x >= self.left + self.width
            || y >= self.top + self.height
        {
            return 0.0;
        }
        self.coverage[(y - self.top) * self.width + x - self.left]
    }
}

/// The picture being drawn, in floating point until the lighting is applied.
pub struct Canvas {
    /// Width and height in pixels.
    pub size: usize,
    /// The pixels, row by row from the top.
    pub pixels: Vec<Rgb>,
    /// From the coordinates of paths to pixels.
    transform: Affine,
}

impl Canvas {
    /// A square canvas of one colour.
    pub fn new(size: usize, colour: Rgb) -> Self {
        let mut canvas = Self {
            size,
            pixels: vec![colour; size * size],
            transform: Affine::new(1.0, 1.0, 0.0, 0.0, [0.0; 2]),
        };
        canvas.set_transform(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
        canvas
    }

    /// Sets where the paths filled from now on are drawn.
    ///
    /// The centre of their square from (−1, −1) to (1, 1) comes to lie at (`x`, `y`), as fractions
    /// of the picture's side. The square is scaled to the fractions `scale_x` and `scale_y` of the
    /// picture (a negative one mirrors it), sheared by `shear` and rotated by `turn` turns.
    pub fn set_transform(
        &mut self,
        x: f32,
        y: f32,
        scale_x: f32,
        scale_y: f32,
        shear: f32,
        turn: f32,
    ) {
        let side = self.size as f32;
        let (sx, sy) = (scale_x * side * 0.5, scale_y * side * 0.5);
        self.transform = Affine::new(sx, sy, shear, turn, [x * side, y * side]);
    }

    /// Fills a path.
    pub fn fill(&mut self, path: &Path, paint: Paint) {
        if let Some(mask) = self.mask(path) {
            self.composite(&mask, None, paint);
        }
    }

    /// Fills the part of `path` that lies inside `clip`.
    pub fn fill_inside(&mut self, clip: &Path, path: &Path, paint: Paint) {
        if let (Some(mask), Some(clip)) = (self.mask(path), self.mask(clip)) {
            self.composite(&mask, Some(&clip), paint);
        }
    }

    /// Blends a paint over the canvas where the mask, and the clip if there is one, cover it.
    fn composite(&mut self, mask: &Mask, clip: Option<&Mask>, paint: Paint) {
        let paint = paint.transformed(&self.transform);
        for y in mask.top..mask.top + mask.height {
            for (column, &coverage) in mask.row(y).iter().enumerate() {
                if coverage <= 0.0 {
                    continue;
                }
                let x = mask.left + column;
                let (colour, opacity) = paint.at(x as f32 + 0.5, y as f32 + 0.5);
                let part = coverage * opacity * clip.map_or(1.0, |clip| clip.at(x, y));
                let pixel = &mut self.pixels[y * self.size + x];
                *pixel = blend(*pixel, colour, part);
            }
        }
    }

    /// The coverage of each pixel in the path's bounding box; `None` if the path lies outside the
    /// picture.
    fn mask(&self, path: &Path) -> Option<Mask> {
        let rings: Vec<Vec<Point>> = path
            .rings()
            .iter()
            .map(|ring| ring.iter().map(|&point| self.transform.apply(point)).collect())
            .collect();
        let side = self.size as f32;
        let bound = |axis: usize| {
            let values = rings.iter().flatten().map(move |point| point[axis]);
            let (low, high) =
                values.fold((side, 0.0f32), |(low, high), v| (low.min(v), high.max(v)));
            (low.max(0.0).floor() as usize, high.min(side).ceil() as usize)
        };
        let ((left, right), (top, bottom)) = (bound(0), bound(1));
        if left >= right || top >= bottom {
            return None;
        }
        let (width, height) = (right - left, bottom - top);
        // One more slot per row than pixels, since an edge also writes to the pixel on its right.
        let mut differences = vec![0.0f32; (width + 1) * height];
        for ring in &rings {
            let shifted = |p: Point| [p[0] - left as f32, p[1] - top as f32];
            for (i, &point) in ring.iter().enumerate() {
                add_edge(
                    &mut differences,
                    width,
                    height,
                    shifted(point),
                    shifted(ring[(i + 1) % ring.len()]),
                );
            }
        }
        let mut coverage = Vec::with_capacity(width * height);
        for row in differences.chunks_exact(width + 1) {
            let mut sum = 0.0;
            for difference in &row[..width] {
                sum += difference;
                // Overlapping rings sum to more than 1, and mirroring reverses every orientation,
                // which makes all sums negative.
                let part = sum.abs().min(1.0);
                coverage.push(if part < 1e-4 { 0.0 } else { part });
            }
        }
        Some(Mask { left, top, width, height, coverage })
    }
}

/// Adds one edge to the rows it crosses.
fn add_edge(differences: &mut [f32], width: usize, height: usize, a: Point, b: Point) {
    let (sign, upper, lower) = if a[1] < b[1] { (1.0, a, b) } else { (-1.0, b, a) };
    let drop = lower[1] - upper[1];
    if drop < 1e-6 {
        return;
    }
    let slope = (lower[0] - upper[0]) / drop;
    let first = upper[1].max(0.0) as usize;
    let end = (lower[1].max(0.0).ceil() as usize).min(height);
    for y in first..end {
        let from = upper[1].max(y as f32);
        let to = lower[1].min(y as f32 + 1.0);
        if to <= from {
            continue;
        }
        let x_from = upper[0] + (from - upper[1]) * slope;
        let x_to = upper[0] + (to - upper[1]) * slope;
        let right = width as f32;
        let (low, high) = (x_from.min(x_to).clamp(0.0, right), x_from.max(x_to).clamp(0.0, right));
        let weight = sign * (to - from);
        let row = &mut differences[y * (width + 1)..][..width + 1];
        let columns = low as usize..=(high as usize).min(width);
        for column in columns {
            let x = column as f32;
            let (enter, leave) = (low.max(x), high.min(x + 1.0));
            // A nearly vertical edge stays in one column, which gets all of its area.
            let part = if high - low < 1e-6 {
                if column == low as usize { weight } else { 0.0 }
            } else {
                weight * (leave - enter).max(0.0) / (high - low)
            };
            let spill = (enter + leave) * 0.5 - x;
            row[column] += part * (1.0 - spill);
            if column < width {
                row[column + 1] += part * spill;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(size: usize, path: &Path, placed: (f32, f32, f32, f32, f32)) -> f32 {
        let mut canvas = Canvas::new(size, [0.0; 3]);
        canvas.set_transform(placed.0, placed.1, placed.2, placed.3, 0.0, placed.4);
        canvas.fill(path, Paint::Solid([1.0; 3]));
        assert!(canvas.pixels.iter().all(|p| (0.0..=1.0001).contains(&p[0])));
        canvas.pixels.iter().map(|pixel| pixel[0]).sum()
    }

    #[test]
    fn covered_area_is_exact() {
        let square = Path::rect([-0.5, -0.5], [0.5, 0.5]);
        for turn in [0.0, 0.03, 0.11, 0.2, 0.25] {
            for mirror in [1.0, -1.0] {
                let area = painted(32, &square, (0.51, 0.473, mirror, 1.0, turn));
                assert!((area - 256.0).abs() < 0.1, "turned {turn}, mirrored {mirror}: {area}");
            }
        }
        let disc = Path::circle([0.0; 2], 0.8);
        let area = painted(64, &disc, (0.5, 0.5, 1.0, 1.0, 0.07));
        assert!((area - std::f32::consts::PI * 0.64 * 1024.0).abs() < 12.0, "{area}");
        // Two rings that overlap cover what they share once.
        let both = Path::rect([-0.5, -0.5], [0.25, 0.5]).and(Path::rect([-0.25, -0.5], [0.5, 0.5]));
        let area = painted(32, &both, (0.5, 0.5, 1.0, 1.0, 0.0));
        assert!((area - 256.0).abs() < 0.1, "{area}");
    }

    #[test]
    fn what_sticks_out_is_cut_off() {
        let square = Path::rect([-1.0, -1.0], [1.0, 1.0]);
        for (x, y, expected) in [
            (0.0, 0.0, 64.0),
            (1.0, 0.5, 128.0),
            (0.5, 1.0, 128.0),
            (0.0, 1.0, 64.0),
            (3.0, 0.5, 0.0),
        ] {
            let area = painted(16, &square, (x, y, 1.0, 1.0, 0.0));
            assert!((area - expected).abs() < 0.05, "at ({x}, {y}): {area}, not {expected}");
        }
    }

    #[test]
    fn clips_and_veils_multiply() {
        let mut canvas = Canvas::new(16, [0.0; 3]);
        let all = Path::rect([-1.0, -1.0], [1.0, 1.0]);
        canvas.fill_inside(
            &Path::rect([-1.0, -1.0], [0.0, 1.0]),
            &all,
            Paint::Translucent([1.0; 3], 0.5),
        );
        assert_eq!(canvas.pixels[0], [0.5; 3]);
        assert_eq!(canvas.pixels[15], [0.0; 3]);
    }
}
