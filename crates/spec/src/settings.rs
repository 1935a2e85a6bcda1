//! The settings of a run in one table: [`SETTINGS`].
//!
//! Links, the page's fields, `resnette train --help` and the glossary all follow from it. A new
//! setting is a field of [`Recipe`](crate::Recipe), [`NetConfig`](crate::NetConfig) or
//! [`DataConfig`](crate::DataConfig) with its default, a row of the table, and the code that uses
//! the field.

pub(crate) mod choice;
mod conflict;
mod error;
mod kind;
mod lookup;
mod setting;
mod short_forms;
mod table;

pub use choice::Choice;
pub use error::SettingError;
pub use kind::{Field, Kind};
pub use setting::{Group, Setting};
pub use table::SETTINGS;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::RunConfig;

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
                Kind::Blocks { .. } => Some("2.1".into()),
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
            ("cut", "2"),
            ("cut", "0.1"),
            ("cut", "7.1"),
            ("cut", "2.1,"),
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
