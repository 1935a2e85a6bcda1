#![allow(clippy::unwrap_used)]
use super::*;

fn saved(epoch: u32, done: bool, slot: SlotId, removed: &[SlotId]) -> AutosaveOutcome {
    let kept = Kept { slot, saved: slot * 100 + u64::from(epoch), removed: removed.to_vec() };
    AutosaveOutcome::Saved { epoch, done, kept }
}

fn failed(removed: &[SlotId]) -> AutosaveOutcome {
    let reason = "the browser's storage is full".into();
    AutosaveOutcome::Failed(NotKept { reason, removed: removed.to_vec() })
}

fn run(slot: SlotId) -> SavedRun {
    SavedRun {
        slot,
        config: RunConfig::default(),
        epoch: 2,
        done: false,
        saved: slot,
        elsewhere: false,
        continued: false,
    }
}

fn slots_of(saving: &SavingState) -> Vec<SlotId> {
    saving.saved.iter().map(|run| run.slot).collect()
}

#[test]
fn a_lost_engine_is_started_again_twice_and_no_more() {
    let mut saving = SavingState::default();
    let config = || Some(RunConfig::default());
    assert!(!saving.recover(), "there is nothing to go on from");
    saving.autosaved(saved(3, false, 1, &[]), config());
    assert!(saving.holds_lock, "its worker has saved");
    assert!(saving.recover() && saving.recover() && !saving.recover());
    assert_eq!(saving.recoveries, 2);
    saving.autosaved(saved(4, false, 1, &[]), config());
    assert!(saving.recover(), "an epoch later it may");
    saving.autosaved(saved(5, true, 1, &[]), config());
    assert!(!saving.recover(), "the run has ended");
}

#[test]
fn a_search_that_sees_too_little_takes_nothing_away() {
    let mut saving = SavingState::default();
    saving.act(SavingAction::FoundSome(Vec::new()));
    assert!(saving.searched && saving.saved.is_empty(), "a link may start its run");
    saving.act(SavingAction::Found((1..=3).map(run).collect()));
    saving.act(SavingAction::FoundSome(vec![run(2), run(4)]));
    assert_eq!(slots_of(&saving), [4, 3, 2, 1]);
    saving.act(SavingAction::Found(vec![run(2)]));
    assert_eq!(slots_of(&saving), [2]);
}

#[test]
fn another_runs_save_is_not_gone_on_with_by_itself() {
    let mut saving = SavingState::default();
    saving.act(SavingAction::Found(vec![run(1)]));
    saving.begin();
    assert!(!saving.recover());
    saving.autosaved(failed(&[]), Some(RunConfig::default()));
    assert_eq!(saving.newest().map(|saved| saved.epoch), Some(2));
    assert!(saving.note.is_some_and(|note| note.contains("not kept")));
}

#[test]
fn a_new_run_is_kept_beside_the_others_and_what_goes_is_told() {
    let mut saving = SavingState::default();
    saving.act(SavingAction::Found((1..=5).map(run).collect()));
    assert_eq!(slots_of(&saving), [5, 4, 3, 2, 1]);
    assert_eq!(saving.next_to_go().map(|run| run.slot), Some(1));
    // The one that was continued last never goes.
    saving.ask_continue(Some(1));
    saving.restored(None, false);
    assert_eq!(saving.next_to_go().map(|run| run.slot), Some(2));
    saving.begin();
    saving.autosaved(saved(1, false, 6, &[2]), Some(RunConfig::default()));
    assert_eq!(slots_of(&saving), [6, 5, 4, 3, 1]);
    assert!(saving.gone.len() == 1 && saving.gone[0].contains("2 of"), "{:?}", saving.gone);
    saving.autosaved(saved(2, false, 6, &[]), Some(RunConfig::default()));
    assert_eq!(saving.gone.len(), 1, "the next epoch does not take the word away");
    saving.begin();
    assert!(saving.gone.is_empty());
    // A run with fewer than five beside it costs nobody anything.
    saving.act(SavingAction::Found((1..=4).map(run).collect()));
    assert_eq!(saving.next_to_go(), None);
}

#[test]
fn what_went_in_vain_is_told_too() {
    let mut saving = SavingState::default();
    saving.act(SavingAction::Found((1..=3).map(run).collect()));
    saving.autosaved(failed(&[1, 2]), Some(RunConfig::default()));
    assert_eq!((slots_of(&saving), saving.gone.len()), (vec![3], 2), "{:?}", saving.gone);
    saving.autosaved(failed(&[3]), None);
    assert_eq!((slots_of(&saving), saving.gone.len()), (vec![], 3), "{:?}", saving.gone);
}

#[test]
fn a_run_whose_worker_has_ended_may_be_another_tabs() {
    let elsewhere = || vec![SavedRun { elsewhere: true, ..run(1) }];
    let mut saving = SavingState::default();
    saving.act(SavingAction::Found(vec![run(1)]));
    saving.ask_continue(Some(1));
    saving.restored(None, false);
    assert!(saving.holds_lock, "the worker has read it");
    saving.act(SavingAction::Found(elsewhere()));
    assert!(saving.newest().is_some(), "the lock is this tab's");
    saving.engine_ended();
    saving.begin();
    saving.act(SavingAction::Found(elsewhere()));
    assert!(saving.newest().is_none() && !saving.holds_lock);
}

#[test]
fn the_run_before_is_saved_while_another_is_being_loaded() {
    let mut saving = SavingState::default();
    saving.autosaved(saved(1, false, 1, &[]), Some(RunConfig::default()));
    saving.begin();
    saving.autosaved(saved(2, false, 1, &[]), None);
    assert_eq!((saving.saved[0].epoch, saving.own), (2, None));
    assert!(!saving.recover(), "it is not the run that this page shows now");
    saving.autosaved(saved(1, false, 2, &[]), None);
    assert_eq!((saving.saved.len(), saving.searches), (1, 1), "the storage knows more of it");
}

#[test]
fn a_deleted_run_comes_back_and_a_search_does_not_bring_it() {
    let mut saving = SavingState::default();
    saving.act(SavingAction::Found((1..=3).map(run).collect()));
    saving.act(SavingAction::Deleted(2));
    saving.act(SavingAction::Found((1..=3).map(run).collect()));
    assert_eq!(slots_of(&saving), [3, 1]);
    saving.act(SavingAction::Restored(2));
    assert_eq!((slots_of(&saving), saving.deleted.is_none()), (vec![3, 2, 1], true));
    // One whose room was needed cannot come back.
    saving.act(SavingAction::Deleted(1));
    saving.autosaved(saved(1, false, 4, &[1]), Some(RunConfig::default()));
    assert_eq!(saving.deleted, None);
}

#[test]
fn a_run_of_another_tab_is_not_offered() {
    let mut saving = SavingState::default();
    saving.act(SavingAction::Found(vec![SavedRun { elsewhere: true, ..run(2) }, run(1)]));
    assert_eq!(saving.newest().unwrap().slot, 1);
    // Its own worker has its own run's lock, and that is no other tab.
    saving.autosaved(saved(1, false, 3, &[]), Some(RunConfig::default()));
    saving.begin();
    saving.act(SavingAction::Found(vec![SavedRun { elsewhere: true, ..run(3) }]));
    assert_eq!(saving.newest().unwrap().slot, 3);
    assert!(saving.searched);
}
