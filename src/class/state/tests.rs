use super::*;

const KEY: Token = Token([1; 16]);

fn joined() -> ClassState {
    let mut state = ClassState::default();
    state.act(ClassAction::Join);
    state.act(ClassAction::Told(ToSeat::Joined(KEY)));
    assert_eq!((state.sharing.clone(), state.key), (Sharing::On, Some(KEY)));
    state
}

fn experiment(number: u32) -> ClassAction {
    ClassAction::Told(ToSeat::Experiment { number, settings: "seed=1".into() })
}

fn start(number: u32, start: u32) -> ClassAction {
    ClassAction::Told(ToSeat::Start { number, start })
}

fn stop(start: u32) -> ClassAction {
    ClassAction::Told(ToSeat::Stop(start))
}

/// The starts whose runs the class has begun and stopped last, after these actions.
fn runs(state: &mut ClassState, actions: Vec<ClassAction>) -> (Option<u32>, Option<u32>) {
    actions.into_iter().for_each(|action| state.act(action));
    let start = |run: &Option<ClassRun>| run.as_ref().map(|run| run.start);
    (start(&state.begun), start(&state.stopped))
}

/// The connection breaks, and the page gets the seat back.
fn back(state: &mut ClassState) {
    back_in(state, KEY);
}

fn back_in(state: &mut ClassState, key: Token) {
    state.act(ClassAction::Ended(state.attempt));
    state.act(ClassAction::Retry);
    state.act(ClassAction::Told(ToSeat::Joined(key)));
    assert_eq!(state.sharing, Sharing::On);
}

#[test]
fn nothing_starts_before_the_student_has_agreed() {
    let (yes, no) = (|| ClassAction::Answer(true), || ClassAction::Answer(false));
    let mut state = joined();
    let unasked = vec![start(1, 1), experiment(1), start(1, 1), stop(1)];
    assert_eq!(runs(&mut state, unasked), (None, None));
    assert_eq!(runs(&mut state, vec![no(), start(1, 2), stop(2)]), (None, None));
    assert_eq!(runs(&mut state, vec![yes(), start(1, 3)]), (Some(3), None));
    assert_eq!(runs(&mut state, vec![stop(3), stop(3)]), (None, Some(3)));
    assert_eq!(runs(&mut state, vec![start(1, 4)]), (Some(4), Some(3)));
    // Another experiment needs another answer.
    assert_eq!(runs(&mut state, vec![experiment(2), start(2, 5)]), (Some(4), Some(3)));
    // Who agrees after the start begins at once.
    assert_eq!(runs(&mut state, vec![yes()]), (Some(5), Some(3)));
}

/// What the host tells again after a broken connection neither starts a run a second time nor
/// takes it for stopped.
#[test]
fn a_run_that_goes_on_is_not_started_again() {
    let mut state = joined();
    state.act(experiment(1));
    let begun = (Some(1), None);
    assert_eq!(runs(&mut state, vec![ClassAction::Answer(true), start(1, 1)]), begun);
    back(&mut state);
    assert_eq!(runs(&mut state, vec![experiment(1), start(1, 1)]), begun);
    // It is the class's run also while the next experiment is proposed, or all is deleted.
    assert_eq!(runs(&mut state, vec![experiment(2), stop(9)]), begun);
    assert_eq!(runs(&mut state, vec![ClassAction::Told(ToSeat::Deleted)]), begun);
    // Who stops sharing has left the class with it.
    assert_eq!(runs(&mut state, vec![ClassAction::Leave { told: true }]), (None, None));
}

/// The teacher stops the experiment and proposes another while the page is away: its run ends
/// when the page is back, with the settings by which it is known.
#[test]
fn what_was_stopped_while_the_page_was_away_ends_when_it_is_back() {
    let away = || {
        let mut state = joined();
        let settings = "seed=7".to_string();
        state.act(ClassAction::Told(ToSeat::Experiment { number: 1, settings }));
        state.act(ClassAction::Answer(true));
        state.act(start(1, 1));
        state
    };
    let seventh = Some(ClassRun { start: 1, settings: "seed=7".into() });
    let mut state = away();
    back(&mut state);
    assert_eq!(runs(&mut state, vec![stop(1), experiment(2)]), (None, Some(1)));
    assert_eq!(state.stopped, seventh);
    // A host that proposes first and stops then is understood as well.
    let mut state = away();
    back(&mut state);
    assert_eq!(runs(&mut state, vec![experiment(2), stop(1)]), (None, Some(1)));
    assert_eq!(state.stopped, seventh);
    // It gave up after many tries, and the student joins again, in whatever seat.
    let mut state = away();
    for _ in 0..=TRIES {
        state.act(ClassAction::Ended(state.attempt));
        state.act(ClassAction::Retry);
    }
    assert_eq!((&state.sharing, &state.begun), (&Sharing::Off, &seventh));
    state.act(ClassAction::Join);
    state.act(ClassAction::Told(ToSeat::Joined(Token([2; 16]))));
    assert_eq!(runs(&mut state, vec![stop(1)]), (None, Some(1)));
}

