//! The file format of a checkpoint: a run between two ticks, as bytes and back.
//!
//! A checkpoint has the weights and running statistics, Adam's running means, Ranger's slow weights
//! if it is the optimiser, the gradients that wait for a step, the weights of the best epoch if the
//! run keeps it, and the few numbers of [`RunHeader`]. Streams of random numbers are functions of
//! seed and position, so that there is no generator to save.

use burn::tensor::ExecutionError;
use resnette_protocol::saved::{RunFileError, RunHeader, RunHeaderError, run_file};
use resnette_spec::architecture::{Architecture, is_trained};
use resnette_spec::{Optimizer, RunConfig};

use crate::model::safetensors;
use crate::model::safetensors::{ContainerError, Metadata, Precision};
use crate::model::weights::{Weights, WeightsError, check_tensors};
use crate::train::learner::LearnerError;

/// Prefix of the names of weights and running statistics in the file.
const MODEL: &str = "model/";
/// Prefix of Adam's running means of gradients.
const AVG: &str = "adam.avg/";
/// Prefix of Adam's running means of squared gradients.
const SQR: &str = "adam.sqr/";
/// Prefix of the gradients that wait for a step.
const GRAD: &str = "grad/";
/// Prefix of the weights and running statistics of the best epoch so far.
const BEST: &str = "best/";
/// Prefix of Ranger's slow weights.
const SLOW: &str = "slow/";

/// Name of [`Checkpoint::kernels`] in the metadata, where builds that do not know it do not look.
const KERNELS: &str = "kernels";
/// Longest text that is taken for it, in bytes.
const MAX_KERNELS_BYTES: usize = 40;

/// Why a run cannot be saved, read or resumed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file is damaged or of another kind.
    #[error(transparent)]
    File(#[from] RunFileError),
    /// The header cannot be read or used.
    #[error(transparent)]
    Header(#[from] RunHeaderError),
    /// The tensors cannot be read.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// The tensors do not belong to the network of the settings, or are not finite.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The run ended early with an error, and its weights are of no use.
    #[error(
        "the run broke before its end, and a broken run is not worth saving; the last save is kept"
    )]
    Broken,
    /// The run is a fine-tuning. It starts from weights and perhaps an architecture that the
    /// settings do not describe.
    #[error("a fine-tuning is not kept as a run; save its model instead")]
    FineTuning,
    /// The classes are not those that the run was trained on.
    #[error(
        "the classes are {found}, and those of the saved run are {wanted}; open the pictures that \
         it was trained on and continue then"
    )]
    Classes {
        /// The classes that are loaded, in a few words.
        found: String,
        /// The classes of the saved run, in a few words.
        wanted: String,
    },
    /// The pictures are not those that the run was trained on, though their classes are.
    #[error("{}", other_pictures(*.found, *.wanted))]
    Pictures {
        /// The numbers of training and validation pictures that are loaded.
        found: (u32, u32),
        /// Those of the saved run.
        wanted: (u32, u32),
    },
    /// The position within the run does not fit the number of pictures.
    #[error("its place in the run does not fit the pictures; it is damaged or made up")]
    Position,
    /// The run could not begin with these settings and pictures, or the engine failed.
    #[error(transparent)]
    Learner(#[from] LearnerError),
}

/// What to say of pictures that are not those of a saved run.
fn other_pictures(found: (u32, u32), wanted: (u32, u32)) -> String {
    if found == wanted {
        return "these are as many pictures as those of the saved run, with the same classes, and \
                not the same pictures; open those that it was trained on and continue then"
            .into();
    }
    format!(
        "there are {} training and {} validation pictures, and the saved run has {} and {}; open \
         all the pictures that it was trained on, and no others, and continue then",
        found.0, found.1, wanted.0, wanted.1
    )
}

impl From<ExecutionError> for CheckpointError {
    fn from(error: ExecutionError) -> Self {
        Self::Learner(error.into())
    }
}

/// A run between two ticks, from which [`Learner::resume`] goes on as if it had never stopped.
///
/// [`Learner::resume`]: crate::train::learner::Learner::resume
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Everything but the settings and the tensors.
    pub header: RunHeader,
    /// The settings, which the header has as a link.
    pub config: RunConfig,
    /// Weights and running statistics, by PyTorch's names.
    pub weights: Weights,
    /// Adam's running means of gradients by parameter name, flattened; empty before the first
    /// step.
    pub(super) averages: Weights,
    /// Adam's running means of squared gradients, in the same way.
    pub(super) squares: Weights,
    /// The accumulator's gradients, in the same way; empty if none wait for a step.
    pub(super) gradients: Weights,
    /// Ranger's slow weights by parameter name, flattened; empty before the first step, and for
    /// Adam.
    pub(super) slow: Weights,
    /// Weights and running statistics of the best epoch so far; empty if the run does not keep it,
    /// before the first epoch is complete, and at the end, where they are [`Self::weights`].
    pub(super) best: Weights,
    /// Which of the GPU's kernels computed it: the name of the row that the adapter chose
    /// ([`Chip::name`](crate::Chip)). Rows differ in the order of some sums, and so in last bits.
    /// `None` on another engine, and in files of builds that had no rows.
    pub kernels: Option<String>,
}

