//! Where a path forks: the sum of the two gradients that come back, in the host's order.
//!
//! Burn would add them itself, but through its general loop over strides, in the order of a
//! contiguous tensor: a jump for each number.

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use crate::cpu::batch::Batch;
use crate::cpu::parallel::each;
use crate::cpu::sum::add;
use crate::cpu::{Tracked, tracked};

/// Floats that a thread adds at a time.
const CHUNK: usize = 65_536;

/// The gradient that came back first.
type First = Arc<Mutex<Option<Batch>>>;

#[derive(Debug)]
struct ForkBackward;

impl Backward<Flex, 1> for ForkBackward {
    type State = First;

    fn backward(self, ops: Ops<First, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let grad = Batch::from_tensor(grads.consume::<Flex>(&ops.node));
        let [Some(parent)] = ops.parents else { return };
        let mut first = ops.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut sum) = first.take() else {
            *first = Some(grad);
            return;
        };
        each(
            sum.values_mut().chunks_mut(CHUNK).zip(grad.values().chunks(CHUNK)),
            |_, (sum, grad)| add(sum, grad),
        );
        grads.register::<Flex>(parent.id, sum.into_tensor());
    }
}

/// The input twice. Both must be used for what is differentiated: the gradient of one alone would
/// wait for the other's for ever.
pub fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    if !input.device().is_autodiff() {
        return [input.clone(), input];
    }
    let input = tracked(input);
    let first = First::default();
    [(); 2].map(|()| branch(&input, &first))
}

fn branch(input: &Tracked, first: &First) -> Tensor<4> {
    let values = input.primitive().clone();
    let output =
        match ForkBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(Arc::clone(first), values),
            OpsKind::UnTracked(step) => step.finish(values),
        };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}
