//! In which settings runs differ, and which single changes of a run are worth trying.

use resnette_spec::RunConfig;
use resnette_spec::settings::SETTINGS;

use crate::saved::runs::RunRecord;

/// A setting in which runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The setting's key in the link.
    pub key: &'static str,
    /// Its value in each of the runs, in their order.
    pub values: Vec<String>,
}

/// All settings in which these runs differ.
pub fn differences(records: &[&RunRecord]) -> Vec<Difference> {
    let configs: Vec<RunConfig> = records.iter().map(|record| record.config()).collect();
    SETTINGS
        .iter()
        .map(|setting| Difference {
            key: setting.key,
            values: configs.iter().map(|config| setting.get(config)).collect(),
        })
        .filter(|difference| difference.values.windows(2).any(|pair| pair[0] != pair[1]))
        .collect()
}

/// The experiments that the book keeps making: the text of the button, and the key and the value of
/// the one setting that changes.
const EXPERIMENTS: [(&str, &str, &str); 5] = [
    ("without skip connections", "block", "plain"),
    ("without bottlenecks", "block", "basic"),
    ("with bottlenecks", "block", "bottleneck"),
    ("with Mixup", "mixup", "0.4"),
    ("without Mixup", "mixup", "0"),
];

/// The same run with one setting changed: a short description and the settings of every experiment
/// that would change something.
pub fn experiments(config: &RunConfig) -> Vec<(&'static str, RunConfig)> {
    let changed = EXPERIMENTS.iter().filter_map(|&(name, key, value)| {
        let mut other = config.clone();
        other.set(key, value).ok()?;
        (other != *config).then_some((name, other))
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use resnette_spec::read_run;

    use super::*;

    fn config(settings: &str) -> RunConfig {
        read_run(settings).0
    }

    #[test]
    fn differences_and_experiments_name_what_changes() {
        let record = |link: &str| RunRecord {
            key: String::new(),
            id: 1,
            name: String::new(),
            link: link.into(),
            rows: Vec::new(),
            fine_tuned_from: None,
        };
        let (first, second) = (record("block=plain&epochs=3"), record("block=basic&epochs=3"));
        assert_eq!(
            differences(&[&first, &second]),
            [Difference { key: "block", values: vec!["plain".into(), "basic".into()] }]
        );
        assert_eq!(differences(&[&first]), []);
        let names: Vec<&str> = experiments(&config("block=bottleneck&mixup=0"))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["without skip connections", "without bottlenecks", "with Mixup"]);
        let (_, plain) = &experiments(&config("block=bottleneck"))[0];
        assert_eq!(plain.get("block").as_deref(), Some("plain"));
    }
}
