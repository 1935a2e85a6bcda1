//! What lies behind and in front of the object.
//!
//! Nothing here depends on the class, so a network that looks at the background learns nothing.

use crate::drawn::artist::lit;
use crate::drawn::palette::{Rgb, blend, hsl, shade};
use crate::drawn::path::{Path, Point};
use crate::drawn::raster::{Canvas, Paint};
use crate::drawn::rng::Rng;

/// Two opposite corners of a rectangle that covers the whole picture, with a margin.
const WHOLE: (Point, Point) = ([-1.1, -1.1], [1.1, 1.1]);

/// Paints a canvas of `size` × `size` pixels with one of seven kinds of background and up to three
/// simple shapes on it.
pub fn paint(size: usize, rng: &mut Rng) -> Canvas {
    let (first, second) = colours(rng);
    let mut canvas = Canvas::new(size, first);
    match rng.below(7) {
        0 => landscape(&mut canvas, rng),
        1 => room(&mut canvas, rng, first, second),
        2 => gradient(&mut canvas, rng, first, second),
        3 => clouds(&mut canvas, rng, first, second),
        4 => stripes(&mut canvas, rng, second),
        5 => checks(&mut canvas, rng, second),
        _ => blobs(&mut canvas, rng, second),
    }
    for _ in 0..rng.below(4) {
        random_shape(&mut canvas, rng, 0.12, 0.32, 0.0);
    }
    canvas
}

