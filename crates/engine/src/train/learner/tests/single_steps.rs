//! Single steps of a run.

use super::*;

/// A GPU's losses are read a few at a time, and those of single steps at once: the same numbers.
#[test]
fn a_single_step_tells_its_loss_however_many_are_read_at_a_time() {
    let config = read_run("size=32&layers=1,1&width=8&stem=8&epochs=1&bs=4&augment=none&seed=3").0;
    let data = drawn_set(&[0, 1], 32);
    let losses = |read_every: usize, singly: bool| -> Vec<Vec<f32>> {
        let device = Device::flex();
        let mut learner = Learner::new(config.clone(), data.clone(), &device, read_every).unwrap();
        let mut told = Vec::new();
        loop {
            let tick = match singly {
                true => block_on(learner.tick_and_read()),
                false => block_on(learner.tick()),
            };
            match tick.unwrap() {
                Tick::Trained { steps, .. } => {
                    told.push(steps.iter().map(|step| step.loss).collect());
                }
                Tick::Done => return told,
                Tick::Validated { .. } | Tick::Epoch(_) => {}
            }
        }
    };
    let each = losses(1, false);
    assert!(each.len() == 8 && each.iter().all(|step| step.len() == 1), "{each:?}");
    assert!(losses(100, false).iter().any(Vec::is_empty));
    assert_eq!(losses(100, true), each);
}
