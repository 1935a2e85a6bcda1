//! What lies behind and before the object. Nothing here knows the class: a network that looks at
//! the ground learns nothing.

use crate::drawn::artist::lit;
use crate::drawn::dice::Dice;
use crate::drawn::palette::{Rgb, blend, hsl, shade};
use crate::drawn::path::{Path, Point};
use crate::drawn::raster::{Canvas, Paint};

/// The whole picture, in the canvas's own square, with room to spare for the edge.
const ALL: (Point, Point) = ([-1.1, -1.1], [1.1, 1.1]);

/// A canvas with one of seven kinds of ground and a few things lying about on it.
pub fn lay(size: usize, dice: &mut Dice) -> Canvas {
    let (first, second) = colours(dice);
    let mut canvas = Canvas::new(size, first);
    match dice.below(7) {
        0 => outdoors(&mut canvas, dice),
        1 => room(&mut canvas, dice, first, second),
        2 => ramp(&mut canvas, dice, first, second),
        3 => clouds(&mut canvas, dice, first, second),
        4 => stripes(&mut canvas, dice, second),
        5 => checks(&mut canvas, dice, second),
        _ => blobs(&mut canvas, dice, second),
    }
    for _ in 0..dice.below(4) {
        thing(&mut canvas, dice, 0.12, 0.32, 0.0);
    }
    canvas
}

