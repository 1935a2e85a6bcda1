//! Which device, and how far it may be off.

use burn::tensor::Device;
use resnette_engine::model::weights::{Array, Weights};

use super::fixture::Case;

/// The engine under test, and its tolerance.
pub struct Engine {
    pub device: Device,
    /// Largest relative error of a group of tensors, norm over norm (issue 3: 1e-4 on Flex, 1e-3
    /// on WebGPU).
    relative: f64,
    /// How many times PyTorch's own float32 error a single value may be off.
    gaps: f64,
}

impl Engine {
    pub fn start() -> Self {
        match std::env::var("RESNETTE_GOLDEN_DEVICE").as_deref() {
            Err(_) | Ok("flex") => Self { device: Device::flex(), relative: 1e-4, gaps: 10.0 },
            Ok("wgpu") => Self { device: wgpu(), relative: 1e-3, gaps: 100.0 },
            Ok(other) => panic!("RESNETTE_GOLDEN_DEVICE={other}: flex or wgpu is wanted"),
        }
    }

    /// Compares a group of tensors: as a whole by norm, each tensor by norm, and each value by what
    /// float32 deserves.
    pub fn compare(&self, case: &Case, group: &str, found: &Weights, wanted: &Weights) {
        if let Err(message) = self.differs(case, group, found, wanted) {
            panic!("{}, {group}: {message}", case.name);
        }
    }

    /// As [`Engine::compare`], for tests that want a difference.
    pub fn differs(
        &self,
        case: &Case,
        group: &str,
        found: &Weights,
        wanted: &Weights,
    ) -> Result<(), String> {
        let names = |weights: &Weights| weights.keys().cloned().collect::<Vec<_>>();
        if names(found) != names(wanted) {
            return Err(format!("names differ: {:?} instead of {:?}", names(found), names(wanted)));
        }
        assert!(!wanted.is_empty(), "{}, {group}: nothing to compare", case.name);
        let largest = wanted
            .values()
            .flat_map(|array| &array.values)
            .fold(0.0f64, |most, &value| most.max(f64::from(value).abs()));
        let gap = case.float32_error(group).map_or(0.0, |(_, gap)| gap);
        let most = self.gaps * gap.max(1e-7 * largest);
        let (mut all_gap, mut all) = (0.0, 0.0);
        for (name, wanted) in wanted {
            let found = &found[name];
            if found.shape != wanted.shape {
                return Err(format!(
                    "{name} has shape {:?} instead of {:?}",
                    found.shape, wanted.shape
                ));
            }
            let (off, norm, worst) = gaps(found, wanted);
            if worst.is_nan() || worst > most {
                return Err(format!(
                    "{name} is off by {worst:.3e}, {most:.3e} is allowed (relative {:.1e})",
                    off / norm.max(1e-30)
                ));
            }
            // A gradient that cancels to nearly nothing has no relative error worth the name: the
            // last test covers it.
            let floor = most * (wanted.values.len() as f64).sqrt();
            if off > self.relative * norm + floor {
                return Err(format!(
                    "{name} has relative error {:.3e}, {:.0e} is allowed",
                    off / norm,
                    self.relative
                ));
            }
            all_gap += off * off;
            all += norm * norm;
        }
        let relative = (all_gap / all).sqrt();
        if std::env::var_os("RESNETTE_GOLDEN_PRINT").is_some() {
            println!("{:<22} {group:<16} relative {relative:.1e}", case.name);
        }
        match relative < self.relative {
            true => Ok(()),
            false => {
                Err(format!("relative error {relative:.3e}, {:.0e} is allowed", self.relative))
            }
        }
    }

    /// Compares losses of a run.
    pub fn compare_loss(&self, case: &Case, step: usize, found: f64, wanted: f64) {
        let gap = case.info["losses_float32_gap"].as_f64().unwrap_or(0.0);
        let most = self.gaps * gap.max(1e-7 * wanted.abs());
        assert!(
            (found - wanted).abs() <= most,
            "{}: loss {found} instead of {wanted} at step {step}",
            case.name
        );
    }
}

/// Norm of the difference, norm of what is wanted, largest difference.
pub fn gaps(found: &Array, wanted: &Array) -> (f64, f64, f64) {
    let (mut off, mut norm, mut worst) = (0.0f64, 0.0f64, 0.0f64);
    for (&found, &wanted) in found.values.iter().zip(&wanted.values) {
        let gap = f64::from(found) - f64::from(wanted);
        off += gap * gap;
        norm += f64::from(wanted).powi(2);
        // `max` would drop a NaN.
        worst = if gap.abs() <= worst { worst } else { gap.abs() };
    }
    (off.sqrt(), norm.sqrt(), worst)
}

#[cfg(feature = "gpu")]
fn wgpu() -> Device {
    // A device can be initialised once in a process.
    static DEVICE: std::sync::LazyLock<Device> = std::sync::LazyLock::new(|| {
        futures::executor::block_on(Device::wgpu_options().init_async()).unwrap()
    });
    DEVICE.clone()
}

#[cfg(not(feature = "gpu"))]
fn wgpu() -> Device {
    panic!("RESNETTE_GOLDEN_DEVICE=wgpu needs `cargo test -p resnette-engine --features gpu`")
}
