//! Outlines in the plane: what a drawing consists of before it is rasterised.
//!
//! A path is a union of closed rings. Every ring is given the same orientation when it is added, so
//! that the rasteriser can simply add up their signed areas.

use crate::drawn::trig::sin_cos;

/// A point (x, y), with x to the right and y down.
pub type Point = [f32; 2];

/// A filled shape: the union of its rings.
#[derive(Clone, Default)]
pub struct Path {
    rings: Vec<Vec<Point>>,
}

/// Twice the signed area of a ring.
fn area(ring: &[Point]) -> f32 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
}

impl Path {
    /// The polygon with these corners.
    pub fn polygon(points: &[Point]) -> Self {
        let mut ring = points.to_vec();
        if area(&ring) < 0.0 {
            ring.reverse();
        }
        Self { rings: vec![ring] }
    }

    /// A smooth closed curve (a Catmull–Rom spline) through these points.
    pub fn smooth(points: &[Point]) -> Self {
        let count = points.len();
        let ring: Vec<Point> = (0..count)
            .flat_map(|i| between_knots(points, i + count - 1, i, i + 1, i + 2))
            .collect();
        Self::polygon(&ring)
    }

    /// An axis-parallel ellipse.
    pub fn ellipse(centre: Point, rx: f32, ry: f32) -> Self {
        Self::oval(centre, rx, ry, 0.0)
    }

    /// An ellipse rotated by an angle in turns.
    pub fn oval(centre: Point, rx: f32, ry: f32, turn: f32) -> Self {
        let steps = if rx.max(ry) < 0.12 { 14 } else { 40 };
        let (s, c) = sin_cos(turn);
        let ring: Vec<Point> = (0..steps)
            .map(|i| {
                let (y, x) = sin_cos(i as f32 / steps as f32);
                let (x, y) = (x * rx, y * ry);
                [centre[0] + x * c - y * s, centre[1] + x * s + y * c]
            })
            .collect();
        Self::polygon(&ring)
    }

    /// A filled circle.
    pub fn circle(centre: Point, radius: f32) -> Self {
        Self::ellipse(centre, radius, radius)
    }

    /// An axis-parallel rectangle between two opposite corners.
    pub fn rect(from: Point, to: Point) -> Self {
        Self::polygon(&[from, [to[0], from[1]], to, [from[0], to[1]]])
    }

    /// An axis-parallel rectangle with rounded corners.
    pub fn rounded(from: Point, to: Point, radius: f32) -> Self {
        let centres = [
            ([to[0] - radius, to[1] - radius], 0.0),
            ([from[0] + radius, to[1] - radius], 0.25),
            ([from[0] + radius, from[1] + radius], 0.5),
            ([to[0] - radius, from[1] + radius], 0.75),
        ];
        let ring: Vec<Point> = centres
            .iter()
            .flat_map(|&(centre, start)| arc(centre, radius, radius, start, start + 0.25, 5))
            .collect();
        Self::polygon(&ring)
    }

    /// A line of constant width with round ends and joints.
    pub fn stroke(points: &[Point], width: f32) -> Self {
        Self::taper(points, width, width)
    }

    /// A line whose width changes linearly from `first` to `last`.
    pub fn taper(points: &[Point], first: f32, last: f32) -> Self {
        let mut path = Self::default();
        path.add_ribbon(points, false, first * 0.5, last * 0.5);
        path
    }

    /// The outline of every ring as a line of this width.
    pub fn edge(&self, width: f32) -> Self {
        let mut path = Self::default();
        for ring in &self.rings {
            path.add_ribbon(ring, true, width * 0.5, width * 0.5);
        }
        path
    }

    /// Adds one quadrilateral for each segment of a line. Where the line bends a little, neighbours
    /// share a mitred end, so that nothing is covered twice; where it bends sharply, and at open
    /// ends, a disc is added as a round joint.
    ///
    /// `first` and `last` are half the line's width at its two ends.
    fn add_ribbon(&mut self, points: &[Point], closed: bool, first: f32, last: f32) {
        let count = points.len();
        if count < 2 {
            return;
        }
        let segments = if closed { count } else { count - 1 };
        let half = |i: usize| first + (last - first) * i as f32 / segments as f32;
        let normal = |i: usize| {
            let (a, b) = (points[i % count], points[(i + 1) % count]);
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            let length = (dx * dx + dy * dy).sqrt().max(1e-6);
            [-dy / length, dx / length]
        };
        // The mitre at a joint, scaled so that both sides keep their width, or `None` if the bend
        // is too sharp.
        let joint = |i: usize| {
            if !closed && (i == 0 || i == segments) {
                return None;
            }
            let (a, b) = (normal((i + count - 1) % count), normal(i));
            let square = 1.0 + a[0] * b[0] + a[1] * b[1];
            (square > 1.4).then(|| [(a[0] + b[0]) / square, (a[1] + b[1]) / square])
        };
        let joints: Vec<Option<Point>> = (0..=segments).map(joint).collect();
        for i in 0..segments {
            let (a, b) = (points[i], points[(i + 1) % count]);
            let own = normal(i);
            let (m, n) = (joints[i].unwrap_or(own), joints[i + 1].unwrap_or(own));
            let (wa, wb) = (half(i), half(i + 1));
            self.add(Self::polygon(&[
                [a[0] + m[0] * wa, a[1] + m[1] * wa],
                [b[0] + n[0] * wb, b[1] + n[1] * wb],
                [b[0] - n[0] * wb, b[1] - n[1] * wb],
                [a[0] - m[0] * wa, a[1] - m[1] * wa],
            ]));
        }
        for (i, joint) in joints.iter().enumerate() {
            if joint.is_none() && half(i) > 0.0 && !(closed && i == segments) {
                let steps = if half(i) < 0.04 { 8 } else { 16 };
                self.add(Self::polygon(&arc(
                    points[i % count],
                    half(i),
                    half(i),
                    0.0,
                    1.0 - 1.0 / steps as f32,
                    steps - 1,
                )));
            }
        }
    }

