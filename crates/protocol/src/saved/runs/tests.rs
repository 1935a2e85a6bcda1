#![allow(clippy::unwrap_used)]
use resnette_spec::read_run;

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
    assert_eq!(again.records.iter().map(|record| record.rows.len()).collect::<Vec<_>>(), [3, 1]);
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

/// What the page does under the lock.
fn store(tab: &mut RunList, stored: &mut String) {
    let merged = tab.onto(RunList::read(stored));
    *stored = merged.write();
    let changes = tab.changes();
    tab.written(&merged, changes);
}

fn lengths(runs: &RunList) -> Vec<(u32, usize)> {
    runs.records.iter().map(|record| (record.id, record.rows.len())).collect()
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
    assert_eq!(lengths(&first), [(1, 1), (2, 2), (3, 1)]);
    assert_eq!(first.records, second.records);
    // Both begin at the same time and take the same number.
    let (mut first, mut second) = (read(&stored), read(&stored));
    let mut text = stored.write();
    first.record(&config("lr=0.1"), &[row(0)]);
    second.record(&config("lr=0.2"), &[row(0)]);
    store(&mut second, &mut text);
    store(&mut first, &mut text);
    assert_eq!(lengths(&first), [(1, 1), (2, 1), (3, 1)]);
    second.merge(read(&first));
    assert_eq!(first.records, second.records);
    // A run that another tab deletes is gone, until it has another epoch.
    second.delete(3);
    store(&mut second, &mut text);
    first.merge(read(&second));
    assert_eq!(first.records.len(), 2);
    first.record(&config("lr=0.1"), &[row(0), row(1)]);
    assert_eq!(first.records.len(), 3);
}

/// Three tabs train, rename and delete in any order, and hear of each other late or never: the
/// stored list has every run that nobody deleted, with all of its epochs, once.
#[test]
fn three_tabs_lose_no_rows_whatever_the_order() {
    for seed in 0..300_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut random = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        let mut stored = RunList::default().write();
        let mut tabs = ["a", "b", "c"].map(RunList::of_tab);
        // By tab: the settings and epochs of the run under way. All may have the same settings.
        let mut under_way: [Option<(RunConfig, Vec<EpochRow>)>; 3] = Default::default();
        let mut ended: Vec<usize> = Vec::new();
        let mut deleted = 0;
        for _ in 0..40 {
            let at = random(3) as usize;
            match random(8) {
                0 if ended.len() < 12 => {
                    let rows = under_way[at].take().map(|(_, rows)| rows.len());
                    ended.extend(rows.filter(|rows| *rows > 0));
                    tabs[at].begin(None);
                    let lr = ["lr=0.1", "lr=0.2"][random(2) as usize];
                    under_way[at] = Some((config(lr), Vec::new()));
                }
                1 => {
                    // The storage event comes, sometime.
                    let read = RunList::read(&stored);
                    tabs[at].merge(read);
                }
                2 => {
                    store(&mut tabs[at], &mut stored);
                    let own: Vec<u32> = tabs[at].records.iter().map(|run| run.id).collect();
                    if let Some(id) = own.first() {
                        tabs[at].rename(*id, "renamed");
                    }
                }
                3 if random(4) == 0 => {
                    // Deleted and brought back.
                    if let Some(id) = tabs[at].records.last().map(|run| run.id) {
                        tabs[at].delete(id);
                        tabs[at].undelete();
                    }
                }
                4 => store(&mut tabs[at], &mut stored),
                _ => {
                    if let Some((config, rows)) = &mut under_way[at] {
                        rows.push(row(rows.len() as u32));
                        tabs[at].record(config, rows);
                    }
                }
            }
        }
        for tab in &mut tabs {
            store(tab, &mut stored);
        }
        let rows = under_way.iter().flatten().map(|(_, rows)| rows.len());
        let mut wanted: Vec<usize> =
            ended.iter().copied().chain(rows.filter(|rows| *rows > 0)).collect();
        let list = RunList::read(&stored);
        if let Some(run) = list.records.first() {
            // One is deleted for good by a tab that may show another state of the list.
            let (id, length) = (run.id, run.rows.len());
            tabs[0].merge(RunList::read(&stored));
            tabs[0].delete(id);
            store(&mut tabs[0], &mut stored);
            wanted.remove(wanted.iter().position(|rows| *rows == length).unwrap());
            deleted += 1;
        }
        let list = RunList::read(&stored);
        let mut found: Vec<usize> = list.records.iter().map(|run| run.rows.len()).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "seed {seed}, {deleted} deleted: {:?}", lengths(&list));
        let ids = list.records.iter().map(|run| run.id);
        assert_eq!(ids.collect::<std::collections::BTreeSet<_>>().len(), found.len());
    }
}

#[test]
fn a_deleted_run_comes_back_where_it_was() {
    let mut stored = String::new();
    let mut runs = RunList::of_tab("a");
    for epochs in 1..4 {
        runs.begin(None);
        let rows: Vec<_> = (0..epochs).map(row).collect();
        runs.record(&config(""), &rows);
    }
    store(&mut runs, &mut stored);
    let before = runs.records.clone();
    runs.delete(2);
    assert!(runs.is_changed());
    store(&mut runs, &mut stored);
    assert_eq!(lengths(&RunList::read(&stored)), [(1, 1), (3, 3)]);
    runs.undelete();
    store(&mut runs, &mut stored);
    assert_eq!(runs.records, before);
    assert_eq!(RunList::read(&stored).records, before);
    assert!(!runs.is_changed() && runs.deleted.is_none());
}

/// A list that an earlier version has stored, without keys: its runs go on as they are.
#[test]
fn a_run_of_an_earlier_version_goes_on_as_the_same() {
    let mut earlier = RunList::default();
    earlier.record(&config("epochs=1"), &[row(0)]);
    let mut stored = earlier.write();
    assert!(!stored.contains("key"), "{stored}");
    let mut runs = RunList::of_tab("a");
    runs.merge(RunList::read(&stored));
    runs.restore(&config("epochs=1"), &[row(0)]);
    store(&mut runs, &mut stored);
    // One more epoch changes the settings.
    runs.record(&config("epochs=2"), &[row(0), row(1)]);
    store(&mut runs, &mut stored);
    assert_eq!(lengths(&RunList::read(&stored)), [(1, 2)]);
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

/// A run that an earlier version put into the list is found again, though its settings are spelt in
/// another way now.
#[test]
fn records_of_earlier_versions_are_found_by_their_settings() {
    let earlier = run_link(&config("")).replace("augment=crop-flip-v2", "augment=crop-flip");
    let text = format!(r#"[{{"id":3,"name":"mine","link":"{earlier}","rows":[]}}]"#);
    let mut runs = RunList::read(&text);
    assert_eq!(runs.records.len(), 1);
    let first_version = config("augment=crop-flip-v1");
    assert_eq!(runs.records[0].config(), first_version);
    assert_eq!(runs.name_of(&first_version), Some("mine"));
    assert_eq!(runs.name_of(&config("")), None);
    runs.restore(&first_version, &[EpochRow::default()]);
    assert_eq!(runs.records.len(), 2, "it has no such epoch");
}
