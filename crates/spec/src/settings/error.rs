//! Why a setting was refused.

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

/// At most 60 characters of `text`, and an ellipsis if there are more.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        text.to_string()
    } else {
        text.chars().take(LONGEST).chain(['…']).collect()
    }
}