/// Paints up to two small shapes in front of the object, away from the picture's centre.
pub fn add_foreground(canvas: &mut Canvas, rng: &mut Rng) {
    canvas.set_transform(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
    for _ in 0..rng.below(3) {
        random_shape(canvas, rng, 0.06, 0.15, 0.25);
    }
}

/// Two colours for a background. Their lightness differs by at most 0.18, so that the background
/// stays calm.
fn colours(rng: &mut Rng) -> (Rgb, Rgb) {
    let hue = rng.unit();
    let saturation = rng.between(0.05, 0.6);
    let light = if rng.chance(0.42) { rng.between(0.2, 0.45) } else { rng.between(0.55, 0.92) };
    let other = hue + if rng.chance(0.5) { rng.around(0.06) } else { rng.around(0.4) };
    (
        hsl(hue, saturation, light),
        hsl(other, saturation * rng.between(0.5, 1.2), light + rng.around(0.18)),
    )
}

/// Sky with clouds above a field, sometimes with a hill between them.
fn landscape(canvas: &mut Canvas, rng: &mut Rng) {
    let horizon = rng.between(0.05, 0.65);
    let sky = hsl(0.56 + rng.around(0.08), rng.between(0.3, 0.75), rng.between(0.6, 0.82));
    canvas.fill(
        &Path::rect(WHOLE.0, WHOLE.1),
        Paint::LinearGradient([0.0, -1.0], sky, [0.0, horizon], shade(sky, 0.55)),
    );
    for _ in 0..rng.below(4) {
        let (x, y, r) = (rng.around(1.0), rng.between(-0.95, -0.2), rng.between(0.08, 0.16));
        let cloud = Path::ellipse([x, y], r * 2.2, r * 0.7)
            .and(Path::circle([x - r * 0.7, y - r * 0.35], r * 0.8))
            .and(Path::circle([x + r * 0.5, y - r * 0.5], r));
        canvas.fill(&cloud, Paint::Translucent([1.0; 3], 0.75));
    }
    let field = hsl(0.27 + rng.around(0.12), rng.between(0.2, 0.6), rng.between(0.35, 0.6));
    if rng.chance(0.5) {
        let hill = Path::ellipse(
            [rng.around(1.0), horizon + 0.2],
            rng.between(0.7, 1.3),
            rng.between(0.3, 0.55),
        );
        canvas.fill(&hill, Paint::Solid(blend(field, sky, 0.45)));
    }
    let slope = rng.around(0.06);
    let land =
        Path::polygon(&[[-1.1, horizon + slope], [1.1, horizon - slope], [1.1, 1.1], [-1.1, 1.1]]);
    canvas.fill(&land, lit(field, horizon, 1.0));
}

/// A wall, sometimes with a picture on it, above a skirting board and a floor.
fn room(canvas: &mut Canvas, rng: &mut Rng, wall: Rgb, floor: Rgb) {
    let line = rng.between(0.3, 0.75);
    let slope = rng.around(0.08);
    let below = |d: f32| {
        Path::polygon(&[[-1.1, line + d + slope], [1.1, line + d - slope], [1.1, 1.1], [-1.1, 1.1]])
    };
    canvas.fill(
        &Path::rect(WHOLE.0, WHOLE.1),
        Paint::LinearGradient([-1.0, 0.0], shade(wall, 0.1), [1.0, 0.0], shade(wall, -0.1)),
    );
    if rng.chance(0.4) {
        let (x, y, w, h) = (
            rng.around(0.8),
            rng.between(-0.9, -0.4),
            rng.between(0.2, 0.4),
            rng.between(0.2, 0.4),
        );
        let frame = Path::rect([x - w, y - h], [x + w, y + h]);
        canvas.fill(&frame, Paint::Solid(shade(wall, 0.4)));
        canvas.fill(&frame.edge(0.05), Paint::Solid(shade(wall, -0.35)));
    }
    canvas.fill(&below(-0.07), Paint::Solid(shade(wall, 0.35)));
    canvas.fill(&below(0.0), lit(shade(floor, -0.2), 1.0, line));
    if rng.chance(0.5) {
        for board in -4..=4 {
            let x = board as f32 * 0.3;
            canvas.fill(
                &Path::stroke(&[[x, line + 0.03], [x * 1.8, 1.1]], 0.015),
                Paint::Translucent(shade(floor, -0.6), 0.5),
            );
        }
    }
}

/// A linear or a radial gradient.
fn gradient(canvas: &mut Canvas, rng: &mut Rng, first: Rgb, second: Rgb) {
    let all = Path::rect(WHOLE.0, WHOLE.1);
    if rng.chance(0.5) {
        canvas.fill(
            &all,
            Paint::RadialGradient(
                [rng.around(0.7), rng.around(0.7)],
                first,
                rng.between(0.8, 1.8),
                second,
            ),
        );
    } else {
        let (x, y) = (rng.around(1.0), rng.around(1.0));
        canvas.fill(&all, Paint::LinearGradient([x, y], first, [-x, -y], second));
    }
}

/// Value noise: random values on a coarse grid, interpolated smoothly between its points.
fn clouds(canvas: &mut Canvas, rng: &mut Rng, first: Rgb, second: Rgb) {
    let cells = 4 + rng.below(6);
    let second = shade(second, rng.around(0.25));
    let knots: Vec<f32> = (0..(cells + 1) * (cells + 1)).map(|_| rng.unit()).collect();
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let size = canvas.size;
    let step = cells as f32 / size as f32;
    for y in 0..size {
        let v = (y as f32 + 0.5) * step;
        let (row, ty) = (v as usize, ease(v - v.floor()));
        for x in 0..size {
            let u = (x as f32 + 0.5) * step;
            let (column, tx) = (u as usize, ease(u - u.floor()));
            let knot = |r: usize, c: usize| knots[r * (cells + 1) + c];
            let upper = knot(row, column) + (knot(row, column + 1) - knot(row, column)) * tx;
            let lower =
                knot(row + 1, column) + (knot(row + 1, column + 1) - knot(row + 1, column)) * tx;
            canvas.pixels[y * size + x] = blend(first, second, upper + (lower - upper) * ty);
        }
    }
}

/// Stripes at a random angle.
fn stripes(canvas: &mut Canvas, rng: &mut Rng, second: Rgb) {
    canvas.set_transform(0.5, 0.5, 1.0, 1.0, 0.0, rng.unit());
    let pitch = rng.between(0.16, 0.5);
    let share = rng.between(0.3, 0.7);
    let count = (1.5 / pitch) as i32 + 1;
    for i in -count..=count {
        let x = i as f32 * pitch;
        canvas.fill(&Path::rect([x, -1.5], [x + pitch * share, 1.5]), Paint::Solid(second));
    }
    canvas.set_transform(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
}

/// A chequered pattern at a random angle.
fn checks(canvas: &mut Canvas, rng: &mut Rng, second: Rgb) {
    canvas.set_transform(0.5, 0.5, 1.0, 1.0, 0.0, rng.unit());
    let pitch = rng.between(0.22, 0.5);
    let count = (1.5 / pitch) as i32 + 1;
    for row in -count..=count {
        for column in -count..=count {
            if (row + column) % 2 == 0 {
                let (x, y) = (column as f32 * pitch, row as f32 * pitch);
                canvas.fill(&Path::rect([x, y], [x + pitch, y + pitch]), Paint::Solid(second));
            }
        }
    }
    canvas.set_transform(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
}

/// Translucent ellipses in shades of one colour.
fn blobs(canvas: &mut Canvas, rng: &mut Rng, second: Rgb) {
    for _ in 0..6 + rng.below(10) {
        let centre = [rng.around(1.0), rng.around(1.0)];
        let (rx, ry, turn) = (rng.between(0.08, 0.4), rng.between(0.08, 0.4), rng.unit());
        let colour = shade(second, rng.around(0.25));
        canvas.fill(
            &Path::oval(centre, rx, ry, turn),
            Paint::Translucent(colour, rng.between(0.35, 0.9)),
        );
    }
}

/// Paints a simple shape of a random colour with a radius between `small` and `large`, at least
/// `clear` away from the picture's centre.
fn random_shape(canvas: &mut Canvas, rng: &mut Rng, small: f32, large: f32, clear: f32) {
    let (mut x, mut y) = (rng.around(1.0), rng.around(1.0));
    let away = (x * x + y * y).sqrt().max(1e-3);
    if away < clear {
        (x, y) = (x / away * clear, y / away * clear);
    }
    let r = rng.between(small, large);
    let colour = hsl(rng.unit(), rng.between(0.1, 0.8), rng.between(0.25, 0.8));
    let path = match rng.below(4) {
        0 => Path::circle([x, y], r),
        1 => Path::oval([x, y], r, r * rng.between(0.3, 0.8), rng.unit()),
        2 => {
            let corners = [0.0f32, 0.33, 0.66].map(|base| {
                let (s, c) = crate::drawn::trig::sin_cos(base + rng.between(0.0, 0.2));
                [x + r * c, y + r * s]
            });
            Path::polygon(&corners)
        }
        _ => Path::stroke(&[[x - r, y + rng.around(r)], [x + r, y + rng.around(r)]], r * 0.4),
    };
    canvas.fill(&path, lit(colour, y - r, y + r));
}
