//! What every drawing is done with: a canvas, dice, the object's palette and an inking pen.

use crate::drawn::dice::Dice;
use crate::drawn::palette::{Palette, Rgb, hsl, shade};
use crate::drawn::path::{Path, Point};
use crate::drawn::raster::{Canvas, Paint};

/// Draws one object into the square from (-1, -1) to (1, 1), y down.
pub struct Artist {
    /// Where the object is drawn.
    pub canvas: Canvas,
    /// Chance for the object's own variety.
    pub dice: Dice,
    palette: Palette,
    ink: Rgb,
    line: f32,
}

impl Artist {
    /// Rolls palette and pen.
    pub fn new(canvas: Canvas, mut dice: Dice) -> Self {
        let palette = Palette::roll(&mut dice);
        let ink = hsl(dice.unit(), dice.between(0.1, 0.45), dice.between(0.07, 0.2));
        let line = dice.between(0.022, 0.04);
        Self { canvas, dice, palette, ink, line }
    }

    /// The canvas, when the object is done.
    pub fn finish(self) -> Canvas {
        self.canvas
    }

    /// A part's colour: hue in turns, saturation and lightness as they usually are; this object's
    /// may be quite others.
    pub fn colour(&mut self, hue: f32, saturation: f32, lightness: f32) -> Rgb {
        self.palette.part(&mut self.dice, hue, saturation, lightness)
    }

    /// The pen's colour, a dark one.
    pub fn ink(&self) -> Rgb {
        self.ink
    }

    /// Fills a part and inks its edge.
    pub fn part(&mut self, path: &Path, paint: Paint) {
        self.canvas.fill(path, paint);
        self.edge(path);
    }

    /// Fills without an edge.
    pub fn plain(&mut self, path: &Path, paint: Paint) {
        self.canvas.fill(path, paint);
    }

    /// Fills where a marking lies on a part.
    pub fn inside(&mut self, clip: &Path, path: &Path, paint: Paint) {
        self.canvas.fill_inside(clip, path, paint);
    }

    /// Inks an edge.
    pub fn edge(&mut self, path: &Path) {
        self.canvas.fill(&path.edge(self.line), Paint::Flat(self.ink));
    }

    /// An inked line, `weight` times the pen's width.
    pub fn pen(&mut self, points: &[Point], weight: f32) {
        self.canvas.fill(&Path::stroke(points, self.line * weight), Paint::Flat(self.ink));
    }

    /// A line of some colour between two inked edges.
    pub fn tube(&mut self, points: &[Point], width: f32, paint: Paint) {
        self.canvas.fill(&Path::stroke(points, width + self.line), Paint::Flat(self.ink));
        self.canvas.fill(&Path::stroke(points, width - self.line), paint);
    }

    /// A soft shadow on the ground under something that stands on it.
    pub fn shadow(&mut self, centre: Point, reach: f32) {
        for step in 0..4 {
            let part = 1.0 - step as f32 * 0.2;
            self.canvas.fill(
                &Path::ellipse(centre, reach * part, 0.09 * part),
                Paint::Veil([0.0; 3], 0.1),
            );
        }
    }
}

/// Lit from above: lighter at height `top`, darker at height `bottom`.
pub fn lit(colour: Rgb, top: f32, bottom: f32) -> Paint {
    Paint::Ramp([0.0, top], shade(colour, 0.25), [0.0, bottom], shade(colour, -0.18))
}
