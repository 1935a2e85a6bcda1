//! Runs that end with the network of their best epoch, and those that end early.

use super::*;
use crate::model::file::ModelFile;
use crate::model::safetensors::Precision;
use crate::train::export::{export_model, learner_info};

/// With a difference that no epoch reaches, the first epoch stays the best one.
#[test]
fn a_run_ends_early_with_the_network_of_its_best_epoch() {
    const TINY: &str = "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=5&bs=8&augment=none";
    let data = drawn_set(&[1, 2], 32);
    let begun = |settings: &str| {
        let run = read_run(&format!("{TINY}&{settings}")).0;
        Learner::new(run, data.clone(), &Device::flex(), 1).unwrap()
    };
    let all = |learner: &Learner| block_on(read_weights(&learner.model)).unwrap();
    let mut plain = begun("");
    let rows: Vec<EpochRow> = (0..3).map(|_| run_epoch(&mut plain)).collect();
    let mut first = begun("");
    run_epoch(&mut first);
    let (after_first, scored) = (all(&first), first.scored.clone());

    let mut learner = begun("save=valid_loss&stop=valid_loss&min_delta=10&patience=2");
    assert_eq!(run_epoch(&mut learner).valid_loss, rows[0].valid_loss);
    // Under way, the network that is saved is the best one, and the one that answers is not.
    run_epoch(&mut learner);
    assert_eq!((learner.best_so_far(), learner.kept_epoch()), (Some(0), None));
    assert_ne!(all(&learner), after_first);
    let file = block_on(export_model(&learner)).unwrap();
    assert_eq!((&file.weights, file.info.best), (&after_first, Some(0)));
    assert_eq!((learner.ending(), learner.is_done()), (None, false));
    let last = run_epoch(&mut learner);
    assert_eq!(EpochRow { seconds: 0.0, ..last }, EpochRow { seconds: 0.0, ..rows[2] });

    assert_eq!(
        (learner.is_done(), learner.history.len(), learner.kept_epoch()),
        (true, 3, Some(0))
    );
    assert_eq!((all(&learner), &learner.scored), (after_first.clone(), &scored));
    assert_eq!(
        learner.ending().as_deref(),
        Some(
            "stopped early, no better valid_loss since epoch 0; the network is that of epoch 0, the \
             best by valid_loss"
        )
    );
    assert_eq!(learner_info(&learner).name, "the network of this run, after epoch 0, its best");
    let file = block_on(export_model(&learner)).unwrap();
    let bytes = file.write(Precision::F32).unwrap();
    let again = ModelFile::read("kept", &bytes, &RunConfig::default()).unwrap();
    assert_eq!((again.info.best, again.info.history.len()), (Some(0), 3));
    assert_eq!(again.weights, after_first);

    // One epoch more begins with that network, and is no better by as much either.
    learner.add_epoch();
    run_epoch(&mut learner);
    assert_eq!(
        (learner.is_done(), learner.history.len(), learner.kept_epoch()),
        (true, 4, Some(0))
    );
    assert_eq!(all(&learner), after_first);
}

/// Lookahead meets its slow weights at the sixth step, in the second epoch, and at the twelfth, in
/// the one that is added. The first epoch stays the best one.
#[test]
fn slow_weights_return_to_the_best_epoch_with_the_network() {
    const RANGER: &str = "size=32&layers=1,1&expansion=1&width=8&stem=4,8&epochs=2&bs=8&\
                          augment=none&opt=ranger&save=valid_loss&min_delta=10";
    let (run, problems) = read_run(RANGER);
    assert!(problems.is_empty(), "{problems:?}");
    let mut learner = Learner::new(run, drawn_set(&[1, 2], 32), &Device::flex(), 1).unwrap();
    let slow = |learner: &mut Learner| {
        let saved = block_on(learner.checkpoint()).unwrap().write(1).unwrap();
        let slow = Checkpoint::read(&saved).unwrap().1.slow;
        slow.into_iter().map(|(name, array)| (name, array.values)).collect::<Vec<_>>()
    };
    let own = |weights: &Weights| {
        let own = weights.iter().map(|(name, array)| (name.clone(), array.values.clone()));
        own.collect::<Vec<_>>()
    };
    run_epoch(&mut learner);
    let first = parameters(&learner);
    // Lookahead has not met them yet.
    assert_ne!(slow(&mut learner), own(&first));
    for epochs in [2, 3] {
        run_epoch(&mut learner);
        assert_eq!((learner.history.len(), learner.kept_epoch()), (epochs, Some(0)));
        assert_eq!(parameters(&learner), first);
        assert_eq!(slow(&mut learner), own(&first), "after {epochs} epochs");
        learner.add_epoch();
    }
}

/// The frozen epoch and those of the whole network are two fits, each with a best epoch of its own.
#[test]
fn a_fine_tuning_keeps_the_best_epoch_of_the_whole_network() {
    let architecture = Architecture::torchvision([1, 1, 1, 1], false, 10);
    let weights = pretrained(&architecture);
    let network = |device: &Device| {
        Network::Torchvision(TorchvisionResNet::load(&architecture, &weights, device).unwrap())
    };
    let data = drawn_set(&[1, 2], 32);
    let settings = "size=32&epochs=3&bs=16&augment=none&save=accuracy&stop=accuracy&min_delta=1";
    let mut learner = tuned(settings, network, &data);
    run_epoch(&mut learner);
    assert_eq!((learner.is_done(), learner.best_so_far()), (false, None));
    run_epoch(&mut learner);
    let second = parameters(&learner);
    assert_eq!((learner.is_done(), learner.best_so_far()), (false, Some(1)));
    run_epoch(&mut learner);
    assert_eq!((learner.is_done(), learner.kept_epoch()), (true, Some(1)));
    assert_eq!(parameters(&learner), second);
    let name = learner_info(&learner).name;
    assert!(name.ends_with("blocks, fine-tuned, after epoch 1, its best"), "{name}");
    let told = learner.ending().unwrap();
    assert!(told.starts_with("stopped early, no better accuracy since epoch 1;"), "{told}");
    let file = block_on(export_model(&learner)).unwrap();
    assert_eq!((file.info.best, file.info.history.len()), (Some(1), 3));
    let images = upload(batch::valid_batch(&data, 8, 0, 32), &Device::flex());
    let wanted = learner.model.valid().forward(images.clone());
    let found = file.build(&Device::flex()).unwrap().forward(images);
    assert!((wanted - found).abs().max().into_scalar::<f32>() < 1e-5);
}
