//! What a file of a network or a run may hold: one set of limits for all that loads pictures,
//! trains, writes files and opens them.
//!
//! A file that is written but not opened again is work lost, so the same limits are checked three
//! times: before training, where they can be told in time; when a file is written; and when one is
//! opened, which may come from anywhere.

use crate::architecture::Architecture;
use crate::source::Keep;

/// Size of the largest file of a network, in bytes: ResNet-50 in f32 has 102 MB.
pub const MAX_MODEL_BYTES: u64 = 120_000_000;
/// Size of the largest file of a run, in bytes: a ResNet-50 with both of Adam's running averages
/// has 306 MB.
pub const MAX_RUN_BYTES: u64 = 400_000_000;
/// The most tensors in a file: the deepest network of the settings has 7,380, and a run up to four
/// more for each that is trained (two averages, a gradient, Ranger's slow weights), and as many as
/// the network again if it keeps its best epoch.
pub const MAX_TENSORS: usize = 36_000;
/// The most classes of a run, twice as many as ImageNet has.
pub const MAX_RUN_CLASSES: usize = 2_000;
/// The most classes of a network in a file: ImageNet-21k has 21,843.
pub const MAX_MODEL_CLASSES: usize = 100_000;
/// The most characters in the name of a class.
pub const MAX_NAME_CHARS: usize = 200;
/// The most epochs of a run, and so the most rows of its table.
pub const MAX_EPOCHS: u32 = 1_000;

/// The most bytes of pictures that are kept for a run, so that a browser does not run out of
/// memory.
pub const MAX_SET_BYTES: u64 = 1_500_000_000;

/// Bytes of a number.
const NUMBER: u64 = 4;
/// Bytes that a tensor's name, shape and place take in a file's header, about.
const TENSOR_HEADER: u64 = 140;

/// Why the names of classes cannot be kept in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClassNamesError {
    /// A class has no name.
    #[error("class {0} has no name; every class needs one")]
    Empty(usize),
    /// A name is too long.
    #[error(
        "the name of class {number} has {length} characters, and at most {MAX_NAME_CHARS} are kept"
    )]
    Long {
        /// The class, counted from 1.
        number: usize,
        /// How long its name is, in characters.
        length: usize,
    },
    /// A name has characters that cannot be displayed, such as a line break.
    #[error("the name of class {0} has control characters, such as a line break or a bell")]
    Control(usize),
    /// There are too many classes, or too few.
    #[error("there are {found} classes, and a file has {fewest} to {most}")]
    Count {
        /// How many there are.
        found: usize,
        /// The fewest.
        fewest: usize,
        /// The most.
        most: usize,
    },
}

/// Checks names of classes as every file of a network has to have them. Equal names are different
/// classes, and there are no names with a meaning of their own: `__proto__` is one like any other.
///
/// # Errors
/// [`ClassNamesError`] with the first class, counted from 1, whose name is refused.
pub fn check_class_names<S: AsRef<str>>(names: &[S]) -> Result<(), ClassNamesError> {
    if !(1..=MAX_MODEL_CLASSES).contains(&names.len()) {
        let (found, most) = (names.len(), MAX_MODEL_CLASSES);
        return Err(ClassNamesError::Count { found, fewest: 1, most });
    }
    for (index, name) in names.iter().enumerate() {
        let (number, name) = (index + 1, name.as_ref());
        let length = name.chars().count();
        if length == 0 {
            return Err(ClassNamesError::Empty(number));
        }
        if length > MAX_NAME_CHARS {
            return Err(ClassNamesError::Long { number, length });
        }
        if name.chars().any(char::is_control) {
            return Err(ClassNamesError::Control(number));
        }
    }
    Ok(())
}

/// [`check_class_names`] for the classes of a run: at least two, and at most [`MAX_RUN_CLASSES`].
///
/// # Errors
/// [`ClassNamesError`]
pub fn check_run_classes<S: AsRef<str>>(names: &[S]) -> Result<(), ClassNamesError> {
    let found = names.len();
    if !(2..=MAX_RUN_CLASSES).contains(&found) {
        return Err(ClassNamesError::Count { found, fewest: 2, most: MAX_RUN_CLASSES });
    }
    check_class_names(names)
}

/// Bytes of a set of square pictures as they are kept for a network whose input has `size` pixels a
/// side: red, green and blue of each pixel.
pub fn set_bytes(keep: Keep, size: u32, train: u64, valid: u64) -> u64 {
    let picture = |side: u32| u64::from(side) * u64::from(side) * 3;
    let kept = picture(keep.train_side(size));
    let whole = if keep.whole_for_validation() { kept } else { 0 };
    train * kept + valid * (picture(size) + whole)
}

