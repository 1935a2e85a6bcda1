//! Corrections from the first change to what is sent and said.

use resnette_picture::report::{ClassReport, ColumnReport, LeftOut, OpenedReport};

use super::*;

fn class(name: &str, keys: &[&str]) -> ClassReport {
    let keys = keys.iter().map(ToString::to_string).collect();
    ClassReport { name: name.into(), keys, train: 8, valid: 2, ..ClassReport::default() }
}

fn report(classes: &[(&str, &[&str])]) -> DataReport {
    let classes = classes.iter().map(|(name, keys)| class(name, keys)).collect();
    DataReport { classes, ..DataReport::default() }
}

const THREE: [(&str, &[&str]); 3] =
    [("cat", &["raw cat"]), ("Katze", &["raw Katze"]), ("dog", &["raw dog"])];

fn opened(report: &DataReport) -> Corrections {
    let mut corrections = Corrections::default();
    corrections.loaded(report);
    corrections
}

fn keys(key: &str) -> Vec<String> {
    vec![key.into()]
}

fn rename(key: &str, name: &str) -> CorrectionAction {
    CorrectionAction::Rename(keys(key), name.into())
}

/// Applies the draft, and reads the files as `then` says.
fn apply(corrections: &mut Corrections, now: &DataReport, then: &DataReport) {
    corrections.act(CorrectionAction::Send(corrections.to_send(now)));
    corrections.loaded(then);
}

#[test]
fn nothing_is_sent_that_changes_nothing() {
    let report = report(&THREE);
    let mut corrections = opened(&report);
    for action in [rename("raw dog", "do"), rename("raw dog", " dog ")] {
        corrections.act(action);
    }
    corrections.act(CorrectionAction::LeaveOut(keys("raw cat"), true));
    corrections.act(CorrectionAction::LeaveOut(keys("raw cat"), false));
    corrections.act(CorrectionAction::Validate(Some(Validation::Drawn)));
    assert!(corrections.is_pending(&report));
    corrections.act(CorrectionAction::Validate(None));
    assert_eq!(corrections.to_send(&report), ClassCorrections::default());
    assert!(!corrections.is_pending(&report));
    assert_eq!((corrections.summary(&report), corrections.problem(&report)), ("".into(), None));
}

#[test]
fn two_classes_become_one_and_two_again() {
    let three = report(&THREE);
    let mut corrections = opened(&three);
    corrections.act(rename("raw Katze", "cat "));
    assert_eq!(corrections.joins(&keys("raw Katze"), &three), ["cat"]);
    assert_eq!(corrections.joins(&keys("raw cat"), &three), ["Katze"]);
    assert_eq!(corrections.joins(&keys("raw dog"), &three), [""; 0]);
    let sent = corrections.to_send(&three);
    let names: Vec<_> = sent.names.iter().map(|(key, name)| (&**key, &**name)).collect();
    assert_eq!(names, [("raw Katze", "cat"), ("raw cat", "cat")], "both by their keys");
    assert_eq!(corrections.summary(&three), "1 class renamed, 2 classes put together");

    let both = ["raw cat".to_string(), "raw Katze".to_string()];
    let two = report(&[("cat", &["raw cat", "raw Katze"]), ("dog", &["raw dog"])]);
    apply(&mut corrections, &three, &two);
    assert!(!corrections.is_pending(&two) && corrections.is_merged(&both));
    assert_eq!(corrections.found_names(&both), ["cat", "Katze"]);

    corrections.act(CorrectionAction::Separate(both.to_vec()));
    assert_eq!(corrections.to_send(&two), ClassCorrections::default());
    assert_eq!(corrections.summary(&two), "1 class as found again");
    apply(&mut corrections, &two, &three);
    assert!(!corrections.is_pending(&three));
    assert_eq!(corrections.applied(), &ClassCorrections::default());
}

#[test]
fn classes_that_look_alike_are_not_one_until_the_reader_says_so() {
    // Two classes whose shortened names are equal, and one that differs in a capital letter.
    let alike = report(&[("long", &["long 1"]), ("long", &["long 2"]), ("Cat", &["Cat"])]);
    let mut corrections = opened(&alike);
    assert_eq!(corrections.joins(&keys("long 1"), &alike), [""; 0]);
    assert_eq!(corrections.problem(&alike), None);
    corrections.act(rename("long 1", "cat"));
    assert_eq!(corrections.joins(&keys("long 1"), &alike), [""; 0]);
    assert_eq!(corrections.look_alike(&keys("long 1"), &alike), Some("Cat"));
    // Keys that were one class from the beginning stay one, whatever it is called.
    let joined = report(&[("café", &["caf\u{e9}", "cafe\u{301}"]), ("tea", &["tea"])]);
    let mut corrections = opened(&joined);
    let both = joined.classes[0].keys.clone();
    corrections.act(CorrectionAction::Rename(both.clone(), "coffee".into()));
    assert!(!corrections.is_merged(&both));
    assert_eq!(corrections.to_send(&joined).names.len(), 2);
    assert_eq!(corrections.joins(&both, &joined), [""; 0]);
}

