#![allow(clippy::unwrap_used)]
use resnette_picture::report::{ClassCorrections, Validation};
use resnette_protocol::persistence::Restored;
use resnette_protocol::watch::{Snapshot, Watched};
use resnette_protocol::{Event, Failure, Outcome, Subsystem};
use resnette_spec::{PRESETS, Source};

use super::*;
use crate::data::corrections::CorrectionAction;
use crate::engine::benchmark_state::BenchmarkState;
use crate::engine::pending::RequestKind;
use crate::predict::state::PredictAction;
use crate::run::state::tests::{row, steps};
use crate::run::state::{PendingControl, Phase, Then};
use crate::settings::draft::applies;

fn after(actions: impl IntoIterator<Item = Action>) -> Rc<State> {
    actions
        .into_iter()
        .fold(Rc::new(State::new(Link::default(), vec![])), |state, action| state.reduce(action))
}

#[test]
fn a_knob_keeps_what_is_typed_until_it_is_left() {
    let typing = after([Action::Settings(SettingsAction::Edit("lr", "0.".into()))]);
    assert_eq!(typing.drafts["lr"].text, "0.");
    assert!(typing.drafts["lr"].error.as_ref().unwrap().contains("lr=0."));
    assert_eq!(typing.link.run.recipe.lr, RunConfig::default().recipe.lr);
    let typed = typing.reduce(Action::Settings(SettingsAction::Edit("lr", "0.010".into())));
    assert_eq!(typed.link.run.recipe.lr, 0.01);
    assert_eq!(typed.drafts["lr"].text, "0.010");
    assert!(typed.reduce(Action::Settings(SettingsAction::Leave("lr"))).drafts.is_empty());
}

#[test]
fn a_refused_text_stays_in_sight() {
    let state = after([
        Action::Settings(SettingsAction::Edit("epochs", "many".into())),
        Action::Settings(SettingsAction::Leave("epochs")),
    ]);
    assert!(state.drafts["epochs"].error.as_ref().unwrap().contains("many"));
}

#[test]
fn presets_apply_and_are_recognised() {
    for preset in PRESETS {
        let state = after([Action::Settings(SettingsAction::ApplyPreset(preset.settings))]);
        assert_eq!(state.problems, [], "{}", preset.name);
        assert!(applies(&state.link.run, preset.settings), "{}", preset.name);
    }
    assert!(!applies(&RunConfig::default(), PRESETS[1].settings));
}

/// A preset with a smaller size than the run starts with says that those sizes are gone, and a size
/// that is typed leaves them alone.
#[test]
fn sizes_to_start_with_stay_below_the_full_one() {
    let edit = |key, text: &str| Action::Settings(SettingsAction::Edit(key, text.into()));
    let state = after([edit("size", "128"), edit("grow", "96"), edit("size", "64")]);
    let run = &state.link.run;
    assert_eq!((run.data.size, &run.recipe.grow[..]), (128, &[96][..]));
    let told = state.drafts["size"].error.clone();
    assert!(told.is_some_and(|told| told.contains("at least 96 is wanted")));
    let preset = Action::Settings(SettingsAction::ApplyPreset(PRESETS[0].settings));
    let state = after([edit("size", "128"), edit("grow", "96"), preset]);
    assert!(state.problems.len() == 1 && state.link.run.recipe.grow.is_empty());
}

#[test]
fn a_failed_picture_does_not_end_a_run() {
    let failure = |during| Action::Failed(Failure { during, message: "broken".into() });
    let state = after([Action::Run(RunAction::AskTrain), failure(Subsystem::Predicting)]);
    assert_eq!(state.run.phase, Phase::Loading { then: Then::Train });
    assert_eq!(state.predict.failure.as_deref(), Some("broken"));
    let state = state.reduce(failure(Subsystem::Data));
    assert_eq!(state.run.status(), "Failed: broken");
    assert_eq!(state.data.failure.as_deref(), Some("broken"));
    assert_eq!(state.reduce(Action::Run(RunAction::AskTrain)).data.failure, None);
}

fn heard(event: Event) -> Action {
    Action::Event(Box::new(event))
}

