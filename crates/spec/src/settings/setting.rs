//! A setting of a run, and the groups in which settings are shown.

use crate::run_config::RunConfig;
use crate::settings::error::SettingError;
use crate::settings::kind::Kind;

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
}

/// One setting of a run: a row of [`SETTINGS`](crate::settings::SETTINGS).
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
