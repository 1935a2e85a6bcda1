//! The list of all runs: settings and table of each, small enough for the browser's simplest
//! storage.

use resnette_spec::epoch::EpochRow;
use resnette_spec::keys::RUN_KEYS;
use resnette_spec::{RunConfig, read_link};
use serde::{Deserialize, Serialize};

use crate::saved::head::Head;

/// Most runs that are kept; the oldest goes first.
pub const MOST: usize = 40;
/// Most rows of a run.
const MOST_ROWS: usize = 1_000;
/// Longest name.
const LONGEST: usize = 60;
/// Longest list that is read, in bytes.
const MOST_BYTES: usize = 8_000_000;

/// A run: what was set, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Number of the run on this page, from 1.
    pub id: u32,
    /// The reader's name for it.
    pub name: String,
    /// Its settings, as a link.
    pub link: String,
    /// Its table.
    pub rows: Vec<EpochRow>,
    /// The network that it went on from, where it was a fine-tuning: its link alone does not
    /// repeat it.
    #[serde(default)]
    pub tuned: Option<String>,
}

/// A setting in which runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Key in the link.
    pub key: &'static str,
    /// Of each run.
    pub values: Vec<String>,
}

impl Record {
    /// Its settings; where a key is refused the default stands.
    pub fn config(&self) -> RunConfig {
        read_link(&self.link).0.run
    }

    fn is_sound(&self) -> bool {
        let finite = |row: &EpochRow| {
            [row.train_loss, row.valid_loss, row.accuracy, row.top5, row.seconds]
                .iter()
                .all(|n| n.is_finite())
        };
        self.rows.len() <= MOST_ROWS
            && self.rows.iter().all(finite)
            && [Some(&self.name), self.tuned.as_ref()]
                .into_iter()
                .flatten()
                .all(|name| *name == tidy(name))
            && read_link(&self.link).1.is_empty()
    }
}

/// All runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runs {
    /// Oldest first.
    pub records: Vec<Record>,
    /// The one that is under way or was last.
    current: Option<u32>,
    /// What the next record goes on from.
    tuned: Option<String>,
}

impl Runs {
    /// Reads a stored list. What is no run of ours is left out; what is no list at all is an empty
    /// one.
    pub fn read(text: &str) -> Self {
        let records: Vec<serde_json::Value> = if text.len() <= MOST_BYTES {
            serde_json::from_str(text).unwrap_or_default()
        } else {
            Vec::new()
        };
        let mut runs = Self::default();
        for record in records
            .into_iter()
            .filter_map(|value| serde_json::from_value::<Record>(value).ok())
            .filter(Record::is_sound)
        {
            if runs.records.iter().all(|other| other.id != record.id) && record.id < u32::MAX {
                runs.records.push(record);
            }
        }
        runs.bound();
        runs
    }

    /// The list as it is stored and exported.
    pub fn write(&self) -> String {
        // Numbers and texts always become JSON.
        serde_json::to_string(&self.records).unwrap_or_default()
    }

    /// A new run begins; `tuned` is the network that it goes on from, where it is a fine-tuning.
    pub fn begin(&mut self, tuned: Option<String>) {
        self.current = None;
        self.tuned = tuned.map(|name| tidy(&name));
    }

    /// The run under way has these rows now.
    pub fn record(&mut self, config: &RunConfig, rows: &[EpochRow]) {
        let rows = &rows[..rows.len().min(MOST_ROWS)];
        let current =
            self.current.and_then(|id| self.records.iter_mut().find(|record| record.id == id));
        match current {
            Some(record) => {
                record.rows = rows.to_vec();
                // One epoch more changes the settings.
                record.link = Head::link_of(config);
            }
            None => {
                let id = self.next_id();
                let tuned = self.tuned.clone();
                let name = tuned
                    .as_ref()
                    .map_or_else(|| format!("Run {id}"), |_| format!("Run {id}, fine-tuned"));
                self.records.push(Record {
                    id,
                    name,
                    link: Head::link_of(config),
                    rows: rows.to_vec(),
                    tuned,
                });
                self.current = Some(id);
                self.bound();
            }
        }
    }

    /// A saved run is shown: it is the one of the list with the same settings and beginning, or
    /// else a new one.
    pub fn restored(&mut self, config: &RunConfig, rows: &[EpochRow]) {
        self.tuned = None;
        let link = Head::link_of(config);
        let same = |record: &&Record| {
            record.link == link
                && record.rows.len() >= rows.len()
                && record.rows[..rows.len()] == *rows
        };
        self.current = self.records.iter().rev().find(same).map(|record| record.id);
        if !rows.is_empty() {
            self.record(config, rows);
        }
    }

