//! Max-pool and average pool as operations on the tape: the host's.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use crate::cpu::batch::Batch;
use crate::cpu::grid::Grid;
use crate::cpu::parallel::{chunk, each};
use crate::cpu::pools::Pool;
use crate::cpu::{primitive, tracked};

/// The output, and for the largest which of its window it was.
fn forward(pool: Pool, input: &Batch) -> (Batch, Vec<f32>) {
    let grid = pool.output(input.grid);
    let pixels = chunk(grid);
    let size = pixels * grid.pixel();
    let mut output = vec![0.0; grid.len()];
    let mut winners = vec![0.0; if pool == Pool::Max { grid.len() } else { 0 }];
    let mut places = winners.chunks_mut(size);
    let jobs = output.chunks_mut(size).map(|output| (output, places.next().unwrap_or_default()));
    each(jobs.collect::<Vec<_>>(), |index, (output, winners)| {
        pool.forward(input.grid, input.values(), index * pixels, output, winners)
    });
    (Batch::new(grid, output), winners)
}

#[derive(Debug)]
struct PoolBackward;

impl Backward<Flex, 1> for PoolBackward {
    type State = (Pool, Grid, Vec<f32>);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let grad = Batch::from_tensor(grads.consume::<Flex>(&ops.node));
        let (pool, grid, winners) = ops.state;
        let [Some(parent)] = ops.parents else { return };
        let pixels = chunk(grid);
        let mut target = vec![0.0; grid.len()];
        each(target.chunks_mut(pixels * grid.pixel()), |index, target| {
            pool.backward(grid, grad.values(), &winners, index * pixels, target);
        });
        grads.register::<Flex>(parent.id, Batch::new(grid, target).into_tensor());
    }
}

fn pooled(pool: Pool, input: Tensor<4>) -> Tensor<4> {
    if !input.device().is_autodiff() {
        let (output, _) = forward(pool, &Batch::from_tensor(primitive(input)));
        return Tensor::from_primitive::<Flex>(output.into_tensor());
    }
    let input = tracked(input);
    let values = Batch::from_tensor(input.primitive().clone());
    let (output, winners) = forward(pool, &values);
    let output =
        match PoolBackward.prepare::<NoCheckpointing>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                step.finish((pool, values.grid, winners), output.into_tensor())
            }
            OpsKind::UnTracked(step) => step.finish(output.into_tensor()),
        };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}

/// `MaxPool2d(3, stride = 2, padding = 1)`.
pub fn max_pool(input: Tensor<4>) -> Tensor<4> {
    pooled(Pool::Max, input)
}

/// `AvgPool2d(2, ceil_mode=True)`.
pub fn average_pool(input: Tensor<4>) -> Tensor<4> {
    pooled(Pool::Average, input)
}
