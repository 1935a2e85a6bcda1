//! What every object is drawn with: a canvas, random numbers, the object's palette and an ink pen.

use crate::drawn::palette::{Palette, Rgb, hsl, shade};
use crate::drawn::path::{Path, Point};
use crate::drawn::raster::{Canvas, Paint};
use crate::drawn::rng::Rng;

/// Draws one object into the square from (−1, −1) to (1, 1), with y pointing down.
pub struct Artist {
    /// What the object is drawn on.
    pub canvas: Canvas,
    /// Random numbers for the object's own variety.
    pub rng: Rng,
    palette: Palette,
    ink: Rgb,
    line_width: f32,
}

impl Artist {
    /// Draws a random palette, ink colour and line width.
    pub fn new(canvas: Canvas, mut rng: Rng) -> Self {
        let palette = Palette::random(&mut rng);
        let ink = hsl(rng.unit(), rng.between(0.1, 0.45), rng.between(0.07, 0.2));
        let line_width = rng.between(0.022, 0.04);
        Self { canvas, rng, palette, ink, line_width }
    }

    /// Returns the canvas once the object is drawn.
    pub fn finish(self) -> Canvas {
        self.canvas
    }

    /// The colour of a part. The arguments are the usual hue (in turns), saturation and lightness;
    /// this object's palette shifts them.
    pub fn colour(&mut self, hue: f32, saturation: f32, lightness: f32) -> Rgb {
        self.palette.colour(&mut self.rng, hue, saturation, lightness)
    }

    /// The pen's colour, always dark.
    pub fn ink(&self) -> Rgb {
        self.ink
    }

    /// Fills a path and inks its edge.
    pub fn fill_inked(&mut self, path: &Path, paint: Paint) {
        self.canvas.fill(path, paint);
        self.ink_edge(path);
    }

    /// Fills a path without inking its edge.
    pub fn fill(&mut self, path: &Path, paint: Paint) {
        self.canvas.fill(path, paint);
    }

    /// Fills the part of `path` that lies inside `clip`.
    pub fn fill_inside(&mut self, clip: &Path, path: &Path, paint: Paint) {
        self.canvas.fill_inside(clip, path, paint);
    }

    /// Inks the edge of a path.
    pub fn ink_edge(&mut self, path: &Path) {
        self.canvas.fill(&path.edge(self.line_width), Paint::Solid(self.ink));
    }

    /// Draws an inked line, `weight` times as wide as the pen.
    pub fn ink_line(&mut self, points: &[Point], weight: f32) {
        self.canvas.fill(&Path::stroke(points, self.line_width * weight), Paint::Solid(self.ink));
    }

    /// Draws a line filled with `paint` between two inked edges.
    pub fn tube(&mut self, points: &[Point], width: f32, paint: Paint) {
        self.canvas.fill(&Path::stroke(points, width + self.line_width), Paint::Solid(self.ink));
        self.canvas.fill(&Path::stroke(points, width - self.line_width), paint);
    }

    /// Draws a soft shadow on the ground under an object.
    pub fn shadow(&mut self, centre: Point, reach: f32) {
        for step in 0..4 {
            let part = 1.0 - step as f32 * 0.2;
            self.canvas.fill(
                &Path::ellipse(centre, reach * part, 0.09 * part),
                Paint::Translucent([0.0; 3], 0.1),
            );
        }
    }
}

/// A vertical gradient as if lit from above: lighter at height `top`, darker at height `bottom`.
pub fn lit(colour: Rgb, top: f32, bottom: f32) -> Paint {
    Paint::LinearGradient([0.0, top], shade(colour, 0.25), [0.0, bottom], shade(colour, -0.18))
}
