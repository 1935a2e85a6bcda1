//! What a link says: a run, and what the page shows of it.

use resnette_spec::link::pairs;
use resnette_spec::{RunConfig, SettingError, write_run};

/// The page's four places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The pictures of the run.
    Data,
    /// The run itself.
    #[default]
    Train,
    /// Answers about the reader's pictures.
    Predict,
    /// The lesson.
    Learn,
}

impl View {
    const ALL: [Self; 4] = [Self::Data, Self::Train, Self::Predict, Self::Learn];

    /// The place's name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Train => "train",
            Self::Predict => "predict",
            Self::Learn => "learn",
        }
    }
}

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The settings of the run.
    pub run: RunConfig,
    /// Whether training starts at once.
    pub autostart: bool,
    /// The place that is open.
    pub view: View,
    /// The step of the lesson that is open; empty for the first.
    pub step: String,
    /// For a class: whether the lesson has large type and one demo a screen.
    pub presenter: bool,
    /// For a class: whether Train shows nothing but the run, in large type.
    pub present: bool,
    /// For a class: whether the settings can be read but not changed.
    pub locked: bool,
    /// The token of the class that the page came from. It stays when another link is opened, and is
    /// never written: the address bar and copied links do not have it.
    pub join: Option<String>,
}

/// Reads a hash (with or without `#`). Refused values are reported and the default is kept.
pub fn read_link(hash: &str) -> (Link, Vec<SettingError>) {
    let mut link = Link::default();
    let mut problems: Vec<SettingError> = match pairs(hash) {
        Ok(pairs) => pairs.iter().filter_map(|(key, value)| link.set(key, value).err()).collect(),
        Err(problem) => vec![problem],
    };
    problems.extend(link.run.resolve_conflicts());
    (link, problems)
}

impl Link {
    /// Reads one key of the page or of the run.
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
            "present" => self.present = switch()?,
            "lock" => self.locked = switch()?,
            "join" => {
                let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                if value.len() != 32 || !value.bytes().all(digit) {
                    return Err(refuse("the 32 digits of a class’s link are wanted".into()));
                }
                self.join = Some(value.into());
            }
            "view" => {
                let view = View::ALL.into_iter().find(|view| view.name() == value);
                let names = || View::ALL.map(View::name).join(", ");
                self.view = view.ok_or_else(|| refuse(format!("one of {} is wanted", names())))?;
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

/// Writes a hash without `#`: the settings of the run, and what the page needs to look the same.
/// `autostart` is left out: a link that a reader copies should not start work on another computer
/// by itself.
pub fn write_link(link: &Link) -> String {
    let mut parts = vec![write_run(&link.run), format!("view={}", link.view.name())];
    if !link.step.is_empty() {
        parts.push(format!("step={}", link.step));
    }
    if link.presenter {
        parts.push("presenter=1".into());
    }
    if link.present {
        parts.push("present=1".into());
    }
    if link.locked {
        parts.push("lock=1".into());
    }
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use resnette_spec::link::{PAGE_KEYS, run_link};
    use resnette_spec::read_run;

    use super::*;

    #[test]
    fn a_link_reads_back_as_it_was_written() {
        let (mut link, problems) = read_link(
            "#source=url&data=http%3A%2F%2Flocalhost%3A80%2Fd%26x&layers=1,1,1,1&expansion=4\
             &lr=0.003&view=learn&step=skip-connections&presenter=1&stem=",
        );
        assert_eq!(problems, []);
        assert_eq!(link.run.data.base, "http://localhost:80/d&x");
        assert_eq!(link.run.net.layers, [1, 1, 1, 1]);
        link.autostart = false;
        let (again, problems) = read_link(&write_link(&link));
        assert_eq!((again, problems), (link, vec![]));
    }

    /// The view for a projector is another key than the presenter mode of the lesson, and leaving
    /// it takes the key out of the link.
    #[test]
    fn the_projector_view_has_a_key_of_its_own() {
        let (link, problems) = read_link("#epochs=3&view=train&present=1&autostart=1");
        assert_eq!(problems, []);
        assert!(link.present && link.autostart && !link.presenter);
        let written = write_link(&link);
        assert!(written.ends_with("&view=train&present=1"), "{written}");
        let (mut again, _) = read_link(&written);
        assert_eq!(again, Link { autostart: false, ..link });
        again.present = false;
        assert!(!write_link(&again).contains("present"));
        let (lesson, _) = read_link("#view=learn&presenter=1");
        assert!(lesson.presenter && !lesson.present);
        let told = read_link("#present=yes").1;
        assert!(told.len() == 1 && told[0].to_string().starts_with("present=yes was refused"));
    }

    /// A copied link, or a look at the address bar, gives nobody a seat in the class.
    #[test]
    fn the_token_of_a_class_is_read_and_not_written() {
        let token = "0123456789abcdef".repeat(2);
        let (link, problems) = read_link(&format!("#epochs=3&join={token}"));
        assert_eq!((link.join.as_deref(), problems), (Some(token.as_str()), vec![]));
        assert!(!write_link(&link).contains("join"));
        for bad in ["", "0", &token.to_uppercase(), &format!("{token}0")] {
            let (link, problems) = read_link(&format!("#join={bad}"));
            assert_eq!((link.join, problems.len()), (None, 1), "{bad}");
        }
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

    /// Whichever of the two comes first.
    #[test]
    fn sizes_that_grow_beyond_the_full_one_are_refused() {
        for hash in ["#size=64&grow=32,96&epochs=3", "#grow=32,96&epochs=3&size=64"] {
            let (link, problems) = read_link(hash);
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            assert!(told.len() == 1 && told[0].starts_with("grow=32,96 was refused"), "{told:?}");
            assert_eq!((link.run.recipe.grow.len(), link.run.recipe.epochs), (0, 3));
        }
        assert_eq!(read_link("#grow=32,96&size=128").1, []);
    }

    /// The page's keys are those that other readers of links pass over, and saved runs have the
    /// link that the page would write for them.
    #[test]
    fn keys_of_the_page_are_no_settings() {
        for key in PAGE_KEYS {
            let told = Link::default().set(key, "~").map_err(|error| error.to_string());
            assert!(told.is_err_and(|told| told.contains("was refused")), "{key}");
        }
        let link = Link {
            view: View::Learn,
            step: "work".into(),
            presenter: true,
            present: true,
            locked: true,
            ..Link::default()
        };
        assert_eq!(read_run(&write_link(&link)), (link.run, vec![]));
        assert_eq!(write_link(&Link::default()), run_link(&RunConfig::default()));
    }
}