    /// Another tab has written the list: it counts, but for the run of this page, which only this
    /// page knows in full. A run of another tab that has taken its number keeps it.
    pub fn adopt(&mut self, stored: Self) {
        let own = self
            .current
            .take()
            .and_then(|id| self.records.iter().find(|record| record.id == id))
            .cloned();
        self.records = stored.records;
        let Some(own) = own else { return };
        let begins = |short: &[EpochRow], long: &[EpochRow]| long.starts_with(short);
        let same = |record: &&mut Record| {
            record.link == own.link
                && record.tuned == own.tuned
                && (begins(&record.rows, &own.rows) || begins(&own.rows, &record.rows))
        };
        if let Some(record) = self.records.iter_mut().find(same) {
            if record.rows.len() < own.rows.len() {
                record.rows = own.rows;
            }
            self.current = Some(record.id);
        } else if self.records.iter().any(|record| record.id == own.id) {
            let id = self.next_id();
            self.records.push(Record { id, ..own });
            self.current = Some(id);
            self.bound();
        }
        // Else it was deleted there; its next epoch brings it back.
    }

    fn next_id(&self) -> u32 {
        self.records.iter().map(|record| record.id).max().unwrap_or(0) + 1
    }

    /// Gives a run another name; an empty one is refused.
    pub fn rename(&mut self, id: u32, name: &str) {
        let name = tidy(name);
        if let Some(record) =
            self.records.iter_mut().find(|record| record.id == id).filter(|_| !name.is_empty())
        {
            record.name = name;
        }
    }

    /// Forgets a run.
    pub fn delete(&mut self, id: u32) {
        self.records.retain(|record| record.id != id);
    }

    fn bound(&mut self) {
        let over = self.records.len().saturating_sub(MOST);
        self.records.drain(..over);
    }
}

/// The settings in which these runs differ.
pub fn differences(records: &[&Record]) -> Vec<Difference> {
    let configs: Vec<RunConfig> = records.iter().map(|record| record.config()).collect();
    let of = |key: &'static str| Difference {
        key,
        values: configs.iter().map(|config| config.get(key).unwrap_or_default()).collect(),
    };
    RUN_KEYS
        .iter()
        .map(|key| of(key))
        .filter(|difference| difference.values.windows(2).any(|pair| pair[0] != pair[1]))
        .collect()
}

/// The experiments that the book keeps making: what the button says, key and value of the one
/// setting that changes.
const EXPERIMENTS: [(&str, &str, &str); 5] = [
    ("without skip connections", "block", "plain"),
    ("without bottlenecks", "block", "basic"),
    ("with bottlenecks", "block", "bottleneck"),
    ("with Mixup", "mixup", "0.4"),
    ("without Mixup", "mixup", "0"),
];

/// The same run with one setting changed, in every way that changes something.
pub fn experiments(config: &RunConfig) -> Vec<(&'static str, RunConfig)> {
    let changed = EXPERIMENTS.iter().filter_map(|&(name, key, value)| {
        let mut other = config.clone();
        other.set(key, value).ok()?;
        (other != *config).then_some((name, other))
    });
    changed.collect()
}

