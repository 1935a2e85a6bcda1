//! Which folder names say that a folder holds training, validation or test pictures.
//!
//! A name counts if exactly one of its words is one of these, in any capitals, and all its other
//! words are numbers or say nothing (`set`, `data`, `images`, …): so `Training_Set`, `seg_train`,
//! `val2017` and `test-images` count, and `train station` does not. Of names with other words, two
//! folders beside each other may say it together (see `splits.rs`).
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

/// The words of a folder's name that say something about its pictures, in small letters; none if
/// the name is too long to be looked at.
pub fn content_words(name: &str) -> Vec<String> {
    if name.len() > MAX_BYTES {
        return Vec::new();
    }
    let lower = name.to_lowercase();
    words(&lower).filter(|word| !FILLERS.contains(word)).map(str::to_owned).collect()
}

/// The split and what else a folder's name says, as `train_cats`, `testA` and `rps-test-set` do;
/// `None` if it does not name one of each.
pub fn split_in_name(name: &str) -> Option<(SplitKind, String)> {
    if name.len() > MAX_BYTES {
        return None;
    }
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_uppercase() && spaced.ends_with(char::is_lowercase) {
            spaced.push(' ');
        }
        spaced.push(c);
    }
    let lower = spaced.to_lowercase();
    let kind = |word: &&str| words(word).next().and_then(word_kind);
    let (splits, others): (Vec<&str>, Vec<&str>) =
        numbered_words(&lower).partition(|word| kind(word).is_some());
    let [split] = splits[..] else { return None };
    (!others.is_empty()).then_some((kind(&split)?, others.join(" ")))
}

/// What a folder's name says besides words that say nothing, in the form of [`split_in_name`].
pub fn plain_name(name: &str) -> String {
    if name.len() > MAX_BYTES {
        return String::new();
    }
    numbered_words(&name.to_lowercase()).collect::<Vec<_>>().join(" ")
}

/// The words of a name, with their digits, that say something.
fn numbered_words(lower: &str) -> impl Iterator<Item = &str> {
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
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
        assert_eq!(split_in_name("train_cats"), Some((SplitKind::Train, "cats".into())));
        assert_eq!(split_in_name("testA"), Some((SplitKind::Test, "a".into())));
        assert_eq!(split_in_name("golf ball-val"), Some((SplitKind::Valid, "golf ball".into())));
        assert_eq!(split_in_name("rps-test-set"), Some((SplitKind::Test, "rps".into())));
        assert_eq!(split_in_name("coco_val2017"), Some((SplitKind::Valid, "coco".into())));
        assert_eq!(
            (plain_name("RPS"), plain_name("fold_1 images")),
            ("rps".into(), "fold 1".into())
        );
        for name in ["train", "cats", "train_test", "Contest", "station"] {
            assert_eq!(split_in_name(name), None, "{name}");
        }
        assert_eq!(content_words("Ground-Truth images"), ["ground", "truth"]);
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
