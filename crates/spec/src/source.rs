//! Which pictures a run uses, and which engine trains.

use crate::settings::choice::choices;

/// Where pictures come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Source {
    /// Imagenette 160 px, read from Hugging Face in the visitor's browser.
    #[default]
    HuggingFace,
    /// A base address that holds `train/0000.parquet` and `validation/0000.parquet`.
    Url,
    /// Ten classes that the page draws by itself; needs no network.
    Drawn,
    /// Files that the reader opened.
    Files,
}

choices!(Source {
    HuggingFace => "huggingface", "Imagenette, from Hugging Face";
    Url => "url", "An address";
    Drawn => "drawn", "Drawn by this page";
    Files => "files", "My files";
});

/// The size in which Imagenette's photos come from Hugging Face.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Photos {
    /// The shorter side has 160 px; a photo takes about 8 kB.
    #[default]
    Small,
    /// The shorter side has 320 px; a photo takes about 26 kB. Worth it for a network that sees
    /// more than 128 px.
    Large,
}

choices!(Photos {
    Small => "160px", "160 px, 8 kB each";
    Large => "320px", "320 px, 26 kB each";
});

/// Which engine trains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Backend {
    /// WebGPU on a real adapter with `timestamp-query`, else the CPU.
    #[default]
    Auto,
    /// WebGPU, a software adapter too.
    WebGpu,
    /// Burn Flex with SIMD.
    Cpu,
}

choices!(Backend {
    Auto => "auto", "Choose for me";
    WebGpu => "webgpu", "WebGPU";
    Cpu => "cpu", "CPU";
});

/// Which pictures a run uses, how many and how large.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DataConfig {
    /// Where the pictures come from.
    pub source: Source,
    /// Base address for [`Source::Url`]; empty otherwise.
    pub base: String,
    /// The size of the photos for [`Source::HuggingFace`].
    #[serde(default)]
    pub photos: Photos,
    /// Number of training pictures in each class.
    pub train: u32,
    /// Number of validation pictures in each class.
    pub valid: u32,
    /// Side of the square that the network sees, in pixels.
    pub size: u32,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            source: Source::default(),
            base: String::new(),
            photos: Photos::default(),
            train: 150,
            valid: 50,
            size: 64,
        }
    }
}

/// Imagenette at Hugging Face in parquet, as the publisher's conversion has it.
const HUGGING_FACE: &str =
    "https://huggingface.co/datasets/frgfm/imagenette/resolve/refs%2Fconvert%2Fparquet";

/// The name of an address in a few words, for people.
pub fn address_name(address: &str) -> String {
    match address.strip_prefix(HUGGING_FACE) {
        Some(file) => format!("Imagenette at Hugging Face, {}", file.trim_start_matches('/')),
        None => address.split_once("://").map_or(address, |(_, place)| place).to_string(),
    }
}

impl DataConfig {
    /// The address of the folder that the pictures are fetched from, without a slash at the end;
    /// empty if they do not come over the network.
    pub fn address(&self) -> String {
        match self.source {
            Source::HuggingFace => format!("{HUGGING_FACE}/{}", self.photos.name()),
            Source::Url => self.base.clone(),
            Source::Drawn | Source::Files => String::new(),
        }
    }

    /// Where the pictures come from, in a few words.
    pub fn source_name(&self) -> String {
        match self.source {
            Source::HuggingFace | Source::Url => address_name(&self.address()),
            Source::Drawn => "drawings".into(),
            Source::Files => "opened files".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_addresses_whole() {
        let mut data = DataConfig::default();
        assert_eq!(data.source_name(), "Imagenette at Hugging Face, 160px");
        assert!(
            data.address().starts_with("https://huggingface.co/")
                && data.address().ends_with("/160px")
        );
        data.photos = Photos::Large;
        assert!(data.address().ends_with("/320px") && data.source_name().contains("320"));
        (data.source, data.base) = (Source::Url, "http://127.0.0.1:9/photos".into());
        assert_eq!(
            (data.address(), data.source_name()),
            ("http://127.0.0.1:9/photos".into(), "127.0.0.1:9/photos".into())
        );
    }
}