/// A name without control characters and blanks around it, at most [`LONGEST`] characters long.
fn tidy(name: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    name.trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(epoch: u32) -> EpochRow {
        EpochRow { epoch, valid_loss: 1.0, ..EpochRow::default() }
    }

    fn config(settings: &str) -> RunConfig {
        read_link(settings).0.run
    }

    #[test]
    fn a_run_is_one_record_however_many_epochs_it_has() {
        let mut runs = Runs::default();
        runs.record(&config(""), &[row(0)]);
        runs.record(&config(""), &[row(0), row(1)]);
        runs.begin(None);
        runs.record(&config("mixup=0.4"), &[row(0)]);
        assert_eq!(runs.records.iter().map(|record| record.rows.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(runs.records[1].name, "Run 2");
        // Taken up again after a reload it is the same record; another one's rows make a new one.
        let mut again = Runs::read(&runs.write());
        again.restored(&config(""), &[row(0), row(1)]);
        again.record(&config(""), &[row(0), row(1), row(2)]);
        assert_eq!(
            again.records.iter().map(|record| record.rows.len()).collect::<Vec<_>>(),
            [3, 1]
        );
        again.restored(&config("lr=0.1"), &[row(0)]);
        assert_eq!(again.records.len(), 3);
    }

    /// A list of an earlier version, without the word for it, is read as well.
    #[test]
    fn a_fine_tuning_says_what_it_went_on_from() {
        let mut runs = Runs::default();
        runs.begin(Some("ResNet-18\n".into()));
        runs.record(&config(""), &[row(0)]);
        runs.record(&config(""), &[row(0), row(1)]);
        runs.begin(None);
        runs.record(&config(""), &[row(0)]);
        let again = Runs::read(&runs.write());
        let told: Vec<_> = again
            .records
            .iter()
            .map(|record| (record.name.as_str(), record.tuned.as_deref()))
            .collect();
        assert_eq!(told, [("Run 1, fine-tuned", Some("ResNet-18")), ("Run 2", None)]);
        let older = runs.write().replace(",\"tuned\":null", "");
        assert_eq!(Runs::read(&older), again);
    }

    #[test]
    fn two_tabs_keep_each_others_runs() {
        let mut stored = Runs::default();
        stored.record(&config(""), &[row(0)]);
        let read = |runs: &Runs| Runs::read(&runs.write());
        let (mut first, mut second) = (read(&stored), read(&stored));
        first.record(&config("lr=0.1"), &[row(0)]);
        second.adopt(read(&first));
        second.record(&config("lr=0.2"), &[row(0)]);
        first.adopt(read(&second));
        first.record(&config("lr=0.1"), &[row(0), row(1)]);
        second.adopt(read(&first));
        let lengths = |runs: &Runs| {
            runs.records.iter().map(|record| (record.id, record.rows.len())).collect::<Vec<_>>()
        };
        assert_eq!(lengths(&first), [(1, 1), (2, 2), (3, 1)]);
        assert_eq!(first.records, second.records);
        // Both begin at the same time and take the same number.
        let (mut first, mut second) = (read(&stored), read(&stored));
        first.record(&config("lr=0.1"), &[row(0)]);
        second.record(&config("lr=0.2"), &[row(0)]);
        first.adopt(read(&second));
        assert_eq!(lengths(&first), [(1, 1), (2, 1), (3, 1)]);
        second.adopt(read(&first));
        assert_eq!(first.records, second.records);
        // A run that another tab deletes is gone, until it has another epoch.
        second.delete(3);
        first.adopt(read(&second));
        assert_eq!(first.records.len(), 2);
        first.record(&config("lr=0.1"), &[row(0), row(1)]);
        assert_eq!(first.records.len(), 3);
    }

    #[test]
    fn names_and_numbers_are_bounded() {
        let mut runs = Runs::default();
        for _ in 0..MOST + 5 {
            runs.begin(None);
            runs.record(&config(""), &[row(0)]);
        }
        assert_eq!((runs.records.len(), runs.records[0].id), (MOST, 6));
        runs.rename(6, "  deep\u{7} and narrow ");
        runs.rename(7, "   ");
        assert_eq!(
            (runs.records[0].name.as_str(), runs.records[1].name.as_str()),
            ("deep and narrow", "Run 7")
        );
        runs.delete(6);
        assert_eq!(runs.records[0].id, 7);
    }

    #[test]
    fn a_hostile_list_loses_only_what_is_hostile() {
        let mut runs = Runs::default();
        runs.record(&config(""), &[row(0)]);
        let good = runs.write();
        let inside = good.trim_start_matches('[').trim_end_matches(']');
        let bad = [
            inside.replace("Run 1", "\\u0007"),
            inside.replace("epochs=5", "epochs=many").replace("\"id\":1", "\"id\":9"),
            "{}".into(),
            "7".into(),
            inside.replace("\"id\":1", "\"id\":4294967295"),
        ];
        for bad in &bad {
            assert_ne!(bad, inside);
        }
        assert_eq!(Runs::read(&format!("[{},{inside}]", bad.join(","))).records, runs.records);
        for text in ["", "null", "{\"a\":1}", "[[[[", &"[".repeat(100_000)] {
            assert_eq!(Runs::read(text), Runs::default());
        }
    }

    #[test]
    fn differences_and_experiments_name_what_changes() {
        let record = |link: &str| Record {
            id: 1,
            name: String::new(),
            link: link.into(),
            rows: Vec::new(),
            tuned: None,
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
