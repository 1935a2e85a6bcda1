//! The list of all runs: the settings and the epochs of each, small enough for the browser's local
//! storage.

use resnette_spec::epoch::EpochRow;
use resnette_spec::{RunConfig, read_kept_run, run_link};
use serde::{Deserialize, Serialize};

/// Maximum number of runs that are kept; the oldest ones are dropped first.
pub const MAX_RUNS: usize = 40;
/// Maximum number of epochs that are kept of a run.
const MAX_ROWS: usize = 1_000;
/// Maximum number of characters in a name.
const MAX_NAME_CHARS: usize = 60;
/// What the keys of runs begin with that an earlier version of the page has stored without one.
const EARLIER_KEY: &str = "earlier-";
/// Maximum length in bytes of a list that is read.
const MAX_LIST_BYTES: usize = 8_000_000;

/// A run in the list: its settings and its results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Number of the run, counted from 1.
    pub id: u32,
    /// Tells it apart from all other runs, also those of other tabs. Empty in lists of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
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
    /// The settings in the record's link; a setting that is refused has its default. A fine-tuning
    /// that names no head is of a version that had the linear one alone.
    pub fn config(&self) -> RunConfig {
        let mut config = read_kept_run(&self.link).0;
        if self.fine_tuned_from.is_some() {
            config.net.head = config.net.head.of_kept_fine_tuning();
        }
        config
    }

    /// Whether it has the settings of this link, which [`run_link`] has written. Records of earlier
    /// versions may spell the same settings in another way.
    fn has_settings(&self, link: &str) -> bool {
        self.link == link || run_link(&self.config()) == link
    }

    fn is_same(&self, other: &Self) -> bool {
        self.key == other.key && (!self.key.is_empty() || self.id == other.id)
    }

    /// The same run with more epochs, if `other` is that.
    fn or_longer(self, other: &Self) -> Self {
        match self.is_same(other) && other.rows.len() > self.rows.len() {
            true => other.clone(),
            false => self,
        }
    }

    fn is_valid(&self) -> bool {
        let finite = |row: &EpochRow| {
            [row.train_loss, row.valid_loss, row.accuracy, row.top5, row.seconds]
                .iter()
                .all(|n| n.is_finite())
        };
        self.rows.len() <= MAX_ROWS
            && self.rows.iter().all(finite)
            && [Some(&self.name), Some(&self.key), self.fine_tuned_from.as_ref()]
                .into_iter()
                .flatten()
                .all(|name| *name == clean_name(name))
            && read_kept_run(&self.link).1.is_empty()
    }
}

/// A change of the list by this tab.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    /// Settings and epochs of a run of this tab. Its name counts only if it is new to the list.
    Put(RunRecord),
    /// Another name for a run.
    Rename(RunRecord),
    /// A run was deleted.
    Delete(RunRecord),
    /// A deleted run came back.
    Restore(RunRecord),
}

/// The list of all runs, and which of them is the current one.
///
/// Several tabs write the same list, each at any time. So a tab never writes the list that it
/// shows: it reads what is stored, makes its own changes to that ([`RunList::onto`]), and writes
/// the result, all under one lock. After that it shows what was written ([`RunList::written`]).
///
/// ```
/// use resnette_protocol::saved::runs::RunList;
/// use resnette_spec::RunConfig;
///
/// let mut stored = String::new();
/// let mut tabs = ["a", "b"].map(|name| RunList::of_tab(name));
/// for tab in &mut tabs {
///     tab.record(&RunConfig::default(), &[]);
/// }
/// for tab in &mut tabs {
///     let merged = tab.onto(RunList::read(&stored));
///     stored = merged.write();
///     tab.written(&merged, tab.changes());
/// }
/// assert_eq!(RunList::read(&stored).records.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunList {
    /// The runs, oldest first.
    pub records: Vec<RunRecord>,
    /// The run that this tab deleted last; it can come back.
    pub deleted: Option<RunRecord>,
    /// Number and key of the run that is under way or was the last one.
    current: Option<(u32, String)>,
    /// The network that the next new record is a fine-tuning of.
    fine_tuned_from: Option<String>,
    /// Tells this tab's runs from those of other tabs; empty if there is only one.
    tab: String,
    /// The number of changes so far.
    made: u64,
    /// The changes that are not stored yet, by their number.
    unsaved: Vec<(u64, Change)>,
}