#[test]
fn a_class_left_out_twice_comes_back_with_its_name() {
    let three = report(&THREE);
    let mut corrections = opened(&three);
    corrections.act(rename("raw Katze", "tomcat"));
    corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), true));
    corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), true));
    let sent = corrections.to_send(&three);
    assert_eq!(sent.left_out.len(), 1);
    assert_eq!(sent.names["raw Katze"], "tomcat");
    let mut two = report(&[("cat", &["raw cat"]), ("dog", &["raw dog"])]);
    let (name, reason) = ("raw Katze".into(), "you left it out".into());
    two.left_out = vec![LeftOut { name, pictures: 10, reason }];
    apply(&mut corrections, &three, &two);
    assert!(corrections.leaves_out(&keys("raw Katze")) && !corrections.is_pending(&two));
    assert_eq!(corrections.folders().count(), 0, "a class cannot validate");
    corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), false));
    assert_eq!(corrections.summary(&two), "1 class used again");
    assert_eq!(corrections.to_send(&two).names["raw Katze"], "tomcat");
}

#[test]
fn two_classes_must_remain_and_each_needs_a_name() {
    let three = report(&THREE);
    let mut corrections = opened(&three);
    corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), true));
    assert_eq!(corrections.problem(&three), None);
    corrections.act(rename("raw dog", "cat"));
    let problem = corrections.problem(&three).unwrap_or_default();
    assert!(problem.starts_with("At least two classes must remain"), "{problem}");
    corrections.act(CorrectionAction::LeaveOut(keys("raw Katze"), false));
    assert_eq!(corrections.problem(&three), None);
    corrections.act(rename("raw dog", "  "));
    let problem = corrections.problem(&three).unwrap_or_default();
    assert!(problem.contains("“dog” needs a name"), "{problem}");
    corrections.act(CorrectionAction::LeaveOut(keys("raw dog"), true));
    assert_eq!(corrections.problem(&three), None, "a class that is left out needs none");
    assert!(corrections.to_send(&three).names.is_empty());
}

#[test]
fn a_refused_correction_leaves_the_pictures_and_what_belongs_to_them() {
    let three = report(&THREE);
    let mut corrections = opened(&three);
    corrections.act(CorrectionAction::Validate(Some(Validation::Folder("test".into()))));
    corrections.act(CorrectionAction::Send(corrections.to_send(&three)));
    assert_ne!(corrections.sent(), corrections.applied());
    corrections.refused();
    assert_eq!(corrections.sent(), &ClassCorrections::default());
    assert!(corrections.is_pending(&three), "the draft can be changed and applied again");
}

#[test]
fn folders_stay_on_offer_when_another_choice_is_applied() {
    let mut named = report(&THREE);
    named.split = SplitOrigin::Named { train: vec!["train".into()], valid: vec!["val".into()] };
    let (name, reason) = ("test".into(), "without labels".into());
    named.left_out = vec![LeftOut { name, pictures: 3, reason }];
    let mut corrections = opened(&named);
    let drawn = DataReport { split: SplitOrigin::Drawn, ..report(&THREE) };
    corrections.act(CorrectionAction::Validate(Some(Validation::Drawn)));
    apply(&mut corrections, &named, &drawn);
    assert_eq!(corrections.folders().collect::<Vec<_>>(), ["test", "train", "val"]);
    assert_eq!(corrections.validation(), Some(&Validation::Drawn));
}

/// A run that goes on after the page was reopened brings the corrections of its pictures.
#[test]
fn a_saved_run_brings_its_corrections() {
    let four = report(&[("cat", &["cat"]), ("Katze", &["Katze"]), ("dog", &["dog"])]);
    let mut corrections = opened(&four);
    corrections.act(rename("dog", "pup"));
    let own = ClassCorrections {
        names: [("cat".into(), "cat".into()), ("Katze".into(), "cat".into())].into(),
        validation: Some(Validation::Drawn),
        ..ClassCorrections::default()
    };
    let two = DataReport {
        opened: Some(OpenedReport { corrections: own.clone(), ..OpenedReport::default() }),
        ..report(&[("cat", &["Katze", "cat"]), ("dog", &["dog"])])
    };
    corrections.loaded(&two);
    assert_eq!((corrections.applied(), corrections.sent()), (&own, &own));
    assert!(!corrections.is_pending(&two), "{}", corrections.summary(&two));
    assert!(corrections.is_merged(&two.classes[0].keys));
    assert_eq!(corrections.found_names(&two.classes[0].keys), ["Katze", "cat"]);
}

