//! What decides which pictures are loaded.

use resnette_picture::report::ClassCorrections;
use resnette_spec::DataConfig;

/// Two that are equal are the same pictures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) config: DataConfig,
    pub(crate) seed: u32,
    /// Path, size and date of each opened file.
    pub(crate) files: Vec<(String, u64, u64)>,
    /// What the reader corrected about these files.
    pub(crate) corrections: ClassCorrections,
}
