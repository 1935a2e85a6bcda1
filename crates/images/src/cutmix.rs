//! CutMix: training on pictures with a box from another picture in them.
//!
//! Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
//! Features", 2019, <https://arxiv.org/abs/1905.04899>. As in fastai's `CutMix` callback a batch
//! has one box, and the partners are a permutation of the batch. A label counts with the share of
//! the picture that shows it, so that Mixup's λ serves here too: 1 less the box's share.
//!
//! The random numbers are ours, not PyTorch's: a function of seed and position.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::mixup::beta;
use crate::rectangle::Rectangle;

/// The box of a batch, and each picture's partner with its own label's share.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// What comes from the partner.
    pub rectangle: Rectangle,
    /// Each picture's partner, as an index into the batch, and the share of the picture's own
    /// label.
    pub mix: Vec<(usize, f32)>,
}

impl Cut {
    /// Draws the box and the partners of a batch of `n` pictures of `size` pixels a side; λ is
    /// distributed as Beta(`alpha`, `alpha`).
    pub fn random(n: usize, size: u32, alpha: f64, rng: &mut ChaCha8Rng) -> Self {
        let mut partners: Vec<usize> = (0..n).collect();
        partners.shuffle(rng);
        let lam = beta(alpha, rng);
        let side = size.max(1);
        let rectangle =
            rectangle(size, lam, [rng.random_range(0..side), rng.random_range(0..side)]);
        let own = own_share(&rectangle, size);
        Self { rectangle, mix: partners.into_iter().map(|partner| (partner, own)).collect() }
    }

    /// Puts the boxes into a batch of pictures of `size` pixels a side.
    ///
    /// # Shapes
    /// `images` is `[n, 3, size, size]`.
    ///
    /// # Panics
    /// Panics if the batch has fewer pictures than there are partners.
    pub(crate) fn apply(&self, images: &mut [f32], size: u32) {
        let original = images.to_vec();
        let (side, rows) = (size as usize, self.rectangle.rows.len().max(1));
        self.rectangle.each_row(images, size, |index, numbers| {
            let (plane, row) = (index / rows, self.rectangle.rows.start + index % rows);
            let partner = self.mix[plane / 3].0;
            let start = ((partner * 3 + plane % 3) * side + row) * side;
            let columns = &self.rectangle.columns;
            numbers.copy_from_slice(&original[start + columns.start..start + columns.end]);
        });
    }
}

/// fastai's `CutMix.rand_bbox`: the box around a pixel in the row and the column `centre` of a
/// picture of `size` pixels a side, whose share is `1 − lam` before it is cut at the picture's
/// edges. Halves are rounded to the even number, as `torch.round` does.
pub fn rectangle(size: u32, lam: f64, centre: [u32; 2]) -> Rectangle {
    let side = size as usize;
    let length = (f64::from(size) * (1.0 - lam).max(0.0).sqrt()).round_ties_even() as usize;
    let [rows, columns] = centre.map(|centre| {
        let centre = centre as usize;
        centre.saturating_sub(length / 2)..(centre + length / 2).min(side)
    });
    Rectangle { rows, columns }
}

/// The share of a picture that is its own.
pub fn own_share(rectangle: &Rectangle, size: u32) -> f32 {
    let pixels = (f64::from(size) * f64::from(size)).max(1.0);
    (1.0 - rectangle.area() as f64 / pixels) as f32
}

#[cfg(test)]
mod tests {
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    #[test]
    fn the_box_is_the_partners_and_the_rest_stays() {
        for batch in 0..50 {
            let cut = Cut::random(5, 16, 1.0, &mut stream(4, Purpose::CutMix, batch));
            let mut seen: Vec<usize> = cut.mix.iter().map(|(partner, _)| *partner).collect();
            seen.sort_unstable();
            assert_eq!(seen, [0, 1, 2, 3, 4]);
            // Each number says which picture, channel and pixel it is of.
            let number = |at: usize| at as f32;
            let mut images: Vec<f32> = (0..5 * 3 * 256).map(number).collect();
            cut.apply(&mut images, 16);
            let mut changed = 0;
            for (at, &value) in images.iter().enumerate() {
                let (picture, within) = (at / 768, at % 768);
                let (row, column) = (within / 16 % 16, within % 16);
                let inside =
                    cut.rectangle.rows.contains(&row) && cut.rectangle.columns.contains(&column);
                let from = if inside { cut.mix[picture].0 } else { picture };
                assert_eq!(value, number(from * 768 + within));
                changed += usize::from(inside);
            }
            let share = changed as f32 / images.len() as f32;
            assert!((1.0 - share - cut.mix[0].1).abs() < 1e-6);
        }
    }

    #[test]
    fn a_centre_at_the_edge_has_a_cut_box() {
        let found = rectangle(10, 0.51, [0, 9]);
        // The side is 7 and reaches 3 to each side.
        assert_eq!(found, Rectangle { rows: 0..3, columns: 6..10 });
        assert_eq!(own_share(&found, 10), 0.88);
        assert_eq!(rectangle(10, 1.0, [5, 5]).area(), 0);
    }
}
