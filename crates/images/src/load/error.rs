//! Why loading pictures failed.

use resnette_image_parquet::ParquetError;
use resnette_image_parquet::source::SourceError;
use resnette_spec::limits::{MAX_SET_BYTES, fitting_keep};
use resnette_spec::{DataConfig, Keep};

/// Why no data set could be loaded. Every message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A parquet file could not be read.
    #[error(transparent)]
    Parquet(ParquetError),
    /// The source holds no usable picture.
    #[error("{0} holds no picture that could be used; choose other pictures")]
    Nothing(String),
    /// The only file that was opened cannot be used.
    #[error("{name}: {reason}")]
    Refused {
        /// The file's path.
        name: String,
        /// Why it cannot be used, and what to do about it.
        reason: String,
    },
    /// The pictures lie in folders of splits, and in no class folders.
    #[error(
        "the pictures lie in {folders} without a folder for each class, so nothing says what they show. Put those of each class into a folder of its own, as in train/cat, train/dog, test/cat and test/dog, and open the folder around these"
    )]
    NoClasses {
        /// The folders.
        folders: String,
    },
    /// There is only one class, so there is nothing to classify.
    #[error(
        "{source_name} has pictures of one class only ({class}), and at least 2 are needed; {}",
        more_classes(*.archives)
    )]
    FewClasses {
        /// Where the pictures come from.
        source_name: String,
        /// The class's name.
        class: String,
        /// Whether nothing but archives was opened.
        archives: bool,
    },
    /// Some classes have too few pictures.
    #[error(
        "some classes in {source_name} have too few pictures: {classes}; at least {fewest} of each are needed. Add some, or take these classes out"
    )]
    FewPictures {
        /// Where the pictures come from.
        source_name: String,
        /// The names of these classes, each with its number of pictures.
        classes: String,
        /// The number of pictures that each class needs.
        fewest: usize,
    },
    /// The pictures would take too much memory.
    #[error(
        "the pictures that these settings ask for take {} {}, and at most {} are kept; choose \
         fewer a class, or a smaller size",
        if *.is_all { "about" } else { "more than" },
        gigabytes(*.bytes, *.is_all),
        gigabytes(MAX_SET_BYTES, false)
    )]
    LargeSet {
        /// How many bytes they take.
        bytes: u64,
        /// Whether these are all of them; otherwise no more were made.
        is_all: bool,
    },
    /// The training and the validation file name different classes.
    #[error("{train} and {valid} have different classes; they are no two parts of one set")]
    Classes {
        /// The training file.
        train: String,
        /// The validation file.
        valid: String,
    },
    /// The observer stopped the loading.
    #[error("loading was stopped; the pictures that were there before are kept")]
    Stopped,
}

/// How to come by more classes.
fn more_classes(archives: bool) -> &'static str {
    match archives {
        // Teachable Machine saves one for each class.
        true => {
            "if each class is in an archive of its own, open all of these together, else put the pictures of each class into a folder of its own"
        }
        false => {
            "put the pictures of each class into a folder of its own, and open the folder that holds these folders"
        }
    }
}

impl From<ParquetError> for LoadError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::Stopped | ParquetError::Source(SourceError::Stopped) => Self::Stopped,
            error => Self::Parquet(error),
        }
    }
}

/// How so many pictures are kept, known before they are made: as `config` says, or smaller if they
/// would take too much memory.
///
/// # Errors
/// [`LoadError::LargeSet`] if they would take too much all the same.
pub(super) fn check_set(config: &DataConfig, train: u64, valid: u64) -> Result<Keep, LoadError> {
    fitting_keep(config.keep, config.size, train, valid)
        .map_err(|bytes| LoadError::LargeSet { bytes, is_all: true })
}

/// Bytes in tenths of a gigabyte. A size that is refused is rounded up, so that it is never told to
/// be as large as the limit.
fn gigabytes(bytes: u64, up: bool) -> String {
    const TENTH: u64 = 100_000_000;
    let tenths = if up { bytes.div_ceil(TENTH) } else { bytes / TENTH };
    format!("{:.1} GB", tenths as f64 / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_is_refused_is_told_to_be_larger_than_the_limit() {
        let told = LoadError::LargeSet { bytes: MAX_SET_BYTES + 1, is_all: true }.to_string();
        assert!(told.contains("about 1.6 GB, and at most 1.5 GB"), "{told}");
        let told = LoadError::LargeSet { bytes: MAX_SET_BYTES - 1, is_all: false }.to_string();
        assert!(told.contains("more than 1.4 GB, and at most 1.5 GB"), "{told}");
    }
}
