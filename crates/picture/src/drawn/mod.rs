//! The drawn set: ten classes, the same ten as Imagenette's, drawn by this program.
//!
//! They are drawings and nothing more: simple shapes, varied in pose, colour, light and ground, so
//! that lessons and tests have pictures without a download. What a network learns from them says
//! nothing about photographs.
//!
//! A picture is a pure function of its class, number, seed and size, the same bytes on every
//! platform. The composition does not depend on the size, so a large picture shows what a small one
//! shows; only the grain differs.

mod animals;
mod artist;
mod dice;
mod ground;
mod light;
mod machines;
mod outdoors;
mod palette;
mod path;
mod raster;
mod sound;

use artist::Artist;
use dice::Dice;

use crate::Picture;

/// Classes in the set.
pub const CLASSES: usize = 10;

/// The largest side of a drawn picture, in pixels.
pub const LARGEST: u32 = 1024;

/// Draws picture number `index` of class `label`: `size` × `size` pixels.
///
/// `label` is a class of [`crate::classes::IMAGENETTE`] and wraps round after the tenth; `size` is
/// taken into 1 to [`LARGEST`]. Equal arguments give equal bytes on every platform.
pub fn draw(label: usize, index: u64, seed: u64, size: u32) -> Picture {
    let label = label % CLASSES;
    let size = size.clamp(1, LARGEST);
    let dice = |purpose| Dice::new(label as u64, index, seed, purpose);
    let mut scene = dice(0);
    let mut canvas = ground::lay(size as usize, &mut scene);
    pose(&mut canvas, &mut dice(1));
    let mut artist = Artist::new(canvas, dice(2));
    draw_class(label, &mut artist);
    let mut canvas = artist.finish();
    ground::occlude(&mut canvas, &mut scene);
    Picture { width: size, height: size, rgb: light::expose(&canvas, &mut dice(3)) }
}

fn draw_class(label: usize, artist: &mut Artist) {
    match label {
        0 => animals::tench(artist),
        1 => animals::springer(artist),
        2 => sound::cassette_player(artist),
        3 => machines::chain_saw(artist),
        4 => outdoors::church(artist),
        5 => sound::french_horn(artist),
        6 => machines::garbage_truck(artist),
        7 => machines::gas_pump(artist),
        8 => outdoors::golf_ball(artist),
        _ => outdoors::parachute(artist),
    }
}

/// Where and how the object stands: turned up to 25°, 0.6 to 1 of the picture large, mirrored half
/// the time.
fn pose(canvas: &mut raster::Canvas, dice: &mut Dice) {
    let scale = dice.between(0.6, 1.0);
    // The mean of two rolls: upright is commoner than aslant.
    let turn = (dice.around(1.0) + dice.around(1.0)) * 0.5 * 25.0 / 360.0;
    let mirror = if dice.chance(0.5) { -1.0 } else { 1.0 };
    let room = (1.0 - scale) * 0.5 + 0.1;
    let (x, y) = (0.5 + dice.around(room), 0.5 + dice.around(room));
    let stretch = dice.between(0.95, 1.05);
    canvas.stand(x, y, mirror * scale * stretch, scale / stretch, dice.around(0.06), turn);
}

#[cfg(test)]
mod tests;
