//! A run on opened files goes on after the page was closed: the files are given again, and the
//! saved run brings what the reader had corrected about them.

use std::io::Cursor;

use resnette_engine::train::checkpoint::Checkpoint;
use resnette_picture::report::{ClassCorrections, DataReport, Validation};
use resnette_protocol::persistence::{ContinueRun, SavedRunSource};
use resnette_protocol::{Command, Event, Outcome};
use resnette_spec::{RunConfig, Source};

use crate::support::{Desk, FakeFile, tiny};

fn picture(class: usize, index: usize) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    let colour = [30 * class as u8, 20 * index as u8, 90];
    let mut image = image::RgbImage::from_pixel(20, 20, image::Rgb(colour));
    image.put_pixel(10, 10, image::Rgb([index as u8, 200, class as u8]));
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

/// Six pictures in each of these folders.
fn files(folders: &[&str]) -> Vec<FakeFile> {
    let each = folders.iter().enumerate().flat_map(|(class, folder)| {
        (0..6)
            .map(move |index| FakeFile(format!("pets/{folder}/{index}.png"), picture(class, index)))
    });
    each.collect()
}

const PETS: [&str; 5] = ["train/cat", "train/Katze", "train/dog", "train/junk", "val/dog"];

fn config() -> RunConfig {
    tiny("source=files&train=50&valid=50&epochs=50&bs=4")
}

fn corrections() -> ClassCorrections {
    ClassCorrections {
        names: [("cat".into(), "cat".into()), ("Katze".into(), "cat".into())].into(),
        left_out: ["junk".into()].into(),
        validation: Some(Validation::Drawn),
        ..ClassCorrections::default()
    }
}

/// A run on corrected files, saved in its midst.
fn saved() -> Vec<u8> {
    saved_after(config(), 5)
}

/// A run on corrected files, saved after so many turns.
fn saved_after(config: RunConfig, turns: usize) -> Vec<u8> {
    let mut desk = Desk::default();
    let train = desk.ask_corrected(Command::Train(config), files(&PETS), corrections());
    assert_eq!(desk.until_ended(train), Outcome::Answered);
    desk.settle(turns);
    desk.ask(Command::Pause);
    let save = desk.ask(Command::SaveRun);
    assert_eq!(desk.until_ended(save), Outcome::Answered);
    let mut files = desk.events().into_iter().filter_map(|event| match event {
        Event::Model { bytes, .. } => Some(bytes),
        _ => None,
    });
    files.next_back().unwrap()
}

/// Another page opens a saved run and these files, and continues: how that ends, and what was
/// loaded.
fn continued(
    run: &[u8],
    files: Vec<FakeFile>,
    corrections: ClassCorrections,
) -> (Outcome, Option<DataReport>) {
    let mut desk = Desk::default();
    let open = desk.ask(Command::OpenRun { name: "run".into(), bytes: run.to_vec() });
    assert_eq!(desk.until_ended(open), Outcome::Answered);
    let load = Command::Load { data: config().data, seed: config().seed };
    desk.ask_corrected(load, files.clone(), corrections.clone());
    let origin = SavedRunSource::Opened;
    let proceed = Command::Continue(ContinueRun { origin, source: Source::Files });
    let proceed = desk.ask_corrected(proceed, files, corrections);
    let outcome = desk.until_ended(proceed);
    let mut loaded = desk.events().into_iter().filter_map(|event| match event {
        Event::Loaded(report) => Some(report),
        _ => None,
    });
    (outcome, loaded.next_back())
}

fn message(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused(failure) => failure.message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_saved_run_brings_its_corrections_and_the_page_hears_of_them() {
    let run = saved();
    let (outcome, report) = continued(&run, files(&PETS), ClassCorrections::default());
    assert_eq!(outcome, Outcome::Answered);
    let report = report.unwrap();
    let names: Vec<&str> = report.classes.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["cat", "dog"]);
    assert_eq!(report.opened.unwrap().corrections, corrections());
    // Whatever else was corrected on the new page.
    let other = ClassCorrections { left_out: ["dog".into()].into(), ..corrections() };
    assert_eq!(continued(&run, files(&PETS), other).0, Outcome::Answered);
}

#[test]
fn other_files_are_refused_with_what_differs() {
    let run = saved();
    let proceed = |files| message(continued(&run, files, ClassCorrections::default()).0);
    let mut fewer = files(&PETS);
    fewer.remove(0);
    let told = proceed(fewer);
    assert!(told.contains("the saved run has 20 and 4"), "{told}");
    let told = proceed(files(&["train/cat", "train/Katze", "train/wolf", "train/junk"]));
    assert!(told.contains("the classes are “cat”, “wolf”"), "{told}");
    assert!(told.contains("of the saved run are “cat”, “dog”"), "{told}");
    let mut others = files(&PETS);
    others[0].1 = picture(7, 7);
    let told = proceed(others);
    assert!(told.contains("not the same pictures"), "{told}");
}

/// Runs that earlier versions saved do not tell corrections: those of the page hold.
#[test]
fn a_run_of_an_earlier_version_is_continued_with_the_corrections_of_the_page() {
    let (_, mut checkpoint) = Checkpoint::read(&saved()).unwrap();
    assert_eq!(checkpoint.header.corrections, Some(corrections()));
    checkpoint.header.corrections = None;
    let run = checkpoint.write(0).unwrap();
    assert_eq!(continued(&run, files(&PETS), corrections()).0, Outcome::Answered);
    let told = message(continued(&run, files(&PETS), ClassCorrections::default()).0);
    assert!(told.contains("the classes are"), "{told}");
}

/// A run that has ended needs its pictures for one epoch more.
#[test]
fn one_epoch_more_of_a_saved_run_takes_its_files_and_corrections() {
    let mut ended = config();
    ended.recipe.epochs = 1;
    let run = saved_after(ended, 100);
    let mut desk = Desk::default();
    let open = desk.ask(Command::OpenRun { name: "run".into(), bytes: run });
    assert_eq!(desk.until_ended(open), Outcome::Answered);
    let without = desk.ask(Command::OneMoreEpoch);
    let told = message(desk.until_ended(without));
    assert!(told.contains("Open the same pictures in Data"), "{told}");
    let none = ClassCorrections::default();
    let more = desk.ask_corrected(Command::OneMoreEpoch, files(&PETS), none);
    assert_eq!(desk.until_ended(more), Outcome::Answered);
}
