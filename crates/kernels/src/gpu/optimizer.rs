//! The optimiser's step on the GPU: all parameters in a few dispatches.
//!
//! Where the old state of a group lies together, as a step leaves it, the next step is one
//! dispatch. After anything else (a run's first step, opened state, other parameters frozen) it is
//! laid down together first.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::{Cube, TensorMetadata};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::{CubeDim, SequenceArg};

use crate::gpu::cube::adam::{FactorsLaunch, MemberLaunch, adam_step, pack};
use crate::gpu::launch::{buffer, empty, spread};
use crate::gpu::{launch, primitive};
use crate::settings::AdamFactors;

/// Buffers of a dispatch that hold no gradient: old state, new state, and CubeCL's own for numbers.
const OTHERS: usize = 3;
/// Bytes of a number.
const SIZE: u64 = size_of::<f32>() as u64;

/// A parameter's part of a step.
#[derive(Clone, Debug)]
pub struct ParamUpdate {
    weight: CubeTensor,
    grad: CubeTensor,
    averages: Option<[CubeTensor; 2]>,
    factors: AdamFactors,
}

impl ParamUpdate {
    /// Of a weight `[…]` without a tape, its gradient, its averages `[elements]` (none begin at
    /// zero), and the step's numbers.
    pub fn new<const D: usize>(
        weight: Tensor<D>,
        grad: Tensor<D>,
        averages: Option<(Tensor<1>, Tensor<1>)>,
        factors: AdamFactors,
    ) -> Self {
        let averages = averages.map(|(avg, sqr)| [avg, sqr].map(primitive));
        Self { weight: primitive(weight), grad: primitive(grad), averages, factors }
    }

    fn length(&self) -> usize {
        self.weight.shape().num_elements()
    }
}

/// A parameter after a step: weight, average, average of squares.
#[derive(Clone, Debug)]
pub struct UpdatedParam([CubeTensor; 3]);

impl UpdatedParam {
    /// Weight `[…]`, average and average of squares `[elements]`.
    pub fn into_tensors<const D: usize>(self) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
        let [weight, avg, sqr] = self.0;
        (
            Tensor::from_primitive::<Cube>(weight),
            Tensor::from_primitive::<Cube>(avg),
            Tensor::from_primitive::<Cube>(sqr),
        )
    }
}

/// One step for all parameters, in the order of `updates`. All must have the same factors but for
/// rate and decay.
pub fn adam_steps(updates: &[ParamUpdate]) -> Vec<UpdatedParam> {
    let Some(first) = updates.first() else { return Vec::new() };
    let most = first.weight.client.properties().hardware.max_bindings as usize;
    updates.chunks(most.saturating_sub(OTHERS).max(1)).flat_map(step).collect()
}

/// Where the members of a group begin in its room.
struct PackedLayout {
    starts: Vec<usize>,
    size: usize,
}

impl PackedLayout {
    fn new(updates: &[ParamUpdate]) -> Self {
        // A buffer may be bound only at such bytes.
        let aligned = updates
            .first()
            .map_or(1, |update| {
                (update.weight.client.properties().memory.alignment / SIZE) as usize
            })
            .max(1);
        let mut size = 0;
        let starts = updates.iter().map(|update| {
            let start = size;
            size += update.length().next_multiple_of(aligned);
            start
        });
        let starts = starts.collect();
        Self { starts, size }
    }

    /// Weight, average and average of squares of a member, in `[3, room]`.
    fn part(&self, whole: &CubeTensor, member: usize, shape: Shape) -> [CubeTensor; 3] {
        let length = shape.num_elements();
        let place = |row: usize, shape: Shape| {
            let start = SIZE * (row * self.size + self.starts[member]) as u64;
            let handle = whole.handle.clone();
            let rest = handle.size_in_used() - start - SIZE * length as u64;
            let handle = handle.offset_start(start).offset_end(rest);
            CubeTensor::new_contiguous(
                whole.client.clone(),
                whole.device.clone(),
                shape,
                handle,
                whole.dtype,
            )
        };
        [place(0, shape), place(1, [length].into()), place(2, [length].into())]
    }

