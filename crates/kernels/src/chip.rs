//! How large the tiles of the GPU kernels are, by the GPU that runs them.
//!
//! A unit (thread) keeps a tile of sums in registers. A large tile reads less memory for each
//! product, but a tile that does not fit is spilt to memory, which costs far more. A unit has 255
//! registers on NVIDIA and 256 on AMD, 128 on Apple, 128 on Intel at 8 units an instruction and 64
//! at 16, up to 192 on Adreno, and 64 on Mali. Large tiles also leave fewer units, and a large GPU
//! wants about two for each of its lanes.
//!
//! [`CHIPS`] is an estimate from these numbers, and not measured: `docs/benchmarks.md` says what
//! was measured. The adapter's description chooses the row ([`Chip::of`]), once, when the engine
//! starts ([`use_chip`]). A row changes the order in which a weight gradient is summed, and so its
//! last bits; software adapters keep the tiles that every adapter had before there were rows.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use crate::adapter::{AdapterDescription, Vendor};

/// A row of the table: how the kernels cut their work on some GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The row's name, for benchmarks and saved runs.
    pub name: &'static str,
    /// Most sums that a unit keeps in registers.
    pub sums: usize,
    /// Units that a kernel should have at least, if its work can be cut so far.
    pub units: usize,
    /// Whether all units of a cube work on the same output channels, which are then known from the
    /// cube's number: the compiler sees that a weight is the same for all of them, and fetches it
    /// once. It leaves a few units of small layers idle.
    pub uniform_rows: bool,
}

/// Software adapters: SwiftShader, Lavapipe, WARP. The other rows are compared with this one.
pub const SOFTWARE: Chip = Chip { name: "software", sums: 128, units: 512, uniform_rows: false };
const NVIDIA_AMD: Chip = Chip { name: "nvidia-amd", sums: 128, units: 8192, uniform_rows: true };
const APPLE_XE2: Chip = Chip { name: "apple-xe2", sums: 64, units: 2048, uniform_rows: true };
const INTEL_ADRENO: Chip = Chip { name: "intel-adreno", sums: 32, units: 2048, uniform_rows: true };
const MALI: Chip = Chip { name: "mali", sums: 16, units: 2048, uniform_rows: true };

/// All rows.
pub const CHIPS: [Chip; 5] = [SOFTWARE, NVIDIA_AMD, APPLE_XE2, INTEL_ADRENO, MALI];

/// The row of this process, which has at most one GPU.
static IN_USE: RwLock<Chip> = RwLock::new(SOFTWARE);

impl Chip {
    /// The row for an adapter. One that says nothing of itself gets the smallest tiles, which are
    /// slow on a large GPU and spilt on none.
    pub fn of(adapter: &AdapterDescription) -> Self {
        match adapter.vendor() {
            Vendor::Software => SOFTWARE,
            Vendor::Nvidia | Vendor::Amd => NVIDIA_AMD,
            Vendor::Apple => APPLE_XE2,
            Vendor::Intel if adapter.is_xe2() => APPLE_XE2,
            Vendor::Intel | Vendor::Qualcomm => INTEL_ADRENO,
            Vendor::Arm | Vendor::Unknown => MALI,
        }
    }
}

impl fmt::Display for Chip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {} sums, {} units", self.name, self.sums, self.units)
    }
}

/// Has the GPU kernels that are launched from now on cut their work as this row says. Without it
/// they take [`SOFTWARE`].
pub fn use_chip(chip: Chip) {
    *IN_USE.write().unwrap_or_else(PoisonError::into_inner) = chip;
}

/// The row that the GPU kernels take.
pub(crate) fn chip_in_use() -> Chip {
    *IN_USE.read().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An adapter as a browser describes it.
    fn in_browser(vendor: &str, architecture: &str) -> AdapterDescription {
        AdapterDescription {
            vendor: vendor.into(),
            architecture: architecture.into(),
            ..AdapterDescription::default()
        }
    }

    /// An adapter as Vulkan describes it.
    fn native(vendor_id: u32, device_id: u32, name: &str) -> AdapterDescription {
        AdapterDescription { vendor_id, device_id, name: name.into(), ..Default::default() }
    }

    #[test]
    fn every_adapter_has_a_row() {
        for (adapter, row) in [
            (in_browser("google", "swiftshader"), "software"),
            (in_browser("google", ""), "software"),
            (in_browser("mesa", "software"), "software"),
            (in_browser("microsoft", "warp"), "software"),
            (in_browser("nvidia", "lovelace"), "nvidia-amd"),
            (in_browser("NVIDIA", ""), "nvidia-amd"),
            (in_browser("amd", "rdna-3"), "nvidia-amd"),
            (in_browser("apple", "metal-3"), "apple-xe2"),
            (in_browser("intel", "xe-2lpg"), "apple-xe2"),
            (in_browser("intel", "xe-2hpg"), "apple-xe2"),
            (in_browser("intel", "xe-3lpg"), "apple-xe2"),
            (in_browser("intel", "xe-lpg"), "intel-adreno"),
            (in_browser("intel", "gen-12lp"), "intel-adreno"),
            (in_browser("intel", ""), "intel-adreno"),
            (in_browser("qualcomm", "adreno-7xx"), "intel-adreno"),
            (in_browser("arm", "valhall"), "mali"),
            (in_browser("samsung", "rdna-3"), "mali"),
            (in_browser("img-tec", "b-series"), "mali"),
            (in_browser("", ""), "mali"),
            (native(0x10de, 0x2330, "NVIDIA H100 PCIe"), "nvidia-amd"),
            (native(0x1002, 0x744c, "AMD Radeon RX 7900 XTX (RADV NAVI31)"), "nvidia-amd"),
            (native(0x8086, 0x9a49, "Intel(R) Xe Graphics (TGL GT2)"), "intel-adreno"),
            (native(0x8086, 0x64a0, "Intel(R) Graphics (LNL)"), "apple-xe2"),
            (native(0x8086, 0xe20b, "Intel(R) Arc(tm) B580 Graphics (BMG G21)"), "apple-xe2"),
            (native(0x5143, 0x4305_0a01, "Adreno (TM) 740"), "intel-adreno"),
            (native(0x13b5, 0xa8a0_0000, "Mali-G715"), "mali"),
            (native(0x1ae0, 0xc0de, "SwiftShader Device (LLVM 10.0.0)"), "software"),
            (native(0x10005, 0, "llvmpipe (LLVM 19.1.7, 256 bits)"), "software"),
            // Metal tells no vendor's number.
            (native(0, 0, "Apple M1"), "apple-xe2"),
            (native(0, 0, "AMD Radeon Pro 5500M"), "nvidia-amd"),
            (native(0, 0, "Acme 9000"), "mali"),
        ] {
            assert_eq!(Chip::of(&adapter).name, row, "{adapter:?}");
        }
    }

    #[test]
    fn whatever_is_said_to_be_software_is() {
        let said = AdapterDescription { software: true, ..in_browser("nvidia", "ampere") };
        assert_eq!(Chip::of(&said), SOFTWARE);
    }

    /// Saved runs and reports have the names, so each stands for one row.
    #[test]
    fn names_are_unlike() {
        for (index, chip) in CHIPS.iter().enumerate() {
            assert!(CHIPS[..index].iter().all(|other| other.name != chip.name), "{chip}");
            assert!(chip.sums.is_multiple_of(16) && chip.units.is_power_of_two(), "{chip}");
        }
    }
}
