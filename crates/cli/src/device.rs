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
    let started = match options.init_with_setup_async().await {
        // The first rank takes what a process alone does where no adapter says that it is a
        // discrete graphics card.
        Err(_) if number == Some(0) => Device::wgpu_options().init_with_setup_async().await,
        started => started,
    };
    let (device, setup) = started.with_context(|| match number {
        Some(number) if number > 0 => format!(
            "each rank on a computer takes a graphics card of its own, and this computer has no \
             discrete graphics card with number {number}, counted from 0; start no more ranks here \
             than it has such cards, or one"
        ),
        _ => "no graphics card could be used".into(),
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
    use burn::tensor::DeviceType;
    use resnette_engine::{AdapterDescription, Chip, use_chip};

    let count = Device::enumerate(DeviceType::Cuda).len();
    anyhow::ensure!(count > 0, "no usable NVIDIA graphics card was found");
    let visible = std::env::var("CUDA_VISIBLE_DEVICES").ok();
    let number = card_of(number.unwrap_or_default(), count, visible.as_deref())?;
    let nvidia = AdapterDescription { vendor: "nvidia".into(), ..AdapterDescription::default() };
    use_chip(Chip::of(&nvidia));
    Ok((Device::cuda(number), 4))
}

/// The card of rank `number` of a computer, of the `count` that CUDA shows to this process.
/// `visible` is what `CUDA_VISIBLE_DEVICES` says: if it names one card, SLURM has given each rank
/// its own, which has number 0 there.
///
/// # Errors
/// If there are fewer cards.
#[cfg(any(feature = "cuda", test))]
fn card_of(number: usize, count: usize, visible: Option<&str>) -> anyhow::Result<usize> {
    if count == 1 && visible.is_some_and(|list| !list.contains(',')) {
        return Ok(0);
    }
    anyhow::ensure!(
        number < count,
        "each rank on a computer takes a graphics card of its own, and CUDA shows {count} here, \
         none with number {number}, counted from 0; start as many ranks on this computer as it has \
         cards"
    );
    Ok(number)
}

#[cfg(not(feature = "cuda"))]
fn cuda(_number: Option<usize>) -> anyhow::Result<(Device, usize)> {
    anyhow::bail!(
        "this build has no CUDA engine; build it with `cargo build --release --package resnette-cli --features cuda`"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_rank_has_a_card_of_its_own_or_is_refused() {
        for number in 0..4 {
            assert_eq!(card_of(number, 4, None).unwrap(), number);
            assert_eq!(card_of(number, 4, Some("0,1,2,3")).unwrap(), number);
            // Each sees another one.
            assert_eq!(card_of(number, 1, Some("3")).unwrap(), 0);
        }
        for visible in [None, Some("0,1")] {
            let told = card_of(2, 2, visible).unwrap_err().to_string();
            assert!(told.contains("shows 2 here, none with number 2"), "{told}");
        }
        assert!(card_of(1, 1, None).is_err());
    }
}
