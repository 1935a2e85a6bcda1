//! The time that a basic and a bottleneck block take on this device.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_protocol::lesson::Clock;
use resnette_spec::Block;
use resnette_spec::architecture::BlockSpec;
use resnette_spec::random::{Purpose, stream};
use web_time::Instant;

use crate::model::ResBlock;
use crate::model::init::Initializer;

/// Largest batch size.
const MAX_BATCH: usize = 8;
/// Rounds that count. One more comes before them, to compile kernels and fill caches.
pub const ROUNDS: usize = 5;
/// Multiply-adds of the basic block above which the batch is made smaller, so that a slow device
/// answers within seconds.
const MAX_MULTIPLY_ADDS: u64 = 1_200_000_000;

/// A measurement under way. The blocks take turns, so that a device that slows down in the middle
/// slows both.
pub struct BlockTimer {
    clock: Clock,
    blocks: [ResBlock; 2],
    input: Tensor<4>,
    times: [Vec<f32>; 2],
}

impl BlockTimer {
    /// Prepares a basic and a bottleneck block with `channels` inputs and outputs (4 to 1,024) for
    /// grids of `side`×`side` (1 to 64), on an autodiff device.
    pub fn new(channels: u32, side: u32, device: &Device) -> Self {
        let (channels, side) = (channels.clamp(4, 1024), side.clamp(1, 64));
        let mut init = Initializer::new(stream(1, Purpose::Init, 0), device);
        let mut block =
            |kind| ResBlock::new(&BlockSpec::new(kind, channels, channels, 1), &mut init);
        let blocks = [block(Block::Basic), block(Block::Bottleneck)];
        // Two convolutions 3×3.
        let multiply_adds = 2 * 9 * u64::from(channels).pow(2) * u64::from(side).pow(2);
        let batch = (MAX_MULTIPLY_ADDS / multiply_adds.max(1)).clamp(1, MAX_BATCH as u64) as usize;
        let shape = [batch, channels as usize, side as usize, side as usize];
        // The time does not depend on the numbers, as long as they are neither constant nor sorted.
        let values = (0..shape.iter().product::<usize>())
            .map(|index| ((index * 37 % 101) as f32 - 50.0) / 50.0)
            .collect::<Vec<f32>>();
        let input = Tensor::from_data(TensorData::new(values, shape), device);
        let clock = Clock { channels, side, batch: batch as u32, ..Clock::default() };
        Self { clock, blocks, input, times: [Vec::new(), Vec::new()] }
    }

    /// One round: the forward and backward pass of both blocks. Returns the result after the last
    /// round, and `None` before.
    ///
    /// # Errors
    /// The device failed.
    pub async fn round(&mut self) -> Result<Option<Clock>, ExecutionError> {
        for (block, times) in self.blocks.iter().zip(&mut self.times) {
            let started = Instant::now();
            let input = self.input.clone().require_grad();
            let grads = block.forward(input.clone()).square().mean().backward();
            // Reading a number waits until the device has computed it.
            if let Some(grad) = input.grad(&grads) {
                grad.sum().into_data_async().await?;
            }
            times.push(started.elapsed().as_secs_f32() * 1e3);
        }
        if self.times[0].len() <= ROUNDS {
            return Ok(None);
        }
        let [basic, bottleneck] = self.times.each_ref().map(|times| median(&times[1..]));
        Ok(Some(Clock { basic, bottleneck, ..self.clock }))
    }
}

/// The median of an odd number of times.
fn median(times: &[f32]) -> f32 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
