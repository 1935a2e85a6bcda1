//! What a network is good and bad at, from its logits for a validation set.

use resnette_images::dataset::Dataset;
use resnette_images::resize::centre_crop;
use resnette_picture::Picture;
use resnette_protocol::predict::{Evaluation, TopLoss};

use crate::predict::reliability::reliability;
use crate::train::metrics::{ScoredPicture, metrics};

/// Pictures with the largest losses that are shown: the fastai book plots as many with
/// `plot_top_losses(9)`.
const TOP_LOSSES: usize = 9;
/// Most pictures that are sent to the page for the confusion matrix.
const MAX_PICTURES: usize = 1000;
/// Their side in pixels: all together they take 7 MB.
const THUMBNAIL_SIDE: u32 = 48;

/// Accuracy, confusion matrix and largest losses. `scored` and `set.valid` must be in the same
/// order. The losses are those of the learner, whose label smoothing is `smoothing`, as in fastai's
/// `Interpretation`. `tta` is the accuracy with test-time augmentation, which is computed
/// elsewhere, since it needs the network.
pub fn evaluation(scored: &[ScoredPicture], set: &Dataset, smoothing: f64, tta: f32) -> Evaluation {
    let classes = set.classes.len();
    let mut confusion = vec![vec![0; classes]; classes];
    let mut order: Vec<(f64, usize)> = Vec::with_capacity(scored.len());
    for (index, picture) in scored.iter().enumerate() {
        let guess = picture.ranked().first().copied().unwrap_or(0);
        confusion[picture.label as usize][guess] += 1;
        order.push((picture.loss(smoothing), index));
    }
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let shown = |&(loss, index): &(f64, usize), side: Option<u32>| {
        let picture: &Picture = &set.valid[index].picture;
        let scored = &scored[index];
        let (probabilities, guess) =
            (scored.probabilities(), scored.ranked().first().copied().unwrap_or(0));
        TopLoss {
            seen: side
                .filter(|&side| side < picture.width)
                .map_or_else(|| picture.clone(), |side| centre_crop(picture, side)),
            guess: guess as u32,
            confidence: probabilities[guess] as f32,
            truth: scored.label,
            loss: loss as f32,
            probability: probabilities[scored.label as usize] as f32,
        }
    };
    let found = metrics(scored, 0.0);
    Evaluation {
        classes: set.classes.clone(),
        confusion,
        top_losses: order.iter().take(TOP_LOSSES).map(|entry| shown(entry, None)).collect(),
        pictures: order
            .iter()
            .take(MAX_PICTURES)
            .map(|entry| shown(entry, Some(THUMBNAIL_SIDE)))
            .collect(),
        accuracy: found.accuracy as f32,
        top5: found.top5 as f32,
        tta,
        reliability: reliability(scored),
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_images::dataset::Dataset;

    use crate::predict::evaluation::evaluation;
    use crate::train::metrics::ScoredPicture;

    /// Drawn pictures to validate with.
    pub fn set(labels: &[u32], size: u32) -> Dataset {
        let mut set = Dataset {
            classes: resnette_picture::classes::imagenette_names(),
            ..Dataset::default()
        };
        for (index, &label) in labels.iter().enumerate() {
            set.push_valid(
                &resnette_picture::drawn::draw(label as usize, index as u64, 1, size),
                label,
                size,
            );
        }
        set
    }

    #[test]
    fn the_worst_picture_comes_first_and_the_cells_add_up() {
        let mut set = set(&[0, 1, 1], 64);
        set.classes.truncate(3);
        let scored = [
            ScoredPicture { logits: vec![3.0, 0.0, 0.0], label: 0 },
            ScoredPicture { logits: vec![5.0, 0.0, 0.0], label: 1 },
            ScoredPicture { logits: vec![0.0, 1.0, 0.0], label: 1 },
        ];
        let found = evaluation(&scored, &set, 0.0, 0.25);
        assert_eq!(found.confusion, [[1, 0, 0], [1, 1, 0], [0, 0, 0]]);
        assert!(
            (found.accuracy - 2.0 / 3.0).abs() < 1e-6 && found.top5 == 1.0 && found.tta == 0.25
        );
        let worst = &found.top_losses[0];
        assert_eq!((worst.guess, worst.truth, &worst.seen), (0, 1, &set.valid[1].picture));
        assert!((worst.loss + worst.probability.ln()).abs() < 1e-5);
        // softmax(5, 0, 0)
        assert!((worst.confidence - 0.986_70).abs() < 1e-5);
        assert!(found.top_losses.is_sorted_by(|a, b| a.loss >= b.loss));
        assert_eq!(found.pictures.len(), 3);
        assert_eq!((found.pictures[0].seen.width, found.pictures[0].truth), (48, 1));
        let empty = evaluation(&[], &Dataset::default(), 0.0, 0.0);
        assert_eq!((empty.accuracy, empty.top_losses.len()), (0.0, 0));
    }

    /// `torch.nn.functional.cross_entropy(…, reduction="none", label_smoothing=…)`, sorted as
    /// fastai's `top_losses` sorts it. Smoothing asks for a little of every class, so that the
    /// second picture, which is sure that it is not the third class, becomes the worst.
    #[test]
    fn losses_are_the_learners_own() {
        let mut set = set(&[0, 0, 2], 64);
        set.classes.truncate(3);
        let scored = [
            ScoredPicture { logits: vec![4.0, 0.0, 0.0], label: 0 },
            ScoredPicture { logits: vec![1.0, 1.2, -9.0], label: 0 },
            ScoredPicture { logits: vec![0.0, 0.5, 0.4], label: 2 },
        ];
        for (smoothing, wanted) in [
            (0.0, [(2, 1.020_827_7), (1, 0.798_159_3), (0, 0.035_976_3)]),
            (0.1, [(1, 1.124_826), (2, 1.030_827_7), (0, 0.302_643)]),
        ] {
            let found = evaluation(&scored, &set, smoothing, 0.0);
            for (top, (picture, loss)) in found.top_losses.iter().zip(wanted) {
                assert!((top.loss - loss).abs() < 1e-6, "{smoothing}: {}", top.loss);
                assert_eq!(top.seen, set.valid[picture].picture, "{smoothing}");
            }
        }
    }
}
