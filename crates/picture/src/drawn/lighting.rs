//! The light that falls on the finished drawing, and the conversion to bytes.

use crate::drawn::palette::hsl;
use crate::drawn::raster::Canvas;
use crate::drawn::rng::Rng;
use crate::drawn::trig::sin_cos;

/// Applies random brightness, contrast, tint, a gradient from one side, darker corners and noise,
/// and rounds to RGB8: three bytes a pixel, rows from top to bottom.
pub fn expose(canvas: &Canvas, rng: &mut Rng) -> Vec<u8> {
    let brightness = rng.between(0.88, 1.15);
    let contrast = rng.between(0.8, 1.12);
    let tint = hsl(rng.unit(), rng.between(0.0, 0.5), 0.5).map(|c| 0.88 + 0.24 * c);
    let (s, c) = sin_cos(rng.unit());
    let gradient = rng.between(0.0, 0.35);
    let vignette = rng.between(0.0, 0.28);
    // The noise is the sum of two uniform bytes, which is close enough to bell-shaped.
    let noise_scale = rng.between(0.0, 0.06) / 255.0;
    let step = 2.0 / canvas.size as f32;
    let mut bytes = Vec::with_capacity(canvas.pixels.len() * 3);
    for (i, pixel) in canvas.pixels.iter().enumerate() {
        let x = ((i % canvas.size) as f32 + 0.5) * step - 1.0;
        let y = ((i / canvas.size) as f32 + 0.5) * step - 1.0;
        let light = brightness
            * (1.0 + gradient * 0.7 * (x * c + y * s))
            * (1.0 - vignette * 0.5 * (x * x + y * y));
        let random = rng.bytes();
        for k in 0..3 {
            let noise =
                (f32::from(random[k]) + f32::from(random[(k + 1) % 4]) - 255.0) * noise_scale;
            let value = ((pixel[k] - 0.5) * contrast + 0.5) * light * tint[k] + noise;
            bytes.push((value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
        }
    }
    bytes
}
