//! What a network is good and bad at, from its logits on a validation set.

use resnette_images::set::DataSet;
use resnette_images::square::centre_square;
use resnette_picture::Picture;
use resnette_protocol::predict::{Evaluation, TopLoss};

use crate::train::validate::{Scored, metrics};

/// Pictures that fastai's `plot_top_losses` is usually asked for.
const TOP: usize = 9;
/// Most pictures that go to the page, and their side in pixels: 7 MB.
const MOST_PICTURES: usize = 1000;
const SMALL_SIDE: u32 = 48;

/// Everything that the logits of a validation set say. `scored` and `set.valid` are in the same
/// order; `tta` is computed elsewhere, since it needs the network.
pub fn evaluation(scored: &[Scored], set: &DataSet, tta: f32) -> Evaluation {
    let classes = set.classes.len();
    let mut confusion = vec![vec![0; classes]; classes];
    let mut order: Vec<(f64, usize)> = Vec::with_capacity(scored.len());
    for (index, picture) in scored.iter().enumerate() {
        let guess = picture.ranked().first().copied().unwrap_or(0);
        confusion[picture.label as usize][guess] += 1;
        order.push((picture.loss(0.0), index));
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
                .map_or_else(|| picture.clone(), |side| centre_square(picture, side)),
            guess: guess as u32,
            sureness: probabilities[guess] as f32,
            truth: scored.label,
            loss: loss as f32,
            probability: probabilities[scored.label as usize] as f32,
        }
    };
    let found = metrics(scored, 0.0);
    Evaluation {
        classes: set.classes.clone(),
        confusion,
        top_losses: order.iter().take(TOP).map(|entry| shown(entry, None)).collect(),
        pictures: order
            .iter()
            .take(MOST_PICTURES)
            .map(|entry| shown(entry, Some(SMALL_SIDE)))
            .collect(),
        accuracy: found.accuracy as f32,
        top5: found.top5 as f32,
        tta,
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_images::set::DataSet;

    use crate::predict::evaluate::evaluation;
    use crate::train::validate::Scored;

    /// Drawn pictures to validate with.
    pub fn set(labels: &[u32], size: u32) -> DataSet {
        let mut set = DataSet {
            classes: resnette_picture::classes::imagenette_names(),
            ..DataSet::default()
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
            Scored { logits: vec![3.0, 0.0, 0.0], label: 0 },
            Scored { logits: vec![5.0, 0.0, 0.0], label: 1 },
            Scored { logits: vec![0.0, 1.0, 0.0], label: 1 },
        ];
        let found = evaluation(&scored, &set, 0.25);
        assert_eq!(found.confusion, [[1, 0, 0], [1, 1, 0], [0, 0, 0]]);
        assert!(
            (found.accuracy - 2.0 / 3.0).abs() < 1e-6 && found.top5 == 1.0 && found.tta == 0.25
        );
        let worst = &found.top_losses[0];
        assert_eq!((worst.guess, worst.truth, &worst.seen), (0, 1, &set.valid[1].picture));
        assert!((worst.loss + worst.probability.ln()).abs() < 1e-5);
        // softmax(5, 0, 0)
        assert!((worst.sureness - 0.986_70).abs() < 1e-5);
        assert!(found.top_losses.is_sorted_by(|a, b| a.loss >= b.loss));
        assert_eq!(found.pictures.len(), 3);
        assert_eq!((found.pictures[0].seen.width, found.pictures[0].truth), (48, 1));
        let empty = evaluation(&[], &DataSet::default(), 0.0);
        assert_eq!((empty.accuracy, empty.top_losses.len()), (0.0, 0));
    }
}
