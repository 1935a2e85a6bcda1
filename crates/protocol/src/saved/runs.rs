//! The list of all runs: the settings and the epochs of each, small enough for the browser's local
//! storage.

use resnette_spec::epoch::EpochRow;
use resnette_spec::{RunConfig, read_run, run_link};
use serde::{Deserialize, Serialize};

/// Maximum number of runs that are kept; the oldest ones are dropped first.
pub const MAX_RUNS: usize = 40;
/// Maximum number of epochs that are kept of a run.
const MAX_ROWS: usize = 1_000;
/// Maximum number of characters in a name.
const MAX_NAME_CHARS: usize = 60;
/// Maximum length in bytes of a list that is read.
const MAX_LIST_BYTES: usize = 8_000_000;

/// A run in the list: its settings and its results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Number of the run, counted from 1.
    pub id: u32,
    /// The name that the user gave it.
    pub name: String,
    /// Its settings, as [`run_link`] writes them.
    pub link: String,
    /// Its complete epochs.
    pub rows: Vec<EpochRow>,
    /// The network that was fine-tuned, or `None` if the run trained from scratch. The link alone
    /// does not repeat a fine-tuning.
    #[serde(default, rename = "tuned")]
    pub fine_tuned_from: Option<String>,
}

impl RunRecord {
    /// The settings in the record's link; a setting that is refused has its default.
    pub fn config(&self) -> RunConfig {
        read_run(&self.link).0
    }

    fn is_valid(&self) -> bool {
        let finite = |row: &EpochRow| {
            [row.train_loss, row.valid_loss, row.accuracy, row.top5, row.seconds]
                .iter()
                .all(|n| n.is_finite())
        };
        self.rows.len() <= MAX_ROWS
            && self.rows.iter().all(finite)
            && [Some(&self.name), self.fine_tuned_from.as_ref()]
                .into_iter()
                .flatten()
                .all(|name| *name == clean_name(name))
            && read_run(&self.link).1.is_empty()
    }
}

/// The list of all runs, and which of them is the current one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunList {
    /// The runs, oldest first.
    pub records: Vec<RunRecord>,
    /// Number of the run that is under way or was the last one.
    current: Option<u32>,
    /// The network that the next new record is a fine-tuning of.
    fine_tuned_from: Option<String>,
}

impl RunList {
    /// Reads a stored list. Entries that are not valid runs are left out; text that is not a list
    /// at all gives an empty list.
    pub fn read(text: &str) -> Self {
        let records: Vec<serde_json::Value> = if text.len() <= MAX_LIST_BYTES {
            serde_json::from_str(text).unwrap_or_default()
        } else {
            Vec::new()
        };
        let mut runs = Self::default();
        for record in records
            .into_iter()
            .filter_map(|value| serde_json::from_value::<RunRecord>(value).ok())
            .filter(RunRecord::is_valid)
        {
            if runs.records.iter().all(|other| other.id != record.id) && record.id < u32::MAX {
                runs.records.push(record);
            }
        }
        runs.drop_oldest();
        runs
    }

    /// The list as JSON, as it is stored and exported.
    pub fn write(&self) -> String {
        // Numbers and strings can always be written as JSON.
        serde_json::to_string(&self.records).unwrap_or_default()
    }

    /// Notes that a new run begins, so that the next [`RunList::record`] adds a record.
    /// `fine_tuned_from` names the network if the run is a fine-tuning.
    pub fn begin(&mut self, fine_tuned_from: Option<String>) {
        self.current = None;
        self.fine_tuned_from = fine_tuned_from.map(|name| clean_name(&name));
    }

    /// Records the settings and the complete epochs of the current run.
    pub fn record(&mut self, config: &RunConfig, rows: &[EpochRow]) {
        let rows = &rows[..rows.len().min(MAX_ROWS)];
        let current =
            self.current.and_then(|id| self.records.iter_mut().find(|record| record.id == id));
        match current {
            Some(record) => {
                record.rows = rows.to_vec();
                // Adding one more epoch to a finished run changes its settings.
                record.link = run_link(config);
            }
            None => {
                let id = self.next_id();
                let fine_tuned_from = self.fine_tuned_from.clone();
                let name = fine_tuned_from
                    .as_ref()
                    .map_or_else(|| format!("Run {id}"), |_| format!("Run {id}, fine-tuned"));
                self.records.push(RunRecord {
                    id,
                    name,
                    link: run_link(config),
                    rows: rows.to_vec(),
                    fine_tuned_from,
                });
                self.current = Some(id);
                self.drop_oldest();
            }
        }
    }

    /// Makes a saved run the current one. It is the latest record with the same settings whose
    /// first epochs are the same, or else a new record.
    pub fn restore(&mut self, config: &RunConfig, rows: &[EpochRow]) {
        self.fine_tuned_from = None;
        let link = run_link(config);
        let same = |record: &&RunRecord| record.link == link && record.rows.starts_with(rows);
        self.current = self.records.iter().rev().find(same).map(|record| record.id);
        if !rows.is_empty() {
            self.record(config, rows);
        }
    }

    /// Takes over the list that another tab has stored, and adds to it the current run of this
    /// tab, which only this tab knows in full. If the other tab has given the current run's number
    /// to a run of its own, the current run gets a new number.
    pub fn merge(&mut self, stored: Self) {
        let own = self
            .current
            .take()
            .and_then(|id| self.records.iter().find(|record| record.id == id))
            .cloned();
        self.records = stored.records;
        let Some(own) = own else { return };
        let same = |record: &&mut RunRecord| {
            record.link == own.link
                && record.fine_tuned_from == own.fine_tuned_from
                && (own.rows.starts_with(&record.rows) || record.rows.starts_with(&own.rows))
        };
        if let Some(record) = self.records.iter_mut().find(same) {
            if record.rows.len() < own.rows.len() {
                record.rows = own.rows;
            }
            self.current = Some(record.id);
        } else if self.records.iter().any(|record| record.id == own.id) {
            let id = self.next_id();
            self.records.push(RunRecord { id, ..own });
            self.current = Some(id);
            self.drop_oldest();
        }
        // Otherwise the other tab has deleted the current run. Its next epoch brings it back.
    }