/// How so many square pictures are kept within [`MAX_SET_BYTES`]: as `keep` says, or smaller.
///
/// # Errors
/// The bytes that they would take all the same, if they fit in neither way.
pub fn fitting_keep(keep: Keep, size: u32, train: u64, valid: u64) -> Result<Keep, u64> {
    let smaller = keep.smaller().unwrap_or(keep);
    [keep, smaller]
        .into_iter()
        .find(|&keep| set_bytes(keep, size, train, valid) <= MAX_SET_BYTES)
        .ok_or_else(|| set_bytes(smaller, size, train, valid))
}

/// Sizes of the files of a network and its run, in bytes.
///
/// ```
/// use resnette_spec::architecture::Architecture;
/// use resnette_spec::limits::FileSizes;
/// use resnette_spec::read_run;
///
/// let sizes = |settings| FileSizes::new(&Architecture::new(&read_run(settings).0.net, 10), 1);
/// assert_eq!(sizes("").too_large(), None);
/// let wide = sizes("block=basic&expansion=1&width=128&layers=2,2,2,2").too_large().unwrap();
/// let told = "this network is too large to be saved: its file would have 17";
/// assert!(wide.starts_with(told), "{wide}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSizes {
    /// The network alone.
    pub model: u64,
    /// The whole run at its largest: with Adam's running averages, and with the gradients that wait
    /// for a step if batches are accumulated.
    pub run: u64,
}

impl FileSizes {
    /// The sizes for a network that is trained with one step every `accumulate` batches. They are a
    /// little more than the files have.
    pub fn new(architecture: &Architecture, accumulate: u32) -> Self {
        let convolutions = architecture.stem.iter().chain(
            architecture
                .stages
                .iter()
                .flatten()
                .flat_map(|block| block.convs.iter().chain(&block.projection)),
        );
        let (mut layers, mut statistics) = (0u64, 0u64);
        for convolution in convolutions {
            layers += 1;
            statistics += 2 * u64::from(convolution.nf);
        }
        let parameters = architecture.parameters();
        let head = architecture.head_tensors();
        statistics += head.statistics;
        // Two tensors of self-attention are trained and two are not.
        let attention = architecture.attention().map_or(0, |attention| {
            statistics += 2 * u64::from(attention.channels);
            2
        });
        // A layer's weight, gamma and beta, the four tensors of squeeze-and-excitation, and those
        // of the head.
        let trained = layers * 3 + architecture.squeezes() * 4 + attention + head.trained;
        let tensors = trained + layers * 2 + attention + head.running;
        let model = (parameters + statistics) * NUMBER + tensors * TENSOR_HEADER;
        let copies = if accumulate > 1 { 3 } else { 2 };
        let run = model + copies * (parameters * NUMBER + trained * TENSOR_HEADER);
        Self { model, run }
    }

    /// The sizes for a run that keeps its best epoch: its weights are in the run's file too.
    pub fn with_best_epoch(self) -> Self {
        Self { run: self.run + self.model, ..self }
    }

    /// The sizes for a run whose optimiser keeps a second, slow copy of the weights (Lookahead).
    pub fn with_slow_weights(self) -> Self {
        Self { run: self.run + self.model, ..self }
    }

