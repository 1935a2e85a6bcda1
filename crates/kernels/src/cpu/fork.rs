//! The point where a residual block's input forks into two paths, as an operation of its own that
//! adds the two paths' gradients.
//!
//! Burn would add them by itself, but by its general loop over strides and in the order of a
//! contiguous tensor, which in the HWCN layout means a jump in memory for every single number.

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use crate::cpu::add_assign::add_assign;
use crate::cpu::hwcn_tensor::HwcnTensor;
use crate::cpu::parallel::for_each;
use crate::cpu::primitive::{Tracked, tracked};

/// Floats that a thread adds at a time.
const CHUNK_FLOATS: usize = 65_536;

/// The gradient of whichever path the backward pass reaches first, until the other path's arrives;
/// both branches share it.
type FirstGradient = Arc<Mutex<Option<HwcnTensor>>>;

/// The backward pass of one branch: it stores the first gradient, and registers the sum once the
/// second one is there.
#[derive(Debug)]
struct ForkBackward;

impl Backward<Flex, 1> for ForkBackward {
    type State = FirstGradient;

    fn backward(
        self,
        ops: Ops<FirstGradient, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = HwcnTensor::from_tensor(grads.consume::<Flex>(&ops.node));
        let [Some(parent)] = ops.parents else { return };
        let mut first = ops.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut sum) = first.take() else {
            *first = Some(grad);
            return;
        };
        for_each(
            sum.values_mut().chunks_mut(CHUNK_FLOATS).zip(grad.values().chunks(CHUNK_FLOATS)),
            |_, (sum, grad)| add_assign(sum, grad),
        );
        grads.register::<Flex>(parent.id, sum.into_tensor());
    }
}

/// Returns the input twice, for two paths that are summed later.
///
/// Both outputs must take part in what is differentiated: otherwise the gradient of the one that
/// does would wait for the other's for ever, and the input would get no gradient.
///
/// # Shapes
/// `[n, c, h, w]`, twice
pub fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    if !input.device().is_autodiff() {
        return [input.clone(), input];
    }
    let input = tracked(input);
    let first = FirstGradient::default();
    [(); 2].map(|()| branch(&input, &first))
}

/// One of the two outputs: the input's values under a new node of the autodiff graph.
fn branch(input: &Tracked, first: &FirstGradient) -> Tensor<4> {
    let values = input.primitive().clone();
    let output =
        match ForkBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(Arc::clone(first), values),
            OpsKind::UnTracked(step) => step.finish(values),
        };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}
