//! Precision, recall and the commonest mistakes, from a confusion matrix `confusion[truth][guess]`.

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
    let cells = confusion.iter().enumerate().flat_map(|(truth, row)| {
        row.iter().enumerate().map(move |(guess, &pictures)| MixUp { truth, guess, pictures })
    });
    let mut found: Vec<MixUp> =
        cells.filter(|cell| cell.truth != cell.guess && cell.pictures > 1).collect();
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
        let found = most_confused(&[vec![9, 1, 2], vec![4, 0, 0], vec![2, 0, 7]]);
        let cells: Vec<_> =
            found.iter().map(|cell| (cell.truth, cell.guess, cell.pictures)).collect();
        assert_eq!(cells, [(1, 0, 4), (0, 2, 2), (2, 0, 2)]);
    }
}
