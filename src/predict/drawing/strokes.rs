//! What the reader has drawn, stroke by stroke, so that strokes can be taken back.

use std::collections::VecDeque;

/// Width and height of the drawing, in pixels.
pub const SIDE: u32 = 320;
/// Most strokes that can be taken back.
const MOST_STROKES: usize = 500;
/// Most points in all of these strokes.
const MOST_POINTS: usize = 20_000;
/// Most points of one stroke; a longer one is kept as several. Less than [`MOST_POINTS`], so that
/// the stroke under the pen is never too much.
const LONGEST: usize = 4_000;
/// The shortest line that is drawn, in pixels. Pens report many shorter ones.
const SHORTEST: f64 = 1.0;

/// A colour to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Its name.
    pub name: &'static str,
    /// The same for the browser: `#rrggbb`.
    pub css: &'static str,
}

const BLACK: Colour = Colour { name: "black", css: "#000000" };
const WHITE: Colour = Colour { name: "white", css: "#ffffff" };

/// The colours, for strokes and for the background.
pub const COLOURS: [Colour; 9] = [
    BLACK,
    WHITE,
    Colour { name: "grey", css: "#8a8a8a" },
    Colour { name: "red", css: "#d32f2f" },
    Colour { name: "yellow", css: "#f5c518" },
    Colour { name: "green", css: "#2e8b3d" },
    Colour { name: "blue", css: "#1f5fbf" },
    Colour { name: "light blue", css: "#a9d3f2" },
    Colour { name: "brown", css: "#85552b" },
];

/// The widths of strokes: name, and pixels.
pub const WIDTHS: [(&str, f64); 3] = [("thin", 4.0), ("medium", 10.0), ("thick", 24.0)];

/// A place in the drawing, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Pixels to the right.
    pub x: f64,
    /// Pixels down.
    pub y: f64,
}

/// What a stroke is drawn with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// Its colour.
    pub colour: Colour,
    /// Its width in pixels.
    pub width: f64,
}

impl Default for Ink {
    fn default() -> Self {
        Self { colour: BLACK, width: WIDTHS[1].1 }
    }
}

/// The way of the pen while it was down.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// What it is drawn with.
    pub ink: Ink,
    /// Where the pen was, at least one point.
    pub points: Vec<Point>,
    /// Whether it goes on with the stroke before it, which was too long to be kept as one.
    goes_on: bool,
}

/// A piece of a stroke.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What it is drawn with.
    pub ink: Ink,
    /// Its first point.
    pub from: Point,
    /// Its last point.
    pub to: Point,
}

/// The strokes on a background.
#[derive(Clone, Debug, Default, PartialEq)]
struct Strokes {
    /// Those that can be taken back, the latest last.
    kept: VecDeque<Stroke>,
    /// The number of points in them.
    points: usize,
    /// Whether there are older ones, which cannot.
    has_settled: bool,
}

impl Strokes {
    fn is_empty(&self) -> bool {
        self.kept.is_empty() && !self.has_settled
    }

    fn push(&mut self, stroke: Stroke) {
        self.points += stroke.points.len();
        self.kept.push_back(stroke);
    }
}

/// The drawing.
#[derive(Clone, Debug)]
pub struct Drawing {
    background: Colour,
    strokes: Strokes,
    /// What was cleared away last, until something else is drawn.
    cleared: Option<Strokes>,
    version: u32,
}

impl Default for Drawing {
    fn default() -> Self {
        Self { background: WHITE, strokes: Strokes::default(), cleared: None, version: 0 }
    }
}

impl Drawing {
    /// The colour of the background.
    pub fn background(&self) -> Colour {
        self.background
    }

    /// The strokes that can be taken back, in the order in which they were drawn. They lie over
    /// those that [`Self::settle`] gave away.
    pub fn strokes(&self) -> impl Iterator<Item = &Stroke> {
        self.strokes.kept.iter()
    }

    /// Whether strokes of this drawing were given away by [`Self::settle`].
    pub fn has_settled(&self) -> bool {
        self.strokes.has_settled
    }

    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// Whether there is a stroke to take back, or something that was cleared away.
    pub fn can_undo(&self) -> bool {
        !self.strokes.kept.is_empty() || self.cleared.is_some()
    }

    /// The number of this version. Every change makes it larger.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The pen comes down.
    pub fn begin(&mut self, ink: Ink, at: Point) {
        self.cleared = None;
        self.strokes.push(Stroke { ink, points: vec![at], goes_on: false });
        self.version += 1;
    }

    /// The pen goes on to a point. Returns what that adds to the drawing; `None` if it has hardly
    /// moved, or there is no stroke.
    pub fn go_on(&mut self, to: Point) -> Option<Line> {
        let stroke = self.strokes.kept.back_mut()?;
        let (ink, from) = (stroke.ink, *stroke.points.last()?);
        let length = (to.x - from.x).hypot(to.y - from.y);
        if length.is_nan() || length < SHORTEST {
            return None;
        }
        if stroke.points.len() < LONGEST {
            stroke.points.push(to);
            self.strokes.points += 1;
        } else {
            self.strokes.push(Stroke { ink, points: vec![from, to], goes_on: true });
        }
        self.version += 1;
        Some(Line { ink, from, to })
    }

