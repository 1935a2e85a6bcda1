//! Tench and English springer.

use crate::drawn::artist::{Artist, lit};
use crate::drawn::palette::{Rgb, shade};
use crate::drawn::path::{Path, Point, arc, curve, mix};
use crate::drawn::raster::Paint;

/// A stout fish with rounded fins, swimming to the left.
pub fn tench(art: &mut Artist) {
    let plump = art.rng.between(0.85, 1.15);
    let bend = art.rng.around(0.22);
    let spread = art.rng.between(0.85, 1.2);
    // The whole fish bends: what lies to the right comes down or goes up.
    let at = |x: f32, y: f32| -> Point { [x, y + bend * (x * x - 0.2)] };
    let all = |points: &[Point]| -> Vec<Point> { points.iter().map(|p| at(p[0], p[1])).collect() };

    let skin = art.colour(0.17, 0.5, 0.4);
    let belly = art.colour(0.13, 0.6, 0.66);
    let fin = art.colour(0.1, 0.45, 0.34);
    let fin_paint =
        Paint::LinearGradient(at(0.0, -0.6), shade(fin, 0.1), at(0.0, 0.6), shade(fin, 0.2));

    let tail = Path::smooth(&all(&[
        [0.52, -0.08],
        [0.74, -0.3 * spread],
        [0.95, -0.42 * spread],
        [0.93, -0.12],
        [0.88, 0.02],
        [0.94, 0.16],
        [0.96, 0.42 * spread],
        [0.74, 0.3 * spread],
        [0.52, 0.12],
    ]));
    let back = Path::smooth(&all(&[
        [-0.22, -0.3 * plump],
        [-0.06, -0.62],
        [0.14, -0.66],
        [0.26, -0.5],
        [0.34, -0.2 * plump],
    ]));
    let vent = Path::smooth(&all(&[
        [0.2, 0.22 * plump],
        [0.3, 0.5],
        [0.42, 0.52],
        [0.5, 0.36],
        [0.48, 0.1],
    ]));
    let pelvic = Path::smooth(&all(&[
        [-0.2, 0.26 * plump],
        [-0.1, 0.58],
        [0.04, 0.6],
        [0.08, 0.44],
        [0.04, 0.26],
    ]));
    for (path, root, tips) in [
        (tail, at(0.56, 0.02), [[0.93, -0.28], [0.9, -0.1], [0.9, 0.12], [0.93, 0.28]]),
        (back, at(0.08, -0.2), [[-0.08, -0.56], [0.04, -0.62], [0.15, -0.6], [0.24, -0.48]]),
        (vent, at(0.34, 0.1), [[0.3, 0.44], [0.36, 0.48], [0.42, 0.46], [0.47, 0.34]]),
        (pelvic, at(-0.06, 0.2), [[-0.12, 0.5], [-0.06, 0.54], [0.0, 0.54], [0.04, 0.44]]),
    ] {
        art.fill_inked(&path, fin_paint);
        for tip in tips {
            let tip = at(tip[0], tip[1]);
            art.ink_line(&[mix(root, tip, 0.35), tip], 0.5);
        }
    }

    let body = Path::smooth(&all(&[
        [-0.94, 0.04],
        [-0.84, -0.1],
        [-0.58, -0.27 * plump],
        [-0.15, -0.39 * plump],
        [0.25, -0.29 * plump],
        [0.52, -0.12],
        [0.6, 0.02],
        [0.52, 0.15],
        [0.25, 0.3 * plump],
        [-0.15, 0.38 * plump],
        [-0.58, 0.3 * plump],
        [-0.86, 0.17],
    ]));
    art.fill(
        &body,
        Paint::LinearGradient(at(0.0, -0.34), shade(skin, -0.12), at(0.0, 0.36), belly),
    );
    for row in -4..=4 {
        for column in 0..8 {
            let x = -0.3 + column as f32 * 0.115 + if row % 2 == 0 { 0.0 } else { 0.057 };
            let y = row as f32 * 0.085 * plump;
            let scale: Vec<Point> =
                arc([x, y], 0.055, 0.05, -0.22, 0.22, 5).iter().map(|p| at(p[0], p[1])).collect();
            art.fill_inside(
                &body,
                &Path::stroke(&scale, 0.016),
                Paint::Translucent(shade(skin, -0.4), 0.45),
            );
        }
    }
    art.ink_edge(&body);

    art.ink_line(&curve(&all(&[[-0.5, -0.22], [-0.4, -0.06], [-0.4, 0.1], [-0.5, 0.25]])), 1.0);
    let breast = Path::smooth(&all(&[
        [-0.4, 0.1],
        [-0.22, 0.06],
        [-0.1, 0.14],
        [-0.16, 0.24],
        [-0.3, 0.24],
    ]));
    art.fill_inked(&breast, Paint::Solid(shade(fin, 0.1)));
    art.ink_line(&curve(&all(&[[-0.93, 0.07], [-0.84, 0.09], [-0.76, 0.06]])), 1.1);
    art.ink_line(&curve(&all(&[[-0.8, 0.1], [-0.8, 0.18], [-0.84, 0.22]])), 0.7);
    let iris = art.colour(0.03, 0.85, 0.5);
    art.fill_inked(&Path::circle(at(-0.66, -0.06), 0.085), Paint::Solid([0.97, 0.95, 0.88]));
    art.fill(&Path::circle(at(-0.67, -0.06), 0.055), Paint::Solid(iris));
    art.fill(&Path::circle(at(-0.67, -0.06), 0.033), Paint::Solid([0.05; 3]));
    art.fill(&Path::circle(at(-0.685, -0.08), 0.014), Paint::Solid([1.0; 3]));
}

