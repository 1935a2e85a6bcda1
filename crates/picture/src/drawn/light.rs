//! The light that falls on the finished drawing, and its way into bytes.

use crate::drawn::dice::{Dice, sin_cos};
use crate::drawn::palette::hsl;
use crate::drawn::raster::Canvas;

/// Applies brightness, contrast, a tint, a gradient from one side, darker corners and noise, and
/// rounds to bytes.
pub fn expose(canvas: &Canvas, dice: &mut Dice) -> Vec<u8> {
    let brightness = dice.between(0.88, 1.15);
    let contrast = dice.between(0.8, 1.12);
    let tint = hsl(dice.unit(), dice.between(0.0, 0.5), 0.5).map(|c| 0.88 + 0.24 * c);
    let (s, c) = sin_cos(dice.unit());
    let lean = dice.between(0.0, 0.35);
    let corner = dice.between(0.0, 0.28);
    // The sum of two uniform bytes, about as bell-shaped as it needs to be.
    let grain = dice.between(0.0, 0.06) / 255.0;
    let step = 2.0 / canvas.size as f32;
    let mut bytes = Vec::with_capacity(canvas.pixels.len() * 3);
    for (i, pixel) in canvas.pixels.iter().enumerate() {
        let x = ((i % canvas.size) as f32 + 0.5) * step - 1.0;
        let y = ((i / canvas.size) as f32 + 0.5) * step - 1.0;
        let light = brightness
            * (1.0 + lean * 0.7 * (x * c + y * s))
            * (1.0 - corner * 0.5 * (x * x + y * y));
        let grey = dice.bytes();
        for k in 0..3 {
            let noise = (f32::from(grey[k]) + f32::from(grey[(k + 1) % 4]) - 255.0) * grain;
            let value = ((pixel[k] - 0.5) * contrast + 0.5) * light * tint[k] + noise;
            bytes.push((value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
        }
    }
    bytes
}
