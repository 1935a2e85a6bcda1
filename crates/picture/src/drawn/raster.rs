//! A small software rasteriser with exact area coverage.
//!
//! For every edge of an outline, each pixel row it crosses gets the signed area that lies to the
//! right of the edge, noted as differences between neighbouring pixels; a running sum along the row
//! then gives each pixel's covered part. There are no samples to count, so edges are smooth at any
//! size, and the cost follows the outline's length.

use crate::drawn::palette::{Rgb, blend};
use crate::drawn::path::{Path, Place, Point};

/// What an outline is filled with.
#[derive(Clone, Copy)]
pub enum Paint {
    /// One colour.
    Flat(Rgb),
    /// One colour, partly transparent.
    Veil(Rgb, f32),
    /// From one colour at the first point to another at the second.
    Ramp(Point, Rgb, Point, Rgb),
    /// From one colour in the middle to another at the radius.
    Glow(Point, Rgb, f32, Rgb),
}

impl Paint {
    /// The same paint with its points where `place` puts them.
    fn placed(self, place: &Place) -> Self {
        match self {
            Self::Ramp(from, a, to, b) => Self::Ramp(place.at(from), a, place.at(to), b),
            Self::Glow(centre, a, radius, b) => {
                Self::Glow(place.at(centre), a, radius * place.scale(), b)
            }
            flat => flat,
        }
    }

    /// Colour and opacity at a pixel's centre.
    fn at(&self, x: f32, y: f32) -> (Rgb, f32) {
        match *self {
            Self::Flat(colour) => (colour, 1.0),
            Self::Veil(colour, opacity) => (colour, opacity),
            Self::Ramp(from, a, to, b) => {
                let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
                let part =
                    ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy).max(1e-6);
                (blend(a, b, part.clamp(0.0, 1.0)), 1.0)
            }
            Self::Glow(centre, a, radius, b) => {
                let (dx, dy) = (x - centre[0], y - centre[1]);
                let part = (dx * dx + dy * dy).sqrt() / radius.max(1e-6);
                (blend(a, b, part.clamp(0.0, 1.0)), 1.0)
            }
        }
    }
}

/// How much of each pixel in a rectangle an outline covers.
struct Mask {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    cover: Vec<f32>,
}

impl Mask {
    fn row(&self, y: usize) -> &[f32] {
        &self.cover[(y - self.top) * self.width..][..self.width]
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        if x < self.left
            || y < self.top
            || x >= self.left + self.width
            || y >= self.top + self.height
        {
            return 0.0;
        }
        self.cover[(y - self.top) * self.width + x - self.left]
    }
}

/// The picture being drawn, in floating point until the light has fallen on it.
pub struct Canvas {
    /// Pixels in a row, and rows.
    pub size: usize,
    /// Row by row from the top.
    pub pixels: Vec<Rgb>,
    place: Place,
}

impl Canvas {
    /// A square of one colour.
    pub fn new(size: usize, colour: Rgb) -> Self {
        let mut canvas = Self {
            size,
            pixels: vec![colour; size * size],
            place: Place::new(1.0, 1.0, 0.0, 0.0, [0.0; 2]),
        };
        canvas.stand(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
        canvas
    }

    /// From here on the square from (-1, -1) to (1, 1) is drawn with its middle at (x, y), in parts
    /// of the picture's side, `half_x` and `half_y` of the picture's half side large (negative
    /// mirrors), leaning by `shear` and turned by `turn`.
    pub fn stand(&mut self, x: f32, y: f32, half_x: f32, half_y: f32, shear: f32, turn: f32) {
        let side = self.size as f32;
        self.place =
            Place::new(half_x * side * 0.5, half_y * side * 0.5, shear, turn, [x * side, y * side]);
    }

    /// Fills an outline.
    pub fn fill(&mut self, path: &Path, paint: Paint) {
        if let Some(mask) = self.mask(path) {
            self.lay(&mask, None, paint);
        }
    }

    /// Fills an outline where it lies inside another.
    pub fn fill_inside(&mut self, clip: &Path, path: &Path, paint: Paint) {
        if let (Some(mask), Some(clip)) = (self.mask(path), self.mask(clip)) {
            self.lay(&mask, Some(&clip), paint);
        }
    }

    fn lay(&mut self, mask: &Mask, clip: Option<&Mask>, paint: Paint) {
        let paint = paint.placed(&self.place);
        for y in mask.top..mask.top + mask.height {
            for (column, &cover) in mask.row(y).iter().enumerate() {
                if cover <= 0.0 {
                    continue;
                }
                let x = mask.left + column;
                let (colour, opacity) = paint.at(x as f32 + 0.5, y as f32 + 0.5);
                let part = cover * opacity * clip.map_or(1.0, |clip| clip.at(x, y));
                let pixel = &mut self.pixels[y * self.size + x];
                *pixel = blend(*pixel, colour, part);
            }
        }
    }

    /// The covered part of each pixel the outline may touch; nothing if it lies outside the
    /// picture.
    fn mask(&self, path: &Path) -> Option<Mask> {
        let rings: Vec<Vec<Point>> = path
            .rings()
            .iter()
            .map(|ring| ring.iter().map(|&point| self.place.at(point)).collect())
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
        // One slot more per row than pixels: the last difference falls outside.
        let mut steps = vec![0.0f32; (width + 1) * height];
        for ring in &rings {
            let shifted = |p: Point| [p[0] - left as f32, p[1] - top as f32];
            for (i, &point) in ring.iter().enumerate() {
                edge(
                    &mut steps,
                    width,
                    height,
                    shifted(point),
                    shifted(ring[(i + 1) % ring.len()]),
                );
            }
        }
        let mut cover = Vec::with_capacity(width * height);
        for row in steps.chunks_exact(width + 1) {
            let mut sum = 0.0;
            for step in &row[..width] {
                sum += step;
                // Rings may overlap, and a mirrored place turns all of them round.
                let part = sum.abs().min(1.0);
                cover.push(if part < 1e-4 { 0.0 } else { part });
            }
        }
        Some(Mask { left, top, width, height, cover })
    }
}

/// Notes one edge in the rows it crosses.
fn edge(steps: &mut [f32], width: usize, height: usize, a: Point, b: Point) {
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
        let row = &mut steps[y * (width + 1)..][..width + 1];
        let columns = low as usize..=(high as usize).min(width);
        for column in columns {
            let x = column as f32;
            let (enter, leave) = (low.max(x), high.min(x + 1.0));
            // A near upright edge stays in one column, which gets all of it.
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

    fn painted(size: usize, path: &Path, place: (f32, f32, f32, f32, f32)) -> f32 {
        let mut canvas = Canvas::new(size, [0.0; 3]);
        canvas.stand(place.0, place.1, place.2, place.3, 0.0, place.4);
        canvas.fill(path, Paint::Flat([1.0; 3]));
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
        canvas.fill_inside(&Path::rect([-1.0, -1.0], [0.0, 1.0]), &all, Paint::Veil([1.0; 3], 0.5));
        assert_eq!(canvas.pixels[0], [0.5; 3]);
        assert_eq!(canvas.pixels[15], [0.0; 3]);
    }
}