    /// The buffer in which the group lies already, exactly so.
    fn find(&self, updates: &[ParamUpdate]) -> Option<CubeTensor> {
        let first = updates.first()?;
        let mut whole = first.weight.handle.clone();
        (whole.offset_start, whole.offset_end) = (None, None);
        if whole.size_in_used() < SIZE * 3 * self.size as u64 {
            return None;
        }
        let whole = CubeTensor::new_contiguous(
            first.weight.client.clone(),
            first.weight.device.clone(),
            [3 * self.size].into(),
            whole,
            first.weight.dtype,
        );
        let lies = |found: &CubeTensor, wanted: &CubeTensor| {
            found.handle.memory.descriptor() == wanted.handle.memory.descriptor()
                && found.handle.offset_start == wanted.handle.offset_start
        };
        let together = updates.iter().enumerate().all(|(member, update)| {
            let Some([avg, sqr]) = &update.averages else { return false };
            let wanted = self.part(&whole, member, update.weight.shape());
            [&update.weight, avg, sqr]
                .into_iter()
                .zip(&wanted)
                .all(|(found, wanted)| lies(found, wanted))
        });
        together.then_some(whole)
    }

    /// A buffer in which the group lies after this.
    fn pack(&self, updates: &[ParamUpdate], like: &CubeTensor) -> CubeTensor {
        let whole = empty(like, [3 * self.size]);
        for (update, start) in updates.iter().zip(&self.starts) {
            let averages = update.averages.as_ref();
            let [avg, sqr] = averages.map_or([&update.weight; 2], |[avg, sqr]| [avg, sqr]);
            // Safety: the place is as long as the weight, and inside of the room.
            unsafe {
                pack::launch_unchecked(
                    &like.client,
                    spread(update.length(), 64),
                    CubeDim::new_1d(64),
                    buffer(&update.weight),
                    buffer(avg),
                    buffer(sqr),
                    buffer(&whole),
                    *start,
                    self.size,
                    averages.is_none(),
                );
            }
        }
        whole
    }
}

/// A step of so many parameters as one dispatch can see.
fn step(updates: &[ParamUpdate]) -> Vec<UpdatedParam> {
    let Some(ParamUpdate {
        weight: like,
        factors: AdamFactors { mom, sqr_mom, epsilon, steps, .. },
        ..
    }) = updates.first()
    else {
        return Vec::new();
    };
    let room = PackedLayout::new(updates);
    let old = room.find(updates).unwrap_or_else(|| room.pack(updates, like));
    let next = empty(like, [3 * room.size]);
    let members: SequenceArg<_> = updates
        .iter()
        .zip(&room.starts)
        .map(|(update, start)| {
            let AdamFactors { mom, lr, wd, steps, .. } = update.factors;
            MemberLaunch::new(
                *start,
                update.length(),
                (lr / (1.0 - mom.powi(steps))) as f32,
                (1.0 - lr * wd) as f32,
            )
        })
        .collect();
    // Eight numbers a unit of the longest, so that what is the same for all of them is read once.
    let cubes = updates.iter().map(ParamUpdate::length).max().unwrap_or(0).div_ceil(8 * 64).max(1);
    // Safety: the members lie in the room, and their gradients are as long as they.
    unsafe {
        adam_step::launch_unchecked(
            &like.client,
            launch::cubes(cubes, 1, 1),
            CubeDim::new_1d(64),
            buffer(&old),
            updates.iter().map(|update| buffer(&update.grad)).collect(),
            buffer(&next),
            members,
            FactorsLaunch::new(
                *mom as f32,
                *sqr_mom as f32,
                (1.0 - sqr_mom.powi(*steps)) as f32,
                *epsilon as f32,
            ),
            room.size,
            64 * cubes,
        );
    }
    updates
        .iter()
        .enumerate()
        .map(|(member, update)| UpdatedParam(room.part(&next, member, update.weight.shape())))
        .collect()
}
