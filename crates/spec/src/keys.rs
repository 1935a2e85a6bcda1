//! One key of a link: its name, its bounds, how it is read and written.

use crate::{Augment, Backend, Block, Family, Photos, RunConfig, Schedule, Source};

/// Why a setting was refused. The message names key and value and says what would be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum SettingError {
    /// Nobody reads this key.
    #[error("“{key}” is no setting of this page, so it was left out")]
    Unknown {
        /// As it stood in the link.
        key: String,
    },
    /// The value does not fit.
    #[error("{key}={value} was refused: {wanted}. The setting keeps its value")]
    Bad {
        /// As it stood in the link.
        key: String,
        /// As it stood in the link, shortened.
        value: String,
        /// What would be accepted.
        wanted: String,
    },
}

/// Gives an enum its spellings: `NAMES`, `name()` and `from_name()`.
macro_rules! choices {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every spelling, in the order in which a person should read them.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The spelling used in links.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The value of a spelling.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use choices;

/// Every key of a run, in the order in which links list them.
pub const RUN_KEYS: &[&str] = &[
    "source",
    "data",
    "photos",
    "train",
    "valid",
    "size",
    "net",
    "layers",
    "block",
    "expansion",
    "width",
    "stem",
    "epochs",
    "bs",
    "lr",
    "wd",
    "mixup",
    "smoothing",
    "augment",
    "schedule",
    "accumulate",
    "grow",
    "seed",
    "backend",
];

impl RunConfig {
    /// The value of `key` as a link spells it, or nothing for an unknown key.
    pub fn get(&self, key: &str) -> Option<String> {
        Some(match key {
            "source" => self.data.source.name().into(),
            "data" => self.data.base.clone(),
            "photos" => self.data.photos.name().into(),
            "train" => self.data.train.to_string(),
            "valid" => self.data.valid.to_string(),
            "size" => self.data.size.to_string(),
            "net" => self.net.family.name().into(),
            "layers" => join(&self.net.layers),
            "block" => self.net.block.name().into(),
            "expansion" => self.net.expansion.to_string(),
            "width" => self.net.width.to_string(),
            "stem" => join(&self.net.stem),
            "epochs" => self.recipe.epochs.to_string(),
            "bs" => self.recipe.bs.to_string(),
            "lr" => self.recipe.lr.to_string(),
            "wd" => self.recipe.wd.to_string(),
            "mixup" => self.recipe.mixup.to_string(),
            "smoothing" => self.recipe.smoothing.to_string(),
            "augment" => self.recipe.augment.name().into(),
            "schedule" => self.recipe.schedule.name().into(),
            "accumulate" => self.recipe.accumulate.to_string(),
            "grow" => join(&self.recipe.grow),
            "seed" => self.seed.to_string(),
            "backend" => self.backend.name().into(),
            _ => return None,
        })
    }

    /// Reads `value` into `key`.
    ///
    /// # Errors
    /// [`SettingError`], and the configuration is as before.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        let field = Field { key, value };
        match key {
            "source" => self.data.source = field.choice(Source::from_name, Source::NAMES)?,
            "data" => self.data.base = field.address()?,
            "photos" => self.data.photos = field.choice(Photos::from_name, Photos::NAMES)?,
            "train" => self.data.train = field.integer(1, 20_000)?,
            "valid" => self.data.valid = field.integer(1, 20_000)?,
            "size" => self.data.size = field.integer(16, 320)?,
            "net" => self.net.family = field.choice(Family::from_name, Family::NAMES)?,
            "layers" => self.net.layers = field.list(0, 6, 1, 64)?,
            "block" => self.net.block = field.choice(Block::from_name, Block::NAMES)?,
            "expansion" => self.net.expansion = field.integer(1, 8)?,
            "width" => self.net.width = field.integer(4, 512)?,
            "stem" => self.net.stem = field.list(0, 8, 1, 1024)?,
            "epochs" => self.recipe.epochs = field.integer(1, 1000)?,
            "bs" => self.recipe.bs = field.integer(2, 512)?,
            "lr" => self.recipe.lr = field.real(1e-8, 10.0)?,
            "wd" => self.recipe.wd = field.real(0.0, 1.0)?,
            "mixup" => self.recipe.mixup = field.real(0.0, 10.0)?,
            "smoothing" => self.recipe.smoothing = field.real(0.0, 0.9)?,
            "augment" => self.recipe.augment = field.choice(Augment::from_name, Augment::NAMES)?,
            "schedule" => {
                self.recipe.schedule = field.choice(Schedule::from_name, Schedule::NAMES)?
            }
            "accumulate" => self.recipe.accumulate = field.integer(1, 64)?,
            "grow" => self.recipe.grow = field.list(0, 4, 16, 320)?,
            "seed" => self.seed = field.integer(0, u32::MAX)?,
            "backend" => self.backend = field.choice(Backend::from_name, Backend::NAMES)?,
            _ => return Err(SettingError::Unknown { key: shorten(key) }),
        }
        Ok(())
    }
}

