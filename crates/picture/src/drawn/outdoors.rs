//! Church, golf ball and parachute.

use crate::drawn::artist::{Artist, lit};
use crate::drawn::palette::{Rgb, shade};
use crate::drawn::path::{Path, Point, arc, curve};
use crate::drawn::raster::Paint;
use crate::drawn::trig::sin_cos;

/// A church with a pointed tower, seen from the side or from the front.
pub fn church(art: &mut Artist) {
    let wall = art.colour(0.11, 0.25, 0.8);
    let roof = art.colour(0.03, 0.45, 0.42);
    let glass = art.colour(0.6, 0.55, 0.4);
    art.shadow([0.0, 0.9], 0.95);
    if art.rng.chance(0.55) {
        from_the_side(art, wall, roof, glass)
    } else {
        from_the_front(art, wall, roof, glass)
    }
}

/// A window or door with a round head, standing on `foot`.
fn arch(foot: Point, half: f32, height: f32) -> Path {
    let spring = foot[1] - height + half;
    let mut ring = vec![[foot[0] + half, foot[1]], [foot[0] - half, foot[1]]];
    ring.extend(arc([foot[0], spring], half, half * 1.15, 0.5, 1.0, 10));
    Path::polygon(&ring)
}

fn cross(art: &mut Artist, foot: Point, height: f32) {
    let [x, y] = foot;
    art.ink_line(&[[x, y], [x, y - height]], 1.7);
    art.ink_line(
        &[[x - height * 0.3, y - height * 0.66], [x + height * 0.3, y - height * 0.66]],
        1.7,
    );
}

/// A few bricks, here and there.
fn bricks(art: &mut Artist, wall: &Path, colour: Rgb, from: Point, to: Point) {
    for _ in 0..12 {
        let (x, y) = (art.rng.between(from[0], to[0]), art.rng.between(from[1], to[1]));
        art.fill_inside(
            wall,
            &Path::rect([x, y], [x + 0.09, y + 0.035]),
            Paint::Translucent(shade(colour, -0.4), 0.4),
        );
    }
}

fn tower(art: &mut Artist, middle: f32, half: f32, eaves: f32, tip: f32, colours: (Rgb, Rgb, Rgb)) {
    let (wall, roof, glass) = colours;
    let shaft = Path::rect([middle - half, eaves], [middle + half, 0.88]);
    art.fill(
        &shaft,
        Paint::LinearGradient(
            [middle - half, 0.0],
            shade(wall, 0.2),
            [middle + half, 0.0],
            shade(wall, -0.14),
        ),
    );
    bricks(art, &shaft, wall, [middle - half, eaves], [middle + half, 0.8]);
    art.ink_edge(&shaft);
    cross(art, [middle, tip + 0.04], 0.2);
    let spire = Path::polygon(&[
        [middle - half - 0.07, eaves],
        [middle, tip],
        [middle + half + 0.07, eaves],
    ]);
    art.fill_inked(
        &spire,
        Paint::LinearGradient(
            [middle - half, 0.0],
            shade(roof, 0.2),
            [middle + half, 0.0],
            shade(roof, -0.25),
        ),
    );
    let bell = arch([middle, eaves + 0.36], half * 0.42, 0.28);
    art.fill_inked(&bell, Paint::Solid(shade(glass, -0.35)));
}

fn door(art: &mut Artist, middle: f32, half: f32, height: f32, colour: Rgb) {
    art.fill_inked(&arch([middle, 0.88], half, height), Paint::Solid(colour));
    art.ink_line(&[[middle, 0.88], [middle, 0.9 - height]], 0.7);
}

