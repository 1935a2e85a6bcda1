//! Starting an engine natively.

use burn::tensor::Device;

use crate::EngineChoice;

/// The device and how many steps may be in flight.
///
/// # Errors
/// The engine is not in this build, or does not start.
pub async fn start(choice: EngineChoice) -> anyhow::Result<(Device, usize)> {
    match choice {
        EngineChoice::Cpu => Ok((Device::flex(), 1)),
        EngineChoice::Wgpu => wgpu().await,
        EngineChoice::Cuda => cuda(),
    }
}

#[cfg(feature = "gpu")]
async fn wgpu() -> anyhow::Result<(Device, usize)> {
    Ok((Device::wgpu_options().init_async().await?, 4))
}

#[cfg(not(feature = "gpu"))]
async fn wgpu() -> anyhow::Result<(Device, usize)> {
    anyhow::bail!(
        "this build has no GPU engine; build it with `cargo build --release --features gpu`"
    )
}

#[cfg(feature = "cuda")]
fn cuda() -> anyhow::Result<(Device, usize)> {
    Ok((Device::cuda(0), 4))
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> anyhow::Result<(Device, usize)> {
    anyhow::bail!(
        "this build has no CUDA engine; build it with `cargo build --release --features cuda`"
    )
}
