//! Pictures of none of the ten classes, to see what a network says about what it cannot know.

use crate::drawn::background;
use crate::drawn::lighting;
use crate::drawn::palette::{hsl, shade};
use crate::drawn::path::{Path, arc};
use crate::drawn::raster::{Canvas, Paint};
use crate::drawn::rng::Rng;
use crate::picture::Picture;

/// What is on a picture that shows none of the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// One colour.
    Plain,
    /// Pixels without any connection.
    Noise,
    /// A background of the drawn set, with shapes on it and nothing else.
    Background,
    /// A face.
    Face,
}

impl Unknown {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Noise, Self::Background, Self::Face];

    /// The kind in the plural.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain colours",
            Self::Noise => "noise",
            Self::Background => "drawn backgrounds",
            Self::Face => "drawn faces",
        }
    }

    /// Picture `index` of the kind, with `size` × `size` pixels. Equal arguments give equal bytes
    /// on every platform.
    pub fn draw(self, index: u64, size: u32) -> Picture {
        let size = size.clamp(1, super::MAX_SIDE);
        let side = size as usize;
        // A label beyond those of the classes, so that no drawing of these has the same numbers.
        let rng = |purpose| Rng::new(1_000 + self as u64, index, 0, purpose);
        let mut scene = rng(0);
        let canvas = match self {
            Self::Plain => {
                let colour = hsl(scene.unit(), scene.unit(), scene.between(0.1, 0.95));
                return exact(size, |_| colour.map(|part| (part * 255.0) as u8));
            }
            Self::Noise => {
                return exact(size, |_| {
                    let [red, green, blue, _] = scene.bytes();
                    [red, green, blue]
                });
            }
            Self::Background => background::paint(side, &mut scene),
            Self::Face => {
                let mut canvas = background::paint(side, &mut scene);
                face(&mut canvas, &mut rng(1));
                canvas
            }
        };
        Picture { width: size, height: size, rgb: lighting::expose(&canvas, &mut rng(3)) }
    }
}

/// A picture whose pixels are what `pixel` says, row by row.
fn exact(size: u32, pixel: impl FnMut(u32) -> [u8; 3]) -> Picture {
    Picture { width: size, height: size, rgb: (0..size * size).flat_map(pixel).collect() }
}

/// A head with hair, eyes and a mouth.
fn face(canvas: &mut Canvas, rng: &mut Rng) {
    let scale = rng.between(0.6, 0.95);
    let at = [0.5 + rng.around(0.1), 0.5 + rng.around(0.1)];
    canvas.set_transform(at[0], at[1], scale, scale, 0.0, rng.around(0.03));
    let skin = hsl(0.06 + rng.around(0.03), rng.between(0.3, 0.6), rng.between(0.3, 0.8));
    let hair = hsl(rng.between(0.0, 0.15), rng.between(0.1, 0.7), rng.between(0.08, 0.6));
    canvas.fill(&Path::ellipse([0.0, -0.2], 0.8, 0.78), Paint::Solid(hair));
    canvas.fill(&Path::ellipse([0.0, 0.05], 0.66, 0.82), Paint::Solid(skin));
    let (apart, eye) = (rng.between(0.22, 0.32), rng.between(0.06, 0.11));
    for x in [-apart, apart] {
        canvas.fill(&Path::ellipse([x, -0.1], eye * 1.5, eye), Paint::Solid([0.97; 3]));
        canvas.fill(&Path::circle([x, -0.1], eye * 0.7), Paint::Solid(shade(hair, -0.5)));
    }
    canvas.fill(
        &Path::stroke(&[[0.0, 0.0], [-0.07, 0.25], [0.05, 0.27]], 0.03),
        Paint::Solid(shade(skin, -0.3)),
    );
    let (reach, bend) = (rng.between(0.2, 0.35), rng.between(0.05, 0.25));
    let mouth = arc([0.0, 0.45], reach, bend, 0.02, 0.48, 12);
    canvas.fill(&Path::stroke(&mouth, 0.07), Paint::Solid([0.7, 0.2, 0.2]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_pictures_of_its_own() {
        for kind in Unknown::ALL {
            let picture = kind.draw(3, 40);
            assert_eq!((picture.width, picture.height), (40, 40));
            assert_eq!(picture.rgb.len(), 40 * 40 * 3);
            assert_eq!(picture, kind.draw(3, 40), "{kind:?}");
            assert_ne!(picture, kind.draw(4, 40), "{kind:?}");
        }
        let plain = Unknown::Plain.draw(0, 8);
        assert!(plain.rgb.chunks_exact(3).all(|pixel| pixel == &plain.rgb[..3]));
    }
}