fn from_the_side(art: &mut Artist, wall: Rgb, roof: Rgb, glass: Rgb) {
    let eaves = art.rng.between(0.1, 0.24);
    let ridge = eaves - art.rng.between(0.36, 0.46);
    let nave = Path::rect([-0.3, eaves], [0.86, 0.88]);
    art.fill(&nave, lit(wall, 0.0, 0.95));
    bricks(art, &nave, wall, [-0.2, eaves], [0.8, 0.8]);
    art.ink_edge(&nave);
    let cover =
        Path::polygon(&[[-0.3, eaves + 0.03], [-0.3, ridge], [0.74, ridge], [0.95, eaves + 0.03]]);
    art.fill(&cover, lit(roof, ridge, eaves));
    for row in 1..4 {
        let y = ridge + (eaves - ridge) * row as f32 * 0.25;
        art.fill_inside(
            &cover,
            &Path::rect([-0.3, y], [1.0, y + 0.016]),
            Paint::Translucent(shade(roof, -0.6), 0.6),
        );
    }
    art.ink_edge(&cover);
    for window in 0..3 {
        let middle = 0.0 + window as f32 * 0.3;
        art.fill_inked(
            &arch([middle, 0.7], 0.075, 0.36),
            Paint::LinearGradient([0.0, 0.3], shade(glass, 0.4), [0.0, 0.8], glass),
        );
        art.ink_line(&[[middle, 0.7], [middle, 0.36]], 0.5);
    }
    let top = art.rng.between(-0.34, -0.2);
    tower(art, -0.52, 0.25, top, -0.86, (wall, roof, glass));
    door(art, -0.52, 0.12, 0.38, shade(roof, -0.45));
}

fn from_the_front(art: &mut Artist, wall: Rgb, roof: Rgb, glass: Rgb) {
    let eaves = art.rng.between(0.28, 0.4);
    let half = art.rng.between(0.66, 0.8);
    let front = Path::polygon(&[
        [-half, 0.88],
        [-half, eaves],
        [0.0, eaves - 0.5],
        [half, eaves],
        [half, 0.88],
    ]);
    art.fill(&front, lit(shade(wall, -0.08), -0.2, 0.95));
    bricks(art, &front, wall, [-half, eaves], [half, 0.8]);
    art.ink_edge(&front);
    for side in [-1.0f32, 1.0] {
        let slope = Path::stroke(&[[0.0, eaves - 0.54], [side * (half + 0.08), eaves + 0.02]], 0.1);
        art.ink_edge(&slope);
        art.fill(&slope, Paint::Solid(roof));
        let middle = side * (half * 0.5 + 0.14);
        art.fill_inked(
            &arch([middle, 0.76], 0.085, 0.34),
            Paint::LinearGradient([0.0, 0.4], shade(glass, 0.4), [0.0, 0.8], glass),
        );
        art.ink_line(&[[middle, 0.76], [middle, 0.44]], 0.5);
    }
    let top = art.rng.between(-0.4, -0.26);
    tower(art, 0.0, 0.26, top, -0.86, (wall, roof, glass));
    let rose: Point = [0.0, 0.24];
    art.fill_inked(&Path::circle(rose, 0.13), Paint::Solid(glass));
    for spoke in arc(rose, 0.12, 0.12, 0.0, 0.875, 7) {
        art.ink_line(&[rose, spoke], 0.5);
    }
    door(art, 0.0, 0.15, 0.4, shade(roof, -0.45));
}

