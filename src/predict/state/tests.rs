use super::*;

fn picture(name: &str) -> OpenPicture {
    OpenPicture {
        name: name.into(),
        url: ObjectUrl::made_up(&format!("blob:{name}")),
        drawing: None,
    }
}

fn answer(id: u32, predictions: Vec<Result<Prediction, String>>) -> Answer {
    Answer { id, predictions, milliseconds: 3.0, model: ModelInfo::default(), filters: Vec::new() }
}

#[test]
fn answers_find_their_pictures() {
    let mut state = PredictState::default();
    state.open(1, vec![picture("a")]);
    state.open(2, vec![picture("b"), picture("c")]);
    state.answer(answer(2, vec![Err("no picture".into()), Err("too large".into())]));
    assert_eq!(state.shown[1].picture.name, "c");
    assert_eq!(state.shown[1].answer, Err("too large".into()));
    state.answer(answer(7, vec![Err("nobody asked".into())]));
    assert_eq!((state.shown.len(), state.pending.len()), (2, 1));
    state.fail("broken".into());
    assert!(state.pending.is_empty());
}

fn church(probability: f32) -> Vec<Result<Prediction, String>> {
    let seen = Picture { width: 1, height: 1, rgb: vec![0; 3] };
    let classes = vec![("church".to_string(), probability)];
    vec![Ok(Prediction {
        name: "a".into(),
        seen,
        classes,
        heat: None,
        activity: Vec::new(),
        activations: None,
        unlike: false,
    })]
}

#[test]
fn a_pinned_picture_is_asked_again_after_an_epoch_and_once() {
    let mut state = PredictState::default();
    state.open(1, vec![picture("a")]);
    assert_eq!(state.due(), None, "it is on its way");
    state.answer(answer(1, church(0.2)));
    assert_eq!(state.due(), None);
    state.other_network(false);
    assert_eq!(state.due(), Some(picture("a")));
    state.open(2, vec![picture("a")]);
    let mut second = answer(2, church(0.9));
    second.model.history.push(Default::default());
    state.answer(second);
    assert_eq!((state.shown.len(), state.due()), (1, None));
    let trail: Vec<_> = state.trail.iter().map(|row| (row.epoch, row.probability)).collect();
    assert_eq!(trail, [(None, 0.2), (Some(0), 0.9)]);
    state.pinned = false;
    state.other_network(false);
    assert_eq!(state.due(), None, "it is not pinned");
    state.ask_class(Some(0));
    assert_eq!(state.due(), Some(picture("a")), "another heat map is wanted");
    state.open(3, vec![picture("a")]);
    state.fail("broken".into());
    assert_eq!(state.due(), None, "what failed is not asked for again by itself");
}

#[test]
fn choices_that_a_network_does_not_know_are_forgotten() {
    let look = Look { class: Some(3), layer: Some("stem.0".into()), network: 0 };
    let mut state = PredictState { look, ..PredictState::default() };
    state.adopt(ModelInfo {
        classes: vec!["a".into(); 4],
        layers: vec!["stem.0".into()],
        ..ModelInfo::default()
    });
    assert_eq!((state.look.class, state.look.layer.as_deref()), (Some(3), Some("stem.0")));
    state.adopt(ModelInfo { classes: vec!["a".into(); 2], ..ModelInfo::default() });
    assert_eq!((state.look.class, state.look.layer.as_deref()), (None, None));
}

fn version(number: u32) -> OpenPicture {
    OpenPicture { drawing: Some(number), ..picture(&format!("drawing {number}")) }
}

fn draw(state: &mut PredictState, id: u32, number: u32) {
    let look = state.look_at_drawing();
    state.act(PredictAction::Draw(id, version(number), look));
}

#[test]
fn a_drawing_keeps_one_place_among_the_pictures() {
    let mut state = PredictState::default();
    draw(&mut state, 1, 1);
    assert!(state.says_looking() && state.awaits_drawing());
    state.answer(answer(1, church(0.2)));
    state.open(2, vec![picture("a")]);
    state.answer(answer(2, church(0.5)));
    assert_eq!((state.shown.len(), state.picked), (2, 0));
    // The next version takes the place of the first and is opened.
    draw(&mut state, 3, 2);
    assert!(!state.says_looking(), "a further answer comes by itself");
    assert!(state.awaits_drawing());
    state.answer(answer(3, church(0.7)));
    assert_eq!((state.shown.len(), state.picked), (2, 1));
    assert_eq!(state.drawing().map(|shown| shown.picture.clone()), Some(version(2)));
    assert_eq!(state.trail.len(), 1, "the trail is about this version");
    assert_eq!(state.due(), None);
    // That the same version is asked about again after an epoch keeps nothing back.
    state.open(9, vec![version(2)]);
    assert!(!state.awaits_drawing());
    state.answer(answer(9, church(0.8)));
    assert_eq!(state.shown.len(), 2);
    // A late answer about an older version changes nothing.
    draw(&mut state, 4, 1);
    state.answer(answer(4, church(0.1)));
    assert_eq!(state.drawing().map(|shown| shown.picture.clone()), Some(version(2)));
    // The look that is chosen is requested with every further version.
    state.ask_class(Some(0));
    assert_eq!(state.look_at_drawing().class, Some(0));
}

#[test]
fn a_drawing_that_fails_is_not_asked_about_again_by_itself() {
    let mut state = PredictState::default();
    draw(&mut state, 1, 1);
    state.answer(answer(1, church(0.2)));
    draw(&mut state, 2, 2);
    state.fail("broken".into());
    assert_eq!((state.due(), state.shown.len()), (None, 1));
}
