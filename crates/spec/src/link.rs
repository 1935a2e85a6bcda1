//! The hash of an address: `#key=value&…`.

use crate::RunConfig;
use crate::settings::{SETTINGS, SettingError, choices};

/// The page's four places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum View {
    /// Pictures.
    Data,
    /// The run.
    #[default]
    Train,
    /// Pictures of the reader's.
    Predict,
    /// The chapter.
    Learn,
}

choices!(View {
    Data => "data", "Data";
    Train => "train", "Train";
    Predict => "predict", "Predict";
    Learn => "learn", "Learn";
});

/// What a link says: a run and how the page shows itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The run.
    pub run: RunConfig,
    /// Start training at once.
    pub autostart: bool,
    /// Which place is open.
    pub view: View,
    /// Which step of the lesson is open; empty for the first.
    pub step: String,
    /// For a class: large type, one demo a screen.
    pub presenter: bool,
    /// For a class: the settings can be read but not changed.
    pub locked: bool,
}

/// Longest hash that is read; a longer one is no link of ours.
const LONGEST: usize = 8_000;

/// Reads a hash (with or without `#`). Bad values are reported and the default is kept.
pub fn read_link(hash: &str) -> (Link, Vec<SettingError>) {
    let mut link = Link::default();
    let mut problems = Vec::new();
    let hash = hash.trim_start_matches('#');
    if hash.len() > LONGEST {
        problems.push(SettingError::Bad {
            key: "link".into(),
            value: hash.chars().take(20).chain(['…']).collect(),
            wanted: format!("at most {LONGEST} characters are wanted"),
        });
        return (link, problems);
    }
    for pair in hash.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if let Err(problem) = link.set(&decode(key), &decode(value)) {
            problems.push(problem);
        }
    }
    (link, problems)
}

impl Link {
    /// Reads one key of run or page.
    ///
    /// # Errors
    /// [`SettingError`], and nothing is changed.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        let refuse = |wanted: String| SettingError::Bad {
            key: key.into(),
            value: value.chars().take(60).collect(),
            wanted,
        };
        let switch = || match value {
            "1" => Ok(true),
            "0" | "" => Ok(false),
            _ => Err(refuse("1 or 0 is wanted".into())),
        };
        match key {
            "autostart" => self.autostart = switch()?,
            "presenter" => self.presenter = switch()?,
            "lock" => self.locked = switch()?,
            "view" => {
                self.view = View::from_name(value)
                    .ok_or_else(|| refuse("one of data, train, predict, learn is wanted".into()))?
            }
            "step" => {
                if value.len() > 60 || !value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                {
                    return Err(refuse(
                        "the short name of a step is wanted, letters and hyphens".into(),
                    ));
                }
                self.step = value.into();
            }
            _ => return self.run.set(key, value),
        }
        Ok(())
    }
}

/// Writes a hash without `#`: every setting of the run, and what the page needs to look the same.
/// `autostart` is left out: a link that a reader copies should not start work on another computer
/// by itself.
pub fn write_link(link: &Link) -> String {
    let mut parts = Vec::new();
    for setting in SETTINGS {
        let value = setting.get(&link.run);
        if !setting.optional || value != setting.default_value() {
            parts.push(format!("{}={}", setting.key, encode(&value)));
        }
    }
    parts.push(format!("view={}", link.view.name()));
    if !link.step.is_empty() {
        parts.push(format!("step={}", link.step));
    }
    if link.presenter {
        parts.push("presenter=1".into());
    }
    if link.locked {
        parts.push("lock=1".into());
    }
    parts.join("&")
}

/// Percent-encodes what would end a value; commas, slashes and colons stay readable.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b',' | b'.' | b'-' | b'_' | b'/' | b':' => {
                out.push(byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Undoes percent-encoding; what is not valid stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_reads_back_as_it_was_written() {
        let (mut link, problems) = read_link(
            "#source=url&data=http%3A%2F%2Flocalhost%3A80%2Fd%26x&layers=1,1,1,1&expansion=4&lr=0.003&view=learn&step=skip-connections&presenter=1&stem=",
        );
        assert_eq!(problems, []);
        assert_eq!(link.run.data.base, "http://localhost:80/d&x");
        assert_eq!(link.run.net.layers, [1, 1, 1, 1]);
        link.autostart = false;
        let (again, problems) = read_link(&write_link(&link));
        assert_eq!((again, problems), (link, vec![]));
    }

    #[test]
    fn a_bad_value_is_told_and_the_rest_is_kept() {
        let (link, problems) = read_link("#lr=abc&epochs=3&nonsense=1&autostart=yes&view=train");
        assert_eq!(link.run.recipe.epochs, 3);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(
            told[0].contains("lr=abc")
                && told[1].contains("nonsense")
                && told[2].contains("autostart=yes"),
            "{told:?}"
        );
    }

    #[test]
    fn broken_encodings_do_not_panic() {
        for hash in ["%", "%4", "%zz=1", "data=%F0%9F", "=&=&==", "data=日本%", &"a".repeat(10_000)]
        {
            let _ = read_link(hash);
        }
    }
}
