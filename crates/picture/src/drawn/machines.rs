//! Chain saw, garbage truck and gas pump.

use crate::drawn::artist::{Artist, lit};
use crate::drawn::palette::{Rgb, shade};
use crate::drawn::path::{Path, Point, arc, curve};
use crate::drawn::raster::Paint;
use crate::drawn::trig::sin_cos;

/// A chain saw, its bar to the left.
pub fn chain_saw(art: &mut Artist) {
    let shell = art.colour(0.06, 0.9, 0.52);
    let steel = art.colour(0.58, 0.08, 0.72);
    let black = shade(art.ink(), 0.06);
    let tip = art.rng.between(-0.98, -0.88);
    let half = art.rng.between(0.1, 0.14);
    let middle = 0.2;

    // The bar with the chain round it: teeth first, then the chain, then the bar on top.
    let nose: Point = [tip + half, middle];
    let mut loop_line = vec![[0.0, middle - half]];
    loop_line.extend(arc(nose, half, half, 0.75, 0.25, 10));
    loop_line.push([0.0, middle + half]);
    let pitch = 0.1;
    let teeth = ((-nose[0]) / pitch) as usize;
    for tooth in 0..=teeth {
        let x = nose[0] + tooth as f32 * pitch;
        for side in [-1.0f32, 1.0] {
            let base = middle + side * half;
            let lean = side * 0.05;
            let fang = Path::polygon(&[
                [x - 0.03, base],
                [x + 0.03, base],
                [x + 0.03 - lean, base + side * 0.075],
                [x - 0.012 - lean, base + side * 0.075],
            ]);
            art.fill(&fang, Paint::Solid(black));
        }
    }
    for fang in arc(nose, half + 0.045, half + 0.045, 0.32, 0.68, 3) {
        art.fill(&Path::circle(fang, 0.034), Paint::Solid(black));
    }
    art.fill(&Path::stroke(&loop_line, 0.075), Paint::Solid(black));
    let bar = Path::stroke(&[nose, [0.0, middle]], half * 2.0 - 0.06);
    art.fill(
        &bar,
        Paint::LinearGradient(
            [0.0, middle - half],
            shade(steel, 0.45),
            [0.0, middle + half],
            shade(steel, -0.15),
        ),
    );
    art.fill(&Path::circle(nose, half * 0.3), Paint::Solid(shade(steel, -0.5)));
    art.ink_line(&[[nose[0] + 0.15, middle], [-0.25, middle]], 0.7);

    // Rear handle: a loop with a trigger.
    let grip = curve(&[
        [0.46, -0.2],
        [0.68, -0.22],
        [0.88, -0.1],
        [0.94, 0.12],
        [0.9, 0.34],
        [0.74, 0.46],
        [0.5, 0.44],
    ]);
    art.tube(&grip, 0.15, Paint::Solid(black));
    art.fill(
        &Path::stroke(&curve(&[[0.66, -0.2], [0.86, -0.1], [0.92, 0.1]]), 0.03),
        Paint::Translucent([1.0; 3], 0.35),
    );
    art.ink_line(&curve(&[[0.72, -0.12], [0.68, 0.0], [0.74, 0.06]]), 1.6);

    // Front handle and hand guard.
    let lift = art.rng.around(0.06);
    art.tube(
        &curve(&[
            [-0.02, -0.12],
            [-0.02, -0.5 + lift],
            [0.08, -0.62 + lift],
            [0.36, -0.6 + lift],
            [0.44, -0.48 + lift],
            [0.42, -0.1],
        ]),
        0.1,
        Paint::Solid(black),
    );
    art.tube(
        &curve(&[[-0.16, -0.02], [-0.22, -0.28], [-0.16, -0.5 + lift]]),
        0.09,
        Paint::Solid(shade(black, 0.15)),
    );

    let body = Path::smooth(&[
        [-0.24, 0.02],
        [-0.12, -0.2],
        [0.12, -0.3],
        [0.4, -0.3],
        [0.58, -0.18],
        [0.62, 0.1],
        [0.58, 0.4],
        [0.4, 0.52],
        [0.0, 0.52],
        [-0.2, 0.44],
        [-0.26, 0.24],
    ]);
    art.fill(&body, lit(shell, -0.3, 0.55));
    art.fill_inside(&body, &Path::rect([-0.5, 0.36], [0.8, 0.7]), Paint::Solid(shade(black, 0.1)));
    art.ink_edge(&body);
    let cover = Path::rounded([-0.2, 0.06], [0.16, 0.34], 0.1);
    art.fill_inked(&cover, lit(shade(steel, 0.1), 0.0, 0.4));
    for x in [-0.1f32, 0.06] {
        art.fill(&Path::circle([x, 0.2], 0.035), Paint::Solid(black));
    }
    let fan: Point = [0.38, 0.1];
    art.fill_inked(&Path::circle(fan, 0.17), Paint::Solid(shade(shell, -0.25)));
    for spoke in arc(fan, 0.13, 0.13, 0.0, 0.875, 7) {
        art.ink_line(&[fan, spoke], 0.8);
    }
    let cap: Point = [0.14, -0.22];
    art.fill_inked(
        &Path::rounded([cap[0] - 0.1, cap[1] - 0.05], [cap[0] + 0.1, cap[1] + 0.05], 0.03),
        Paint::Solid([0.93, 0.92, 0.88]),
    );
}

