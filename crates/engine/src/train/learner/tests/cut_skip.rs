//! Runs that are split: one goes on with a skip connection and one without it.

use resnette_spec::BlockPlace;
use resnette_spec::architecture::TensorShapes;
use resnette_spec::epoch::EpochRow;

use super::*;
use crate::train::cut_skip::CutError;

const RUN: &str = "size=32&layers=1,2&block=basic&expansion=1&width=8&stem=8&epochs=2&bs=4&seed=3";

fn begun(more: &str) -> Learner {
    let config = read_run(&format!("{RUN}&{more}")).0;
    Learner::new(config, drawn_set(&[0, 1], 32), &Device::flex(), 3).unwrap()
}

fn place(text: &str) -> BlockPlace {
    BlockPlace::read(text).unwrap()
}

fn tick(learner: &mut Learner, times: usize) {
    (0..times).for_each(|_| drop(block_on(learner.tick()).unwrap()));
}

fn to_the_end(learner: &mut Learner) -> (Vec<EpochRow>, Weights) {
    while block_on(learner.tick()).unwrap() != Tick::Done {}
    let rows = learner.history.iter().map(|row| EpochRow { seconds: 0.0, ..*row }).collect();
    (rows, block_on(read_weights(&learner.model)).unwrap())
}

fn tensors(learner: &Learner) -> TensorShapes {
    Architecture::new(&learner.config.net, learner.data.classes.len() as u32).tensors()
}

/// The one with the skip is the run that nobody split, to the last bit. The other one begins with
/// the same weights and optimiser, has no tensor of the skip, and learns something else.
#[test]
fn a_split_run_goes_on_as_it_would_and_the_other_without_the_skip() {
    for (more, cut) in [
        ("", "2.1"),
        ("accumulate=3&opt=ranger", "2.1"),
        ("mixup=0.4", "2.2"),
        ("se=4&pool=blur", "2.1"),
        ("sa=1", "1.1"),
    ] {
        // In training, before a validation, in it, and in the second epoch.
        for ticks in [2, 8, 9, 14] {
            let mut whole = begun(more);
            let wanted = to_the_end(&mut whole);
            let mut with = begun(more);
            tick(&mut with, ticks.max(if more.contains("accumulate") { 4 } else { 0 }));
            let mut without = block_on(with.without_skip(place(cut))).unwrap();
            assert_eq!(BlockPlace::write_list(&without.config.net.cut), cut);
            let [before, after] = [&with, &without].map(|run| block_on(read_weights(&run.model)));
            let (mut before, after) = (before.unwrap(), after.unwrap());
            let gone = format!("stages.1.{}.idconv.", if cut == "2.1" { 0 } else { 1 });
            before.retain(|name, _| !name.starts_with(&gone));
            assert_eq!(before, after, "{more} after {ticks}");
            assert_eq!(
                after.keys().collect::<Vec<_>>(),
                tensors(&without).keys().collect::<Vec<_>>()
            );
            assert_eq!(with.adam.steps, without.adam.steps);
            assert_eq!((with.step, with.epoch), (without.step, without.epoch));
            let without_skip = to_the_end(&mut without);
            assert_eq!(to_the_end(&mut with), wanted, "{more} after {ticks}");
            assert_eq!(with.curve, whole.curve);
            assert_eq!(without_skip.0.len(), wanted.0.len());
            assert_ne!(without_skip.0.last(), wanted.0.last());
        }
    }
}

/// The run without the skip is saved and opened like any other.
#[test]
fn a_run_without_a_skip_is_saved_and_resumed() {
    let mut with = begun("");
    tick(&mut with, 3);
    let mut without = block_on(with.without_skip(place("2.1"))).unwrap();
    tick(&mut without, 2);
    let bytes = block_on(without.checkpoint()).unwrap().write(1).unwrap();
    let (_, read) = Checkpoint::read(&bytes).unwrap();
    assert_eq!(BlockPlace::write_list(&read.config.net.cut), "2.1");
    let mut again = Learner::resume(&read, without.data.clone(), &Device::flex(), 3).unwrap();
    assert_eq!(to_the_end(&mut again), to_the_end(&mut without));
    let mut twice = block_on(again.without_skip(place("1.1")));
    assert!(matches!(twice, Err(CutError::Ended)));
    twice = block_on(with.without_skip(place("1.1")));
    assert!(twice.is_ok(), "the run itself has all of its skips");
}

#[test]
fn what_cannot_be_cut_is_refused_and_changes_nothing() {
    let refused = |more: &str, ticks: usize, cut: &str| {
        let mut run = begun(more);
        tick(&mut run, ticks);
        let before = block_on(read_weights(&run.model)).unwrap();
        let error = block_on(run.without_skip(place(cut))).err().unwrap();
        assert_eq!(block_on(read_weights(&run.model)).unwrap(), before);
        assert!(run.config.net.cut.iter().all(|cut| more.contains(&cut.to_string())));
        error
    };
    assert!(matches!(refused("", 0, "1.1"), CutError::BeforeFirstStep));
    for (more, cut) in [("", "3.1"), ("", "1.2"), ("cut=1.1", "1.1"), ("block=plain", "1.1")] {
        let error = refused(more, 2, cut);
        assert!(matches!(error, CutError::NoSkip(found) if found == place(cut)), "{more}: {error}");
    }
    assert!(matches!(refused("save=valid_loss", 2, "1.1"), CutError::KeepsBest));
}
