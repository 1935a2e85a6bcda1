//! Settings while they are being typed, and several at once from a preset.

use resnette_spec::{RunConfig, SettingError};

/// The text in a field while it is being typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The text as it was typed.
    pub text: String,
    /// Why it was refused, if it was.
    pub error: Option<String>,
}

/// A change of the settings.
#[derive(Clone, Debug)]
pub enum SettingsAction {
    /// The reader typed this text into the field of a key.
    Edit(&'static str, String),
    /// The reader left the field of a key.
    Leave(&'static str),
    /// The reader chose a preset, which is a piece of a link.
    ApplyPreset(&'static str),
    /// All settings at once, from a file that the reader has opened.
    Take(Box<RunConfig>),
}

/// Sets every `key=value` of a preset and returns what was refused.
pub fn apply(run: &mut RunConfig, settings: &str) -> Vec<SettingError> {
    let pairs = settings.split('&').filter_map(|pair| pair.split_once('='));
    let mut refused: Vec<SettingError> =
        pairs.filter_map(|(key, value)| run.set(key, value).err()).collect();
    refused.extend(run.resolve_conflicts());
    refused
}

/// Whether the settings of a preset are those of the run.
pub fn applies(run: &RunConfig, settings: &str) -> bool {
    let mut copy = run.clone();
    apply(&mut copy, settings).is_empty() && copy == *run
}
