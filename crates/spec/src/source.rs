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

impl Photos {
    /// The shorter side of a photo, in pixels.
    pub fn side(self) -> u32 {
        match self {
            Self::Small => 160,
            Self::Large => 320,
        }
    }
}

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
    /// The computer that serves the page to a class; on any other page as [`Self::Auto`].
    Host,
}

choices!(Backend {
    Auto => "auto", "Choose for me";
    WebGpu => "webgpu", "WebGPU";
    Cpu => "cpu", "CPU";
    Host => "host", "The class's host";
});

/// How the pictures of a run are kept in memory, and which square of a picture the network sees in
/// validation. It follows from the recipe: [`Recipe::keep`](crate::Recipe::keep).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Keep {
    /// How large pictures are kept, and for which of fastai's transforms.
    pub room: Room,
    /// What makes a square of a picture in validation; never [`ResizeMethod::Auto`].
    pub method: ResizeMethod,
}

/// How large pictures are kept, and for which of fastai's transforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Room {
    /// For `Resize`. To train, the whole picture with a shorter side a quarter larger than the
    /// network's input; to validate, a square as large as the input.
    Plain,
    /// For `RandomResizedCrop`. To train, the whole picture, so large that the smallest crop need
    /// not be enlarged; that has this many thousandths of its area (`min_scale`). Validation
    /// pictures are kept whole too, for test-time augmentation.
    Crops(u16),
    /// [`Self::Crops`] with a shorter side of 1.25 times the input, where that does not fit into
    /// memory.
    SmallCrops(u16),
    /// For `Resize` and the crop of a batch. To train, the whole picture with a shorter side a
    /// quarter larger than the input; in validation a square of that size, resized to the input.
    /// Validation pictures are kept whole too, for test-time augmentation.
    Batch,
}

/// What makes a square of a picture that is not one: fastai's `ResizeMethod`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ResizeMethod {
    /// What fastai does with the augmentation: [`Self::Squish`] with `RandomResizedCrop`, else
    /// [`Self::Crop`].
    #[default]
    Auto,
    /// The whole picture, squeezed into the square.
    Squish,
    /// The largest square in the middle of the picture.
    Crop,
    /// The whole picture, continued to a square by its mirror image on both short sides: fastai's
    /// default `pad_mode`, `PadMode.Reflection`.
    Pad,
}

choices!(ResizeMethod {
    Auto => "auto", "Auto: fastai's default for the augmentation";
    Squish => "squish", "Squish: all of it, squeezed";
    Crop => "crop", "Crop: its middle square";
    Pad => "pad", "Pad: all of it, with mirrored edges";
});

/// The smallest part of the area that a random crop keeps if nothing else is said: the `min_scale`
/// of Imagenette's leaderboard for fastai's `RandomResizedCrop`.
pub const MIN_CROP_AREA: f64 = 0.35;

/// [`MIN_CROP_AREA`] in thousandths.
const MIN_CROP_THOUSANDTHS: u16 = 350;

impl Keep {
    /// For pictures of which the network sees the middle square.
    pub const SQUARE: Self = Self { room: Room::Plain, method: ResizeMethod::Crop };
    /// For random crops of at least [`MIN_CROP_AREA`] and squished validation pictures.
    pub const CROPS: Self =
        Self { room: Room::Crops(MIN_CROP_THOUSANDTHS), method: ResizeMethod::Squish };
    /// [`Self::CROPS`] in less memory.
    pub const SMALL_CROPS: Self =
        Self { room: Room::SmallCrops(MIN_CROP_THOUSANDTHS), method: ResizeMethod::Squish };
    /// For batches that share a crop.
    pub const BATCH: Self = Self { room: Room::Batch, method: ResizeMethod::Crop };

    /// The shorter side, in pixels, at which pictures are kept to train a network whose input has
    /// `size` pixels a side.
    pub fn train_side(self, size: u32) -> u32 {
        match self.room {
            Room::Plain | Room::SmallCrops(_) | Room::Batch => size + size / 4,
            Room::Crops(thousandths) => (f64::from(size) * enlargement(thousandths)).ceil() as u32,
        }
    }

    /// How many times larger than the network's input the shorter side of a picture is kept for
    /// random crops, where there is room; `None` without random crops.
    pub fn crop_enlargement(self) -> Option<f64> {
        match self.room {
            Room::Crops(thousandths) | Room::SmallCrops(thousandths) => {
                Some(enlargement(thousandths))
            }
            Room::Plain | Room::Batch => None,
        }
    }

    /// Whether validation pictures are kept whole beside the square that validation sees.
    pub fn whole_for_validation(self) -> bool {
        self.room != Room::Plain
    }

