//! What a network is good and bad at, from its logits on a validation set. Plain numbers, no engine.

#[cfg(feature = "engine")]
pub use measured::evaluation;

/// How one class fares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassScore {
    /// Pictures of the class.
    pub pictures: u32,
    /// Of the pictures said to be of this class, the share that are; 0 where none is.
    pub precision: f32,
    /// Of the pictures of this class, the share said to be; 0 where there is none.
    pub recall: f32,
}

/// Precision and recall of each class, from `confusion[truth][guess]`.
pub fn per_class(confusion: &[Vec<u32>]) -> Vec<ClassScore> {
    let share = |part: u32, whole: u32| if whole == 0 { 0.0 } else { part as f32 / whole as f32 };
    let score = |(class, row): (usize, &Vec<u32>)| {
        let hits = row.get(class).copied().unwrap_or(0);
        let pictures = row.iter().sum();
        let said = confusion.iter().filter_map(|row| row.get(class)).sum();
        ClassScore { pictures, precision: share(hits, said), recall: share(hits, pictures) }
    };
    confusion.iter().enumerate().map(score).collect()
}

/// Two classes of which one is taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixUp {
    /// What the pictures show.
    pub truth: usize,
    /// What they are said to show.
    pub guess: usize,
    /// How many.
    pub pictures: u32,
}

/// Confusions of at least two pictures, the most frequent first: fastai's `most_confused`.
pub fn most_confused(confusion: &[Vec<u32>]) -> Vec<MixUp> {
    let cells = confusion
        .iter()
        .enumerate()
        .flat_map(|(truth, row)| row.iter().enumerate().map(move |(guess, &pictures)| MixUp { truth, guess, pictures }));
    let mut found: Vec<MixUp> = cells.filter(|cell| cell.truth != cell.guess && cell.pictures > 1).collect();
    found.sort_by_key(|cell| std::cmp::Reverse(cell.pictures));
    found
}

#[cfg(feature = "engine")]
mod measured {
    use crate::data::Picture;
    use crate::data::set::DataSet;
    use crate::data::square::centre_square;
    use crate::protocol::predict::{Evaluation, TopLoss};
    use crate::train::validate::{Scored, metrics};

    /// Pictures that fastai's `plot_top_losses` is usually asked for.
    const TOP: usize = 9;
    /// Most pictures that go to the page, and their side in pixels: 7 MB.
    const MOST_PICTURES: usize = 1000;
    const SMALL_SIDE: u32 = 48;

    /// Everything that the logits of a validation set say. `scored` and `set.valid` are in the same order; `tta` is computed
    /// elsewhere, since it needs the network.
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
            let (probabilities, guess) = (scored.probabilities(), scored.ranked().first().copied().unwrap_or(0));
            TopLoss {
                seen: side.filter(|&side| side < picture.width).map_or_else(|| picture.clone(), |side| centre_square(picture, side)),
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
            pictures: order.iter().take(MOST_PICTURES).map(|entry| shown(entry, Some(SMALL_SIDE))).collect(),
            accuracy: found.accuracy as f32,
            top5: found.top5 as f32,
            tta,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_by_hand() {
        let scores = per_class(&[vec![3, 1, 0], vec![2, 2, 0], vec![0, 0, 0]]);
        let close = |a: f32, b: f32| (a - b).abs() < 1e-6;
        assert!(close(scores[0].precision, 0.6) && close(scores[0].recall, 0.75) && scores[0].pictures == 4);
        assert!(close(scores[1].precision, 2.0 / 3.0) && close(scores[1].recall, 0.5));
        assert_eq!(scores[2], ClassScore::default());
    }

    #[test]
    fn the_largest_number_beside_the_diagonal_comes_first() {
        let found = most_confused(&[vec![9, 1, 2], vec![4, 0, 0], vec![2, 0, 7]]);
        let cells: Vec<_> = found.iter().map(|cell| (cell.truth, cell.guess, cell.pictures)).collect();
        assert_eq!(cells, [(1, 0, 4), (0, 2, 2), (2, 0, 2)]);
    }

    #[cfg(feature = "engine")]
    pub mod measured {
        #![allow(clippy::unwrap_used)]
        use crate::data::set::DataSet;
        use crate::predict::evaluate::evaluation;
        use crate::train::validate::Scored;

        /// Drawn pictures to validate with.
        pub fn set(labels: &[u32], size: u32) -> DataSet {
            let mut set = DataSet { classes: crate::data::classes::imagenette_names(), ..DataSet::default() };
            for (index, &label) in labels.iter().enumerate() {
                set.push_valid(&crate::data::drawn::draw(label as usize, index as u64, 1, size), label, size);
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
            assert!((found.accuracy - 2.0 / 3.0).abs() < 1e-6 && found.top5 == 1.0 && found.tta == 0.25);
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
}
