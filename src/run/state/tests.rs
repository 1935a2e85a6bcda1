use resnette_picture::report::LoadProgress;
use resnette_protocol::Event;
use resnette_protocol::run::StepReport;

use super::*;

pub fn steps(epoch: u32, batch: u32, rate: f32) -> Event {
    let step = epoch * 10 + batch;
    let steps = vec![Step { step, loss: 2.0, smooth: 2.0, lr: 0.001, mom: 0.9 }];
    Event::Steps(StepReport { epoch, batch, steps, rate, gradients: vec![] })
}

pub fn row(epoch: u32, seconds: f32) -> Event {
    Event::Epoch(EpochRow { epoch, seconds, ..EpochRow::default() })
}

pub fn started() -> Run {
    let mut run = Run::default();
    run.ask_train(RunConfig::default(), None);
    run.on_event(Event::Loading(LoadProgress::default()));
    run.on_event(Event::Started(RunShape {
        epochs: 5,
        batches: 10,
        valid_batches: 3,
        bs: 64,
        ..RunShape::default()
    }));
    run
}

#[test]
fn a_run_that_is_stopped_while_loading_has_no_place_yet() {
    let mut run = started();
    run.on_event(steps(4, 9, 1.0));
    run.on_event(Event::Done);
    run.ask_train(RunConfig::default(), None);
    run.on_event(Event::Stopped);
    assert_eq!(run.status(), "Stopped");
}

/// The worker may still be at the run before when another one is asked for.
#[test]
fn what_comes_late_is_not_of_the_run_that_is_being_loaded() {
    let mut run = started();
    run.on_event(steps(0, 9, 1.0));
    run.on_event(row(0, 1.0));
    run.ask_train(RunConfig::default(), None);
    for late in [steps(1, 0, 1.0), row(1, 1.0), Event::Paused] {
        run.on_event(late);
        assert_eq!(run.phase, Phase::Loading { then: Then::Train });
    }
    assert_eq!((run.rows.len(), run.at), (1, Some((0, 9))));
    run.on_event(Event::Started(RunShape::default()));
    assert!(run.rows.is_empty() && run.at.is_none());
}

#[test]
fn a_request_that_is_called_off_stops_the_run_unless_another_took_its_place() {
    let mut run = Run::default();
    run.ask_train(RunConfig::default(), None);
    run.ask_train(RunConfig::default(), None);
    run.request_ended(true);
    assert_eq!(run.phase, Phase::Loading { then: Then::Train });
    run.request_ended(true);
    assert_eq!(run.phase, Phase::Stopped { before_start: true });
    // The end of a request of a run that is under way says nothing about it.
    let mut run = started();
    run.request_ended(false);
    assert_eq!(run.phase, Phase::Compiling);
}

#[test]
fn late_losses_do_not_revive_a_run() {
    let mut run = started();
    for (event, status) in [
        (Event::Paused, "Paused at epoch 0 of 5, batch 3 of 10"),
        (Event::Stopped, "Stopped at epoch 0 of 5, batch 3 of 10"),
        (Event::Done, "Done"),
    ] {
        run.on_event(event);
        run.on_event(steps(0, 2, 1.0));
        assert_eq!(run.status(), status);
    }
    run.on_event(Event::Resumed);
    run.on_event(steps(0, 3, 1.0));
    assert_eq!(run.status(), "Training epoch 0 of 5, batch 4 of 10");
}

#[test]
fn a_paused_run_says_what_its_last_single_step_did() {
    let mut run = started();
    run.on_event(steps(0, 2, 1.0));
    run.on_event(Event::Paused);
    for (event, status) in [
        (steps(0, 3, 1.0), "Paused after step 3, loss 2.000"),
        (
            Event::Validating { epoch: 0, batch: 0, batches: 3 },
            "Paused after validation batch 1 of 3",
        ),
        (row(0, 1.0), "Paused after epoch 0"),
    ] {
        run.control(PendingControl::Step);
        run.on_event(event);
        run.control_ended();
        assert_eq!((run.status().as_str(), run.pending), (status, None));
        assert_eq!(run.phase, Phase::Paused);
    }
    assert_eq!((run.curve.points.len(), run.rows.len(), run.at), (2, 1, Some((0, 3))));
    run.on_event(Event::Resumed);
    run.on_event(steps(1, 0, 1.0));
    run.on_event(Event::Paused);
    assert_eq!(run.status(), "Paused at epoch 1 of 5, batch 1 of 10");
}