fn refused(kind: RequestKind) -> Action {
    let failure = Failure { during: Subsystem::Data, message: "no connection".into() };
    Action::RequestEnded(kind, Outcome::Refused(failure))
}

/// A run of seven epochs that the class's host has, with one row.
fn restored() -> Action {
    heard(Event::Restored(Box::new(Restored {
        link: "epochs=7&backend=host&view=train".into(),
        rows: vec![Default::default()],
        done: true,
        ..Restored::default()
    })))
}

/// A page that is opened again takes over the settings of its run. One whose connection to the
/// class's host was made again has that run already, and perhaps another one in preparation.
#[test]
fn settings_of_the_next_run_outlast_a_broken_connection() {
    let edit = |key, text: &str| Action::Settings(SettingsAction::Edit(key, text.into()));
    let opened = after([edit("epochs", "3"), edit("lr", "fast"), restored()]);
    assert_eq!(opened.link.run.recipe.epochs, 7);
    assert!(opened.drafts.is_empty());
    let back = || Action::Engine(EngineAction::CameBack);
    let again = act(&opened, [edit("epochs", "9"), edit("lr", "fast"), back(), restored()]);
    assert_eq!((again.link.run.recipe.epochs, again.run.config.recipe.epochs), (9, 7));
    assert_eq!(again.drafts["lr"].text, "fast");
    // What another engine tells is told for the first time.
    let other = act(&again, [Action::Engine(EngineAction::Ended), restored()]);
    assert_eq!(other.link.run.recipe.epochs, 7);
}

/// A saved run brings its settings. Those that the reader chooses, or opens with a link, while it is
/// on its way are newer and stay; the next one brings its own again.
#[test]
fn settings_that_are_newer_than_continue_stay() {
    let edit = || Action::Settings(SettingsAction::Edit("epochs", "3".into()));
    let go_on = || Action::Run(RunAction::AskContinue(None));
    let epochs = |state: &State| (state.link.run.recipe.epochs, state.run.config.recipe.epochs);
    assert_eq!(epochs(&after([edit(), go_on(), restored()])), (7, 7));
    let chosen = after([go_on(), edit(), restored()]);
    assert_eq!(epochs(&chosen), (3, 7));
    let ended = Action::RequestEnded(RequestKind::Run, Outcome::Answered);
    assert_eq!(epochs(&act(&chosen, [ended, restored()])), (7, 7));
    let refused = after([
        go_on(),
        Action::RequestEnded(RequestKind::Run, Outcome::Cancelled),
        edit(),
        restored(),
    ]);
    assert_eq!(epochs(&refused), (7, 7), "a file that was opened later");
}

/// Train is refused while the connection is made again. The run that is on the host is shown as it
/// stands once it is there, and nothing of what was asked for is mixed into it.
#[test]
fn a_run_that_the_host_was_not_asked_for_leaves_no_trace() {
    let message = "the connection is being made again".to_owned();
    let refusal = Failure { during: Subsystem::Training, message };
    let opened = after([restored(), heard(Event::Started(Default::default())), heard(Event::Done)]);
    let refused = act(
        &opened,
        [
            Action::Settings(SettingsAction::Edit("epochs", "9".into())),
            Action::Run(RunAction::AskTrain),
            Action::RequestEnded(RequestKind::Run, Outcome::Refused(refusal)),
        ],
    );
    assert_eq!(refused.run.status(), "Failed: the connection is being made again");
    assert_eq!(refused.run.rows.len(), 1);
    let back = [
        Action::Engine(EngineAction::CameBack),
        restored(),
        heard(Event::Started(Default::default())),
        heard(Event::Done),
    ];
    let back = act(&refused, back);
    assert_eq!((&back.run.phase, back.run.rows.len()), (&Phase::Done, 1));
    assert_eq!((back.link.run.recipe.epochs, back.run.config.recipe.epochs), (9, 7));
}

/// A run that takes its steps.
fn training() -> Vec<Action> {
    vec![
        Action::Run(RunAction::AskTrain),
        heard(Event::Started(Default::default())),
        Action::RequestEnded(RequestKind::Run, Outcome::Answered),
        heard(steps(0, 0, 1.0)),
    ]
}

