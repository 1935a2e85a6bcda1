//! Cassette player and French horn.

use crate::drawn::artist::{Artist, lit};
use crate::drawn::palette::{Rgb, shade};
use crate::drawn::path::{Path, Point, arc, curve};
use crate::drawn::raster::Paint;

/// A portable cassette player: one or two loudspeakers, a window with two reels, keys, a handle.
pub fn cassette_player(art: &mut Artist) {
    let case = art.colour(0.6, 0.25, 0.5);
    let panel = art.colour(0.6, 0.1, 0.78);
    let accent = art.colour(0.0, 0.75, 0.52);
    let dark = shade(art.ink(), 0.08);
    let top = art.rng.between(-0.5, -0.38);
    let bottom = art.rng.between(0.52, 0.66);

    if art.rng.chance(0.6) {
        let tip = art.rng.between(0.1, 0.75);
        art.ink_line(&[[0.74, top], [tip, -0.98]], 0.9);
        art.fill(&Path::circle([tip, -0.98], 0.035), Paint::Solid(art.ink()));
    }
    let grip = top - art.rng.between(0.22, 0.32);
    let handle = curve(&[
        [-0.66, top + 0.05],
        [-0.64, grip + 0.06],
        [-0.5, grip],
        [0.5, grip],
        [0.64, grip + 0.06],
        [0.66, top + 0.05],
    ]);
    art.tube(&handle, 0.11, Paint::Solid(shade(case, -0.3)));

    let body = Path::rounded([-0.95, top], [0.95, bottom], 0.09);
    art.fill_inked(&body, lit(case, top, bottom));
    let strip = Path::rounded([-0.88, top + 0.07], [0.88, top + 0.25], 0.03);
    art.fill_inked(&strip, Paint::Solid(panel));
    for tick in 0..9 {
        let x = -0.76 + tick as f32 * 0.1;
        art.ink_line(&[[x, top + 0.11], [x, top + if tick % 2 == 0 { 0.2 } else { 0.16 }]], 0.5);
    }
    let needle = art.rng.between(-0.7, 0.0);
    art.fill(&Path::rect([needle, top + 0.08], [needle + 0.03, top + 0.24]), Paint::Solid(accent));
    for knob in 0..3 {
        art.fill_inked(
            &Path::circle([0.3 + knob as f32 * 0.22, top + 0.16], 0.065),
            Paint::Solid(shade(case, -0.4)),
        );
    }

    let middle = (top + 0.28 + bottom) * 0.5;
    let single = art.rng.chance(0.3);
    if single {
        speaker(art, [-0.52, middle], 0.33, panel, dark);
        cassette(art, [0.36, middle - 0.07], 0.48, panel, accent, dark);
        keys(art, 0.36, bottom - 0.13, 0.48, panel, accent);
    } else {
        for side in [-1.0f32, 1.0] {
            speaker(art, [side * 0.63, middle], 0.27, panel, dark);
        }
        cassette(art, [0.0, middle - 0.07], 0.31, panel, accent, dark);
        keys(art, 0.0, bottom - 0.13, 0.31, panel, accent);
    }
}

fn speaker(art: &mut Artist, centre: Point, radius: f32, rim: Rgb, dark: Rgb) {
    art.fill_inked(&Path::circle(centre, radius), Paint::Solid(rim));
    art.fill_inked(
        &Path::circle(centre, radius * 0.82),
        Paint::RadialGradient(centre, shade(dark, 0.3), radius * 0.82, dark),
    );
    art.fill(&Path::circle(centre, radius * 0.55).edge(0.02), Paint::Translucent([1.0; 3], 0.25));
    art.fill(&Path::circle(centre, radius * 0.28), Paint::Solid(shade(rim, -0.25)));
    art.fill(
        &Path::circle([centre[0] - radius * 0.08, centre[1] - radius * 0.08], radius * 0.1),
        Paint::Translucent([1.0; 3], 0.5),
    );
}

/// The window: a cassette with its label and two reels.
fn cassette(art: &mut Artist, centre: Point, half: f32, panel: Rgb, label: Rgb, dark: Rgb) {
    let [x, y] = centre;
    let high = 0.21;
    art.fill_inked(
        &Path::rounded([x - half, y - high], [x + half, y + high], 0.04),
        Paint::Solid(dark),
    );
    let tape =
        Path::rounded([x - half + 0.04, y - high + 0.04], [x + half - 0.04, y + high - 0.04], 0.03);
    art.fill(&tape, Paint::Solid(shade(panel, 0.45)));
    art.fill_inside(
        &tape,
        &Path::rect([x - 1.0, y - 0.2], [x + 1.0, y - 0.1]),
        Paint::Solid(label),
    );
    art.fill_inside(
        &tape,
        &Path::rounded([x - half * 0.72, y - 0.06], [x + half * 0.72, y + 0.12], 0.08),
        Paint::Solid(dark),
    );
    let spin = art.rng.unit();
    for side in [-1.0f32, 1.0] {
        let hub = [x + side * half * 0.42, y + 0.03];
        art.fill(&Path::circle(hub, 0.075), Paint::Solid([0.96; 3]));
        for spoke in arc(hub, 0.055, 0.055, spin, spin + 0.667, 2) {
            art.fill(&Path::stroke(&[hub, spoke], 0.025), Paint::Solid(dark));
        }
    }
}

