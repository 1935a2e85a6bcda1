//! Starts the threads and an engine of the native build.

use burn::tensor::Device;

use crate::arguments::EngineChoice;

/// Has pictures decoded and the CPU's engine compute on so many threads, or one a core for 0. Rayon
/// starts its threads with their first work, so this has to come before pictures are loaded.
///
/// # Errors
/// If there are threads already.
pub fn use_threads(threads: u32) -> anyhow::Result<()> {
    if threads > 0 {
        rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build_global()?;
    }
    Ok(())
}

/// What of a computer is for this process, if several of them train together on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seat {
    /// Threads, where the settings name no number; 0 for one a core.
    pub threads: u32,
    /// Which GPU, counted from 0; `None` for the best one.
    pub gpu: Option<usize>,
}

impl Seat {
    /// How many threads compute, by what the settings ask for.
    pub fn threads(self, asked: u32) -> u32 {
        if asked > 0 { asked } else { self.threads }
    }
}

/// Starts an engine on the best device of its kind, as [`start_at`] does.
///
/// # Errors
/// As [`start_at`].
pub async fn start(choice: EngineChoice) -> anyhow::Result<(Device, usize)> {
    start_at(choice, Seat::default()).await
}

/// Starts an engine. Returns its device and how many steps may be enqueued before their losses are
/// read back.
///
/// # Errors
/// If the engine is not part of this build, or does not start.
pub async fn start_at(choice: EngineChoice, seat: Seat) -> anyhow::Result<(Device, usize)> {
    match choice {
        EngineChoice::Cpu => Ok((Device::flex(), 1)),
        EngineChoice::Wgpu => wgpu(seat.gpu).await,
        EngineChoice::Cuda => cuda(seat.gpu),
    }
}

#[cfg(feature = "gpu")]
async fn wgpu(number: Option<usize>) -> anyhow::Result<(Device, usize)> {
    use anyhow::Context;
    use burn::tensor::DeviceKind;
    use burn::tensor::wgpu::wgpu::DeviceType;
    use resnette_engine::{AdapterDescription, Chip, use_chip};

    let options = match number {
        Some(number) => Device::wgpu_options().device_kind(DeviceKind::DiscreteGpu(number)),
        None => Device::wgpu_options(),
    };
    let (device, setup) = options.init_with_setup_async().await.with_context(|| match number {
        Some(number) => format!(
            "each rank on a computer takes a graphics card of its own, and this computer has none \
             with number {number}, counted from 0; start as many ranks on it as it has cards"
        ),
        None => "no graphics card could be used".into(),
    })?;
    let info = setup.adapter.get_info();
    use_chip(Chip::of(&AdapterDescription {
        vendor_id: info.vendor,
        device_id: info.device,
        name: info.name,
        software: info.device_type == DeviceType::Cpu,
        ..AdapterDescription::default()
    }));
    Ok((device, 4))
}

#[cfg(not(feature = "gpu"))]
async fn wgpu(_number: Option<usize>) -> anyhow::Result<(Device, usize)> {
    anyhow::bail!(
        "this build has no GPU engine; build it with `cargo build --release --package resnette-cli --features gpu`"
    )
}

#[cfg(feature = "cuda")]
fn cuda(number: Option<usize>) -> anyhow::Result<(Device, usize)> {
    use resnette_engine::{AdapterDescription, Chip, use_chip};

    let nvidia = AdapterDescription { vendor: "nvidia".into(), ..AdapterDescription::default() };
    use_chip(Chip::of(&nvidia));
    // SLURM may have given each rank a GPU of its own, which then has number 0 there.
    let visible = std::env::var("CUDA_VISIBLE_DEVICES").ok();
    let count = visible.map(|list| list.split(',').count());
    let number = number.unwrap_or_default();
    Ok((Device::cuda(count.map_or(number, |count| number % count.max(1))), 4))
}

#[cfg(not(feature = "cuda"))]
fn cuda(_number: Option<usize>) -> anyhow::Result<(Device, usize)> {
    anyhow::bail!(
        "this build has no CUDA engine; build it with `cargo build --release --package resnette-cli --features cuda`"
    )
}