    /// What cannot be kept because it is too large, and what would help, as a sentence without its
    /// full stop; `None` if everything can.
    pub fn too_large(self) -> Option<String> {
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        let (model, run) = (megabytes(self.model), megabytes(self.run));
        let most = megabytes(MAX_RUN_BYTES);
        if self.model > MAX_MODEL_BYTES {
            Some(format!(
                "this network is too large to be saved: its file would have {model} MB, and at most \
                 {} MB are opened. It can be trained, but neither the network nor the run is kept; \
                 choose a narrower one",
                megabytes(MAX_MODEL_BYTES)
            ))
        } else if self.run > MAX_RUN_BYTES {
            Some(format!(
                "this run is too large to be kept: with the optimiser's averages it has {run} MB, \
                 and at most {most} MB are kept. Once it has been left it cannot be continued; the \
                 network alone can be saved. Choose a narrower network to keep it"
            ))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::is_trained;
    use crate::read_run;
    use crate::settings::{Kind, SETTINGS};
    use crate::source::Room;

    fn sizes(settings: &str, accumulate: u32) -> FileSizes {
        let (run, problems) = read_run(settings);
        assert_eq!(problems, []);
        FileSizes::new(&Architecture::new(&run.net, 10), accumulate)
    }

    #[test]
    fn names_that_cannot_be_kept_are_refused_by_their_number() {
        let names = |second: &str| vec!["cat".to_string(), second.to_string()];
        for good in ["dog", "cat", "__proto__", "constructor", " ", "\u{202e}god", "犬", "a\"b\\"]
        {
            assert_eq!(check_run_classes(&names(good)), Ok(()), "{good:?}");
        }
        assert_eq!(check_run_classes(&names("")), Err(ClassNamesError::Empty(2)));
        for control in ["\u{7}", "a\nb", "\0", "a\u{85}"] {
            assert_eq!(check_run_classes(&names(control)), Err(ClassNamesError::Control(2)));
        }
        let long = "é".repeat(MAX_NAME_CHARS);
        assert_eq!(check_run_classes(&names(&long)), Ok(()));
        assert_eq!(
            check_run_classes(&names(&format!("{long}é"))),
            Err(ClassNamesError::Long { number: 2, length: MAX_NAME_CHARS + 1 })
        );
        let many = vec!["a"; MAX_RUN_CLASSES];
        assert_eq!(check_run_classes(&many), Ok(()));
        for count in [0, 1, MAX_RUN_CLASSES + 1] {
            let refused = check_run_classes(&vec!["a"; count]);
            assert!(matches!(refused, Err(ClassNamesError::Count { found, .. }) if found == count));
        }
        assert!(check_class_names(&["a"]).is_ok());
        for count in [0, MAX_MODEL_CLASSES + 1] {
            assert!(check_class_names(&vec!["a"; count]).is_err(), "{count}");
        }
    }

    #[test]
    fn a_set_that_does_not_fit_is_kept_smaller_before_it_is_refused() {
        // 109 and 80 pixels a side.
        let (fits, refused) = (MAX_SET_BYTES / (109 * 109 * 3), MAX_SET_BYTES / (80 * 80 * 3));
        let keep = |pictures| fitting_keep(Keep::CROPS, 64, pictures, 0);
        assert_eq!(keep(fits), Ok(Keep::CROPS));
        assert_eq!(keep(fits + 1), Ok(Keep::SMALL_CROPS));
        assert_eq!(keep(refused), Ok(Keep::SMALL_CROPS));
        assert_eq!(keep(refused + 1), Err((refused + 1) * 80 * 80 * 3));
        assert!(fitting_keep(Keep::SQUARE, 64, refused + 1, 0).is_err());
        // Smaller crops want larger pictures, which are kept smaller earlier: 227 pixels a side.
        let wide = Keep { room: Room::Crops(80), ..Keep::CROPS };
        let fits = MAX_SET_BYTES / (227 * 227 * 3);
        assert_eq!(fitting_keep(wide, 64, fits, 0), Ok(wide));
        let small = Keep { room: Room::SmallCrops(80), ..Keep::CROPS };
        assert_eq!(fitting_keep(wide, 64, fits + 1, 0), Ok(small));
        // Validation pictures are kept whole too, and the square that validation sees.
        assert_eq!(set_bytes(Keep::CROPS, 64, 0, 1), (109 * 109 + 64 * 64) * 3);
        assert_eq!(set_bytes(Keep::SQUARE, 64, 0, 1), 64 * 64 * 3);
    }

    #[test]
    fn files_are_told_to_be_too_large_at_their_limits() {
        let at = |model, run| FileSizes { model, run }.too_large();
        assert_eq!(at(MAX_MODEL_BYTES, MAX_RUN_BYTES), None);
        let model = at(MAX_MODEL_BYTES + 1, 1).unwrap_or_default();
        assert!(model.contains("neither the network nor the run"), "{model}");
        let run = at(1, MAX_RUN_BYTES + 1).unwrap_or_default();
        assert!(run.contains("the network alone can be saved"), "{run}");
        // The network of the best epoch is kept too, and the gradients that wait for a step.
        let sizes_of = FileSizes { model: 7, run: 20 };
        assert_eq!(sizes_of.with_best_epoch(), FileSizes { model: 7, run: 27 });
        let wide = "block=basic&expansion=1&width=100&layers=2,2,2,2";
        assert_eq!(sizes(wide, 1).too_large(), None);
        assert!(sizes(wide, 4).too_large().is_some_and(|words| words.contains("this run")));
    }

    /// The deepest network that the settings allow has no more tensors than are read.
    #[test]
    fn the_deepest_network_fits() {
        let deepest = "layers=64,64,64,64,64,64&stem=8,8,8,8,8,8,8,8&width=4&expansion=8\
                       &head=fastai&se=16&sa=1";
        let architecture = Architecture::new(&read_run(deepest).0.net, 10);
        let tensors = architecture.tensors();
        let trained = tensors.keys().filter(|name| is_trained(name)).count();
        let all = 2 * tensors.len() + 4 * trained;
        assert!((10_000..=MAX_TENSORS).contains(&all), "{all}");
        // What counts as large is told of the file as it is, not of a guess.
        let bytes: usize = tensors.values().map(|shape| shape.iter().product::<usize>() * 4).sum();
        let told = FileSizes::new(&architecture, 1).model;
        assert!(told > bytes as u64 && told < bytes as u64 + 2_000_000, "{told} for {bytes}");
    }

    #[test]
    fn the_settings_ask_for_no_more_epochs_than_are_kept() {
        let epochs = SETTINGS.iter().find(|setting| setting.key == "epochs");
        let most = epochs.map(|setting| match setting.kind {
            Kind::Integer { max, .. } => max,
            _ => 0,
        });
        assert_eq!(most, Some(MAX_EPOCHS));
    }
}
