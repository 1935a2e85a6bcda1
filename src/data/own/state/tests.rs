use super::*;

fn after(actions: impl IntoIterator<Item = OwnAction<u8>>) -> Own<u8> {
    actions.into_iter().fold(Own::default(), |mut own, action| {
        own.act(action);
        own
    })
}

fn named(classes: &[(&str, u8)]) -> Own<u8> {
    let names =
        classes.iter().enumerate().map(|(at, (name, _))| OwnAction::Rename(at, name.to_string()));
    after(
        names.chain(
            classes
                .iter()
                .enumerate()
                .map(|(at, (_, count))| OwnAction::Add(at, (0..*count).collect())),
        ),
    )
}

#[test]
fn what_is_missing_is_said_one_thing_at_a_time() {
    let said = |classes: &[(&str, u8)]| named(classes).missing().unwrap_or_default();
    assert_eq!(said(&[("cat", 5), (" ./", 5)]), "Class 2 needs a name.");
    assert_eq!(said(&[("cat", 5), ("Cat ", 5)]), "Two classes are called Cat.");
    assert_eq!(said(&[("cat", 5), ("dog", 4)]), "dog needs 1 more picture.");
    assert_eq!(named(&[("cat", 5), ("dog", 9)]).missing(), None);
}

#[test]
fn names_are_one_folder() {
    assert_eq!(folder_name(" ../my/cat "), "my cat");
    assert_eq!(folder_name("🐈 חתול"), "🐈 חתול");
}

#[test]
fn pasted_pictures_go_to_the_class_edited_last() {
    let own = after([
        OwnAction::Paste(vec![1]),
        OwnAction::Choose(1),
        OwnAction::Paste(vec![2]),
        OwnAction::Add(1, vec![3]),
    ]);
    assert_eq!(
        own.classes.iter().map(|class| class.pictures.clone()).collect::<Vec<_>>(),
        [vec![1], vec![2, 3]]
    );
    // The edited class and a third are removed; of the last two a class is only emptied.
    let own = after([
        OwnAction::More,
        OwnAction::Choose(2),
        OwnAction::Remove(2),
        OwnAction::Paste(vec![4]),
        OwnAction::Remove(1),
    ]);
    let emptied = Removed::Pictures { class: 1, pictures: vec![4] };
    let removed = Some(emptied);
    assert_eq!(own, Own { begun: true, next: 3, chosen: 1, removed, ..Own::default() });
    let own = after([
        OwnAction::More,
        OwnAction::More,
        OwnAction::Choose(1),
        OwnAction::Remove(0),
        OwnAction::Paste(vec![5]),
    ]);
    let held = own.classes.iter().map(|class| (class.id, class.pictures.len())).collect::<Vec<_>>();
    assert_eq!(held, [(1, 1), (2, 0), (3, 0)], "a class before the edited one goes");
}

#[test]
fn pictures_on_their_way_find_their_class_or_none() {
    let own = after([
        OwnAction::More,
        OwnAction::Rename(2, "third".into()),
        OwnAction::Remove(0),
        OwnAction::Add(2, vec![7]),
        OwnAction::Add(0, vec![8]),
    ]);
    let held = own
        .classes
        .iter()
        .map(|class| (class.name.as_str(), class.pictures.clone()))
        .collect::<Vec<_>>();
    assert_eq!(held, [("", vec![]), ("third", vec![7])]);
    // A class made after another was removed does not receive the pictures meant for that one.
    let own =
        after([OwnAction::More, OwnAction::Remove(2), OwnAction::More, OwnAction::Add(2, vec![9])]);
    assert!(own.classes.iter().all(|class| class.pictures.is_empty()), "{own:?}");
}

#[test]
fn there_are_two_to_twenty() {
    let own = after((0..50).map(|_| OwnAction::More));
    assert_eq!((own.classes.len(), own.is_full()), (20, true));
    let own = after([
        OwnAction::Remove(7),
        OwnAction::Choose(9),
        OwnAction::Rename(9, "x".into()),
        OwnAction::Add(9, vec![1]),
    ]);
    assert_eq!((own.classes.len(), own.begun), (2, false), "{own:?}");
}

fn held(own: &Own<u8>) -> Vec<(&str, &[u8])> {
    own.classes.iter().map(|class| (class.name.as_str(), class.pictures.as_slice())).collect()
}

