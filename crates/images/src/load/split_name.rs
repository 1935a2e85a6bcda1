//! Which folder names say that a folder holds training, validation or test pictures.
//!
//! A name counts if exactly one of its words is one of these, in any capitals, and all its other
//! words are numbers or say nothing (`set`, `data`, `images`, …): so `Training_Set`, `seg_train`,
//! `val2017` and `test-images` count, and `train station` does not.
//!
//! | | words |
//! |--|--|
//! | training | train, training, trn, trainval |
//! | validation | val, valid, validation, validate, dev, devel, eval, evaluation |
//! | test | test, testing, tst, pred, predict, prediction, holdout, unlabelled, unlabeled |

/// The split of a data set that a picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The pictures that a network is trained on.
    Train,
    /// The pictures that measure how well it generalises.
    Valid,
}

/// What a folder's name says about the pictures in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SplitKind {
    /// To train on.
    Train,
    /// To validate with.
    Valid,
    /// For a last test after training, with labels or without.
    Test,
}

/// Words that say nothing about the pictures in a folder.
const FILLERS: [&str; 22] = [
    "set", "sets", "data", "dataset", "images", "image", "imgs", "img", "pictures", "picture",
    "pics", "photos", "photo", "jpg", "jpeg", "png", "split", "seg", "folder", "files", "samples",
    "raw",
];
/// The longest name that is looked at, in bytes; a longer one is no split's.
const MAX_BYTES: usize = 64;

/// The split that a folder's name says; `None` if it says none.
pub fn split_kind(name: &str) -> Option<SplitKind> {
    if name.len() > MAX_BYTES {
        return None;
    }
    let lower = name.to_lowercase();
    let mut words = words(&lower).filter(|word| !FILLERS.contains(word));
    let word = words.next()?;
    if words.next().is_some() {
        return None;
    }
    word_kind(word).or_else(|| {
        // Words written as one: trainset, testdata.
        let mut stems = FILLERS.iter().filter_map(|filler| word.strip_suffix(filler));
        stems.find_map(word_kind)
    })
}

/// Whether a folder's name says nothing about its pictures, as in `cat/images/1.jpg`.
pub fn says_nothing(name: &str) -> bool {
    let lower = name.to_lowercase();
    name.len() <= MAX_BYTES
        && words(&lower).next().is_some()
        && words(&lower).all(|word| FILLERS.contains(&word))
}

/// The words of a name without the digits at their ends.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric())
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
        .filter(|word| !word.is_empty())
}

fn word_kind(word: &str) -> Option<SplitKind> {
    match word {
        "train" | "training" | "trn" | "trainval" => Some(SplitKind::Train),
        "val" | "valid" | "validation" | "validate" | "dev" | "devel" | "eval" | "evaluation" => {
            Some(SplitKind::Valid)
        }
        "test" | "testing" | "tst" | "pred" | "predict" | "prediction" | "holdout"
        | "unlabelled" | "unlabeled" => Some(SplitKind::Test),
        _ => None,
    }
}

/// The split that the path of a parquet file names: in the file's own name, as in
/// `train-00000-of-00001.parquet`, or else in the innermost folder that names one; `None` if there
/// is none. Test pictures validate.
pub fn split_of_path(path: &str) -> Option<Split> {
    let kind = path.rsplit('/').find_map(|part| {
        let stem = part.split('.').next().unwrap_or_default();
        split_kind(stem).or_else(|| split_kind(stem.split('-').next().unwrap_or_default()))
    });
    kind.map(|kind| if kind == SplitKind::Train { Split::Train } else { Split::Valid })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_splits() {
        for (kind, names) in [
            (
                SplitKind::Train,
                "train TRAIN Training training_set trainset Train-Images seg_train train2017 \
                 images_train traindata trainval train_1",
            ),
            (
                SplitKind::Valid,
                "val Valid VALIDATION validation_set dev eval evaluation seg_val val_256 valset",
            ),
            (
                SplitKind::Test,
                "test Testing test_set seg_test seg_pred test1 tst testset unlabelled",
            ),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(split_kind(name), Some(kind), "{name}");
            }
        }
        assert_eq!(split_kind("Training Set (80 %)"), Some(SplitKind::Train));
        for name in [
            "trains",
            "train station",
            "invalid",
            "contest",
            "preset",
            "images",
            "",
            "test & train",
        ] {
            assert_eq!(split_kind(name), None, "{name}");
        }
        assert!(says_nothing("Images") && says_nothing("jpg_files"));
        assert!(!says_nothing("cat images") && !says_nothing("2019") && !says_nothing(""));
    }

    #[test]
    fn parquet_files_name_their_split() {
        assert_eq!(split_of_path("160px/train/0000.parquet"), Some(Split::Train));
        assert_eq!(split_of_path("validation/0000.parquet"), Some(Split::Valid));
        assert_eq!(split_of_path("train-00000-of-00001.parquet"), Some(Split::Train));
        assert_eq!(split_of_path("test.parquet"), Some(Split::Valid));
        assert_eq!(split_of_path("0000.parquet"), None);
        // The opened folder's own name is none, where one within it names one.
        assert_eq!(split_of_path("test/train/0000.parquet"), Some(Split::Train));
        assert_eq!(split_of_path("test/train-00000-of-00001.parquet"), Some(Split::Train));
    }
}
