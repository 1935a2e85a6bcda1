//! Precision, recall and the most frequent mistakes, from a confusion matrix.
//!
//! `confusion[truth][guess]` is the number of pictures of the class `truth` for which the network
//! says `guess`. Source: chapter 5 of the fastai book ("Model Interpretation") and fastai's
//! `ClassificationInterpretation`.

/// How well the network does on one class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassScore {
    /// Number of pictures of the class.
    pub pictures: u32,
    /// Share of the pictures for which the network says this class that are of it; 0 if it says it
    /// for none.
    pub precision: f32,
    /// Share of the pictures of this class for which the network says so; 0 if there are none.
    pub recall: f32,
}

/// Precision and recall of each class, from `confusion[truth][guess]`.
///
/// # Examples
/// ```
/// use resnette_spec::confusion::per_class;
///
/// // Three of four cats are recognized, and one of two dogs is taken for a cat.
/// let scores = per_class(&[vec![3, 1], vec![1, 1]]);
/// assert_eq!((scores[0].precision, scores[0].recall), (0.75, 0.75));
/// ```
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

/// A mistake that the network makes: one class is taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixUp {
    /// The class of the pictures.
    pub truth: usize,
    /// The class that the network says.
    pub guess: usize,
    /// Number of pictures.
    pub pictures: u32,
}

/// Mistakes with at least `min_val` pictures, the most frequent first and equally frequent ones in
/// the order of the matrix: fastai's `most_confused(min_val)`, whose default is 1. A `min_val` of 0
/// counts as 1, since what never happens is no mistake.
pub fn most_confused(confusion: &[Vec<u32>], min_val: u32) -> Vec<MixUp> {
    let cells = confusion.iter().enumerate().flat_map(|(truth, row)| {
        row.iter().enumerate().map(move |(guess, &pictures)| MixUp { truth, guess, pictures })
    });
    let mut found: Vec<MixUp> =
        cells.filter(|cell| cell.truth != cell.guess && cell.pictures >= min_val.max(1)).collect();
    found.sort_by_key(|cell| std::cmp::Reverse(cell.pictures));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_by_hand() {
        let scores = per_class(&[vec![3, 1, 0], vec![2, 2, 0], vec![0, 0, 0]]);
        let close = |a: f32, b: f32| (a - b).abs() < 1e-6;
        assert!(
            close(scores[0].precision, 0.6)
                && close(scores[0].recall, 0.75)
                && scores[0].pictures == 4
        );
        assert!(close(scores[1].precision, 2.0 / 3.0) && close(scores[1].recall, 0.5));
        assert_eq!(scores[2], ClassScore::default());
    }

    #[test]
    fn the_largest_number_beside_the_diagonal_comes_first() {
        let cells = |min_val| -> Vec<_> {
            let found = most_confused(&[vec![9, 1, 2], vec![4, 0, 0], vec![2, 0, 7]], min_val);
            found.iter().map(|cell| (cell.truth, cell.guess, cell.pictures)).collect()
        };
        assert_eq!(cells(2), [(1, 0, 4), (0, 2, 2), (2, 0, 2)]);
        // `sorted(…, reverse=True)` keeps equals in their order.
        assert_eq!(cells(1), [(1, 0, 4), (0, 2, 2), (2, 0, 2), (0, 1, 1)]);
        assert_eq!(cells(0), cells(1));
        assert_eq!(cells(3), [(1, 0, 4)]);
        assert_eq!(cells(5), []);
    }
}