    /// How the same pictures are kept in less memory; `None` if they are kept so already, or if
    /// they are no larger as it is.
    pub fn smaller(self) -> Option<Self> {
        match self.room {
            Room::Crops(thousandths) if enlargement(thousandths) > 1.25 => {
                Some(Self { room: Room::SmallCrops(thousandths), ..self })
            }
            _ => None,
        }
    }

    /// The same with room for random crops, where those were kept smaller.
    pub fn larger(self) -> Self {
        match self.room {
            Room::SmallCrops(thousandths) => Self { room: Room::Crops(thousandths), ..self },
            Room::Plain | Room::Crops(_) | Room::Batch => self,
        }
    }

    /// Whether validation sees the same of pictures that are kept so and so, which may be kept
    /// larger or smaller.
    pub fn sees_as(self, other: Self) -> bool {
        let both_crop = self.crop_enlargement().is_some() && other.crop_enlargement().is_some();
        self.method == other.method && (self.room == other.room || both_crop)
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self::SQUARE
    }
}

/// How many pixels a side fastai's `RandomResizedCrop` squishes a picture larger than the square of
/// `side` pixels that validation sees: ⌈0.14 · `side` / 8⌉ · 8 (its `val_xtra`).
pub fn extra_for_squish(side: u32) -> u32 {
    (f64::from(side) * 0.14 / 8.0).ceil() as u32 * 8
}

/// How many times larger than the network's input a picture is whose smallest crop is as large.
fn enlargement(thousandths: u16) -> f64 {
    1.0 / (f64::from(thousandths.max(1)) / 1000.0).sqrt()
}

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
    /// How they are kept. No setting of its own:
    /// [`RunConfig::pictures`](crate::RunConfig::pictures) sets it.
    #[serde(default)]
    pub keep: Keep,
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
            keep: Keep::default(),
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

    /// Bytes of these pictures, `train` to train on and `valid` to validate with in all classes
    /// together, if photos are four wide and three high.
    pub fn photo_bytes(&self, train: u64, valid: u64) -> u64 {
        let side = self.keep.train_side(self.size);
        let side = match self.source {
            Source::HuggingFace => side.min(self.photos.side()),
            Source::Url | Source::Drawn | Source::Files => side,
        };
        // Three bytes a pixel, and a third more pixels than the square of the shorter side.
        let photo = u64::from(side) * u64::from(side) * 4;
        let square = u64::from(self.size) * u64::from(self.size) * 3;
        let whole = if self.keep.whole_for_validation() { photo } else { 0 };
        train.saturating_mul(photo).saturating_add(valid.saturating_mul(square + whole))
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

    #[test]
    fn the_smallest_crop_need_not_be_enlarged() {
        for size in [16, 32, 48, 64, 128, 224, 320] {
            let side = f64::from(Keep::CROPS.train_side(size));
            assert!((MIN_CROP_AREA.sqrt() * side - f64::from(size)).abs() < 1.0, "{size}");
            assert_eq!(Keep::SMALL_CROPS.train_side(size), size + size / 4);
        }
        assert_eq!([64, 128].map(|size| Keep::CROPS.train_side(size)), [109, 217]);
        for (thousandths, side, smaller) in
            [(80, 227, 80), (250, 128, 80), (640, 80, 80), (1000, 64, 64)]
        {
            let keep = Keep { room: Room::Crops(thousandths), ..Keep::CROPS };
            assert_eq!(keep.train_side(64), side, "{thousandths}");
            let small = keep.smaller().unwrap_or(keep);
            assert_eq!((small.train_side(64), small.larger()), (smaller, keep), "{thousandths}");
            assert_eq!((small.smaller(), small.sees_as(Keep::CROPS)), (None, true));
        }
        assert!(!Keep::SQUARE.sees_as(Keep::BATCH) && Keep::BATCH.sees_as(Keep::BATCH));
        assert!(!Keep::CROPS.sees_as(Keep { method: ResizeMethod::Pad, ..Keep::CROPS }));
    }

    #[test]
    fn photos_are_never_kept_larger_than_they_are() {
        let mut data = DataConfig { size: 128, keep: Keep::CROPS, ..DataConfig::default() };
        assert_eq!(data.photo_bytes(10, 0), 10 * 160 * 160 * 4);
        data.photos = Photos::Large;
        assert_eq!(data.photo_bytes(10, 0), 10 * 217 * 217 * 4);
        assert_eq!(data.photo_bytes(0, 2), 2 * (217 * 217 * 4 + 128 * 128 * 3));
        data.keep = Keep::SQUARE;
        assert_eq!(data.photo_bytes(1, 2), 160 * 160 * 4 + 2 * 128 * 128 * 3);
    }
}