fn act(state: &Rc<State>, actions: impl IntoIterator<Item = Action>) -> Rc<State> {
    actions.into_iter().fold(state.clone(), |state, action| state.reduce(action))
}

/// A run that begins has a table of guesses of its own; one that goes on for another epoch keeps
/// it.
#[test]
fn looks_belong_to_their_run() {
    let look = |epoch| {
        let found = Snapshot { epoch, is_between_epochs: true, ..Snapshot::default() };
        heard(Event::Watched(Watched::Network(Box::new(found))))
    };
    let begins = || [Action::Run(RunAction::AskTrain), heard(Event::Started(Default::default()))];
    let begun = after(begins());
    let done = act(&begun, [look(None), heard(row(0, 1.0)), look(Some(0)), heard(Event::Done)]);
    let longer = act(&done, [heard(Event::Started(Default::default()))]);
    assert_eq!((done.watch.epochs.len(), longer.watch.epochs.len()), (2, 2));
    let again = act(&longer, begins());
    assert!(again.watch.epochs.is_empty());
}

#[test]
fn loading_alone_ends_ready() {
    let asked = after([Action::Data(DataAction::AskLoad)]);
    assert_eq!(asked.status(), "Loading pictures …");
    assert!(asked.busy() && !asked.run.under_way());
    let ends: [Vec<Action>; 2] = [
        vec![
            heard(Event::Loaded(Default::default())),
            Action::RequestEnded(RequestKind::Load, Outcome::Answered),
        ],
        vec![Action::RequestEnded(RequestKind::Load, Outcome::Cancelled), heard(Event::Stopped)],
    ];
    for end in ends {
        let ended = act(&asked, end);
        assert_eq!((ended.status().as_str(), ended.busy()), ("Ready", false));
    }
    // The engine that the pictures come from may take the place of another one.
    let begun = act(&asked, [Action::Engine(EngineAction::Ended)]);
    assert!(begun.busy());
    // It could not be started: nobody will answer.
    let message = "the browser refuses to start a worker".into();
    let failure = Failure { during: Subsystem::Engine, message };
    let failed = act(&begun, [Action::Failed(failure)]);
    assert!(!failed.busy() && failed.status().starts_with("Failed"));
}

#[test]
fn a_failed_load_leaves_the_run_that_is_under_way() {
    let state = after(training());
    let status = state.status();
    assert!(status.starts_with("Training "), "{status}");
    let loads: [Vec<Action>; 3] = [
        vec![
            Action::Data(DataAction::AskLoad),
            heard(Event::Loading(Default::default())),
            heard(Event::Refused(vec![])),
            refused(RequestKind::Load),
        ],
        vec![Action::Data(DataAction::Refuse("no file was found".into()))],
        vec![Action::Data(DataAction::AskBatch(1)), refused(RequestKind::ShowBatch)],
    ];
    for load in loads {
        let failed = act(&state, load);
        assert_eq!((&failed.run.phase, failed.status()), (&Phase::Training, status.clone()));
        assert!(failed.data.failure.is_some() && failed.run.under_way());
        assert!(!failed.data.waiting && !failed.data.loads.under_way());
        // The run's end is told, and not a failure from before it.
        let done = act(&failed, [heard(Event::Done)]);
        assert_eq!(done.status(), "Done");
        let paused = act(&failed, [heard(Event::Paused)]);
        assert!(paused.status().starts_with("Paused at "), "{}", paused.status());
    }
}

#[test]
fn loading_beside_a_run_begins_and_ends_without_it() {
    for (event, phase) in [(Event::Paused, Phase::Paused), (Event::Done, Phase::Done)] {
        let run = act(&after(training()), [heard(event)]);
        let asked = act(
            &run,
            [Action::Data(DataAction::AskLoad), heard(Event::Loading(Default::default()))],
        );
        assert_eq!(asked.run.phase, phase);
        let loaded = act(
            &asked,
            [
                heard(Event::Loaded(Default::default())),
                Action::RequestEnded(RequestKind::Load, Outcome::Answered),
            ],
        );
        assert_eq!((&loaded.run.phase, loaded.status()), (&phase, run.status()));
        let cancelled = act(&asked, [Action::RequestEnded(RequestKind::Load, Outcome::Cancelled)]);
        assert_eq!((&cancelled.run.phase, cancelled.status()), (&phase, run.status()));
        // After a run its failure is told, until something else begins.
        let failed = act(&asked, [refused(RequestKind::Load)]);
        assert_eq!(failed.run.phase, phase);
        assert_eq!(failed.status() == "Failed: no connection", phase == Phase::Done);
        let again = act(&failed, training());
        assert!(again.status().starts_with("Training "), "{}", again.status());
    }
}

