//! Colours: red, green and blue between 0 and 1, as a screen shows them.

use crate::drawn::dice::Dice;

/// Red, green, blue, each 0 to 1.
pub type Rgb = [f32; 3];

/// Between two colours.
pub fn blend(a: Rgb, b: Rgb, part: f32) -> Rgb {
    [0, 1, 2].map(|k| a[k] + (b[k] - a[k]) * part)
}

/// Towards white for positive amounts, towards black for negative ones.
pub fn shade(colour: Rgb, amount: f32) -> Rgb {
    if amount < 0.0 { blend(colour, [0.0; 3], -amount) } else { blend(colour, [1.0; 3], amount) }
}

/// From hue (in turns, red at 0), saturation and lightness.
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

/// The colours of one object: its parts wander together, and now and then the whole thing is
/// painted anew, so that colour hints at the class and does not tell it.
pub struct Palette {
    hue: f32,
    saturation: f32,
    lightness: f32,
}

impl Palette {
    /// Rolls how far this object's colours are from the usual ones.
    pub fn roll(dice: &mut Dice) -> Self {
        let hue = if dice.chance(0.42) { dice.unit() } else { dice.around(0.05) };
        Self { hue, saturation: dice.between(0.6, 1.15), lightness: dice.around(0.09) }
    }

    /// A part's colour: hue in turns, saturation, lightness as they usually are.
    pub fn part(&self, dice: &mut Dice, hue: f32, saturation: f32, lightness: f32) -> Rgb {
        hsl(
            hue + self.hue + dice.around(0.025),
            saturation * self.saturation,
            (lightness + self.lightness + dice.around(0.04)).clamp(0.08, 0.94),
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