/// The coat's two colours.
struct Coat {
    white: Rgb,
    brown: Rgb,
}

/// A spaniel with long ears, from the side, or its head from the front.
pub fn springer(art: &mut Artist) {
    let coat = Coat { white: art.colour(0.1, 0.25, 0.9), brown: art.colour(0.055, 0.6, 0.3) };
    if art.rng.chance(0.22) { portrait(art, &coat) } else { standing(art, &coat) }
}

fn standing(art: &mut Artist, coat: &Coat) {
    let white = lit(coat.white, -0.3, 0.6);
    let brown = lit(coat.brown, -0.7, 0.4);
    let far = Paint::Solid(shade(coat.white, -0.22));
    let step = art.rng.around(0.1);
    let wag = art.rng.around(0.22);
    art.shadow([0.06, 0.92], 0.75);

    let leg = |hip: Point, knee: Point, foot: Point| {
        let shin = curve(&[hip, knee, foot]);
        Path::taper(&shin, 0.24, 0.11).and(Path::ellipse(
            [foot[0] - 0.05, foot[1] + 0.02],
            0.11,
            0.06,
        ))
    };
    for path in [
        leg([-0.28, 0.2], [-0.26 - step, 0.5], [-0.26 - step, 0.86]),
        leg([0.58, 0.15], [0.6 + step, 0.5], [0.54 + step, 0.86]),
    ] {
        art.ink_edge(&path);
        art.fill(&path, far);
    }
    let tail = Path::taper(
        &curve(&[[0.66, -0.02], [0.8, -0.14 + wag * 0.4], [0.97, -0.24 + wag]]),
        0.18,
        0.06,
    );
    art.ink_edge(&tail);
    art.fill(&tail, white);

    let near = leg([-0.36, 0.15], [-0.4 + step, 0.5], [-0.4 + step, 0.88]).and(leg(
        [0.56, 0.15],
        [0.68 - step, 0.5],
        [0.64 - step, 0.88],
    ));
    let trunk = Path::smooth(&[
        [-0.5, -0.1],
        [-0.35, -0.24],
        [0.0, -0.2],
        [0.35, -0.24],
        [0.64, -0.16],
        [0.74, 0.06],
        [0.68, 0.3],
        [0.45, 0.28],
        [0.2, 0.27],
        [-0.1, 0.38],
        [-0.38, 0.38],
        [-0.54, 0.18],
    ]);
    let neck = Path::taper(&[[-0.32, 0.06], [-0.56, -0.38]], 0.52, 0.34);
    let coat_path = near.and(trunk).and(neck);
    art.ink_edge(&coat_path);
    art.fill(&coat_path, white);
    // Brown patches: a saddle, the rump and one somewhere between.
    let patches = [[-0.1, -0.14], [0.55, -0.02], [art.rng.between(0.1, 0.4), art.rng.around(0.2)]];
    for (i, centre) in patches.into_iter().enumerate() {
        let r = art.rng.between(0.14, 0.26) * if i == 2 { 0.6 } else { 1.0 };
        let stretch = art.rng.between(1.0, 1.5);
        let turn = art.rng.unit();
        art.fill_inside(&coat_path, &Path::oval(centre, r * stretch, r, turn), brown);
    }
    for _ in 0..14 {
        let spot = [art.rng.between(-0.5, 0.7), art.rng.between(0.0, 0.6)];
        art.fill_inside(&coat_path, &Path::circle(spot, 0.022), Paint::Solid(coat.brown));
    }
    for x in [-0.3f32, -0.16, -0.02] {
        art.ink_line(&[[x, 0.33], [x - 0.02, 0.42]], 0.8);
    }

    let nod = art.rng.around(0.06);
    let head = Path::smooth(&[
        [-0.42, -0.52 + nod],
        [-0.5, -0.72 + nod],
        [-0.66, -0.76 + nod],
        [-0.77, -0.62 + nod],
        [-0.97, -0.54 + nod],
        [-1.0, -0.42 + nod],
        [-0.92, -0.33 + nod],
        [-0.7, -0.3 + nod],
        [-0.5, -0.3 + nod],
    ]);
    art.fill(&head, brown);
    let blaze = Path::smooth(&[
        [-0.72, -0.8 + nod],
        [-0.74, -0.58 + nod],
        [-0.8, -0.44 + nod],
        [-0.84, -0.2 + nod],
        [-1.1, -0.3 + nod],
        [-1.1, -0.7 + nod],
    ]);
    art.fill_inside(&head, &blaze, white);
    art.ink_edge(&head);
    art.ink_line(&curve(&[[-0.97, -0.38 + nod], [-0.86, -0.37 + nod], [-0.76, -0.4 + nod]]), 0.8);
    art.fill(&Path::ellipse([-0.97, -0.51 + nod], 0.06, 0.05), Paint::Solid([0.08, 0.06, 0.06]));
    art.fill(&Path::circle([-0.7, -0.57 + nod], 0.045), Paint::Solid([0.06, 0.05, 0.05]));
    art.fill(&Path::circle([-0.715, -0.585 + nod], 0.016), Paint::Solid([1.0; 3]));
    let swing = art.rng.around(0.07);
    let ear = Path::smooth(&[
        [-0.56, -0.66 + nod],
        [-0.44, -0.64 + nod],
        [-0.36, -0.4 + nod],
        [-0.3 + swing, -0.14 + nod],
        [-0.38 + swing, 0.02 + nod],
        [-0.52 + swing, 0.0 + nod],
        [-0.57, -0.2 + nod],
        [-0.6, -0.45 + nod],
    ]);
    art.fill_inked(&ear, lit(shade(coat.brown, -0.18), -0.7, 0.1));
    for x in [-0.5f32, -0.44, -0.39] {
        art.ink_line(
            &curve(&[
                [x, -0.25 + nod],
                [x + 0.02 + swing * 0.5, -0.15 + nod],
                [x - 0.01 + swing, -0.05 + nod],
            ]),
            0.6,
        );
    }
}