#[test]
fn every_removal_can_be_undone() {
    let pets = || named(&[("cat", 3), ("dog", 2)]);
    let all: [(&str, &[u8]); 2] = [("cat", &[0, 1, 2]), ("dog", &[0, 1])];
    assert_eq!(held(&pets()), all);
    for removal in [
        OwnAction::RemovePicture(0, 1),
        OwnAction::RemovePicture(1, 1),
        OwnAction::Remove(0),
        OwnAction::Open(vec![("bird".into(), vec![9])]),
    ] {
        let mut own = pets();
        own.act(removal.clone());
        assert_ne!(held(&own), all, "{removal:?}");
        assert!(own.removed.is_some(), "{removal:?}");
        own.act(OwnAction::Undo);
        assert_eq!(held(&own), all, "{removal:?}");
        let is_swapped = matches!(removal, OwnAction::Open(_));
        assert_eq!(own.removed.is_some(), is_swapped, "what was opened can come back");
    }
    // An empty class that is removed takes nobody's place.
    let mut own = pets();
    own.act(OwnAction::More);
    own.act(OwnAction::Remove(0));
    own.act(OwnAction::Remove(1));
    own.act(OwnAction::Undo);
    assert_eq!(held(&own), [("cat", &[0, 1, 2][..]), ("dog", &[0, 1]), ("", &[])]);
    // A third class goes as a whole, and what is done meanwhile stays.
    let mut own = pets();
    own.act(OwnAction::More);
    own.act(OwnAction::Rename(2, "bird".into()));
    own.act(OwnAction::Remove(0));
    own.act(OwnAction::Add(1, vec![7]));
    own.act(OwnAction::Undo);
    assert_eq!(held(&own), [("cat", &[0, 1, 2][..]), ("dog", &[0, 1, 7]), ("bird", &[])]);
}

#[test]
fn a_picture_moves_to_another_class() {
    let mut own = named(&[("cat", 3), ("dog", 2)]);
    own.act(OwnAction::Move(0, 2, 1));
    assert_eq!(held(&own), [("cat", &[0, 1][..]), ("dog", &[0, 1, 2])]);
    for nowhere in [OwnAction::Move(0, 9, 1), OwnAction::Move(0, 0, 9), OwnAction::Move(9, 0, 0)] {
        own.act(nowhere);
    }
    assert_eq!(own.pictures(), 5, "none is lost on the way");
}

#[test]
fn classes_of_an_earlier_visit_come_before_what_was_made_meanwhile() {
    let found = || OwnAction::Found(vec![("cat".into(), vec![1]), ("dog".into(), vec![2])]);
    let own = after([found()]);
    assert_eq!(held(&own), [("cat", &[1][..]), ("dog", &[2])]);
    assert!(own.begun && own.searched);
    let own = after([OwnAction::Rename(1, "bird".into()), OwnAction::Add(1, vec![3]), found()]);
    assert_eq!(held(&own), [("cat", &[1][..]), ("dog", &[2]), ("bird", &[3])]);
    let own = after([
        OwnAction::Choose(1),
        OwnAction::Paste(vec![3]),
        found(),
        OwnAction::Paste(vec![4]),
    ]);
    assert_eq!(held(&own), [("cat", &[1][..]), ("dog", &[2]), ("", &[3, 4])]);
    let own = after([found(), found()]);
    assert_eq!(own.pictures(), 2, "the browser was asked twice");
    let own = after([OwnAction::Found(Vec::new())]);
    assert_eq!(own, Own { searched: true, ..Own::default() });
    let own = after([OwnAction::Found(vec![("cat".into(), vec![1])])]);
    assert_eq!(held(&own), [("cat", &[1][..]), ("", &[])]);
}

#[test]
fn too_many_pictures_are_told() {
    let mut own = after([OwnAction::Add(0, vec![0; MOST_PICTURES - 1])]);
    assert_eq!(own.note, None);
    own.act(OwnAction::Add(1, vec![1, 2, 3]));
    assert_eq!(own.pictures(), MOST_PICTURES);
    assert!(own.note.as_ref().is_some_and(|note| note.starts_with("2 pictures were not added")));
    // Turning to a class changes none.
    own.act(OwnAction::Choose(0));
    assert!(own.note.is_some());
    own.act(OwnAction::Rename(0, "cat".into()));
    assert_eq!(own.note, None);
}

#[test]
fn one_picture_in_five_validates() {
    assert_eq!(named(&[("cat", 20), ("dog", 24)]).training_pictures(), 16 + 20);
    assert_eq!(named(&[("cat", 5), ("dog", 9)]).training_pictures(), 4 + 8);
}
