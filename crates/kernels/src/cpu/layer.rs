//! Convolution, batch norm, the sum with an identity path and ReLU as one operation with one node
//! on the tape: the host's.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::Tensor;

use crate::cpu::batch::{Batch, Plain};
use crate::cpu::gather::{Filter, Gather};
use crate::cpu::grid::Grid;
use crate::cpu::norm::{Apply, Slopes, Statistics, moments, slope_sums};
use crate::cpu::parallel::{chunk, chunks, each};
use crate::cpu::weight_grad::{ROWS, WeightGradient};
use crate::cpu::{Tracked, primitive, tracked};
use crate::{Inputs, Settings, Trained};

fn filter(weight: &Plain, stride: usize) -> Filter {
    let [_, _, ks, _] = weight.dims();
    Filter { ks, stride }
}

fn product(input: &Batch, weight: &Plain, stride: usize) -> Gather {
    let [channels, _, _, _] = weight.dims();
    Gather::forward(weight.values(), filter(weight, stride), input.grid, channels)
}

/// The layer with running statistics, without a tape.
pub fn evaluate(inputs: Inputs, settings: Settings) -> Tensor<4> {
    let input = Batch::from_tensor(primitive(inputs.input));
    let weight = Plain::new(primitive(inputs.weight));
    let vectors = [inputs.gamma, inputs.beta, inputs.running_mean, inputs.running_var];
    let [gamma, beta, mean, var] = vectors.map(|vector| Plain::new(primitive(vector)));
    let residual = inputs.residual.map(|residual| Batch::from_tensor(primitive(residual)));
    let scale = |(gamma, var): (&f32, &f32)| {
        (f64::from(*gamma) / (f64::from(*var) + settings.epsilon).sqrt()) as f32
    };
    let scale: Vec<f32> = gamma.values().iter().zip(var.values()).map(scale).collect();
    let apply =
        Apply { mean: mean.values(), scale: &scale, shift: beta.values(), act: settings.act };
    let product = product(&input, &weight, settings.stride);
    let grid = product.target();
    let pixels = chunk(grid);
    let size = pixels * grid.pixel();
    let mut output = vec![0.0; grid.len()];
    each(output.chunks_mut(size), |index, output| {
        product.run(input.values(), index * pixels, output);
        apply.run(grid, None, part(residual.as_ref(), index * size, output.len()), output);
    });
    Tensor::from_primitive::<Flex>(Batch::new(grid, output).into_tensor())
}

/// What belongs to a chunk.
fn part(batch: Option<&Batch>, from: usize, length: usize) -> Option<&[f32]> {
    batch.map(|batch| &batch.values()[from..from + length])
}

/// What the way back needs.
#[derive(Clone, Debug)]
struct Kept {
    input: Batch,
    weight: Plain,
    gamma: Plain,
    z: Batch,
    statistics: Statistics,
    /// The output, where a ReLU hides in it which values passed.
    output: Option<Batch>,
    settings: Settings,
}

/// The way back: input, weight, gamma, beta, and identity path where there is one.
#[derive(Debug)]
struct LayerBackward<const N: usize>;

impl<const N: usize> Backward<Flex, N> for LayerBackward<N> {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let grad = Batch::from_tensor(grads.consume::<Flex>(&ops.node));
        let Kept { input, weight, gamma, z, statistics, output, settings } = ops.state;
        let node =
            |index: usize| ops.parents.get(index).and_then(Option::as_ref).map(|node| node.id);
        let NormGradients { z, gamma, beta, output } =
            norm_gradients(grad, output, z, &statistics, &gamma);
        match node(4) {
            Some(id) => grads.register::<Flex>(id, output.into_tensor()),
            None => drop(output),
        }
        let filter = filter(&weight, settings.stride);
        if let Some(id) = node(0) {
            grads.register::<Flex>(
                id,
                input_gradient(&z, &weight, filter, input.grid).into_tensor(),
            );
        }
        if let Some(id) = node(1) {
            grads.register::<Flex>(
                id,
                weight_gradient(&z, &input, weight.dims(), filter).into_tensor(),
            );
        }
        for (index, vector) in [(2, gamma), (3, beta)] {
            if let Some(id) = node(index) {
                let length = [vector.len()];
                grads.register::<Flex>(id, Plain::of(vector, length).into_tensor());
            }
        }
    }
}

/// Gradients of a normalisation.
struct NormGradients {
    /// Of what was normalised, in its place.
    z: Batch,
    gamma: Vec<f32>,
    beta: Vec<f32>,
    /// Of what the norm put out, behind the ReLU: the identity path's too.
    output: Batch,
}

fn norm_gradients(
    mut grad: Batch,
    output: Option<Batch>,
    mut z: Batch,
    statistics: &Statistics,
    gamma: &Plain,
) -> NormGradients {
    let grid = z.grid;
    let size = chunk(grid) * grid.pixel();
    let mut sums = vec![0.0; chunks(grid) * 2 * grid.c];
    each(
        grad.values_mut().chunks_mut(size).zip(sums.chunks_mut(2 * grid.c)),
        |index, (grad, sums)| {
            let (from, length) = (index * size, grad.len());
            let output = part(output.as_ref(), from, length);
            slope_sums(
                grid,
                grad,
                output,
                &z.values()[from..from + length],
                &statistics.mean,
                sums,
            );
        },
    );
    let slopes = Slopes::gather(grid, &sums, statistics, gamma.values());
    each(z.values_mut().chunks_mut(size).zip(grad.values().chunks(size)), |_, (z, grad)| {
        slopes.run(grid, grad, z)
    });
    NormGradients { z, gamma: slopes.gamma, beta: slopes.beta, output: grad }
}

