//! Test-time augmentation, fastai's `Learner.tta`: the network sees each picture a few times as training shows it, and
//! once as validation does, and the probabilities are averaged.

use burn::tensor::{ExecutionError, Tensor, TensorData};

use super::classify::Asked;
use crate::config::Augment;
use crate::data::augment::{self, BatchCrop};
use crate::data::set::DataSet;
use crate::train::random::{Purpose, stream};
use crate::train::validate::Scored;

/// Augmented views of each picture (fastai's `n`).
pub const VIEWS: u32 = 4;
/// Weight of the plain view (fastai's `beta`).
pub const BETA: f64 = 0.25;
/// Positions in the random stream that no epoch of training reaches.
const APART: u64 = 1 << 63;

/// Averages a picture's probabilities: the mean of the augmented views, moved [`BETA`] of the way to the plain one.
pub fn blend(plain: &[f64], views: &[Vec<f64>]) -> Vec<f64> {
    let mean = |class: usize| views.iter().map(|view| view[class]).sum::<f64>() / views.len() as f64;
    plain
        .iter()
        .enumerate()
        .map(|(class, &plain)| if views.is_empty() { plain } else { (1.0 - BETA) * mean(class) + BETA * plain })
        .collect()
}

/// Accuracy with test-time augmentation. `plain` are the logits of the validation set, in order. Validation pictures are
/// kept as squares, so augmented views are cut from the square and not from the whole photo. A run without augmentation has
/// nothing to average, and its accuracy is the plain one.
///
/// # Errors
/// The device failed.
pub async fn accuracy(
    asked: Asked<'_>,
    set: &DataSet,
    plain: &[Scored],
    kind: Augment,
    seed: u32,
    bs: usize,
    mut pause: impl AsyncFnMut(),
) -> Result<f32, ExecutionError> {
    let size = asked.info.size;
    let pixels = (3 * size * size) as usize;
    let mut right = 0;
    let views = if kind == Augment::None { 0 } else { VIEWS };
    for (batch, (samples, plain)) in set.valid.chunks(bs.max(1)).zip(plain.chunks(bs.max(1))).enumerate() {
        let mut seen: Vec<Vec<Vec<f64>>> = vec![Vec::new(); samples.len()];
        for view in 0..views {
            let position = |index: usize| APART | u64::from(view) << 32 | (batch * bs + index) as u64;
            let crop = BatchCrop::draw(&mut stream(seed, Purpose::Augment, position(0) | 1 << 48));
            let mut images = vec![0.0; samples.len() * pixels];
            for (index, (sample, out)) in samples.iter().zip(images.chunks_exact_mut(pixels)).enumerate() {
                let mut rng = stream(seed, Purpose::Augment, position(index));
                augment::render(&sample.picture, &augment::draw(kind, &sample.picture, crop, &mut rng), size, out);
            }
            let images = TensorData::new(images, [samples.len(), 3, size as usize, size as usize]);
            let logits = asked.network.forward(Tensor::from_data(images, asked.device)).into_data_async().await?;
            let logits: Vec<f32> = logits.iter::<f32>().collect();
            for (row, seen) in logits.chunks_exact(asked.info.classes.len()).zip(&mut seen) {
                seen.push(Scored { logits: row.to_vec(), label: 0 }.probabilities());
            }
            pause().await;
        }
        for (plain, seen) in plain.iter().zip(&seen) {
            let blended = blend(&plain.probabilities(), seen);
            let guess = (0..blended.len()).reduce(|best, class| if blended[class] > blended[best] { class } else { best });
            right += u32::from(guess == Some(plain.label as usize));
        }
    }
    Ok(right as f32 / plain.len().max(1) as f32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::executor::block_on;

    use super::*;
    use crate::predict::classify::tests::small;
    use crate::predict::evaluate::score;

    /// `torch.lerp(mean of the views, plain, .25)`, as fastai has it.
    #[test]
    fn blend_by_hand() {
        let blended = blend(&[0.8, 0.2], &[vec![0.5, 0.5], vec![0.1, 0.9]]);
        assert!((blended[0] - 0.425).abs() < 1e-12 && (blended[1] - 0.575).abs() < 1e-12);
        assert_eq!(blend(&[0.8, 0.2], &[]), [0.8, 0.2]);
    }

    #[test]
    fn without_augmentation_it_is_the_plain_accuracy() {
        let (network, info, device) = small();
        let mut set = DataSet { classes: info.classes.clone(), ..DataSet::default() };
        for index in 0..30 {
            let label = index % 10;
            set.push_valid(&crate::data::drawn::draw(label as usize, u64::from(index), 1, 48), label, 48);
        }
        let asked = Asked { network: &network, info: &info, device: &device };
        let plain = block_on(score(asked, &set, 8, async || {})).unwrap();
        let accuracy_of = |kind| block_on(accuracy(asked, &set, &plain, kind, 0, 8, async || {})).unwrap();
        let right = plain.iter().filter(|scored| scored.ranked()[0] == scored.label as usize).count();
        assert!((accuracy_of(Augment::None) - right as f32 / 30.0).abs() < 1e-6);
        assert_eq!(accuracy_of(Augment::Full), accuracy_of(Augment::Full));
        assert!((0.0..=1.0).contains(&accuracy_of(Augment::CropFlip)));
    }
}