/// A golf ball, often on a tee.
pub fn golf_ball(art: &mut Artist) {
    // White more often than not; there are yellow, orange, pink, green and blue ones.
    let skin = if art.rng.chance(0.55) {
        art.colour(0.14, 0.12, 0.93)
    } else {
        let hue = [0.04, 0.14, 0.26, 0.58, 0.92][art.rng.below(5)];
        art.colour(hue, 0.85, 0.6)
    };
    let wood = art.colour(0.08, 0.55, 0.6);
    let centre: Point = [0.0, -0.12];
    let radius = art.rng.between(0.68, 0.78);
    let foot = centre[1] + radius;
    match art.rng.below(3) {
        0 => art.shadow([0.0, foot + 0.02], 0.6),
        1 => grass(art, foot),
        _ => {}
    }
    if art.rng.chance(0.6) {
        let tee = Path::smooth(&[
            [-0.26, foot - 0.08],
            [0.26, foot - 0.08],
            [0.22, foot + 0.04],
            [0.07, foot + 0.14],
            [0.05, 1.0],
            [-0.05, 1.0],
            [-0.07, foot + 0.14],
            [-0.22, foot + 0.04],
        ]);
        art.fill_inked(
            &tee,
            Paint::LinearGradient([-0.2, 0.0], shade(wood, 0.3), [0.2, 0.0], shade(wood, -0.25)),
        );
    }
    let ball = Path::circle(centre, radius);
    let bright: Point = [centre[0] - radius * 0.35, centre[1] - radius * 0.4];
    art.fill(
        &ball,
        Paint::RadialGradient(bright, shade(skin, 0.7), radius * 1.75, shade(skin, -0.42)),
    );

    // Dimples lie on a sphere in rings of latitude; the sphere is turned, and what faces us is
    // drawn flattened.
    let (ts, tc) = sin_cos(art.rng.unit());
    let (ps, pc) = sin_cos(art.rng.unit());
    let rings = 10 + art.rng.below(3);
    for ring in 0..=rings {
        let (sin_lat, cos_lat) = sin_cos(0.25 - 0.5 * ring as f32 / rings as f32);
        let around = (2.0 * rings as f32 * cos_lat + 0.5) as usize;
        for step in 0..around.max(1) {
            let (s, c) = sin_cos((step as f32 + 0.5 * (ring % 2) as f32) / around.max(1) as f32);
            let (x, y, z) = (c * cos_lat, sin_lat, s * cos_lat);
            let (y, z) = (y * tc - z * ts, y * ts + z * tc);
            let (x, y) = (x * pc - y * ps, x * ps + y * pc);
            if z > 0.16 {
                dimple(
                    art,
                    [centre[0] + x * radius, centre[1] + y * radius],
                    [x, y, z],
                    radius * 1.02 / rings as f32,
                    skin,
                );
            }
        }
    }
    if art.rng.chance(0.4) {
        let stamp = art.colour(0.0, 0.8, 0.45);
        let y = centre[1] + art.rng.around(0.15);
        // A maker's mark: a diamond between two dashes.
        let diamond = Path::polygon(&[[-0.09, y], [0.0, y - 0.09], [0.09, y], [0.0, y + 0.09]]);
        let mark = diamond
            .and(Path::stroke(&[[-0.32, y], [-0.16, y]], 0.05))
            .and(Path::stroke(&[[0.16, y], [0.32, y]], 0.05));
        art.fill(&mark, Paint::Translucent(stamp, 0.85));
    }
    art.ink_edge(&ball);
}

/// One dimple: a dark hollow whose lower right catches the light.
fn dimple(art: &mut Artist, at: Point, facing: [f32; 3], radius: f32, skin: Rgb) {
    let [x, y, z] = facing;
    let off = (x * x + y * y).sqrt().max(1e-4);
    let (nx, ny) = (x / off, y / off);
    let disc = |shift: f32, size: f32| -> Path {
        let ring: Vec<Point> = (0..10)
            .map(|i| {
                let (s, c) = sin_cos(i as f32 / 10.0);
                let (across, along) = (c * radius * size * z, s * radius * size);
                [at[0] + shift + nx * across - ny * along, at[1] + shift + ny * across + nx * along]
            })
            .collect();
        Path::polygon(&ring)
    };
    let strength = 0.3 + 0.25 * z;
    art.fill(&disc(0.008, 0.78), Paint::Translucent([1.0; 3], strength));
    art.fill(&disc(-0.006, 0.7), Paint::Translucent(shade(skin, -0.55), strength));
}