impl Checkpoint {
    /// Writes the checkpoint as a file. The newer of two saves has the larger `sequence` number.
    ///
    /// # Errors
    /// [`CheckpointError`] if [`Self::read`] would refuse the file: it would be too large, or the
    /// header has values that no run has.
    pub fn write(&self, sequence: u64) -> Result<Vec<u8>, CheckpointError> {
        self.header.check()?;
        let parts = [
            (MODEL, &self.weights),
            (AVG, &self.averages),
            (SQR, &self.squares),
            (GRAD, &self.gradients),
            (BEST, &self.best),
            (SLOW, &self.slow),
        ];
        let tensors = parts.iter().flat_map(|(prefix, part)| {
            part.iter().map(move |(name, array)| (format!("{prefix}{name}"), array.clone()))
        });
        let kernels = self.kernels.iter().map(|kernels| (KERNELS.to_owned(), kernels.clone()));
        let metadata: Metadata = kernels.collect();
        let body = safetensors::write(&metadata, &tensors.collect(), Precision::F32)?;
        Ok(run_file::encode(sequence, &self.header.write()?, &body)?)
    }

    /// Reads a file, and returns its sequence number and the checkpoint. The file may come from
    /// anywhere: checksums, lengths, names, shapes and values are all checked.
    ///
    /// # Errors
    /// [`CheckpointError`] if the file is damaged or inconsistent.
    pub fn read(bytes: &[u8]) -> Result<(u64, Self), CheckpointError> {
        let file = run_file::decode(bytes)?;
        let header = RunHeader::read(file.header)?;
        let config = header.config()?;
        let (metadata, tensors) =
            safetensors::read_within(run_file::MAX_FILE_BYTES as usize, file.body)?;
        // It says where the run comes from and decides nothing: a text that cannot be a row's name
        // spoils no run.
        let kernels = metadata
            .get(KERNELS)
            .filter(|name| name.len() <= MAX_KERNELS_BYTES && name.bytes().all(is_name_letter))
            .cloned();
        let mut parts = [MODEL, AVG, SQR, GRAD, BEST, SLOW].map(|prefix| (prefix, Weights::new()));
        for (name, array) in tensors {
            let part = parts.iter_mut().find_map(|(prefix, part)| {
                name.strip_prefix(*prefix).map(|name| (part, name.to_string()))
            });
            let (part, short) = part.ok_or(WeightsError::Extra(name))?;
            part.insert(short, array);
        }
        let [weights, averages, squares, gradients, best, slow] = parts.map(|(_, part)| part);
        let architecture = Architecture::new(&config.net, header.classes.len() as u32);
        check_tensors(&weights, &architecture.tensors())?;
        let has_best = !header.is_done() && config.recipe.best_epoch(&header.rows).is_some();
        check_tensors(&best, &if has_best { architecture.tensors() } else { Default::default() })?;
        let looks_ahead = config.recipe.opt == Optimizer::Ranger;
        for (part, is_present) in [
            (&averages, header.adam_steps > 0),
            (&squares, header.adam_steps > 0),
            (&gradients, header.accumulated > 0),
            (&slow, looks_ahead && header.adam_steps > 0),
        ] {
            let expected = weights.iter().filter(|(name, _)| is_present && is_trained(name));
            let lengths = expected.map(|(name, array)| (name, array.values.len()));
            for (name, length) in lengths.clone() {
                let found = part.get(name).ok_or_else(|| WeightsError::Missing(name.clone()))?;
                if found.shape != [length] {
                    return Err(WeightsError::Shape {
                        name: name.clone(),
                        found: found.shape.clone(),
                        wanted: vec![length],
                    }
                    .into());
                }
            }
            if let Some(extra) =
                part.keys().find(|name| !lengths.clone().any(|(wanted, _)| wanted == *name))
            {
                return Err(WeightsError::Extra(extra.clone()).into());
            }
        }
        if let Some(name) = squares
            .iter()
            .find(|(_, array)| array.values.iter().any(|value| *value < 0.0))
            .map(|(name, _)| name)
        {
            return Err(ContainerError::Negative(name.clone()).into());
        }
        let checkpoint =
            Self { header, config, weights, averages, squares, gradients, slow, best, kernels };
        Ok((file.sequence, checkpoint))
    }
}

/// Whether the name of a row may have this letter.
fn is_name_letter(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || letter == b'-'
}
