//! The table of settings.

use crate::epoch_choice::{SaveEpoch, StopEarly};
use crate::limits::MAX_EPOCHS;
use crate::net::{Activation, Block, Family, HeadKind, StemPool};
use crate::recipe::{Augment, ClassBalance, Optimizer, Schedule};
use crate::settings::kind::{Field, Kind};
use crate::settings::setting::{Group, Setting};
use crate::source::{Backend, Photos, ResizeMethod, Source};

/// Access to a field of [`RunConfig`](crate::RunConfig), by its path.
macro_rules! field {
    ($($name:ident).+) => {
        Field { get: |run| &run.$($name).+, get_mut: |run| &mut run.$($name).+ }
    };
}

/// A setting whose value is one of an enum's `CHOICES`.
macro_rules! choice {
    ($type:ident, $($name:ident).+) => {
        Kind::Choice {
            choices: $type::CHOICES,
            get: |run| run.$($name).+.name(),
            set: |run, name| {
                $type::from_name(name).map(|value| run.$($name).+ = value).is_some()
            },
        }
    };
}

const fn integer(min: u32, max: u32, field: Field<u32>) -> Kind {
    Kind::Integer { min, max, field }
}

const fn real(min: f64, max: f64, field: Field<f64>) -> Kind {
    Kind::Real { min, max, field }
}

const fn list(max_len: usize, min: u32, max: u32, field: Field<Vec<u32>>) -> Kind {
    Kind::List { max_len, min, max, field }
}

/// The most blocks whose skip connection is cut.
const MAX_CUT: usize = 64;