    fn next_id(&self) -> u32 {
        self.records.iter().map(|record| record.id).max().unwrap_or(0) + 1
    }

    /// Renames a run; an empty name is ignored.
    pub fn rename(&mut self, id: u32, name: &str) {
        let name = clean_name(name);
        if let Some(record) =
            self.records.iter_mut().find(|record| record.id == id).filter(|_| !name.is_empty())
        {
            record.name = name;
        }
    }

    /// Deletes a run from the list.
    pub fn delete(&mut self, id: u32) {
        self.records.retain(|record| record.id != id);
    }

    fn drop_oldest(&mut self) {
        let over = self.records.len().saturating_sub(MAX_RUNS);
        self.records.drain(..over);
    }
}

/// A name without control characters and without spaces around it, cut to [`MAX_NAME_CHARS`].
fn clean_name(name: &str) -> String {
    let name: String =
        name.chars().filter(|letter| !letter.is_control()).take(MAX_NAME_CHARS).collect();
    name.trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(epoch: u32) -> EpochRow {
        EpochRow { epoch, valid_loss: 1.0, ..EpochRow::default() }
    }

    fn config(settings: &str) -> RunConfig {
        read_run(settings).0
    }

    #[test]
    fn a_run_is_one_record_however_many_epochs_it_has() {
        let mut runs = RunList::default();
        runs.record(&config(""), &[row(0)]);
        runs.record(&config(""), &[row(0), row(1)]);
        runs.begin(None);
        runs.record(&config("mixup=0.4"), &[row(0)]);
        assert_eq!(runs.records.iter().map(|record| record.rows.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(runs.records[1].name, "Run 2");
        // Taken up again after a reload it is the same record; another one's rows make a new one.
        let mut again = RunList::read(&runs.write());
        again.restore(&config(""), &[row(0), row(1)]);
        again.record(&config(""), &[row(0), row(1), row(2)]);
        assert_eq!(
            again.records.iter().map(|record| record.rows.len()).collect::<Vec<_>>(),
            [3, 1]
        );
        again.restore(&config("lr=0.1"), &[row(0)]);
        assert_eq!(again.records.len(), 3);
    }

    /// A list of an earlier version, without the word for it, is read as well.
    #[test]
    fn a_fine_tuning_says_what_it_went_on_from() {
        let mut runs = RunList::default();
        runs.begin(Some("ResNet-18\n".into()));
        runs.record(&config(""), &[row(0)]);
        runs.record(&config(""), &[row(0), row(1)]);
        runs.begin(None);
        runs.record(&config(""), &[row(0)]);
        let again = RunList::read(&runs.write());
        let told: Vec<_> = again
            .records
            .iter()
            .map(|record| (record.name.as_str(), record.fine_tuned_from.as_deref()))
            .collect();
        assert_eq!(told, [("Run 1, fine-tuned", Some("ResNet-18")), ("Run 2", None)]);
        let older = runs.write().replace(",\"tuned\":null", "");
        assert_eq!(RunList::read(&older), again);
    }

    #[test]
    fn two_tabs_keep_each_others_runs() {
        let mut stored = RunList::default();
        stored.record(&config(""), &[row(0)]);
        let read = |runs: &RunList| RunList::read(&runs.write());
        let (mut first, mut second) = (read(&stored), read(&stored));
        first.record(&config("lr=0.1"), &[row(0)]);
        second.merge(read(&first));
        second.record(&config("lr=0.2"), &[row(0)]);
        first.merge(read(&second));
        first.record(&config("lr=0.1"), &[row(0), row(1)]);
        second.merge(read(&first));
        let lengths = |runs: &RunList| {
            runs.records.iter().map(|record| (record.id, record.rows.len())).collect::<Vec<_>>()
        };
        assert_eq!(lengths(&first), [(1, 1), (2, 2), (3, 1)]);
        assert_eq!(first.records, second.records);
        // Both begin at the same time and take the same number.
        let (mut first, mut second) = (read(&stored), read(&stored));
        first.record(&config("lr=0.1"), &[row(0)]);
        second.record(&config("lr=0.2"), &[row(0)]);
        first.merge(read(&second));
        assert_eq!(lengths(&first), [(1, 1), (2, 1), (3, 1)]);
        second.merge(read(&first));
        assert_eq!(first.records, second.records);
        // A run that another tab deletes is gone, until it has another epoch.
        second.delete(3);
        first.merge(read(&second));
        assert_eq!(first.records.len(), 2);
        first.record(&config("lr=0.1"), &[row(0), row(1)]);
        assert_eq!(first.records.len(), 3);
    }

    #[test]
    fn names_and_numbers_are_bounded() {
        let mut runs = RunList::default();
        for _ in 0..MAX_RUNS + 5 {
            runs.begin(None);
            runs.record(&config(""), &[row(0)]);
        }
        assert_eq!((runs.records.len(), runs.records[0].id), (MAX_RUNS, 6));
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
        let mut runs = RunList::default();
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
        assert_eq!(RunList::read(&format!("[{},{inside}]", bad.join(","))).records, runs.records);
        for text in ["", "null", "{\"a\":1}", "[[[[", &"[".repeat(100_000)] {
            assert_eq!(RunList::read(text), RunList::default());
        }
    }
}
