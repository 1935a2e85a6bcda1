//! The drawn data set: Imagenette's ten classes as drawings that this program makes itself.
//!
//! They are simple shapes, varied in pose, colour, light and background, so that lessons and tests
//! have pictures without a download. What a network learns from them says nothing about
//! photographs.
//!
//! A picture is a pure function of its class, index, seed and size, with the same bytes on every
//! platform. The composition does not depend on the size, so a large picture shows what a small one
//! shows; only the noise differs.

mod animals;
mod artist;
mod background;
mod lighting;
mod machines;
mod music;
mod outdoors;
mod palette;
mod path;
mod raster;
mod rng;
mod trig;
pub mod unknowns;

use artist::Artist;
use rng::Rng;

use crate::picture::Picture;

/// The number of classes in the set.
pub const CLASSES: usize = 10;

/// The largest side of a drawn picture, in pixels.
pub const MAX_SIDE: u32 = 1024;

/// Draws picture `index` of class `label` under `seed`, with `size` × `size` pixels.
///
/// `label` is an index into [`crate::classes::IMAGENETTE`] and wraps around after the tenth class;
/// `size` is clamped to the range from 1 to [`MAX_SIDE`]. Equal arguments give equal bytes on every
/// platform.
///
/// ```
/// use resnette_picture::drawn;
///
/// // The first church under seed 42.
/// let church = drawn::draw(4, 0, 42, 64);
/// assert_eq!((church.width, church.height), (64, 64));
/// assert_eq!(church.rgb.len(), 64 * 64 * 3);
/// assert_eq!(church, drawn::draw(4, 0, 42, 64));
/// assert_ne!(church, drawn::draw(4, 1, 42, 64));
/// ```
pub fn draw(label: usize, index: u64, seed: u64, size: u32) -> Picture {
    let label = label % CLASSES;
    let size = size.clamp(1, MAX_SIDE);
    let rng = |purpose| Rng::new(label as u64, index, seed, purpose);
    let mut scene = rng(0);
    let mut canvas = background::paint(size as usize, &mut scene);
    pose(&mut canvas, &mut rng(1));
    let mut artist = Artist::new(canvas, rng(2));
    draw_class(label, &mut artist);
    let mut canvas = artist.finish();
    background::add_foreground(&mut canvas, &mut scene);
    Picture { width: size, height: size, rgb: lighting::expose(&canvas, &mut rng(3)) }
}

/// An index that no run's set reaches, so that no network has seen the samples.
const SAMPLE_INDEX: u64 = 90_001;
const SAMPLE_SEED: u64 = 1_404;
/// Side of a sample in pixels, which is the shorter side of the Imagenette photos.
const SAMPLE_SIDE: u32 = 160;

/// The drawing of a class that the page offers to predict: no set that is drawn for training or
/// validation has it.
pub fn sample(label: usize) -> Picture {
    draw(label, SAMPLE_INDEX, SAMPLE_SEED, SAMPLE_SIDE)
}

fn draw_class(label: usize, artist: &mut Artist) {
    match label {
        0 => animals::tench(artist),
        1 => animals::springer(artist),
        2 => music::cassette_player(artist),
        3 => machines::chain_saw(artist),
        4 => outdoors::church(artist),
        5 => music::french_horn(artist),
        6 => machines::garbage_truck(artist),
        7 => machines::gas_pump(artist),
        8 => outdoors::golf_ball(artist),
        _ => outdoors::parachute(artist),
    }
}

/// Chooses a random pose for the object: rotated by up to 25°, 0.6 to 1 times the size of the
/// picture, and mirrored half the time.
fn pose(canvas: &mut raster::Canvas, rng: &mut Rng) {
    let scale = rng.between(0.6, 1.0);
    // The mean of two uniform numbers, so that upright is more common than tilted.
    let turn = (rng.around(1.0) + rng.around(1.0)) * 0.5 * 25.0 / 360.0;
    let mirror = if rng.chance(0.5) { -1.0 } else { 1.0 };
    let margin = (1.0 - scale) * 0.5 + 0.1;
    let (x, y) = (0.5 + rng.around(margin), 0.5 + rng.around(margin));
    let stretch = rng.between(0.95, 1.05);
    canvas.set_transform(x, y, mirror * scale * stretch, scale / stretch, rng.around(0.06), turn);
}

#[cfg(test)]
mod tests;