fn grass(art: &mut Artist, foot: f32) {
    let green = art.colour(0.28, 0.55, 0.42);
    for blade in 0..22 {
        let x = -0.95 + blade as f32 * 0.09;
        let tip = [x + art.rng.around(0.1), foot - art.rng.between(0.05, 0.3)];
        let light = art.rng.around(0.2);
        art.fill(
            &Path::taper(&[[x, foot + 0.16], tip], 0.09, 0.01),
            Paint::Solid(shade(green, light)),
        );
    }
}

/// A round parachute with somebody under it.
pub fn parachute(art: &mut Artist) {
    let gores = 5 + 2 * art.rng.below(3);
    let colours =
        [art.colour(0.0, 0.8, 0.54), art.colour(0.12, 0.25, 0.92), art.colour(0.58, 0.7, 0.5)];
    let kinds = 2 + art.rng.below(2);
    let hem = art.rng.between(-0.22, -0.08);
    let crown = -0.95;
    let rise = hem - crown;
    let half = art.rng.between(0.8, 0.95);
    let drift = art.rng.around(0.12);
    let harness: Point = [drift, 0.56];

    // Where the seams meet the hem: closer together towards the sides, as on any dome.
    let seam = |i: usize| sin_cos((i as f32 / gores as f32 - 0.5) * 0.5).0 * half;
    for i in 0..=gores {
        let line = [[seam(i), hem], [harness[0] + seam(i) * 0.08, harness[1] - 0.06]];
        art.ink_line(&line, 0.6);
    }
    let meridian = |x: f32| -> Vec<Point> {
        (0..=10)
            .map(|k| {
                let (s, c) = sin_cos(k as f32 / 40.0);
                [x * s, hem - rise * c]
            })
            .collect()
    };
    for i in 0..gores {
        let (x0, x1) = (seam(i), seam(i + 1));
        let mut ring = meridian(x0);
        let sag = 0.1 + 0.16 * (x1 - x0);
        ring.extend([
            [x0 + (x1 - x0) * 0.25, hem - sag * 0.4],
            [(x0 + x1) * 0.5, hem - sag * 0.5],
            [x0 + (x1 - x0) * 0.75, hem - sag * 0.4],
        ]);
        ring.extend(meridian(x1).into_iter().rev());
        let colour = colours[i % kinds];
        let turned = (x0 + x1) * 0.5 / half;
        let gore = Path::polygon(&ring);
        art.fill_inked(
            &gore,
            lit(shade(colour, -0.18 * turned.max(0.0) + 0.1 * (-turned).max(0.0)), crown, hem),
        );
    }
    art.fill_inked(&Path::ellipse([0.0, crown + 0.015], 0.09, 0.035), Paint::Solid(colours[0]));
    jumper(art, harness);
}

/// Hangs in the harness, arms up.
fn jumper(art: &mut Artist, at: Point) {
    let suit = art.colour(0.62, 0.5, 0.36);
    let skin = [0.9, 0.7, 0.55];
    let [x, y] = at;
    let kick = art.rng.around(0.08);
    for side in [-1.0f32, 1.0] {
        art.tube(
            &curve(&[
                [x + side * 0.05, y + 0.2],
                [x + side * 0.09 + kick, y + 0.32],
                [x + side * 0.07 + kick * 0.5, y + 0.44],
            ]),
            0.085,
            Paint::Solid(shade(suit, -0.2)),
        );
        art.tube(
            &curve(&[
                [x + side * 0.07, y + 0.05],
                [x + side * 0.16, y + 0.0],
                [x + side * 0.13, y - 0.13],
            ]),
            0.07,
            Paint::Solid(suit),
        );
    }
    art.fill_inked(&Path::rounded([x - 0.1, y], [x + 0.1, y + 0.25], 0.07), Paint::Solid(suit));
    art.fill_inked(&Path::circle([x, y - 0.07], 0.085), Paint::Solid(skin));
    art.fill(
        &Path::polygon(&arc([x, y - 0.075], 0.088, 0.088, 0.5, 1.0, 10)),
        Paint::Solid(shade(suit, 0.3)),
    );
}