/// Small things in front of the object, towards the picture's edge more often than not.
pub fn occlude(canvas: &mut Canvas, dice: &mut Dice) {
    canvas.stand(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
    for _ in 0..dice.below(3) {
        thing(canvas, dice, 0.06, 0.15, 0.25);
    }
}

/// Two colours that go together: near in lightness more often than not, so that the ground stays
/// calm.
fn colours(dice: &mut Dice) -> (Rgb, Rgb) {
    let hue = dice.unit();
    let saturation = dice.between(0.05, 0.6);
    let light = if dice.chance(0.42) { dice.between(0.2, 0.45) } else { dice.between(0.55, 0.92) };
    let other = hue + if dice.chance(0.5) { dice.around(0.06) } else { dice.around(0.4) };
    (
        hsl(hue, saturation, light),
        hsl(other, saturation * dice.between(0.5, 1.2), light + dice.around(0.18)),
    )
}

fn outdoors(canvas: &mut Canvas, dice: &mut Dice) {
    let horizon = dice.between(0.05, 0.65);
    let sky = hsl(0.56 + dice.around(0.08), dice.between(0.3, 0.75), dice.between(0.6, 0.82));
    canvas.fill(
        &Path::rect(ALL.0, ALL.1),
        Paint::Ramp([0.0, -1.0], sky, [0.0, horizon], shade(sky, 0.55)),
    );
    for _ in 0..dice.below(4) {
        let (x, y, r) = (dice.around(1.0), dice.between(-0.95, -0.2), dice.between(0.08, 0.16));
        let cloud = Path::ellipse([x, y], r * 2.2, r * 0.7)
            .and(Path::circle([x - r * 0.7, y - r * 0.35], r * 0.8))
            .and(Path::circle([x + r * 0.5, y - r * 0.5], r));
        canvas.fill(&cloud, Paint::Veil([1.0; 3], 0.75));
    }
    let field = hsl(0.27 + dice.around(0.12), dice.between(0.2, 0.6), dice.between(0.35, 0.6));
    if dice.chance(0.5) {
        let hill = Path::ellipse(
            [dice.around(1.0), horizon + 0.2],
            dice.between(0.7, 1.3),
            dice.between(0.3, 0.55),
        );
        canvas.fill(&hill, Paint::Flat(blend(field, sky, 0.45)));
    }
    let slope = dice.around(0.06);
    let land =
        Path::polygon(&[[-1.1, horizon + slope], [1.1, horizon - slope], [1.1, 1.1], [-1.1, 1.1]]);
    canvas.fill(&land, lit(field, horizon, 1.0));
}

fn room(canvas: &mut Canvas, dice: &mut Dice, wall: Rgb, floor: Rgb) {
    let line = dice.between(0.3, 0.75);
    let slope = dice.around(0.08);
    let below = |d: f32| {
        Path::polygon(&[[-1.1, line + d + slope], [1.1, line + d - slope], [1.1, 1.1], [-1.1, 1.1]])
    };
    canvas.fill(
        &Path::rect(ALL.0, ALL.1),
        Paint::Ramp([-1.0, 0.0], shade(wall, 0.1), [1.0, 0.0], shade(wall, -0.1)),
    );
    if dice.chance(0.4) {
        let (x, y, w, h) = (
            dice.around(0.8),
            dice.between(-0.9, -0.4),
            dice.between(0.2, 0.4),
            dice.between(0.2, 0.4),
        );
        let frame = Path::rect([x - w, y - h], [x + w, y + h]);
        canvas.fill(&frame, Paint::Flat(shade(wall, 0.4)));
        canvas.fill(&frame.edge(0.05), Paint::Flat(shade(wall, -0.35)));
    }
    canvas.fill(&below(-0.07), Paint::Flat(shade(wall, 0.35)));
    canvas.fill(&below(0.0), lit(shade(floor, -0.2), 1.0, line));
    if dice.chance(0.5) {
        for board in -4..=4 {
            let x = board as f32 * 0.3;
            canvas.fill(
                &Path::stroke(&[[x, line + 0.03], [x * 1.8, 1.1]], 0.015),
                Paint::Veil(shade(floor, -0.6), 0.5),
            );
        }
    }
}

fn ramp(canvas: &mut Canvas, dice: &mut Dice, first: Rgb, second: Rgb) {
    let all = Path::rect(ALL.0, ALL.1);
    if dice.chance(0.5) {
        canvas.fill(
            &all,
            Paint::Glow(
                [dice.around(0.7), dice.around(0.7)],
                first,
                dice.between(0.8, 1.8),
                second,
            ),
        );
    } else {
        let (x, y) = (dice.around(1.0), dice.around(1.0));
        canvas.fill(&all, Paint::Ramp([x, y], first, [-x, -y], second));
    }
}

/// Noise: random values on a coarse grid, blended smoothly between its points.
fn clouds(canvas: &mut Canvas, dice: &mut Dice, first: Rgb, second: Rgb) {
    let cells = 4 + dice.below(6);
    let second = shade(second, dice.around(0.25));
    let knots: Vec<f32> = (0..(cells + 1) * (cells + 1)).map(|_| dice.unit()).collect();
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

fn stripes(canvas: &mut Canvas, dice: &mut Dice, second: Rgb) {
    canvas.stand(0.5, 0.5, 1.0, 1.0, 0.0, dice.unit());
    let pitch = dice.between(0.16, 0.5);
    let share = dice.between(0.3, 0.7);
    let count = (1.5 / pitch) as i32 + 1;
    for i in -count..=count {
        let x = i as f32 * pitch;
        canvas.fill(&Path::rect([x, -1.5], [x + pitch * share, 1.5]), Paint::Flat(second));
    }
    canvas.stand(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
}

fn checks(canvas: &mut Canvas, dice: &mut Dice, second: Rgb) {
    canvas.stand(0.5, 0.5, 1.0, 1.0, 0.0, dice.unit());
    let pitch = dice.between(0.22, 0.5);
    let count = (1.5 / pitch) as i32 + 1;
    for row in -count..=count {
        for column in -count..=count {
            if (row + column) % 2 == 0 {
                let (x, y) = (column as f32 * pitch, row as f32 * pitch);
                canvas.fill(&Path::rect([x, y], [x + pitch, y + pitch]), Paint::Flat(second));
            }
        }
    }
    canvas.stand(0.5, 0.5, 1.0, 1.0, 0.0, 0.0);
}

fn blobs(canvas: &mut Canvas, dice: &mut Dice, second: Rgb) {
    for _ in 0..6 + dice.below(10) {
        let centre = [dice.around(1.0), dice.around(1.0)];
        let (rx, ry, turn) = (dice.between(0.08, 0.4), dice.between(0.08, 0.4), dice.unit());
        let colour = shade(second, dice.around(0.25));
        canvas
            .fill(&Path::oval(centre, rx, ry, turn), Paint::Veil(colour, dice.between(0.35, 0.9)));
    }
}

/// A simple shape of any colour, between two sizes, at least `clear` away from the middle on both
/// axes taken together.
fn thing(canvas: &mut Canvas, dice: &mut Dice, small: f32, large: f32, clear: f32) {
    let (mut x, mut y) = (dice.around(1.0), dice.around(1.0));
    let away = (x * x + y * y).sqrt().max(1e-3);
    if away < clear {
        (x, y) = (x / away * clear, y / away * clear);
    }
    let r = dice.between(small, large);
    let colour = hsl(dice.unit(), dice.between(0.1, 0.8), dice.between(0.25, 0.8));
    let path = match dice.below(4) {
        0 => Path::circle([x, y], r),
        1 => Path::oval([x, y], r, r * dice.between(0.3, 0.8), dice.unit()),
        2 => {
            let corners = [0.0f32, 0.33, 0.66].map(|base| {
                let (s, c) = crate::drawn::dice::sin_cos(base + dice.between(0.0, 0.2));
                [x + r * c, y + r * s]
            });
            Path::polygon(&corners)
        }
        _ => Path::stroke(&[[x - r, y + dice.around(r)], [x + r, y + dice.around(r)]], r * 0.4),
    };
    canvas.fill(&path, lit(colour, y - r, y + r));
}
