//! The settings of a run in one table: [`SETTINGS`].
//!
//! Links, the page's fields, `resnette train --help` and the glossary all follow from it. A new
//! setting is a field of [`Recipe`](crate::Recipe), [`NetConfig`](crate::NetConfig) or
//! [`DataConfig`](crate::DataConfig) with its default, a row of the table, and the code that uses
//! the field.

mod choice;
mod kind;
mod table;

pub use choice::Choice;
pub(crate) use choice::choices;
pub use kind::{Field, Kind};
pub use table::SETTINGS;

use crate::RunConfig;

/// Why a setting was refused. The message names key and value and says what would be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum SettingError {
    /// No setting has this key.
    #[error("“{key}” is no setting of this page, so it was left out")]
    Unknown {
        /// The key as the link has it, shortened.
        key: String,
    },
    /// The value is not one that the setting accepts.
    #[error("{key}={value} was refused: {wanted}. The setting keeps its value")]
    Bad {
        /// The key as the link has it.
        key: String,
        /// The value as the link has it, shortened.
        value: String,
        /// What would be accepted, as a clause.
        wanted: String,
    },
}

impl SettingError {
    /// The error for a key that no setting has.
    pub fn unknown(key: &str) -> Self {
        Self::Unknown { key: shorten(key) }
    }

    /// The error for a value that `key` does not accept; `wanted` says what it accepts.
    pub fn bad(key: &str, value: &str, wanted: impl Into<String>) -> Self {
        Self::Bad { key: key.into(), value: shorten(value), wanted: wanted.into() }
    }
}

/// The groups in which settings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Which network is trained.
    Network,
    /// How it is trained.
    Recipe,
    /// On which pictures, and on which engine.
    Data,
}

impl Group {
    /// Every group, in the order in which a person should read them.
    pub const ALL: [Self; 3] = [Self::Network, Self::Recipe, Self::Data];

    /// The heading over the group's settings.
    pub fn title(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Recipe => "Recipe",
            Self::Data => "Data and engine",
        }
    }

    /// The group's settings, in the order in which a person should read them.
    pub fn settings(self) -> Vec<&'static Setting> {
        let mut settings: Vec<_> = SETTINGS.iter().filter(|row| row.group == self).collect();
        settings.sort_by_key(|setting| setting.position);
        settings
    }
}

/// One setting of a run: a row of [`SETTINGS`].
#[derive(Debug)]
pub struct Setting {
    /// The key in a link: `key=value`.
    pub key: &'static str,
    /// The group that it is shown in.
    pub group: Group,
    /// Where in its group it is shown: lower numbers come first, equal ones in the table's order.
    pub position: u8,
    /// The name that a person reads.
    pub label: &'static str,
    /// What it does, in a sentence or two.
    pub help: &'static str,
    /// The glossary's word for it; `None` if label and help explain it, which the glossary then
    /// lists.
    pub term: Option<&'static str>,
    /// Which values it accepts, and which field of [`RunConfig`] holds them.
    pub kind: Kind,
    /// Whether a link lists it only if it differs from its default. All other settings are always
    /// listed, so that a link means the same run even after a default has changed.
    pub optional: bool,
}

/// Keys are unique, so two settings are the same if their keys are.
impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Setting {
    /// The setting with this key, or `None` if there is none.
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// Its value in `run`, as a link spells it before percent-encoding.
    pub fn get(&self, run: &RunConfig) -> String {
        self.kind.get(run)
    }

    /// Reads `value` into `run`.
    ///
    /// # Errors
    /// [`SettingError::Bad`] if the setting does not accept the value; `run` is then unchanged.
    pub fn set(&self, run: &mut RunConfig, value: &str) -> Result<(), SettingError> {
        match self.kind.set(run, value) {
            true => Ok(()),
            false => Err(SettingError::bad(self.key, value, self.kind.wanted())),
        }
    }

    /// Its value in [`RunConfig::default`], as a link spells it.
    pub fn default_value(&self) -> String {
        self.get(&RunConfig::default())
    }
}

impl RunConfig {
    /// The value of the setting `key` as a link spells it, or `None` if no setting has this key.
    pub fn get(&self, key: &str) -> Option<String> {
        Setting::find(key).map(|setting| setting.get(self))
    }