#[test]
fn one_more_epoch_goes_on_with_the_table() {
    let mut run = started();
    run.on_event(steps(4, 9, 1.0));
    run.on_event(row(4, 1.0));
    run.on_event(Event::Done);
    run.on_event(Event::Started(RunShape { epochs: 6, batches: 10, ..RunShape::default() }));
    run.on_event(steps(5, 0, 1.0));
    assert_eq!(
        (run.rows.len(), run.status()),
        (1, "Training epoch 5 of 6, batch 1 of 10".to_string())
    );
}

#[test]
fn an_old_table_stays_until_the_new_run_starts() {
    let mut run = started();
    run.on_event(steps(0, 9, 1.0));
    run.on_event(row(0, 1.0));
    run.on_event(Event::Done);
    run.ask_train(RunConfig::default(), None);
    assert_eq!(run.rows.len(), 1);
    run.on_event(Event::Started(RunShape::default()));
    assert!(run.rows.is_empty() && run.steps.is_empty() && run.at.is_none());
}

#[test]
fn only_the_first_steps_are_kept_one_by_one() {
    let mut run = started();
    for step in 0..300 {
        run.on_event(steps(0, step, 1.0));
    }
    assert_eq!(run.steps.len(), STEPS_KEPT);
    assert_eq!(run.steps[0].step, 0);
    assert_eq!(run.curve.points.len(), 300);
}

#[test]
fn a_run_that_is_opened_after_a_failed_one_is_paused() {
    let mut run = Run::default();
    run.ask_continue();
    run.fail(Subsystem::Data, "no connection".into());
    run.restore(RunConfig::default(), Restored::default());
    assert_eq!(run.phase, Phase::Paused, "nothing is being loaded for it");
}

#[test]
fn a_download_that_fails_says_so_and_another_start_forgets_it() {
    let mut run = started();
    run.on_event(Event::Done);
    run.ask_train(RunConfig::default(), None);
    run.fail(Subsystem::Data, "no connection".into());
    assert!(matches!(run.phase, Phase::Failed { during: Subsystem::Data, .. }));
    assert_eq!(run.status(), "Failed: no connection");
    run.ask_train(RunConfig::default(), None);
    run.fail(Subsystem::Engine, "no memory".into());
    assert!(!matches!(run.phase, Phase::Failed { during: Subsystem::Data, .. }));
}

#[test]
fn a_saved_run_shows_its_table_and_waits_or_goes_on() {
    let curve = || {
        let mut curve = LossCurve::default();
        (0..3).for_each(|step| curve.push(Step { step, loss: 2.0, ..Step::default() }));
        curve
    };
    let restored = |done| Restored {
        link: String::new(),
        shape: RunShape { epochs: 5, batches: 10, ..RunShape::default() },
        rows: vec![EpochRow::default()],
        curve: curve(),
        at: Some((0, 9)),
        done,
        note: None,
    };
    let mut opened = Run::default();
    opened.restore(RunConfig::default(), restored(false));
    assert_eq!(opened.status(), "Paused at epoch 0 of 5, batch 10 of 10");
    assert!(opened.restored);
    let mut finished = Run::default();
    finished.restore(RunConfig::default(), restored(true));
    assert_eq!(finished.status(), "Done");
    let mut run = Run::default();
    run.ask_continue();
    run.restore(RunConfig::default(), restored(false));
    assert_eq!(run.status(), "Loading pictures …");
    run.on_event(Event::Started(RunShape { epochs: 5, batches: 10, ..RunShape::default() }));
    run.on_event(steps(1, 0, 1.0));
    assert_eq!(run.status(), "Training epoch 1 of 5, batch 1 of 10");
    assert_eq!((run.rows.len(), run.steps.len(), run.restored), (1, 4, false));
}
