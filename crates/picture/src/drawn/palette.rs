//! Colours as red, green and blue between 0 and 1, in sRGB as a screen shows them.

use crate::drawn::rng::Rng;

/// Red, green and blue, each 0 to 1.
pub type Rgb = [f32; 3];

/// The linear mix of two colours: `a` at `part` 0, `b` at 1.
pub fn blend(a: Rgb, b: Rgb, part: f32) -> Rgb {
    [0, 1, 2].map(|k| a[k] + (b[k] - a[k]) * part)
}

/// Lightens a colour towards white for a positive `amount` (up to 1), and darkens it towards black
/// for a negative one.
pub fn shade(colour: Rgb, amount: f32) -> Rgb {
    if amount < 0.0 { blend(colour, [0.0; 3], -amount) } else { blend(colour, [1.0; 3], amount) }
}

/// The colour with this hue (in turns, red at 0), saturation and lightness; see
/// <https://en.wikipedia.org/wiki/HSL_and_HSV>.
pub fn hsl(hue: f32, saturation: f32, lightness: f32) -> Rgb {
    let saturation = saturation.clamp(0.0, 1.0);
    let lightness = lightness.clamp(0.0, 1.0);
    let reach = saturation * lightness.min(1.0 - lightness);
    let channel = |offset: f32| {
        let k = (offset + hue * 12.0) - ((offset + hue * 12.0) / 12.0).floor() * 12.0;
        lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

/// How the colours of one object differ from the usual ones.
///
/// All parts of an object shift together, and two objects in five get an entirely different hue, so
/// that colour hints at the class without giving it away.
pub struct Palette {
    /// Added to every hue, in turns.
    hue: f32,
    /// Multiplies every saturation.
    saturation: f32,
    /// Added to every lightness.
    lightness: f32,
}

impl Palette {
    /// Draws a random palette.
    pub fn random(rng: &mut Rng) -> Self {
        let hue = if rng.chance(0.42) { rng.unit() } else { rng.around(0.05) };
        Self { hue, saturation: rng.between(0.6, 1.15), lightness: rng.around(0.09) }
    }

    /// The colour of a part whose usual colour has this hue (in turns), saturation and lightness.
    pub fn colour(&self, rng: &mut Rng, hue: f32, saturation: f32, lightness: f32) -> Rgb {
        hsl(
            hue + self.hue + rng.around(0.025),
            saturation * self.saturation,
            (lightness + self.lightness + rng.around(0.04)).clamp(0.08, 0.94),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primary_hues() {
        for (hue, expected) in
            [(0.0, [1.0, 0.0, 0.0]), (1.0 / 3.0, [0.0, 1.0, 0.0]), (2.0 / 3.0, [0.0, 0.0, 1.0])]
        {
            let colour = hsl(hue, 1.0, 0.5);
            for k in 0..3 {
                assert!((colour[k] - expected[k]).abs() < 1e-5, "hue {hue}: {colour:?}");
            }
        }
        assert_eq!(hsl(0.3, 0.0, 0.4), [0.4; 3]);
    }
}