    /// Reads `value` into the setting `key`.
    ///
    /// # Errors
    /// [`SettingError`] if no setting has this key or if it does not accept the value; the
    /// configuration is then unchanged.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        Setting::find(key).ok_or_else(|| SettingError::unknown(key))?.set(self, value)
    }
}

/// At most 60 characters of `text`, and an ellipsis if there are more.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        text.to_string()
    } else {
        text.chars().take(LONGEST).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_setting_reads_what_it_writes() {
        let config = RunConfig::default();
        for setting in SETTINGS {
            let mut copy = config.clone();
            copy.set(setting.key, &config.get(setting.key).unwrap()).unwrap();
            assert_eq!(copy, config, "{}", setting.key);
        }
    }

    /// Every row has a field of its own: a changed value shows under its key and no other.
    #[test]
    fn every_setting_changes_its_own_field() {
        let default = RunConfig::default();
        for setting in SETTINGS {
            let other = match &setting.kind {
                Kind::Integer { min, max, .. } => [min, max]
                    .map(u32::to_string)
                    .into_iter()
                    .find(|v| *v != setting.default_value()),
                Kind::Real { min, max, .. } => [min, max]
                    .map(f64::to_string)
                    .into_iter()
                    .find(|v| *v != setting.default_value()),
                Kind::List { min, .. } => Some(min.to_string()),
                Kind::Choice { choices, .. } => choices
                    .iter()
                    .map(|choice| choice.name.to_string())
                    .find(|name| *name != setting.default_value()),
                Kind::Address { .. } => Some("/elsewhere".into()),
            }
            .unwrap();
            let mut changed = default.clone();
            setting.set(&mut changed, &other).unwrap();
            for row in SETTINGS {
                let expected = if row == setting { other.clone() } else { row.default_value() };
                assert_eq!(row.get(&changed), expected, "{} after {}", row.key, setting.key);
            }
        }
    }

    #[test]
    fn keys_and_labels_are_unique_and_texts_are_whole() {
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert!(setting.help.ends_with('.') && setting.help.len() < 240, "{}", setting.key);
            for other in &SETTINGS[..index] {
                assert!(setting.key != other.key && setting.label != other.label, "{}", other.key);
            }
        }
        let shown: Vec<_> = Group::ALL.into_iter().flat_map(Group::settings).collect();
        assert_eq!(shown.len(), SETTINGS.len());
    }

    #[test]
    fn every_choice_is_accepted_and_the_refusal_names_all() {
        for setting in SETTINGS {
            let Kind::Choice { choices, .. } = &setting.kind else { continue };
            let mut config = RunConfig::default();
            for choice in *choices {
                config.set(setting.key, choice.name).unwrap();
                assert_eq!(setting.get(&config), choice.name);
            }
            let names: Vec<_> = choices.iter().map(|choice| choice.name).collect();
            let refusal = config.set(setting.key, "nonsense").unwrap_err().to_string();
            assert!(
                refusal.contains(&format!("one of {} is wanted", names.join(", "))),
                "{refusal}"
            );
        }
    }

    #[test]
    fn bad_values_name_key_and_value_and_change_nothing() {
        let cases = [
            ("lr", "fast"),
            ("lr", "NaN"),
            ("lr", "inf"),
            ("epochs", "0"),
            ("epochs", "-3"),
            ("size", "4096"),
            ("layers", "2,2,2,x"),
            ("layers", "2,2,2,2,2,2,2"),
            ("stem", "16,,32"),
            ("block", "Bottleneck!"),
            ("data", "javascript:alert(1)"),
            ("data", "file:///etc/passwd"),
            ("seed", "4294967296"),
        ];
        for (key, value) in cases {
            let mut config = RunConfig::default();
            let message = config.set(key, value).unwrap_err().to_string();
            assert!(message.contains(key) && message.contains(value), "{message}");
            assert_eq!(config, RunConfig::default(), "{key}={value}");
        }
    }

    #[test]
    fn addresses_may_be_relative() {
        let mut config = RunConfig::default();
        for (given, kept) in [
            ("/data/160px/", "/data/160px"),
            ("./data", "./data"),
            ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        ] {
            config.set("data", given).unwrap();
            assert_eq!(config.data.base, kept);
        }
    }
}
