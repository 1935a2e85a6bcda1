//! Strokes on a canvas.

use std::f64::consts::TAU;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::predict::drawing::strokes::{Colour, Ink, Line, Point, SIDE, Stroke};
use crate::shell::platform;

/// What paints on a canvas.
pub struct Painter(CanvasRenderingContext2d);

/// A transparent canvas of the size of the drawing; `None` if the browser provides none.
pub fn blank_canvas() -> Option<HtmlCanvasElement> {
    let canvas = platform::document()?.create_element("canvas").ok()?;
    let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
    canvas.set_width(SIDE);
    canvas.set_height(SIDE);
    Some(canvas)
}

impl Painter {
    /// The painter of a canvas; `None` if the browser provides none.
    pub fn of(canvas: &HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??;
        let context: CanvasRenderingContext2d = context.dyn_into().ok()?;
        context.set_line_cap("round");
        context.set_line_join("round");
        Some(Self(context))
    }

    /// Covers everything with a colour.
    pub fn fill(&self, colour: Colour) {
        self.0.set_fill_style_str(colour.css);
        self.0.fill_rect(0.0, 0.0, f64::from(SIDE), f64::from(SIDE));
    }

    /// Removes everything.
    pub fn wipe(&self) {
        self.0.clear_rect(0.0, 0.0, f64::from(SIDE), f64::from(SIDE));
    }

    /// Paints what is on another canvas over what is here.
    pub fn copy(&self, other: &HtmlCanvasElement) {
        // This fails for a canvas without pixels, and ours has some.
        let _ = self.0.draw_image_with_html_canvas_element(other, 0.0, 0.0);
    }

    /// Paints the beginning of a stroke: a line without length would not be seen.
    pub fn dot(&self, ink: Ink, at: Point) {
        self.0.set_fill_style_str(ink.colour.css);
        self.0.begin_path();
        // This fails for a negative radius.
        let _ = self.0.arc(at.x, at.y, ink.width / 2.0, 0.0, TAU);
        self.0.fill();
    }

    /// Paints a piece of a stroke.
    pub fn line(&self, line: Line) {
        self.path(line.ink, line.from, [line.to]);
    }

    /// Paints a stroke.
    pub fn stroke(&self, stroke: &Stroke) {
        let Some((first, others)) = stroke.points.split_first() else { return };
        self.dot(stroke.ink, *first);
        self.path(stroke.ink, *first, others.iter().copied());
    }

    fn path(&self, ink: Ink, from: Point, to: impl IntoIterator<Item = Point>) {
        self.0.set_stroke_style_str(ink.colour.css);
        self.0.set_line_width(ink.width);
        self.0.begin_path();
        self.0.move_to(from.x, from.y);
        to.into_iter().for_each(|point| self.0.line_to(point.x, point.y));
        self.0.stroke();
    }
}