fn join(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        text.to_string()
    } else {
        text.chars().take(LONGEST).chain(['…']).collect()
    }
}

/// One `key=value`, being read.
struct Field<'a> {
    key: &'a str,
    value: &'a str,
}

impl Field<'_> {
    fn refuse<T>(&self, wanted: String) -> Result<T, SettingError> {
        Err(SettingError::Bad { key: self.key.to_string(), value: shorten(self.value), wanted })
    }

    fn integer(&self, low: u32, high: u32) -> Result<u32, SettingError> {
        match self.value.trim().parse::<u32>() {
            Ok(number) if (low..=high).contains(&number) => Ok(number),
            _ => self.refuse(format!("a whole number from {low} to {high} is wanted")),
        }
    }

    fn real(&self, low: f64, high: f64) -> Result<f64, SettingError> {
        match self.value.trim().parse::<f64>() {
            Ok(number) if (low..=high).contains(&number) => Ok(number),
            _ => self.refuse(format!("a number from {low} to {high} is wanted")),
        }
    }

    fn list(
        &self,
        least: usize,
        most: usize,
        low: u32,
        high: u32,
    ) -> Result<Vec<u32>, SettingError> {
        let wanted = || {
            format!(
                "{least} to {most} whole numbers from {low} to {high}, with commas between them, are wanted"
            )
        };
        let text = self.value.trim();
        if text.is_empty() && least == 0 {
            return Ok(Vec::new());
        }
        let mut numbers = Vec::new();
        for part in text.split(',').take(most + 1) {
            match part.trim().parse::<u32>() {
                Ok(number) if (low..=high).contains(&number) => numbers.push(number),
                _ => return self.refuse(wanted()),
            }
        }
        if (least..=most).contains(&numbers.len()) { Ok(numbers) } else { self.refuse(wanted()) }
    }

    fn choice<T>(
        &self,
        read: impl Fn(&str) -> Option<T>,
        names: &[&str],
    ) -> Result<T, SettingError> {
        match read(self.value.trim()) {
            Some(value) => Ok(value),
            None => self.refuse(format!("one of {} is wanted", names.join(", "))),
        }
    }

    /// A relative or `http(s)` address: anything else (`javascript:`, `data:`, `file:`) has no
    /// business in a link.
    fn address(&self) -> Result<String, SettingError> {
        let text = self.value.trim();
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        let web = text.starts_with("http://") || text.starts_with("https://");
        let relative = scheme.is_none_or(|scheme| scheme.contains('/'));
        if text.len() <= 2000 && !text.chars().any(char::is_control) && (web || relative) {
            Ok(text.trim_end_matches('/').to_string())
        } else {
            self.refuse("an address that starts with https://, http:// or / is wanted".into())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_key_reads_what_it_writes() {
        let config = RunConfig::default();
        for key in RUN_KEYS {
            let mut copy = config.clone();
            copy.set(key, &config.get(key).unwrap()).unwrap();
            assert_eq!(copy, config, "{key}");
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