/// An experiment that was proposed to a page, and stopped while it was away, is not under way
/// any more: who agrees then waits for the next start.
#[test]
fn a_stopped_experiment_does_not_begin_with_a_late_answer() {
    let mut state = joined();
    assert_eq!(runs(&mut state, vec![experiment(1), start(1, 1)]), (None, None));
    back(&mut state);
    let told = vec![experiment(1), ClassAction::Answer(true)];
    assert_eq!(runs(&mut state, told), (None, None));
    assert_eq!(runs(&mut state, vec![start(1, 2)]), (Some(2), None));
}

#[test]
fn a_page_that_had_a_seat_tries_again_and_one_that_had_none_does_not() {
    let mut state = ClassState::default();
    state.act(ClassAction::Join);
    state.act(ClassAction::Ended(0));
    assert_eq!(state.sharing, Sharing::Joining, "the end of an earlier attempt");
    state.act(ClassAction::Ended(1));
    assert!(state.sharing == Sharing::Off && state.note.is_some());
    let mut state = joined();
    for _ in 0..TRIES {
        state.act(ClassAction::Ended(state.attempt));
        assert_eq!(state.sharing, Sharing::Broken);
        state.act(ClassAction::Retry);
        assert!(state.wants_line());
    }
    state.act(ClassAction::Ended(state.attempt));
    assert_eq!((state.sharing, state.note), (Sharing::Off, Some(NOT_REACHED)));
}

/// Without a word to the host the board keeps what was shared, and the page says so.
#[test]
fn who_stops_while_the_host_is_not_reached_is_told_what_remains() {
    let note = |mut state: ClassState, told: bool| {
        state.act(ClassAction::Leave { told });
        assert_eq!((&state.sharing, state.key), (&Sharing::Off, None));
        state.note
    };
    assert_eq!(note(joined(), true), None);
    let mut broken = joined();
    broken.act(ClassAction::Ended(1));
    assert_eq!(note(broken.clone(), false), Some(NOT_REACHED));
    broken.act(ClassAction::Retry);
    assert_eq!(broken.sharing, Sharing::Joining);
    assert_eq!(note(broken, false), Some(NOT_REACHED));
    // A page that had no seat yet has shared nothing.
    let mut first = ClassState::default();
    first.act(ClassAction::Join);
    assert_eq!(note(first, false), None);
}

#[test]
fn what_comes_after_the_student_has_left_is_not_heard() {
    let mut state = joined();
    state.act(ClassAction::Leave { told: true });
    for action in [experiment(1), ClassAction::Retry, ClassAction::Ended(1)] {
        state.act(action);
        assert_eq!(state, ClassState { attempt: 1, ..ClassState::default() });
    }
}

/// A page that was away for long may have another seat when it is back. Nobody has deleted its run,
/// which it shares there.
#[test]
fn another_seat_is_no_deletion_by_the_teacher() {
    let mut state = joined();
    state.act(experiment(1));
    state.act(ClassAction::Ended(state.attempt));
    state.act(ClassAction::Retry);
    let other = Token([2; 16]);
    state.act(ClassAction::Told(ToSeat::Joined(other)));
    assert_eq!((&state.sharing, state.key), (&Sharing::On, Some(other)));
    assert_eq!((state.deletions, &state.offer), (0, &None));
    assert_eq!(state.note, Some(OTHER_SEAT));
    back_in(&mut state, other);
    assert_eq!(state.note, None);
}

#[test]
fn refusals_hidden_names_and_deletion_are_told() {
    let mut state = joined();
    state.act(ClassAction::Told(ToSeat::Hidden(true)));
    state.act(experiment(1));
    state.act(ClassAction::Told(ToSeat::Deleted));
    assert!(state.hidden && state.offer.is_none() && state.note.is_some());
    assert_eq!(state.deletions, 1);
    state.act(ClassAction::Told(ToSeat::Refused(Refusal::Full)));
    assert!(state.sharing == Sharing::Off && state.key.is_none());
}
