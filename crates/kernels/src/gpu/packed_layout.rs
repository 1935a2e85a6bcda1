//! One buffer for the optimiser state of a group of parameters.
//!
//! A browser lets a kernel see only a few buffers, so that weights and running averages must share
//! one. It has three sections of equal length, `[3, section_len]`: the weights of the group, the
//! averages of their gradients, and the averages of their squared gradients. A parameter starts at
//! the same offset in each section. Each step writes a new such buffer, and the parameters' tensors
//! are views into it; the next step recognises them there ([`PackedLayout::find`]) and needs no
//! copy.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::TensorMetadata;
use burn::tensor::Shape;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::CubeDim;

use crate::gpu::cube::adam::pack;
use crate::gpu::launch::{buffer, cubes_for, empty};
use crate::gpu::param_update::ParamUpdate;

/// Size of a float in bytes.
const FLOAT_BYTES: u64 = size_of::<f32>() as u64;

/// Where the parameters of a group lie in their shared buffer.
pub(super) struct PackedLayout {
    /// Offset of each parameter in a section, in floats.
    pub starts: Vec<usize>,
    /// Length of a section, in floats.
    pub section_len: usize,
}

impl PackedLayout {
    /// Lays the parameters out one after another.
    pub fn new(updates: &[ParamUpdate]) -> Self {
        // A view can be bound to a kernel only at a multiple of the device's alignment.
        let aligned = updates
            .first()
            .map_or(1, |update| {
                (update.weight.client.properties().memory.alignment / FLOAT_BYTES) as usize
            })
            .max(1);
        let mut section_len = 0;
        let starts = updates.iter().map(|update| {
            let start = section_len;
            section_len += update.length().next_multiple_of(aligned);
            start
        });
        let starts = starts.collect();
        Self { starts, section_len }
    }

    /// The weight and both averages of one parameter, as views into the buffer.
    ///
    /// # Shapes
    /// Buffer: `[3 · section_len]`; views: `shape`, then `[elements]` twice
    pub fn slot(&self, packed: &CubeTensor, index: usize, shape: Shape) -> [CubeTensor; 3] {
        let length = shape.num_elements();
        let view = |row: usize, shape: Shape| {
            let start = FLOAT_BYTES * (row * self.section_len + self.starts[index]) as u64;
            let handle = packed.handle.clone();
            let rest = handle.size_in_used() - start - FLOAT_BYTES * length as u64;
            let handle = handle.offset_start(start).offset_end(rest);
            CubeTensor::new_contiguous(
                packed.client.clone(),
                packed.device.clone(),
                shape,
                handle,
                packed.dtype,
            )
        };
        [view(0, shape), view(1, [length].into()), view(2, [length].into())]
    }

    /// The buffer in which the whole group already lies in exactly this layout, as the last step
    /// leaves it; `None` otherwise.
    pub fn find(&self, updates: &[ParamUpdate]) -> Option<CubeTensor> {
        let first = updates.first()?;
        let mut packed = first.weight.handle.clone();
        (packed.offset_start, packed.offset_end) = (None, None);
        if packed.size_in_used() < FLOAT_BYTES * 3 * self.section_len as u64 {
            return None;
        }
        let packed = CubeTensor::new_contiguous(
            first.weight.client.clone(),
            first.weight.device.clone(),
            [3 * self.section_len].into(),
            packed,
            first.weight.dtype,
        );
        let same_memory = |found: &CubeTensor, wanted: &CubeTensor| {
            found.handle.memory.descriptor() == wanted.handle.memory.descriptor()
                && found.handle.offset_start == wanted.handle.offset_start
        };
        let is_packed = updates.iter().enumerate().all(|(index, update)| {
            let Some([avg, sqr]) = &update.averages else { return false };
            let wanted = self.slot(&packed, index, update.weight.shape());
            [&update.weight, avg, sqr]
                .into_iter()
                .zip(&wanted)
                .all(|(found, wanted)| same_memory(found, wanted))
        });
        is_packed.then_some(packed)
    }

    /// A new buffer, into which the group is copied in this layout.
    ///
    /// # Shapes
    /// Result: `[3 · section_len]`
    pub fn pack(&self, updates: &[ParamUpdate], like: &CubeTensor) -> CubeTensor {
        let packed = empty(like, [3 * self.section_len]);
        for (update, start) in updates.iter().zip(&self.starts) {
            let averages = update.averages.as_ref();
            let [avg, sqr] = averages.map_or([&update.weight; 2], |[avg, sqr]| [avg, sqr]);
            // SAFETY: the parameter's slot is as long as its weight and lies inside of the buffer.
            unsafe {
                pack::launch_unchecked(
                    &like.client,
                    cubes_for(update.length(), 64),
                    CubeDim::new_1d(64),
                    buffer(&update.weight),
                    buffer(avg),
                    buffer(sqr),
                    buffer(&packed),
                    *start,
                    self.section_len,
                    averages.is_none(),
                );
            }
        }
        packed
    }
}