#[test]
fn a_run_whose_pictures_do_not_come_has_failed() {
    let asked = after([Action::Run(RunAction::AskTrain)]);
    let failed = act(&asked, [refused(RequestKind::Run)]);
    assert_eq!(failed.status(), "Failed: no connection");
    assert!(!failed.busy());
    // Pictures that were asked for later take the place of the run's.
    let called_off = act(
        &asked,
        [
            Action::Data(DataAction::AskLoad),
            Action::RequestEnded(RequestKind::Run, Outcome::Cancelled),
        ],
    );
    assert_eq!(called_off.status(), "Loading pictures …");
    let ended = act(&called_off, [Action::RequestEnded(RequestKind::Load, Outcome::Answered)]);
    assert_eq!((ended.status().as_str(), ended.busy()), ("Stopped", false));
}

#[test]
fn a_search_that_cannot_begin_leaves_a_paused_run() {
    let paused = act(&after(training()), [heard(Event::Paused)]);
    let failure = Failure { during: Subsystem::Training, message: "one class".into() };
    let ended = act(
        &paused,
        [
            Action::Data(DataAction::AskLoad),
            Action::AskRateSearch,
            Action::RequestEnded(RequestKind::FindRate, Outcome::Refused(failure)),
        ],
    );
    assert_eq!(ended.run.phase, Phase::Paused);
    assert!(!ended.rates.under_way() && ended.data.failure.is_some());
}

#[test]
fn no_request_is_waited_for_after_its_end() {
    let ended =
        |state: Rc<State>, kind| state.reduce(Action::RequestEnded(kind, Outcome::Cancelled));
    let asked = after([
        Action::Predict(PredictAction::AskEvaluation),
        Action::Engine(EngineAction::AskSelfTest),
        Action::Engine(EngineAction::AskBenchmark),
    ]);
    assert!(asked.predict.evaluating);
    let kinds = [RequestKind::Evaluate, RequestKind::SelfTest, RequestKind::Benchmark];
    let state = kinds.into_iter().fold(asked, ended);
    assert!(!state.predict.evaluating);
    assert_eq!(
        (state.check, state.bench.clone()),
        (SelfTestState::default(), BenchmarkState::default())
    );
    let asked = after([
        Action::Run(RunAction::AskTrain),
        Action::Run(RunAction::Control(PendingControl::Pause)),
    ]);
    assert_eq!(asked.run.pending, Some(PendingControl::Pause));
    assert_eq!(ended(asked, RequestKind::Control).run.pending, None);
    let asked = after([Action::Predict(PredictAction::Open(4, vec![]))]);
    assert_eq!(asked.predict.pending.len(), 1);
    assert!(ended(asked, RequestKind::Predict(4)).predict.pending.is_empty());
}

/// A single step that is refused says why and is no failure of the run.
#[test]
fn a_refused_step_leaves_the_run_as_it_was() {
    let paused = act(&after(training()), [heard(Event::Paused)]);
    let failure = Failure { during: Subsystem::Training, message: "no run is paused".into() };
    let refused = act(
        &paused,
        [
            Action::Run(RunAction::Control(PendingControl::Step)),
            Action::RequestEnded(RequestKind::Control, Outcome::Refused(failure)),
        ],
    );
    assert_eq!((&refused.run.phase, refused.run.pending), (&Phase::Paused, None));
    assert_eq!(refused.status(), paused.status());
    assert_eq!(refused.run.refusal.as_deref(), Some("no run is paused"));
    let again = act(&refused, [Action::Run(RunAction::Control(PendingControl::Resume))]);
    assert_eq!(again.run.refusal, None);
}

