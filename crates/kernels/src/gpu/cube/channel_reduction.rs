//! Sums over a channel of a batch, `[n, c, h, w]`: the reductions of batch norm.
//!
//! A channel is shared by the units of one cube, each of which takes every `units`-th value; or if
//! it has few values, it is the work of a single unit. Within a cube the units' sums are added up
//! in two rounds through workgroup memory.

use cubecl::prelude::*;

/// Most units that share a channel, a power of 2.
pub(crate) const MAX_UNITS: usize = 256;
/// Units that add up the sums of all units of a cube, in the first of two rounds.
const REDUCE_WIDTH: usize = 16;

/// Values that a unit reads in one round of its loop. The reads do not depend on one another, so
/// that the GPU can wait for all of them at once.
pub(crate) const UNROLL: usize = 4;

/// The sizes of what is normalised.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct NormGeometry {
    /// Number of channels.
    pub channels: usize,
    /// Batch size.
    pub batch: usize,
    /// Size of one channel of one image, in values, or in vectors for kernels that read vectors.
    pub plane: usize,
}

/// The position of a unit that goes through the values of a channel in steps of `units`. It adds up
/// its position instead of dividing at each step, because integer division is slow on a GPU.
#[derive(CubeType)]
pub(crate) struct ChannelCursor {
    /// Index of the image.
    image: RuntimeCell<usize>,
    /// Index within the channel of that image.
    offset: RuntimeCell<usize>,
    /// Whole images in one step.
    batch_advance: usize,
    /// What is left of a step within an image.
    offset_advance: usize,
    /// Values of a channel of one image.
    plane: usize,
    /// Batch size.
    batch: usize,
    /// Offset of the channel in an image.
    channel_start: usize,
    /// Distance from one image to the next.
    image_stride: usize,
}

#[cube]
impl ChannelCursor {
    /// Starts at the unit's first value of a channel.
    pub(crate) fn new(
        geometry: &NormGeometry,
        channel: usize,
        #[comptime] units: usize,
    ) -> ChannelCursor {
        let unit = if comptime!(units == 1) { 0usize.runtime() } else { UNIT_POS as usize };
        ChannelCursor {
            image: RuntimeCell::<usize>::new(unit / geometry.plane),
            offset: RuntimeCell::<usize>::new(unit % geometry.plane),
            batch_advance: units / geometry.plane,
            offset_advance: units % geometry.plane,
            plane: geometry.plane,
            batch: geometry.batch,
            channel_start: channel * geometry.plane,
            image_stride: geometry.channels * geometry.plane,
        }
    }

    /// Whether there is a value at this position.
    pub(crate) fn in_bounds(&self) -> bool {
        self.image.read() < self.batch
    }

    /// Index of the value; behind the last one, that of some other value, which can be read safely.
    pub(crate) fn index(&self) -> usize {
        select(self.in_bounds(), self.image.read() * self.image_stride, 0usize)
            + self.channel_start
            + self.offset.read()
    }

    /// Goes on by `units` values.
    pub(crate) fn advance(&self) {
        let next = self.offset.read() + self.offset_advance;
        let wraps = next >= self.plane;
        self.offset.store(select(wraps, next - self.plane, next));
        self.image.store(self.image.read() + self.batch_advance + select(wraps, 1usize, 0usize));
    }
}

/// The channel that a unit works on: one for each cube, or one for each unit if `units` is 1, and
/// then it may lie behind the last channel.
#[cube]
pub(crate) fn channel_of_unit(#[comptime] units: usize) -> usize {
    if comptime!(units == 1) { ABSOLUTE_POS_X as usize } else { CUBE_POS_X as usize }
}

/// The sum over the `units` that share a channel, which each of them receives.
#[cube]
pub(crate) fn reduce_channel(value: f32, #[comptime] units: usize) -> f32 {
    if comptime!(units == 1) { value } else { reduce_cube(value, units) }
}

/// The sum over the `units` of a cube, which each of them receives. It is made in two rounds of at
/// most [`REDUCE_WIDTH`] numbers for each unit, and not in a tree of `log₂ units` rounds, because a
/// barrier costs more than a few additions.
#[cube]
pub(crate) fn reduce_cube(value: f32, #[comptime] units: usize) -> f32 {
    let mut all = Shared::<[f32]>::new_slice(units);
    let mut partials = Shared::<[f32]>::new_slice(REDUCE_WIDTH);
    all[UNIT_POS as usize] = value;
    sync_cube();
    if UNIT_POS < 16 {
        let mut sum = 0.0f32;
        #[unroll]
        for i in 0..comptime!(units / REDUCE_WIDTH) {
            sum += all[UNIT_POS as usize + i * REDUCE_WIDTH];
        }
        partials[UNIT_POS as usize] = sum;
    }
    sync_cube();
    let mut sum = 0.0f32;
    #[unroll]
    for i in 0..REDUCE_WIDTH {
        sum += partials[i];
    }
    sum
}
