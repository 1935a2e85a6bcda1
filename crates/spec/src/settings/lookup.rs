//! Settings found by key and by group.

use crate::run_config::RunConfig;
use crate::settings::error::SettingError;
use crate::settings::setting::{Group, Setting};
use crate::settings::table::SETTINGS;

impl Group {
    /// The group's settings, in the order in which a person should read them.
    pub fn settings(self) -> Vec<&'static Setting> {
        // Picked position by position: a page needs no sorting routine for two dozen settings.
        let rows = || SETTINGS.iter().filter(move |row| row.group == self);
        let last = rows().map(|row| row.position).max().unwrap_or_default();
        (0..=last).flat_map(|at| rows().filter(move |row| row.position == at)).collect()
    }
}

impl Setting {
    /// The setting with this key, or `None` if there is none.
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
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