/// A garbage truck, driving to the left.
pub fn garbage_truck(art: &mut Artist) {
    let box_colour = art.colour(0.36, 0.5, 0.42);
    let cab_colour =
        if art.rng.chance(0.5) { art.colour(0.1, 0.1, 0.9) } else { shade(box_colour, 0.12) };
    let glass = art.colour(0.55, 0.4, 0.78);
    let black = shade(art.ink(), 0.05);
    let roof = art.rng.between(-0.62, -0.48);
    let cab_top = art.rng.between(-0.34, -0.22);
    art.shadow([0.0, 0.82], 1.0);

    art.fill(&Path::rounded([-0.92, 0.42], [0.92, 0.6], 0.05), Paint::Solid(black));

    // The mouth at the back, with bags in it.
    let mouth = Path::smooth(&[[0.6, -0.2], [0.86, -0.24], [0.95, 0.1], [0.9, 0.5], [0.6, 0.54]]);
    art.fill_inked(&mouth, Paint::Solid(black));
    for (x, y, r) in [(0.78, 0.34, 0.13), (0.88, 0.38, 0.1), (0.84, 0.2, 0.1)] {
        let bag = art.colour(0.62, 0.12, 0.34);
        let knot = Path::circle([x, y], r).and(Path::polygon(&[
            [x - 0.05, y - r - 0.05],
            [x + 0.05, y - r - 0.05],
            [x, y - r * 0.6],
        ]));
        art.fill_inked(
            &knot,
            Paint::RadialGradient([x - r * 0.4, y - r * 0.4], shade(bag, 0.35), r * 1.5, bag),
        );
    }
    // The box: straight at the front, rounded over the mouth.
    let load = Path::smooth(&[
        [0.62, roof + 0.02],
        [0.8, roof + 0.14],
        [0.94, -0.1],
        [0.96, 0.12],
        [0.74, 0.06],
        [0.66, 0.3],
        [0.6, 0.5],
        [0.4, 0.45],
        [0.4, roof + 0.05],
    ]);
    let hull =
        Path::polygon(&[[-0.44, roof], [0.62, roof], [0.66, 0.3], [0.6, 0.48], [-0.44, 0.48]]);
    art.fill_inked(&load, lit(box_colour, roof, 0.5));
    art.fill_inked(&hull, lit(box_colour, roof, 0.5));
    for rib in 0..4 {
        let x = -0.3 + rib as f32 * 0.28;
        let post = Path::rect([x - 0.03, roof + 0.02], [x + 0.03, 0.46]);
        art.fill(&post, Paint::Solid(shade(box_colour, -0.28)));
    }
    art.fill(
        &Path::rect([-0.42, roof + 0.03], [0.62, roof + 0.08]),
        Paint::Translucent([1.0; 3], 0.35),
    );
    recycling(art, [0.1, (roof + 0.45) * 0.5], 0.22);

    let cab = Path::smooth(&[
        [-0.5, cab_top],
        [-0.66, cab_top],
        [-0.84, cab_top + 0.03],
        [-0.9, -0.02],
        [-0.95, 0.16],
        [-0.96, 0.4],
        [-0.92, 0.5],
        [-0.7, 0.5],
        [-0.5, 0.5],
        [-0.46, 0.4],
        [-0.46, cab_top + 0.1],
    ]);
    art.fill_inked(&cab, lit(cab_colour, cab_top, 0.5));
    let window = Path::polygon(&[
        [-0.56, cab_top + 0.08],
        [-0.78, cab_top + 0.09],
        [-0.86, 0.1],
        [-0.56, 0.1],
    ]);
    art.fill_inked(
        &window,
        Paint::LinearGradient(
            [-0.86, 0.1],
            shade(glass, 0.55),
            [-0.56, cab_top],
            shade(glass, -0.15),
        ),
    );
    art.ink_line(&[[-0.56, 0.12], [-0.56, 0.46]], 0.8);
    art.ink_line(&[[-0.66, 0.2], [-0.6, 0.2]], 1.2);
    art.fill_inked(&Path::circle([-0.91, 0.32], 0.05), Paint::Solid([1.0, 0.95, 0.7]));
    art.fill_inked(
        &Path::rounded([-0.72, cab_top - 0.1], [-0.6, cab_top], 0.04),
        Paint::Solid([1.0, 0.62, 0.1]),
    );
    art.fill_inked(
        &Path::rounded([-1.0, 0.46], [-0.5, 0.56], 0.03),
        Paint::Solid(shade(black, 0.3)),
    );

    let rubber = shade(black, 0.02);
    let axles: &[f32] = if art.rng.chance(0.6) { &[-0.66, 0.2, 0.58] } else { &[-0.66, 0.42] };
    for &x in axles {
        let hub: Point = [x, 0.6];
        art.fill_inked(&Path::circle(hub, 0.2), Paint::Solid(rubber));
        art.fill_inked(
            &Path::circle(hub, 0.1),
            Paint::RadialGradient(hub, [0.95; 3], 0.14, [0.6; 3]),
        );
        for bolt in arc(hub, 0.06, 0.06, 0.0, 0.8, 4) {
            art.fill(&Path::circle(bolt, 0.014), Paint::Solid(rubber));
        }
    }
}