fn input_gradient(grad: &Batch, weight: &Plain, filter: Filter, input: Grid) -> Batch {
    let product = Gather::backward(weight.values(), filter, grad.grid, input);
    let pixels = chunk(input);
    let mut target = vec![0.0; input.len()];
    each(target.chunks_mut(pixels * input.pixel()), |index, target| {
        product.run(grad.values(), index * pixels, target)
    });
    Batch::new(input, target)
}

fn weight_gradient(
    grad: &Batch,
    input: &Batch,
    [co, ci, ks, _]: [usize; 4],
    filter: Filter,
) -> Plain {
    let gradient = WeightGradient { filter, input: input.grid, output: grad.grid };
    let mut target = vec![0.0; co * ci * ks * ks];
    each(target.chunks_mut(ROWS * ci * ks * ks), |index, target| {
        gradient.run(grad.values(), input.values(), index * ROWS, target)
    });
    Plain::of(target, [co, ci, ks, ks])
}

/// The layer with the batch's statistics, on the tape.
pub fn train(inputs: Inputs, settings: Settings) -> Trained {
    let [input, weight] = [inputs.input, inputs.weight].map(tracked);
    let [gamma, beta] = [inputs.gamma, inputs.beta].map(tracked);
    let running =
        [inputs.running_mean, inputs.running_var].map(|vector| Plain::new(primitive(vector)));
    match inputs.residual.map(tracked) {
        None => record([&input, &weight, &gamma, &beta], None, running, settings),
        Some(residual) => {
            record([&input, &weight, &gamma, &beta, &residual], Some(&residual), running, settings)
        }
    }
}

fn record<const N: usize>(
    parents: [&Tracked; N],
    residual: Option<&Tracked>,
    running: [Plain; 2],
    settings: Settings,
) -> Trained {
    let batch = |tensor: &Tracked| Batch::from_tensor(tensor.primitive().clone());
    let input = batch(parents[0]);
    let [weight, gamma, beta] =
        [1, 2, 3].map(|index| Plain::new(parents[index].primitive().clone()));
    let residual = residual.map(batch);
    let product = product(&input, &weight, settings.stride);
    let grid = product.target();
    let pixels = chunk(grid);
    let size = pixels * grid.pixel();
    let (mut z, mut output) = (vec![0.0; grid.len()], vec![0.0; grid.len()]);
    let mut found = vec![0.0; chunks(grid) * 2 * grid.c];
    each(z.chunks_mut(size).zip(found.chunks_mut(2 * grid.c)), |index, (z, found)| {
        product.run(input.values(), index * pixels, z);
        moments(grid, z, found);
    });
    let statistics = Statistics::gather(grid, pixels, &found, settings.epsilon);
    let scale: Vec<f32> = gamma
        .values()
        .iter()
        .zip(&statistics.inverse)
        .map(|(gamma, inverse)| gamma * inverse)
        .collect();
    let apply =
        Apply { mean: &statistics.mean, scale: &scale, shift: beta.values(), act: settings.act };
    each(output.chunks_mut(size).zip(z.chunks(size)), |index, (output, z)| {
        apply.run(grid, Some(z), part(residual.as_ref(), index * size, output.len()), output);
    });
    let (z, output) = (Batch::new(grid, z), Batch::new(grid, output));
    let [running_mean, running_var] = follow(running, &statistics, grid, settings.momentum);
    let kept = || Kept {
        input: input.clone(),
        weight: weight.clone(),
        gamma: gamma.clone(),
        z: z.clone(),
        statistics: statistics.clone(),
        output: settings.act.then(|| output.clone()),
        settings,
    };
    let nodes = parents.map(Tracked::node);
    let output =
        match LayerBackward::<N>.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(kept(), output.clone().into_tensor()),
            OpsKind::UnTracked(step) => step.finish(output.clone().into_tensor()),
        };
    Trained { output: Tensor::from_primitive::<Autodiff<Flex>>(output), running_mean, running_var }
}

/// Running mean and variance, a part of the way to the batch's; the unbiased variance, as in
/// PyTorch.
fn follow(running: [Plain; 2], batch: &Statistics, grid: Grid, momentum: f64) -> [Tensor<1>; 2] {
    let count = (grid.n * grid.pixels()) as f64;
    let unbiased = count / (count - 1.0).max(1.0);
    let [mean, var] = running;
    [(mean, &batch.mean, 1.0), (var, &batch.variance, unbiased)].map(
        |(mut running, batch, scale)| {
            for (running, batch) in running.values_mut().iter_mut().zip(batch) {
                *running = (f64::from(*running) * (1.0 - momentum)
                    + f64::from(*batch) * momentum * scale) as f32;
            }
            Tensor::from_primitive::<Flex>(running.into_tensor())
        },
    )
}