#[test]
fn another_column_has_other_classes() {
    let three = report(&THREE);
    let mut corrections = opened(&three);
    corrections.act(rename("raw dog", "pup"));
    corrections.act(CorrectionAction::LeaveOut(keys("raw cat"), true));
    corrections.act(CorrectionAction::LabelColumn(Some("coarse_label".into())));
    let sent = corrections.to_send(&three);
    assert!(sent.names.is_empty() && sent.left_out.is_empty());
    assert_eq!(corrections.summary(&three), "labels from another column");
    apply(&mut corrections, &three, &report(&[("pet", &["pet"]), ("wild", &["wild"])]));
    corrections.act(CorrectionAction::ImageColumn(Some("mask".into())));
    corrections.act(CorrectionAction::AcceptCut(true));
    let said = "pictures from another column, pictures that end early are used";
    assert_eq!(corrections.summary(&three), said);
    assert_eq!(corrections.label_column(), Some("coarse_label"));
    corrections.act(CorrectionAction::LabelColumn(None));
    assert!(corrections.summary(&three).starts_with("labels from another column"));
}

fn with_columns(report: DataReport, used: &str, corrections: &ClassCorrections) -> DataReport {
    let names = ["label", "class", "breed"].map(str::to_owned).to_vec();
    let label_columns = ColumnReport { names, used: used.into() };
    let opened =
        OpenedReport { label_columns, corrections: corrections.clone(), ..OpenedReport::default() };
    DataReport { opened: Some(opened), ..report }
}

/// What was typed for the classes of a column is there again with the column: whether it was
/// applied or not, however the reader comes back, and for classes that are left out as well.
#[test]
fn what_was_typed_waits_for_its_column() {
    let labels = || with_columns(report(&THREE), "label", &ClassCorrections::default());
    let typed = |corrections: &mut Corrections| {
        corrections.act(rename("raw dog", "pup"));
        corrections.act(CorrectionAction::LeaveOut(keys("raw cat"), true));
    };
    let choose = |corrections: &mut Corrections, column: Option<&str>| {
        corrections.act(CorrectionAction::LabelColumn(column.map(str::to_owned)));
    };
    let is_there = |corrections: &Corrections, shown: &DataReport| {
        let sent = corrections.to_send(shown);
        sent.names.get("raw dog").is_some_and(|name| name == "pup")
            && sent.left_out.contains("raw cat")
    };
    // Another column is looked at in the list and not applied; the one in use is chosen by name.
    for back in [None, Some("label")] {
        let shown = labels();
        let mut corrections = opened(&shown);
        typed(&mut corrections);
        for column in ["class", "breed"] {
            choose(&mut corrections, Some(column));
            assert_eq!(corrections.summary(&shown), "labels from another column");
            assert!(!is_there(&corrections, &shown), "these are other classes");
            assert_eq!(corrections.name(&keys("raw dog"), "dog"), "pup", "as it is typed");
        }
        choose(&mut corrections, back);
        assert!(is_there(&corrections, &shown), "{back:?}");
        assert!(corrections.summary(&shown).starts_with("1 class renamed, 1 class left out"));
    }
    // The other column is applied, or refused.
    for is_refused in [false, true] {
        let shown = labels();
        let mut corrections = opened(&shown);
        typed(&mut corrections);
        choose(&mut corrections, Some("class"));
        let sent = corrections.to_send(&shown);
        corrections.act(CorrectionAction::Send(sent.clone()));
        let shown = if is_refused {
            corrections.refused();
            assert_eq!(corrections.name(&keys("raw dog"), "dog"), "pup");
            shown
        } else {
            let other = report(&[("pet", &["pet"]), ("wild", &["wild"]), ("farm", &["farm"])]);
            let other = with_columns(other, "class", &sent);
            corrections.loaded(&other);
            corrections.act(rename("pet", "at home"));
            other
        };
        choose(&mut corrections, None);
        assert!(is_there(&corrections, &shown), "refused: {is_refused}");
        let back = corrections.to_send(&shown);
        corrections.act(CorrectionAction::Send(back.clone()));
        let two = report(&[("pup", &["raw dog"]), ("Katze", &["raw Katze"])]);
        let two = with_columns(two, "label", &back);
        corrections.loaded(&two);
        assert!(is_there(&corrections, &two) && !corrections.is_pending(&two));
        choose(&mut corrections, Some("class"));
        let at_home = corrections.to_send(&two).names;
        assert_eq!(at_home.contains_key("pet"), !is_refused);
        // Undo takes everything back.
        corrections.act(CorrectionAction::Send(ClassCorrections::default()));
        corrections.loaded(&labels());
        for column in [None, Some("class")] {
            choose(&mut corrections, column);
            let sent = corrections.to_send(&labels());
            assert!(sent.names.is_empty() && sent.left_out.is_empty(), "{column:?}");
        }
    }
}

#[test]
fn a_name_is_not_endless() {
    let three = report(&THREE);
    let mut corrections = opened(&three);
    corrections.act(rename("raw cat", &"é".repeat(10_000)));
    assert_eq!(corrections.to_send(&three).names["raw cat"].chars().count(), LONGEST_NAME);
}
