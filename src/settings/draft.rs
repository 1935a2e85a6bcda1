//! Settings while they are typed, and several at once from a preset.

use resnette_spec::{RunConfig, SettingError};

/// What stands in a knob while it is being typed into.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// As typed.
    pub text: String,
    /// Why it was refused, if it was.
    pub error: Option<String>,
}

/// Sets every `key=value` of a preset; what is refused comes back.
pub fn apply(run: &mut RunConfig, settings: &str) -> Vec<SettingError> {
    let pairs = settings.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(key, value)| run.set(key, value).err()).collect()
}

/// Whether a preset would change nothing.
pub fn applies(run: &RunConfig, settings: &str) -> bool {
    let mut copy = run.clone();
    apply(&mut copy, settings).is_empty() && copy == *run
}