fn portrait(art: &mut Artist, coat: &Coat) {
    let white = lit(coat.white, -0.9, 0.9);
    let brown = lit(coat.brown, -0.9, 0.8);
    let chest = Path::smooth(&[
        [-0.3, 0.35],
        [0.3, 0.35],
        [0.55, 0.7],
        [0.6, 1.0],
        [-0.6, 1.0],
        [-0.55, 0.7],
    ]);
    art.fill_inked(&chest, white);
    let head = Path::smooth(&[
        [0.0, -0.82],
        [0.32, -0.74],
        [0.47, -0.42],
        [0.43, -0.05],
        [0.32, 0.3],
        [0.2, 0.55],
        [0.0, 0.62],
        [-0.2, 0.55],
        [-0.32, 0.3],
        [-0.43, -0.05],
        [-0.47, -0.42],
        [-0.32, -0.74],
    ]);
    art.fill(&head, brown);
    let width = art.rng.between(0.05, 0.12);
    let blaze = Path::smooth(&[
        [-width, -0.95],
        [width, -0.95],
        [width * 0.9, -0.3],
        [0.24, 0.1],
        [0.36, 0.7],
        [-0.36, 0.7],
        [-0.24, 0.1],
        [-width * 0.9, -0.3],
    ]);
    art.fill_inside(&head, &blaze, white);
    art.ink_edge(&head);
    for side in [-1.0f32, 1.0] {
        let swing = art.rng.around(0.07);
        let ear = Path::smooth(&[
            [side * 0.3, -0.72],
            [side * 0.55, -0.66],
            [side * 0.72, -0.3],
            [side * (0.84 + swing), 0.2],
            [side * (0.78 + swing), 0.52],
            [side * (0.58 + swing), 0.5],
            [side * 0.47, 0.15],
            [side * 0.44, -0.3],
        ]);
        art.fill_inked(&ear, lit(shade(coat.brown, -0.18), -0.7, 0.6));
        for x in [0.55f32, 0.63, 0.71] {
            art.ink_line(
                &curve(&[[side * x, 0.12], [side * (x + 0.02), 0.26], [side * (x + swing), 0.4]]),
                0.7,
            );
        }
        art.fill(&Path::ellipse([side * 0.24, -0.24], 0.1, 0.09), Paint::Solid([0.97, 0.95, 0.9]));
        art.fill(&Path::circle([side * 0.235, -0.24], 0.082), Paint::Solid([0.12, 0.07, 0.05]));
        art.fill(&Path::circle([side * 0.235 - 0.03, -0.27], 0.026), Paint::Solid([1.0; 3]));
    }
    for (x, y) in
        [(-0.2, 0.38), (-0.26, 0.3), (-0.13, 0.44), (0.2, 0.38), (0.26, 0.3), (0.13, 0.44)]
    {
        art.fill(&Path::circle([x, y], 0.018), Paint::Solid(coat.brown));
    }
    if art.rng.chance(0.5) {
        let tongue = Path::rounded([-0.1, 0.42], [0.1, 0.74], 0.1);
        art.fill_inked(&tongue, Paint::Solid([0.88, 0.45, 0.48]));
    }
    art.ink_line(
        &curve(&[[-0.24, 0.38], [-0.12, 0.46], [0.0, 0.36], [0.12, 0.46], [0.24, 0.38]]),
        1.2,
    );
    art.ink_line(&[[0.0, 0.22], [0.0, 0.36]], 1.2);
    let nose = Path::smooth(&[
        [-0.15, 0.1],
        [0.0, 0.06],
        [0.15, 0.1],
        [0.1, 0.22],
        [0.0, 0.26],
        [-0.1, 0.22],
    ]);
    art.fill(&nose, Paint::Solid([0.1, 0.07, 0.07]));
    art.fill(&Path::ellipse([-0.05, 0.11], 0.04, 0.02), Paint::Translucent([1.0; 3], 0.5));
}