/// Every setting of a run, in the order in which links list them.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "source",
        group: Group::Data,
        position: 1,
        label: "Pictures from",
        help: "Where the pictures come from. The place Data shows them.",
        term: Some("Source"),
        kind: choice!(Source, data.source),
        optional: false,
    },
    Setting {
        key: "data",
        group: Group::Data,
        position: 2,
        label: "Address",
        help: "For pictures from an address: the folder that holds train/0000.parquet and \
               validation/0000.parquet.",
        term: Some("Source"),
        kind: Kind::Address { field: field!(data.base) },
        optional: true,
    },
    Setting {
        key: "photos",
        group: Group::Data,
        position: 3,
        label: "Photos from Hugging Face",
        help: "The larger ones show more only to a network that sees more than 128 px.",
        term: Some("Imagenette"),
        kind: choice!(Photos, data.photos),
        optional: false,
    },
    Setting {
        key: "train",
        group: Group::Data,
        position: 4,
        label: "Training pictures a class",
        help: "More pictures are better and slower. The full set has about 950 a class.",
        term: Some("Training set"),
        kind: integer(1, 20_000, field!(data.train)),
        optional: false,
    },
    Setting {
        key: "valid",
        group: Group::Data,
        position: 5,
        label: "Validation pictures a class",
        help: "The network never learns from these; accuracy is measured on them.",
        term: Some("Validation set"),
        kind: integer(1, 20_000, field!(data.valid)),
        optional: false,
    },
    Setting {
        key: "size",
        group: Group::Data,
        position: 6,
        label: "Size in pixels",
        help: "Side of the square that the network sees. Twice the side is four times the work.",
        term: Some("Size"),
        kind: integer(16, 320, field!(data.size)),
        optional: false,
    },
    Setting {
        key: "net",
        group: Group::Network,
        position: 1,
        label: "Skeleton",
        help: "The chapter starts with the second and arrives at the first.",
        term: Some("ResNet"),
        kind: choice!(Family, net.family),
        optional: false,
    },
    Setting {
        key: "layers",
        group: Group::Network,
        position: 3,
        label: "Blocks in each stage",
        help: "2,2,2,2 is ResNet-18's; 3,4,6,3 that of ResNet-34 and 50. Each stage after the \
               first halves the grid.",
        term: Some("Layers"),
        kind: list(6, 1, 64, field!(net.layers)),
        optional: false,
    },
    Setting {
        key: "block",
        group: Group::Network,
        position: 2,
        label: "Block",
        help: "What a stage is made of. Try plain and basic with many blocks to see what the skip \
               is for.",
        term: Some("Block"),
        kind: choice!(Block, net.block),
        optional: false,
    },
    Setting {
        key: "expansion",
        group: Group::Network,
        position: 5,
        label: "Expansion",
        help: "How many times wider the ends of the blocks are. The book's bottlenecks use 4.",
        term: Some("Expansion"),
        kind: integer(1, 8, field!(net.expansion)),
        optional: false,
    },
    Setting {
        key: "width",
        group: Group::Network,
        position: 4,
        label: "Channels of the first stage",
        help: "Each further stage doubles them. Twice the width is about four times the work.",
        term: Some("Channel"),
        kind: integer(4, 512, field!(net.width)),
        optional: false,
    },
    Setting {
        key: "stem",
        group: Group::Network,
        position: 6,
        label: "Channels of the stem",
        help: "The first few convolutions. They work on the largest grid, where each weight costs \
               most: keep them narrow.",
        term: Some("Stem"),
        kind: list(8, 1, 1024, field!(net.stem)),
        optional: false,
    },
    Setting {
        key: "head",
        group: Group::Network,
        position: 7,
        label: "Head",
        help: "What turns the last grid into a score for each class. fastai's looks at the maximum \
               of each channel too and has two layers with dropout.",
        term: Some("Head"),
        kind: choice!(HeadKind, net.head),
        optional: true,
    },
    Setting {
        key: "act",
        group: Group::Network,
        position: 8,
        label: "Activation function",
        help: "The function after each norm. The chapter's is ReLU, which turns negative numbers \
               into 0; the leaderboard's networks have Mish.",
        term: None,
        kind: choice!(Activation, net.act),
        optional: true,
    },
    Setting {
        key: "cut",
        group: Group::Network,
        position: 9,
        label: "Skips cut",
        help: "Blocks without their skip connection and what is on it, as stage.block: 2.1 is the \
               first block of the second stage. Empty keeps all skips.",
        term: None,
        kind: Kind::Blocks { max_len: MAX_CUT, field: field!(net.cut) },
        optional: true,
    },
    Setting {
        key: "se",
        group: Group::Network,
        position: 10,
        label: "Squeeze-and-excitation",
        help: "Rescales each block's output channels using averages over the whole picture. The \
               number is the reduction factor: 16 is usual, smaller means more weights. 0 is off.",
        term: None,
        kind: integer(0, 64, field!(net.se)),
        optional: true,
    },
    Setting {
        key: "sa",
        group: Group::Network,
        position: 11,
        label: "Self-attention",
        help: "1 lets one early block mix its channels by how alike they are over the whole picture. \
               It begins without effect. 0 is off.",
        term: None,
        kind: integer(0, 1, field!(net.sa)),
        optional: true,
    },
    Setting {
        key: "groups",
        group: Group::Network,
        position: 12,
        label: "Groups",
        help: "Splits a 3×3 convolution of each block into groups of channels, as ResNeXt does: \
               fewer weights, but not faster here. 1 is off.",
        term: None,
        kind: integer(1, 64, field!(net.groups)),
        optional: true,
    },
    Setting {
        key: "pool",
        group: Group::Network,
        position: 13,
        label: "Pool behind the stem",
        help: "How the grid is halved behind a ResNet's stem. The chapter takes the maximum of 3×3 \
               cells. With blurring, a shift by one pixel changes the answer less; it takes longer.",
        term: None,
        kind: choice!(StemPool, net.pool),
        optional: true,
    },
    Setting {
        key: "epochs",
        group: Group::Recipe,
        position: 1,
        label: "Epochs",
        help: "How often the network sees every training picture.",
        term: Some("Epoch"),
        kind: integer(1, MAX_EPOCHS, field!(recipe.epochs)),
        optional: false,
    },
    Setting {
        key: "bs",
        group: Group::Recipe,
        position: 2,
        label: "Pictures a batch",
        help: "More are steadier and need more memory. The book uses 64 to 128.",
        term: Some("Batch"),
        kind: integer(2, 512, field!(recipe.bs)),
        optional: false,
    },
    Setting {
        key: "lr",
        group: Group::Recipe,
        position: 3,
        label: "Learning rate",
        help: "The highest of the run. Too low learns slowly, too high not at all; 0.003 to 0.01 \
               suits these networks.",
        term: Some("Learning rate"),
        kind: real(1e-8, 10.0, field!(recipe.lr)),
        optional: false,
    },
    Setting {
        key: "wd",
        group: Group::Recipe,
        position: 5,
        label: "Weight decay",
        help: "Pulls every weight a little towards 0 at each step; norms and biases are spared.",
        term: Some("Weight decay"),
        kind: real(0.0, 1.0, field!(recipe.wd)),
        optional: false,
    },
    Setting {
        key: "mixup",
        group: Group::Recipe,
        position: 7,
        label: "Mixup",
        help: "Trains on blends of two pictures. 0 is off, 0.4 the book's value; it helps long \
               runs only, and lifts train_loss above valid_loss.",
        term: Some("Mixup"),
        kind: real(0.0, 10.0, field!(recipe.mixup)),
        optional: false,
    },
    Setting {
        key: "cutmix",
        group: Group::Recipe,
        position: 7,
        label: "CutMix",
        help: "Trains on pictures with a box of another one pasted in; labels are mixed by its share \
               of the area. 0 is off, 1 usual; it helps long runs and can't be combined with Mixup.",
        term: None,
        kind: real(0.0, 10.0, field!(recipe.cutmix)),
        optional: true,
    },
    Setting {
        key: "erase",
        group: Group::Recipe,
        position: 7,
        label: "Random erasing",
        help: "In this share of the batches a rectangle of up to 30 % of the pictures becomes noise, \
               so that no class depends on one detail. 0 is off, 0.5 usual; it helps long runs.",
        term: None,
        kind: real(0.0, 1.0, field!(recipe.erase)),
        optional: true,
    },
    Setting {
        key: "smoothing",
        group: Group::Recipe,
        position: 8,
        label: "Label smoothing",
        help: "Asks the network to be a little less than certain. 0 is off, 0.1 usual.",
        term: Some("Label smoothing"),
        kind: real(0.0, 0.9, field!(recipe.smoothing)),
        optional: false,
    },
    Setting {
        key: "weights",
        group: Group::Recipe,
        position: 8,
        label: "Class weights",
        help: "Balanced makes pictures of small classes count more in the training loss. valid_loss \
               and accuracy count each picture once.",
        term: None,
        kind: choice!(ClassBalance, recipe.weights),
        optional: true,
    },
    Setting {
        key: "dropout",
        group: Group::Recipe,
        position: 8,
        label: "Dropout",
        help: "Sets this share of the numbers before the head to 0 at random in each training \
               step, so that no class depends on a few of them. 0 is off, 0.5 usual; fastai's head \
               has .5 where this is 0.",
        term: None,
        kind: real(0.0, 0.9, field!(recipe.dropout)),
        optional: true,
    },
    Setting {
        key: "augment",
        group: Group::Recipe,
        position: 6,
        label: "Augmentation",
        help: "Changes each training picture a little, so that no epoch is like another.",
        term: Some("Augmentation"),
        kind: Kind::Choice {
            choices: Augment::CHOICES,
            get: |run| run.recipe.augment.name(),
            set: |run, name| {
                Augment::from_link(name).map(|value| run.recipe.augment = value).is_some()
            },
        },
        optional: false,
    },
    Setting {
        key: "min_scale",
        group: Group::Recipe,
        position: 6,
        label: "Smallest crop",
        help: "The smallest part of a picture's area that a random crop shows. The leaderboard's is \
               0.35, fastai's 0.08. Smaller crops suit longer runs; pictures are then kept larger, \
               which takes more memory.",
        term: None,
        kind: real(0.08, 1.0, field!(recipe.min_scale)),
        optional: true,
    },
    Setting {
        key: "resize",
        group: Group::Recipe,
        position: 6,
        label: "Making pictures square",
        help: "What validation and Predict see of a picture that is not square: squish squeezes it, \
               crop takes its middle, pad adds its mirror image at the edges. Training without \
               random crops does the same.",
        term: None,
        kind: choice!(ResizeMethod, recipe.resize),
        optional: true,
    },
    Setting {
        key: "schedule",
        group: Group::Recipe,
        position: 4,
        label: "Schedule",
        help: "How the learning rate moves over the run. The chapter uses fit_one_cycle.",
        term: Some("Schedule"),
        kind: choice!(Schedule, recipe.schedule),
        optional: false,
    },
    Setting {
        key: "opt",
        group: Group::Recipe,
        position: 4,
        label: "Optimiser",
        help: "How gradients become weight updates. Ranger is careful at first and averages its \
               weights every six steps; the leaderboard uses it with schedule=flat-cos.",
        term: None,
        kind: choice!(Optimizer, recipe.opt),
        optional: true,
    },
    Setting {
        key: "accumulate",
        group: Group::Recipe,
        position: 9,
        label: "Batches a step",
        help: "Averages the gradients of several batches: the effect of a large batch in little \
               memory.",
        term: Some("Batches a step"),
        kind: integer(1, 64, field!(recipe.accumulate)),
        optional: false,
    },
    Setting {
        key: "grow",
        group: Group::Recipe,
        position: 10,
        label: "Sizes to start with",
        help: "Progressive resizing: smaller sizes in pixels for the first epochs, for example \
               32,48; none above the size of the run. Empty is off.",
        term: Some("Progressive resizing"),
        kind: list(4, 16, 320, field!(recipe.grow)),
        optional: true,
    },
    Setting {
        key: "save",
        group: Group::Recipe,
        position: 11,
        label: "Network to keep",
        help: "Whose network the run ends with, and its file has: the last epoch's, or that of the \
               best epoch of the table (fastai's SaveModelCallback).",
        term: None,
        kind: choice!(SaveEpoch, recipe.save),
        optional: true,
    },
    Setting {
        key: "stop",
        group: Group::Recipe,
        position: 12,
        label: "Stop early",
        help: "Ends the run before its last epoch once the table shows nothing better for as many \
               epochs as Patience says (fastai's EarlyStoppingCallback).",
        term: None,
        kind: choice!(StopEarly, recipe.stop),
        optional: true,
    },
    Setting {
        key: "patience",
        group: Group::Recipe,
        position: 13,
        label: "Patience",
        help: "For stopping early: how many epochs one after the other may be no better than the \
               best one. 1 is strict; in the middle of a run valid_loss often rises for a while.",
        term: None,
        kind: integer(1, MAX_EPOCHS, field!(recipe.patience)),
        optional: true,
    },
    Setting {
        key: "min_delta",
        group: Group::Recipe,
        position: 14,
        label: "Least improvement",
        help: "For the network to keep and for stopping early: an epoch is better only if \
               valid_loss falls, or accuracy rises, by more than this (fastai's min_delta).",
        term: None,
        kind: real(0.0, 10.0, field!(recipe.min_delta)),
        optional: true,
    },
    Setting {
        key: "seed",
        group: Group::Data,
        position: 7,
        label: "Seed",
        help: "The start of every random number: the same seed gives the same run.",
        term: Some("Seed"),
        kind: integer(0, u32::MAX, field!(seed)),
        optional: false,
    },
    Setting {
        key: "backend",
        group: Group::Data,
        position: 8,
        label: "Engine",
        help: "WebGPU is many times faster on a real graphics card. The CPU engine runs \
               everywhere.",
        term: Some("Engine"),
        kind: choice!(Backend, backend),
        optional: false,
    },
    Setting {
        key: "threads",
        group: Group::Data,
        position: 9,
        label: "Threads",
        help: "How many threads the CPU engine computes and decodes pictures on, from its next \
               start. 0 is one less than the computer has cores, at most 8; on the command line \
               all. The results are the same, bit for bit.",
        term: None,
        kind: integer(0, 16, field!(threads)),
        optional: true,
    },
];