/// So is a measurement that is refused: a paused run can go on, and the button can be pressed again.
#[test]
fn a_refused_measurement_leaves_the_run_as_it_was() {
    let paused = act(&after(training()), [heard(Event::Paused)]);
    let failure = Failure { during: Subsystem::Training, message: "not measured".into() };
    let refused = act(
        &paused,
        [
            Action::Engine(EngineAction::AskBenchmark),
            Action::RequestEnded(RequestKind::Benchmark, Outcome::Refused(failure)),
        ],
    );
    assert_eq!((&refused.run.phase, &refused.bench), (&Phase::Paused, &BenchmarkState::Unasked));
    assert_eq!(refused.run.refusal.as_deref(), Some("not measured"));
}

/// A broken connection to the class's host is said for as long as it is broken.
#[test]
fn an_outage_of_the_host_is_said_until_it_ends() {
    let away = || Action::Engine(EngineAction::Away("being made again"));
    let training = after(training());
    let broken = act(&training, [away()]);
    assert_eq!(broken.run.refusal.as_deref(), Some("being made again"));
    assert_eq!(broken.run.phase, training.run.phase);
    let back = act(&broken, [Action::Engine(EngineAction::CameBack)]);
    assert_eq!(back.run.refusal, None);
    let failure = Failure { during: Subsystem::Engine, message: "lost".into() };
    let lost = act(&broken, [heard(Event::Failed(failure))]);
    assert_eq!(lost.run.refusal, None);
}

#[test]
fn the_projector_view_stands_in_the_link() {
    let state = after([Action::Link(LinkAction::Project(true))]);
    assert!(state.link.present);
    assert!(!act(&state, [Action::Link(LinkAction::Project(false))]).link.present);
}

#[test]
fn corrections_belong_to_the_pictures_that_are_shown() {
    let correct = |corrections: &ClassCorrections| {
        let send = CorrectionAction::Send(corrections.clone());
        [DataAction::Correct(send), DataAction::AskLoad].map(Action::Data)
    };
    let loaded = || Action::Event(Box::new(Event::Loaded(Default::default())));
    let drawn = ClassCorrections { validation: Some(Validation::Drawn), ..Default::default() };
    let mut link = Link::default();
    link.run.data.source = Source::Files;
    let files = Rc::new(State::new(link, vec![]));
    let act = |state: Rc<State>, action: Action| state.reduce(action);
    let opened = [DataAction::OpenFiles(3), DataAction::AskLoad].map(Action::Data);
    let opened = opened.into_iter().chain([loaded()]).fold(files, act);
    let asked = correct(&drawn).into_iter().fold(opened, act);
    assert_eq!(asked.data.corrections.sent(), &drawn);
    let failure = Failure { during: Subsystem::Data, message: "one class is left".into() };
    let ends = [
        Action::RequestEnded(RequestKind::Load, Outcome::Refused(failure)),
        Action::RequestEnded(RequestKind::Load, Outcome::Cancelled),
        Action::Event(Box::new(Event::Stopped)),
    ];
    for end in ends {
        let ended = asked.clone().reduce(end);
        assert_eq!(ended.data.corrections.sent(), &ClassCorrections::default());
    }
    let applied = asked.reduce(loaded());
    assert_eq!(applied.data.corrections.applied(), &drawn);
    // A run that fails later takes nothing back.
    let failed = Failure { during: Subsystem::Training, message: "broken".into() };
    let kept = applied.reduce(Action::Failed(failed));
    assert_eq!(kept.data.corrections.sent(), &drawn);
    let others = kept.reduce(Action::Data(DataAction::OpenFiles(5)));
    assert_eq!(others.data.corrections.sent(), &ClassCorrections::default());
    assert_eq!(others.data.corrections.applied(), &ClassCorrections::default());
}

#[test]
fn an_ended_engine_takes_its_pictures_with_it() {
    let loaded = after([
        Action::Data(DataAction::AskLoad),
        Action::Event(Box::new(Event::Loaded(Default::default()))),
    ]);
    assert!(loaded.data.report.is_some());
    assert!(loaded.reduce(Action::Engine(EngineAction::Ended)).data.report.is_none());
}