impl RunList {
    /// An empty list for a tab of this name, which no other tab has.
    pub fn of_tab(name: &str) -> Self {
        Self { tab: name.into(), ..Self::default() }
    }

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
        let rows = rows[..rows.len().min(MAX_ROWS)].to_vec();
        // Adding one more epoch to a finished run changes its settings.
        let link = run_link(config);
        let known = self.current_record().cloned();
        let record = match known {
            Some(record) => {
                let key = match record.key.is_empty() && !self.tab.is_empty() {
                    true => format!("{EARLIER_KEY}{}", record.id),
                    false => record.key,
                };
                RunRecord { key, link, rows, ..record }
            }
            None => {
                let id = self.next_id();
                let fine_tuned_from = self.fine_tuned_from.clone();
                let key = match &self.current {
                    // Another tab has deleted the run; it is the same one all the same.
                    Some((_, key)) => key.clone(),
                    None if self.tab.is_empty() => String::new(),
                    None => format!("{}-{}", self.tab, self.made),
                };
                let name = default_name(id, fine_tuned_from.is_some());
                RunRecord { id, key, name, link, rows, fine_tuned_from }
            }
        };
        self.current = Some((record.id, record.key.clone()));
        self.change(Change::Put(record));
    }

    /// Makes a saved run the current one. It is the latest record with the same settings whose
    /// first epochs are the same, or else a new record.
    pub fn restore(&mut self, config: &RunConfig, rows: &[EpochRow]) {
        self.fine_tuned_from = None;
        let link = run_link(config);
        let same =
            |record: &&RunRecord| record.rows.starts_with(rows) && record.has_settings(&link);
        let found = self.records.iter().rev().find(same);
        self.current = found.map(|record| (record.id, record.key.clone()));
        if !rows.is_empty() {
            self.record(config, rows);
        }
    }

    /// Takes over the list that another tab has stored, with the changes of this tab that are not
    /// stored yet.
    pub fn merge(&mut self, stored: Self) {
        self.records = stored.records;
        for (_, change) in self.unsaved.clone() {
            self.apply(change);
        }
    }

    /// Whether there are changes to be stored.
    pub fn is_changed(&self) -> bool {
        !self.unsaved.is_empty()
    }

    /// The number of changes so far, for [`RunList::written`].
    pub fn changes(&self) -> u64 {
        self.made
    }

    /// What is to be stored: the stored list with the changes of this tab.
    pub fn onto(&self, stored: Self) -> Self {
        let mut list = self.clone();
        list.merge(stored);
        list
    }

    /// `merged` has been stored, with this tab's first `changes` changes.
    pub fn written(&mut self, merged: &Self, changes: u64) {
        self.unsaved.retain(|(number, _)| *number > changes);
        if let Some(gone) = &merged.deleted {
            self.deleted = self.deleted.take().map(|known| known.or_longer(gone));
            for (_, change) in &mut self.unsaved {
                if let Change::Restore(record) = change {
                    *record = record.clone().or_longer(gone);
                }
            }
        }
        self.merge(Self { records: merged.records.clone(), ..Self::default() });
        // Another tab may have taken the run's number, and then it has got another one.
        let current = self.current_record().map(|record| (record.id, record.key.clone()));
        self.current = current.or(self.current.take());
    }

    /// The name of the latest run with these settings.
    pub fn name_of(&self, config: &RunConfig) -> Option<&str> {
        let link = run_link(config);
        let found = self.records.iter().rev().find(|record| record.has_settings(&link));
        found.map(|record| record.name.as_str())
    }

    fn next_id(&self) -> u32 {
        self.records.iter().map(|record| record.id).max().unwrap_or(0) + 1
    }

    fn current_record(&self) -> Option<&RunRecord> {
        let (id, key) = self.current.as_ref()?;
        self.records.iter().find(|record| match key.is_empty() {
            true => record.id == *id,
            false => record.key == *key,
        })
    }

    /// Renames a run; an empty name is ignored.
    pub fn rename(&mut self, id: u32, name: &str) {
        let name = clean_name(name);
        if let Some(record) = self.find(id).filter(|_| !name.is_empty()) {
            self.change(Change::Rename(RunRecord { name, ..record }));
        }
    }

    /// Deletes a run from the list. It can come back until another one is deleted.
    pub fn delete(&mut self, id: u32) {
        if let Some(record) = self.find(id) {
            self.deleted = Some(record.clone());
            self.change(Change::Delete(record));
        }
    }

    /// Brings back the run that was deleted last.
    pub fn undelete(&mut self) {
        if let Some(record) = self.deleted.take() {
            // What is not stored yet need not happen.
            self.unsaved.retain(
                |(_, change)| !matches!(change, Change::Delete(gone) if gone.is_same(&record)),
            );
            self.change(Change::Restore(record));
        }
    }

    fn find(&self, id: u32) -> Option<RunRecord> {
        self.records.iter().find(|record| record.id == id).cloned()
    }

    /// Makes a change, and keeps it until it is stored.
    fn change(&mut self, change: Change) {
        self.made += 1;
        // Of a run's epochs only the latest state has to be stored.
        if let Change::Put(record) = &change {
            let same = |other: &Change| matches!(other, Change::Put(other) if other.key == record.key && other.id == record.id);
            self.unsaved.retain(|(_, other)| !same(other));
        }
        self.unsaved.push((self.made, change.clone()));
        self.apply(change);
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Put(own) => self.put(own),
            Change::Rename(renamed) => {
                if let Some(at) = self.position(&renamed) {
                    self.records[at].name = renamed.name;
                }
            }
            Change::Delete(deleted) => {
                if let Some(at) = self.position(&deleted) {
                    let gone = self.records.remove(at);
                    // The list may have had more of its epochs than this tab knew of.
                    self.deleted = self.deleted.take().map(|known| known.or_longer(&gone));
                }
            }
            Change::Restore(record) => {
                if self.position(&record).is_none() {
                    self.insert(record);
                }
            }
        }
    }

    fn put(&mut self, own: RunRecord) {
        match self.position(&own) {
            Some(at) => {
                let record = &mut self.records[at];
                (record.key, record.link, record.rows) = (own.key, own.link, own.rows);
            }
            None => self.insert(own),
        }
    }

    /// Where a run stands in the list. A number alone does not tell: two tabs may have given it to
    /// runs of their own at the same time.
    fn position(&self, run: &RunRecord) -> Option<usize> {
        let keyed = || self.records.iter().position(|record| record.key == run.key);
        if !run.key.is_empty() && !run.key.starts_with(EARLIER_KEY) {
            return keyed();
        }
        // An earlier version of the page has stored it.
        let same = |record: &RunRecord| {
            record.key.is_empty()
                && record.link == run.link
                && record.fine_tuned_from == run.fine_tuned_from
                && (record.rows.starts_with(&run.rows) || run.rows.starts_with(&record.rows))
        };
        let numbered =
            || self.records.iter().position(|record| record.id == run.id && same(record));
        match run.key.is_empty() {
            true => numbered(),
            false => keyed().or_else(numbered),
        }
    }

    /// Puts a run at its place by number, with another number if another run has it.
    fn insert(&mut self, mut run: RunRecord) {
        if self.records.iter().any(|record| record.id == run.id) {
            let tuned = run.fine_tuned_from.is_some();
            let named_by_number = run.name == default_name(run.id, tuned);
            run.id = self.next_id();
            if named_by_number {
                run.name = default_name(run.id, tuned);
            }
        }
        let at = self.records.iter().take_while(|record| record.id < run.id).count();
        self.records.insert(at, run);
        self.drop_oldest();
    }

    fn drop_oldest(&mut self) {
        let over = self.records.len().saturating_sub(MAX_RUNS);
        self.records.drain(..over);
    }
}

fn default_name(id: u32, fine_tuned: bool) -> String {
    format!("Run {id}{}", if fine_tuned { ", fine-tuned" } else { "" })
}

/// A name without control characters and without spaces around it, cut to [`MAX_NAME_CHARS`].
fn clean_name(name: &str) -> String {
    let name: String =
        name.chars().filter(|letter| !letter.is_control()).take(MAX_NAME_CHARS).collect();
    name.trim().to_string()
}

#[cfg(test)]
mod tests;
