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

/// Starts an engine. Returns its device and how many steps may be enqueued before their losses are
/// read back.
///
/// # Errors
/// If the engine is not part of this build, or does not start.
pub async fn start(choice: EngineChoice) -> anyhow::Result<(Device, usize)> {
    match choice {
        EngineChoice::Cpu => Ok((Device::flex(), 1)),
        EngineChoice::Wgpu => wgpu().await,
        EngineChoice::Cuda => cuda(),
    }
}

#[cfg(feature = "gpu")]
async fn wgpu() -> anyhow::Result<(Device, usize)> {
    use burn::tensor::wgpu::wgpu::DeviceType;
    use resnette_engine::{AdapterDescription, Chip, use_chip};

    let (device, setup) = Device::wgpu_options().init_with_setup_async().await?;
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
async fn wgpu() -> anyhow::Result<(Device, usize)> {
    anyhow::bail!(
        "this build has no GPU engine; build it with `cargo build --release --package resnette-cli --features gpu`"
    )
}

#[cfg(feature = "cuda")]
fn cuda() -> anyhow::Result<(Device, usize)> {
    use resnette_engine::{AdapterDescription, Chip, use_chip};

    let nvidia = AdapterDescription { vendor: "nvidia".into(), ..AdapterDescription::default() };
    use_chip(Chip::of(&nvidia));
    Ok((Device::cuda(0), 4))
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> anyhow::Result<(Device, usize)> {
    anyhow::bail!(
        "this build has no CUDA engine; build it with `cargo build --release --package resnette-cli --features cuda`"
    )
}