    /// The union of two shapes.
    pub fn and(mut self, other: Self) -> Self {
        self.add(other);
        self
    }

    fn add(&mut self, other: Self) {
        self.rings.extend(other.rings);
    }

    /// The rings, each closed from its last point to its first.
    pub fn rings(&self) -> &[Vec<Point>] {
        &self.rings
    }
}

/// Four points on the Catmull–Rom curve from knot `b` to knot `c`, starting with `b` itself.
fn between_knots(points: &[Point], a: usize, b: usize, c: usize, d: usize) -> [Point; 4] {
    let knot = |i: usize| points[i % points.len()];
    let (a, b, c, d) = (knot(a), knot(b), knot(c), knot(d));
    [0.0f32, 0.25, 0.5, 0.75].map(|t| {
        let axis = |k: usize| {
            let slope = c[k] - a[k];
            let square = 2.0 * a[k] - 5.0 * b[k] + 4.0 * c[k] - d[k];
            let cube = 3.0 * (b[k] - c[k]) + d[k] - a[k];
            b[k] + 0.5 * t * (slope + t * (square + t * cube))
        };
        [axis(0), axis(1)]
    })
}

/// Points along a smooth open curve (a Catmull–Rom spline) through these points.
pub fn curve(points: &[Point]) -> Vec<Point> {
    let last = points.len().saturating_sub(1);
    let mut line: Vec<Point> = (0..last)
        .flat_map(|i| between_knots(points, i.saturating_sub(1), i, i + 1, (i + 2).min(last)))
        .collect();
    line.extend(points.last());
    line
}

/// `steps + 1` points along an elliptic arc. Angles are in turns, clockwise from the right.
pub fn arc(centre: Point, rx: f32, ry: f32, from: f32, to: f32, steps: usize) -> Vec<Point> {
    (0..=steps)
        .map(|i| {
            let (s, c) = sin_cos(from + (to - from) * i as f32 / steps.max(1) as f32);
            [centre[0] + rx * c, centre[1] + ry * s]
        })
        .collect()
}

/// The point between `a` (at `part` 0) and `b` (at 1).
pub fn mix(a: Point, b: Point, part: f32) -> Point {
    [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
}

/// An affine transform of the plane.
#[derive(Clone, Copy)]
pub struct Affine {
    x: [f32; 2],
    y: [f32; 2],
    origin: Point,
}

impl Affine {
    /// The transform that scales by (`sx`, `sy`), shears by `shear`, rotates by `turn` turns and
    /// then translates by `origin`.
    pub fn new(sx: f32, sy: f32, shear: f32, turn: f32, origin: Point) -> Self {
        let (s, c) = sin_cos(turn);
        Self { x: [sx * c, sx * s], y: [sy * (shear * c - s), sy * (shear * s + c)], origin }
    }

    /// The image of a point.
    pub fn apply(&self, p: Point) -> Point {
        [
            self.origin[0] + self.x[0] * p[0] + self.y[0] * p[1],
            self.origin[1] + self.x[1] * p[0] + self.y[1] * p[1],
        ]
    }

    /// The factor by which lengths grow on average: the square root of the determinant.
    pub fn scale(&self) -> f32 {
        (self.x[0] * self.y[1] - self.x[1] * self.y[0]).abs().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_turn_one_way() {
        let square = Path::polygon(&[[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]);
        assert_eq!(area(&square.rings()[0]), 2.0);
        assert!(
            Path::stroke(&[[0.0, 0.0], [1.0, 0.3], [0.2, 0.9]], 0.1)
                .rings()
                .iter()
                .all(|ring| area(ring) > 0.0)
        );
    }

    #[test]
    fn a_disc_has_the_area_of_a_disc() {
        let twice = area(&Path::circle([3.0, -2.0], 2.0).rings()[0]);
        assert!((twice / 2.0 - std::f32::consts::PI * 4.0).abs() < 0.1, "{twice}");
    }

    #[test]
    fn curves_go_through_their_knots() {
        let knots = [[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]];
        let line = curve(&knots);
        assert!(knots.iter().all(|knot| line.contains(knot)));
    }
}
