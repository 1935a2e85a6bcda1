//! What an adapter says of itself, and whose it is.
//!
//! A browser has words (`GPUAdapterInfo`), of which any may be empty; a program has numbers and the
//! driver's name for the device (wgpu's `AdapterInfo`). Nothing here asks anybody: callers fill in
//! what they were told.

/// What is known of an adapter. Whatever is not known is empty, or 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdapterDescription {
    /// `GPUAdapterInfo.vendor`, such as `nvidia`.
    pub vendor: String,
    /// `GPUAdapterInfo.architecture`, such as `xe-2lpg`.
    pub architecture: String,
    /// PCI number of the vendor (on Vulkan a superset of these).
    pub vendor_id: u32,
    /// The vendor's number of the device.
    pub device_id: u32,
    /// Whatever names the device in words: `GPUAdapterInfo.device` and `description`, or the name
    /// that the driver gives.
    pub name: String,
    /// Whether it says that it computes on the CPU.
    pub software: bool,
}

/// Who made an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    /// Nobody: it computes on the CPU.
    Software,
    Nvidia,
    Amd,
    Apple,
    Intel,
    Qualcomm,
    Arm,
    /// Somebody else, or it does not say.
    Unknown,
}

/// Words in the description of an adapter that computes on the CPU.
const SOFTWARE: [&str; 7] =
    ["swiftshader", "llvmpipe", "lavapipe", "softpipe", "basic render", "software", "warp"];

impl AdapterDescription {
    /// What it says of itself, in one line; empty if it says nothing.
    pub fn words(&self) -> String {
        let words = [&self.vendor, &self.architecture, &self.name];
        let said: Vec<&str> =
            words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        said.join(" ")
    }

    /// Who made it: by the vendor's name or number if there is one, otherwise by words in the
    /// device's name.
    pub(crate) fn vendor(&self) -> Vendor {
        let [vendor, architecture, name] =
            [&self.vendor, &self.architecture, &self.name].map(|text| text.to_ascii_lowercase());
        let says = |word: &str| architecture.contains(word) || name.contains(word);
        // All that comes from Google is SwiftShader.
        if self.software || vendor == "google" || SOFTWARE.into_iter().any(says) {
            return Vendor::Software;
        }
        by_name(&vendor)
            .or_else(|| by_number(self.vendor_id))
            // A vendor's name is a word of its own: "amd" is part of other words.
            .or_else(|| name.split(|letter: char| !letter.is_alphanumeric()).find_map(by_name))
            .unwrap_or(Vendor::Unknown)
    }

    /// Whether an adapter of Intel's is of the generation Xe2 or later, which has twice the
    /// registers at 16 units an instruction. Numbers of devices are those of Linux's driver `xe`:
    /// Lunar Lake, Battlemage, Panther Lake.
    pub(crate) fn is_xe2(&self) -> bool {
        // "xe-2lpg", "xe-2hpg", "xe-3lpg"; "xe-lpg" is the generation before.
        let architecture = self.architecture.to_ascii_lowercase();
        let generation = architecture
            .strip_prefix("xe-")
            .and_then(|rest| rest.chars().next()?.to_digit(10))
            .unwrap_or(0);
        generation >= 2 || matches!(self.device_id & 0xff00, 0x6400 | 0xe200 | 0xb000)
    }
}

/// The vendor of this name, in lower case, or of a product of this name.
fn by_name(name: &str) -> Option<Vendor> {
    Some(match name {
        "nvidia" | "geforce" | "quadro" => Vendor::Nvidia,
        "amd" | "radeon" => Vendor::Amd,
        "apple" => Vendor::Apple,
        "intel" => Vendor::Intel,
        "qualcomm" | "adreno" => Vendor::Qualcomm,
        "arm" | "mali" | "immortalis" => Vendor::Arm,
        _ => return None,
    })
}

/// The vendor with this PCI number.
fn by_number(number: u32) -> Option<Vendor> {
    Some(match number {
        0x10de => Vendor::Nvidia,
        0x1002 | 0x1022 => Vendor::Amd,
        0x106b => Vendor::Apple,
        0x8086 => Vendor::Intel,
        0x5143 | 0x4d4f_4351 => Vendor::Qualcomm,
        0x13b5 => Vendor::Arm,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> AdapterDescription {
        AdapterDescription { name: name.into(), ..AdapterDescription::default() }
    }

    #[test]
    fn a_name_is_read_word_by_word() {
        for (name, vendor) in [
            ("NVIDIA GeForce RTX 4060 Laptop GPU", Vendor::Nvidia),
            ("Radeon(TM) Graphics", Vendor::Amd),
            ("Intel(R) UHD Graphics 620", Vendor::Intel),
            ("ANGLE (Apple, ANGLE Metal Renderer: Apple M2)", Vendor::Apple),
            ("Adreno (TM) 740", Vendor::Qualcomm),
            ("Mali-G715", Vendor::Arm),
            ("Microsoft Basic Render Driver", Vendor::Software),
            ("Clamdown Charm", Vendor::Unknown),
            ("", Vendor::Unknown),
        ] {
            assert_eq!(named(name).vendor(), vendor, "{name}");
        }
    }

    #[test]
    fn words_leave_out_what_is_not_said() {
        let adapter = AdapterDescription { vendor: "acme".into(), ..named("9000 XL") };
        assert_eq!(adapter.words(), "acme 9000 XL");
        assert_eq!(named("").words(), "");
    }

    /// A hostile or strange description is only text.
    #[test]
    fn odd_texts_have_no_generation() {
        for architecture in ["xe-", "xe-é2", "xe", "", "xe-lpg", "2"] {
            let adapter = AdapterDescription {
                architecture: architecture.into(),
                ..AdapterDescription::default()
            };
            assert!(!adapter.is_xe2(), "{architecture}");
        }
    }
}