fn keys(art: &mut Artist, x: f32, y: f32, half: f32, panel: Rgb, accent: Rgb) {
    let pitch = half * 2.0 / 5.0;
    for key in 0..5 {
        let left = x - half + key as f32 * pitch;
        let colour = if key == 0 { accent } else { shade(panel, 0.2) };
        art.fill_inked(
            &Path::rounded([left + 0.01, y - 0.045], [left + pitch - 0.01, y + 0.055], 0.015),
            lit(colour, y - 0.1, y + 0.1),
        );
    }
}

/// A horn: a coil of tube that opens into a wide bell, with three valves in the middle.
pub fn french_horn(art: &mut Artist) {
    let brass = art.colour(0.12, 0.8, 0.52);
    let bright = shade(brass, 0.55);
    let paint =
        Paint::LinearGradient([-0.6, -0.7], shade(brass, 0.2), [0.6, 0.8], shade(brass, -0.22));
    let coil: Point = [-0.14, -0.08];
    let radius = art.rng.between(0.5, 0.56);
    let tube = art.rng.between(0.1, 0.13);

    // The mouthpipe leaves the coil at the top and runs to the lips.
    let lips: Point = [-0.96, -0.62 + art.rng.around(0.12)];
    let pipe = curve(&[[0.1, coil[1] - radius + 0.02], [-0.3, coil[1] - radius - 0.05], lips]);
    art.tube(&pipe, 0.075, Paint::Solid(brass));
    let cup = Path::taper(&[[lips[0] + 0.1, lips[1] + 0.03], lips], 0.07, 0.17);
    art.ink_edge(&cup);
    art.fill(&cup, Paint::Solid(bright));

    // Inner tubes and slides.
    for inner in [0.62f32, 0.4] {
        let ring = arc(coil, radius * inner, radius * inner, 0.1, 0.93, 28);
        art.tube(&ring, tube * 0.75, Paint::Solid(shade(brass, -0.12)));
        art.fill(
            &Path::stroke(&arc(coil, radius * inner, radius * inner, 0.55, 0.8, 9), 0.018),
            Paint::Translucent(bright, 0.9),
        );
    }
    for (x, y) in [(-0.05, 0.34), (0.1, 0.3)] {
        art.tube(
            &curve(&[
                [coil[0] + x, coil[1]],
                [coil[0] + x, coil[1] + y],
                [coil[0] + x + 0.1, coil[1] + y],
                [coil[0] + x + 0.1, coil[1]],
            ]),
            0.06,
            Paint::Solid(brass),
        );
    }

    // The outer coil, all the way round.
    let ring = arc(coil, radius, radius, 0.0, 1.0, 44);
    art.tube(&ring, tube, paint);
    art.fill(
        &Path::stroke(&arc(coil, radius + 0.012, radius + 0.012, 0.52, 0.82, 14), 0.025),
        Paint::Translucent(bright, 0.9),
    );

    // Valves with their levers.
    for valve in 0..3 {
        let centre = [coil[0] - 0.18 + valve as f32 * 0.17, coil[1] - 0.05 + valve as f32 * 0.03];
        art.ink_line(&[centre, [centre[0] - 0.1, centre[1] - 0.26]], 1.2);
        art.fill_inked(&Path::circle(centre, 0.085), Paint::Solid(bright));
        art.fill(&Path::circle(centre, 0.035), Paint::Solid(shade(brass, -0.35)));
    }

    // The bell: the tube widens along the right of the coil and flares.
    let flare = art.rng.between(0.4, 0.5);
    let mouth: Point = [0.5, 0.72];
    let bell = Path::smooth(&[
        [coil[0] + radius - tube * 0.5, coil[1] - 0.28],
        [coil[0] + radius + tube * 0.35, coil[1] - 0.3],
        [coil[0] + radius + 0.14, coil[1] - 0.02],
        [coil[0] + radius + 0.2, coil[1] + 0.3],
        [mouth[0] + flare * 0.62, mouth[1] - 0.2],
        [mouth[0] + flare, mouth[1] - 0.02],
        [mouth[0], mouth[1] + 0.1],
        [mouth[0] - flare, mouth[1] + 0.02],
        [mouth[0] - flare * 0.5, mouth[1] - 0.16],
        [coil[0] + radius - 0.14, coil[1] + 0.3],
        [coil[0] + radius - tube * 0.6, coil[1]],
    ]);
    art.fill_inked(
        &bell,
        Paint::LinearGradient([0.1, 0.3], shade(brass, 0.3), [0.8, 0.5], shade(brass, -0.2)),
    );
    art.fill(
        &Path::stroke(&curve(&[[0.36, -0.2], [0.4, 0.15], [0.34, 0.42], [0.22, 0.58]]), 0.035),
        Paint::Translucent(bright, 0.85),
    );
    let rim = Path::oval(mouth, flare, 0.15, 0.006);
    art.fill_inked(&rim, Paint::Solid(shade(brass, 0.15)));
    art.fill(
        &Path::oval(mouth, flare * 0.86, 0.105, 0.006),
        Paint::LinearGradient(
            [0.0, mouth[1] - 0.1],
            shade(brass, -0.75),
            [0.0, mouth[1] + 0.1],
            shade(brass, -0.35),
        ),
    );
}