    /// Gives away the oldest strokes, as many as are too much to be kept, oldest first. Whoever
    /// shows the drawing paints them for good: they cannot be taken back any more.
    pub fn settle(&mut self) -> Vec<Stroke> {
        let mut settled = Vec::new();
        let strokes = &mut self.strokes;
        while strokes.kept.len() > MOST_STROKES || strokes.points > MOST_POINTS {
            let Some(stroke) = strokes.kept.pop_front() else { break };
            strokes.points -= stroke.points.len();
            strokes.has_settled = true;
            settled.push(stroke);
        }
        settled
    }

    /// Takes back the last stroke, or brings back what was cleared away.
    pub fn undo(&mut self) {
        if let Some(cleared) = self.cleared.take() {
            self.strokes = cleared;
            self.version += 1;
            return;
        }
        while let Some(stroke) = self.strokes.kept.pop_back() {
            self.strokes.points -= stroke.points.len();
            self.version += 1;
            if !stroke.goes_on {
                break;
            }
        }
    }

    /// Clears everything away but the background.
    pub fn clear(&mut self) {
        if !self.is_empty() {
            self.cleared = Some(std::mem::take(&mut self.strokes));
            self.version += 1;
        }
    }

    /// Gives the drawing another background.
    pub fn set_background(&mut self, colour: Colour) {
        if colour != self.background {
            self.background = colour;
            self.version += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: usize) -> Point {
        Point { x: x as f64, y: 7.0 }
    }

    /// Draws a stroke of so many points.
    fn stroke(drawing: &mut Drawing, points: usize) {
        drawing.begin(Ink::default(), point(0));
        for x in 1..points {
            assert!(drawing.go_on(point(x)).is_some());
        }
    }

    fn lengths(drawing: &Drawing) -> Vec<usize> {
        drawing.strokes().map(|stroke| stroke.points.len()).collect()
    }

    #[test]
    fn strokes_are_taken_back_one_by_one() {
        let mut drawing = Drawing::default();
        assert!(drawing.is_empty() && !drawing.can_undo());
        stroke(&mut drawing, 3);
        stroke(&mut drawing, 2);
        assert_eq!(lengths(&drawing), [3, 2]);
        let version = drawing.version();
        drawing.undo();
        assert_eq!(lengths(&drawing), [3]);
        assert!(drawing.version() > version, "it is another drawing now");
        drawing.undo();
        assert!(drawing.is_empty() && !drawing.can_undo());
        let version = drawing.version();
        drawing.undo();
        assert_eq!(drawing.version(), version, "there was nothing to take back");
    }

    #[test]
    fn a_pen_that_rests_adds_nothing() {
        let mut drawing = Drawing::default();
        assert_eq!(drawing.go_on(point(1)), None, "the pen is not down");
        drawing.begin(Ink::default(), point(5));
        assert_eq!(drawing.go_on(Point { x: 5.4, y: 7.4 }), None);
        assert_eq!(drawing.go_on(Point { x: f64::NAN, y: 7.0 }), None);
        let line = Line { ink: Ink::default(), from: point(5), to: point(9) };
        assert_eq!(drawing.go_on(point(9)), Some(line));
    }

    #[test]
    fn what_was_cleared_comes_back_until_something_is_drawn() {
        let mut drawing = Drawing::default();
        stroke(&mut drawing, 3);
        drawing.clear();
        assert!(drawing.is_empty() && drawing.can_undo());
        drawing.clear();
        drawing.undo();
        assert_eq!(lengths(&drawing), [3], "clearing twice is clearing once");
        drawing.clear();
        stroke(&mut drawing, 2);
        drawing.undo();
        assert!(drawing.is_empty() && !drawing.can_undo());
    }

    #[test]
    fn the_oldest_strokes_settle() {
        let mut drawing = Drawing::default();
        for _ in 0..MOST_STROKES {
            stroke(&mut drawing, 2);
            assert!(drawing.settle().is_empty());
        }
        stroke(&mut drawing, 3);
        assert_eq!(drawing.settle().len(), 1);
        assert_eq!(drawing.strokes().count(), MOST_STROKES);
        while !drawing.strokes.kept.is_empty() {
            drawing.undo();
        }
        assert!(drawing.has_settled() && !drawing.is_empty() && !drawing.can_undo());
        assert_eq!(drawing.strokes.points, 0);
        drawing.clear();
        assert!(drawing.is_empty() && !drawing.has_settled());
        drawing.undo();
        assert!(drawing.has_settled());
    }

    #[test]
    fn one_endless_stroke_is_bounded_too() {
        let mut drawing = Drawing::default();
        drawing.begin(Ink::default(), point(0));
        let mut settled = 0;
        for x in 1..3 * MOST_POINTS {
            assert!(drawing.go_on(point(x)).is_some());
            settled += drawing.settle().len();
            assert!(drawing.strokes.points <= MOST_POINTS);
        }
        assert!(settled > 0);
        let kept: usize = lengths(&drawing).into_iter().sum();
        assert_eq!(kept, drawing.strokes.points);
        // It is one stroke to the reader, as far as it can be taken back.
        drawing.undo();
        assert!(!drawing.can_undo());
    }

    #[test]
    fn another_background_is_another_version() {
        let mut drawing = Drawing::default();
        drawing.set_background(WHITE);
        assert_eq!(drawing.version(), 0);
        drawing.set_background(COLOURS[7]);
        assert_eq!((drawing.version(), drawing.background().name), (1, "light blue"));
    }
}