/// Three arrows that chase each other.
fn recycling(art: &mut Artist, centre: Point, radius: f32) {
    for start in [0.0f32, 1.0 / 3.0, 2.0 / 3.0] {
        let line = arc(centre, radius * 0.72, radius * 0.72, start, start + 0.2, 6);
        art.fill(&Path::stroke(&line, 0.065), Paint::Solid([0.97; 3]));
        let (s, c) = sin_cos(start + 0.2);
        let (ts, tc) = sin_cos(start + 0.31);
        let head = Path::polygon(&[
            [centre[0] + radius * 1.1 * c, centre[1] + radius * 1.1 * s],
            [centre[0] + radius * 0.74 * tc, centre[1] + radius * 0.74 * ts],
            [centre[0] + radius * 0.32 * c, centre[1] + radius * 0.32 * s],
        ]);
        art.fill(&head, Paint::Solid([0.97; 3]));
    }
}

/// A gas pump with its hose and nozzle to the right.
pub fn gas_pump(art: &mut Artist) {
    let shell = art.colour(0.99, 0.72, 0.48);
    let trim = art.colour(0.12, 0.2, 0.9);
    let black = shade(art.ink(), 0.06);
    let left = art.rng.between(-0.62, -0.52);
    let right = art.rng.between(0.18, 0.28);
    let middle = (left + right) * 0.5;
    let half = (right - left) * 0.5;
    let globe = art.rng.chance(0.4);
    let top = if globe { -0.55 } else { art.rng.between(-0.9, -0.75) };
    art.shadow([0.0, 0.95], 0.8);

    // The hose hangs from the side and comes up to the nozzle in its holster.
    let sag = art.rng.between(0.55, 0.85);
    let reach = art.rng.between(0.72, 0.88);
    let hose = curve(&[
        [right - 0.02, 0.28],
        [right + 0.16, 0.36],
        [right + 0.22, sag],
        [0.62, sag + 0.1],
        [reach, sag - 0.1],
        [reach + 0.02, 0.1],
        [reach - 0.04, -0.16],
    ]);
    art.tube(&hose, 0.1, Paint::Solid(shade(black, 0.1)));
    let holster = Path::rounded([right - 0.04, -0.34], [right + 0.12, 0.0], 0.04);
    art.fill_inked(&holster, Paint::Solid(shade(shell, -0.35)));
    // Nozzle: spout into the holster, grip and lever down to the hose.
    let metal = [0.75, 0.77, 0.8];
    art.tube(
        &curve(&[[right + 0.06, -0.14], [right + 0.2, -0.36], [reach - 0.2, -0.46]]),
        0.085,
        Paint::Solid(metal),
    );
    art.tube(
        &curve(&[[reach - 0.24, -0.46], [reach - 0.1, -0.42], [reach - 0.02, -0.14]]),
        0.17,
        Paint::Solid(shade(shell, -0.15)),
    );
    art.ink_line(&curve(&[[reach - 0.26, -0.36], [reach - 0.2, -0.2], [reach - 0.1, -0.16]]), 1.3);

    if globe {
        let ball: Point = [middle, top - 0.18];
        art.fill_inked(
            &Path::rect([middle - 0.12, top - 0.04], [middle + 0.12, top + 0.02]),
            Paint::Solid(black),
        );
        art.fill_inked(
            &Path::circle(ball, 0.22),
            Paint::RadialGradient(
                [ball[0] - 0.08, ball[1] - 0.08],
                [1.0; 3],
                0.34,
                shade(trim, -0.1),
            ),
        );
        drop(art, ball, 0.12, shell);
    }
    let case = Path::rounded([left, top], [right, 0.9], 0.1);
    art.fill_inked(
        &case,
        Paint::LinearGradient([left, 0.0], shade(shell, 0.2), [right, 0.0], shade(shell, -0.2)),
    );
    let screen = Path::rounded([left + 0.1, top + 0.12], [right - 0.1, top + 0.56], 0.04);
    art.fill_inked(&screen, Paint::Solid(shade(trim, 0.3)));
    for row in 0..2 {
        let y = top + 0.17 + row as f32 * 0.19;
        let digits = Path::rounded([left + 0.15, y], [right - 0.15, y + 0.14], 0.02);
        art.fill(&digits, Paint::Solid(shade(black, 0.1)));
        for digit in 0..4 {
            let x = left + 0.2 + digit as f32 * (half * 2.0 - 0.4) / 4.0;
            let lit_up = Path::rect([x, y + 0.03], [x + 0.05, y + 0.11]);
            art.fill(&lit_up, Paint::Solid([1.0, 0.85, 0.4]));
        }
    }
    art.fill(
        &Path::rect([left + 0.012, top + 0.66], [right - 0.012, top + 0.74]),
        Paint::Solid(trim),
    );
    let badge: Point = [middle, 0.42];
    art.fill_inked(&Path::circle(badge, 0.2), Paint::Solid(shade(trim, 0.2)));
    drop(art, badge, 0.15, shell);
    art.fill_inked(
        &Path::rounded([left - 0.12, 0.84], [right + 0.12, 0.97], 0.03),
        Paint::Solid(shade(black, 0.35)),
    );
}

/// A drop of fuel.
fn drop(art: &mut Artist, centre: Point, radius: f32, colour: Rgb) {
    let [x, y] = centre;
    let path = Path::smooth(&[
        [x, y - radius],
        [x + radius * 0.3, y - radius * 0.4],
        [x + radius * 0.62, y + radius * 0.2],
        [x + radius * 0.4, y + radius * 0.75],
        [x, y + radius * 0.92],
        [x - radius * 0.4, y + radius * 0.75],
        [x - radius * 0.62, y + radius * 0.2],
        [x - radius * 0.3, y - radius * 0.4],
    ]);
    art.fill(&path, Paint::Solid(colour));
}
