//! The header of a saved run: everything that is known of the run besides its tensors.

use resnette_picture::report::ClassCorrections;
use resnette_spec::epoch::EpochRow;
use resnette_spec::limits::check_run_classes;
use resnette_spec::loss_curve::LossCurve;
use resnette_spec::smooth::SmoothedLoss;
use resnette_spec::{RunConfig, read_kept_run};
use serde::{Deserialize, Serialize};

/// Maximum number of epochs of a run that is read.
const MAX_ROWS: usize = 10_000;
/// Maximum number of bytes of the corrections, so that they leave room for the table and the loss
/// curve. A thousand renamed classes take about a hundred thousand.
const MAX_CORRECTIONS_BYTES: usize = 400_000;
/// The form in which corrections are written behind the other fields.
const CORRECTIONS_VERSION: u8 = 1;
/// The form in which they are written together with [`RunHeader::unordered_ranks`].
const RANKS_VERSION: u8 = 2;

/// The position within its epoch at which a run was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EpochPosition {
    /// Before the training batch with this number, counted from 0.
    Train(u32),
    /// Before or during validation. Validation always starts over, since it changes nothing.
    Validate,
    /// After the last epoch: the run is complete.
    Done,
}

/// Counts and a checksum by which a continued run recognises that the pictures are still the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetCheck {
    /// Number of training pictures.
    pub train: u32,
    /// Number of validation pictures.
    pub valid: u32,
    /// CRC-32 over the label, the size and the middle bytes of every picture, in order.
    pub check: u32,
}

/// Everything about a run except its pictures and its tensors.
///
/// There is no state of random number generators in it: random numbers are functions of the seed
/// and of the position in the run.
///
/// ```
/// use resnette_protocol::saved::{DatasetCheck, EpochPosition, RunHeader, run_file};
/// use resnette_spec::{RunConfig, run_link};
///
/// let header = RunHeader {
///     link: run_link(&RunConfig::default()),
///     classes: vec!["cat".into(), "dog".into()],
///     dataset: DatasetCheck { train: 20, valid: 10, check: 0x1234_5678 },
///     epoch: 0,
///     position: EpochPosition::Train(3),
///     step: 3,
///     adam_steps: 3,
///     accumulated: 0,
///     smooth: Default::default(),
///     rate_scale: 1.0,
///     seconds: 1.5,
///     rows: Vec::new(),
///     curve: Default::default(),
///     corrections: None,
///     unordered_ranks: None,
/// };
/// let file = run_file::encode(1, &header.write()?, b"tensors")?;
///
/// // The beginning of the file is enough to read the header.
/// let first = &file[..file.len().min(run_file::MAX_HEADER_BYTES)];
/// let (sequence, bytes) = run_file::read_header(first, file.len() as u64)?;
/// assert_eq!(sequence, 1);
/// assert_eq!(RunHeader::read(bytes)?, header);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// The run's settings, as [`run_link`](resnette_spec::run_link) writes them.
    pub link: String,
    /// Class names, in the order of their labels.
    pub classes: Vec<String>,
    /// Identifies the pictures that the run trains on.
    pub dataset: DatasetCheck,
    /// The epoch that continues, counted from 0.
    pub epoch: u32,
    /// The position within that epoch.
    pub position: EpochPosition,
    /// Number of batches trained so far.
    pub step: u32,
    /// Number of optimizer steps that Adam has taken.
    pub adam_steps: u32,
    /// Number of batches whose gradients have been accumulated for the next optimizer step.
    pub accumulated: u32,
    /// State of the running mean that is shown as `train_loss`.
    pub smooth: SmoothedLoss,
    /// Factor by which the learning rate of the schedule is multiplied.
    pub rate_scale: f64,
    /// Seconds spent so far in the epoch that continues.
    pub seconds: f32,
    /// One row for each complete epoch.
    pub rows: Vec<EpochRow>,
    /// The losses of the training steps, thinned out.
    pub curve: LossCurve,
    /// What the reader had corrected about the opened files that the run trains on; `None` if its
    /// pictures come from elsewhere, or if nothing is known: runs that earlier versions saved have
    /// none. They stand behind the other fields, where earlier versions do not look.
    #[serde(skip)]
    pub corrections: Option<ClassCorrections>,
    /// Number of ranks of the largest team that has summed gradients of this run in no fixed order,
    /// so that the same settings may end with other last digits; `None` if none has, which is so of
    /// every run in a browser. It stands behind the other fields too.
    #[serde(skip)]
    pub unordered_ranks: Option<u32>,
}

/// Why a header cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunHeaderError {
    /// The bytes do not decode as a header.
    #[error("what it says of the run cannot be read ({0})")]
    Bytes(String),
    /// A value is out of range, or contradicts another one.
    #[error("what it says of the run cannot be used: {0}")]
    Value(String),
}

impl RunHeader {
    /// Encodes the header with postcard.
    ///
    /// # Errors
    /// Never for this type; the signature is that of postcard.
    pub fn write(&self) -> Result<Vec<u8>, RunHeaderError> {
        let encoding = |error: postcard::Error| RunHeaderError::Bytes(error.to_string());
        let mut bytes = postcard::to_stdvec(self).map_err(encoding)?;
        let corrections = match &self.corrections {
            Some(corrections) => Some(postcard::to_stdvec(corrections).map_err(encoding)?),
            None => None,
        };
        // A run without its corrections is worth more than no run.
        let corrections = corrections.filter(|bytes| bytes.len() <= MAX_CORRECTIONS_BYTES);
        match (self.unordered_ranks, corrections) {
            (None, None) => {}
            (None, Some(corrections)) => {
                bytes.push(CORRECTIONS_VERSION);
                bytes.extend(corrections);
            }
            (Some(ranks), corrections) => {
                bytes.push(RANKS_VERSION);
                bytes.extend(ranks.to_le_bytes());
                bytes.extend(corrections.unwrap_or_default());
            }
        }
        Ok(bytes)
    }

    /// Decodes a header and checks that its values can belong to a run.
    ///
    /// # Errors
    /// [`RunHeaderError::Bytes`] if the bytes do not decode, [`RunHeaderError::Value`] if they
    /// decode to values that no run has.
    pub fn read(bytes: &[u8]) -> Result<Self, RunHeaderError> {
        let decoding = |error: postcard::Error| RunHeaderError::Bytes(error.to_string());
        let (mut header, behind): (Self, _) = postcard::take_from_bytes(bytes).map_err(decoding)?;
        match behind.split_first() {
            None => {}
            Some((&CORRECTIONS_VERSION, behind)) => {
                header.corrections = Some(postcard::from_bytes(behind).map_err(decoding)?);
            }
            Some((&RANKS_VERSION, behind)) => {
                let Some((ranks, behind)) = behind.split_first_chunk::<4>() else {
                    return Err(RunHeaderError::Bytes("its end is missing".into()));
                };
                header.unordered_ranks = Some(u32::from_le_bytes(*ranks));
                if !behind.is_empty() {
                    header.corrections = Some(postcard::from_bytes(behind).map_err(decoding)?);
                }
            }
            Some(_) => {
                let newer = "a newer version of this page wrote it; reload the page";
                return Err(RunHeaderError::Bytes(newer.into()));
            }
        }
        header.check()?;
        Ok(header)
    }

    /// The settings that [`RunHeader::link`] describes.
    ///
    /// # Errors
    /// [`RunHeaderError::Value`] names the first setting that is refused.
    pub fn config(&self) -> Result<RunConfig, RunHeaderError> {
        let (run, problems) = read_kept_run(&self.link);
        match problems.first() {
            Some(problem) => Err(RunHeaderError::Value(problem.to_string())),
            None => Ok(run),
        }
    }

    /// Whether the run is complete.
    pub fn is_done(&self) -> bool {
        self.position == EpochPosition::Done
    }

    /// Checks that the values can belong to a run, as [`Self::read`] does: a header that is refused
    /// here must not be written.
    ///
    /// # Errors
    /// [`RunHeaderError::Value`] names the first value that no run has.
    pub fn check(&self) -> Result<(), RunHeaderError> {
        let refuse = |what: &str| Err(RunHeaderError::Value(what.into()));
        let config = self.config()?;
        check_run_classes(&self.classes)
            .map_err(|error| RunHeaderError::Value(error.to_string()))?;
        let finite = |row: &EpochRow| {
            [row.train_loss, row.valid_loss, row.accuracy, row.top5, row.seconds]
                .iter()
                .all(|n| n.is_finite())
        };
        if self.rows.len() > MAX_ROWS || !self.rows.iter().all(finite) {
            return refuse("the table");
        }
        if self.rows.len() != self.epoch as usize
            || self.rows.iter().zip(0..).any(|(row, epoch)| row.epoch != epoch)
        {
            return refuse("the table does not fit the epoch");
        }
        let is_last = self.epoch == config.recipe.epochs;
        let ends = is_last || config.recipe.stops_early(&self.rows);
        if self.epoch > config.recipe.epochs
            || (is_last && !self.is_done())
            || (self.is_done() && !ends)
        {
            return refuse("the epoch does not fit the settings");
        }
        if self.accumulated >= config.recipe.accumulate.max(1) || self.adam_steps > self.step {
            return refuse("the number of steps");
        }
        if self.unordered_ranks.is_some_and(|ranks| ranks < 2) {
            return refuse("the number of ranks");
        }
        if !(self.rate_scale.is_finite()
            && self.rate_scale > 0.0
            && self.seconds.is_finite()
            && self.seconds >= 0.0)
        {
            return refuse("the learning rate or the time");
        }
        if !(self.smooth.value().is_finite() && self.curve.is_sound()) {
            return refuse("the losses");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_picture::report::Validation;
    use resnette_spec::run_link;

    use super::*;

    fn header() -> RunHeader {
        let rows = (0..2)
            .map(|epoch| EpochRow { epoch, train_loss: 1.5, ..EpochRow::default() })
            .collect();
        RunHeader {
            link: run_link(&RunConfig::default()),
            classes: vec!["cat".into(), "dog".into()],
            dataset: DatasetCheck::default(),
            epoch: 2,
            position: EpochPosition::Train(3),
            step: 23,
            adam_steps: 23,
            accumulated: 0,
            smooth: SmoothedLoss::default(),
            rate_scale: 0.3,
            seconds: 1.5,
            rows,
            curve: LossCurve::default(),
            corrections: None,
            unordered_ranks: None,
        }
    }

    /// A run that was saved before the pictures had versions goes on with those it began with.
    #[test]
    fn a_run_keeps_the_version_of_its_pictures() {
        use resnette_spec::Augment::{CropFlip, CropFlipV1};

        let link = run_link(&RunConfig::default());
        let earlier = RunHeader {
            link: link.replace("augment=crop-flip-v2", "augment=crop-flip"),
            ..header()
        };
        assert_ne!(earlier.link, link);
        assert_eq!(earlier.config().unwrap().recipe.augment, CropFlipV1);
        assert_eq!(header().config().unwrap().recipe.augment, CropFlip);
    }

    #[test]
    fn a_header_reads_back() {
        assert_eq!(RunHeader::read(&header().write().unwrap()).unwrap(), header());
        assert_eq!(header().config().unwrap(), RunConfig::default());
    }

    /// A reader who renamed, left out and chose finds the same pictures again.
    #[test]
    fn corrections_stand_behind_the_fields_of_earlier_versions() {
        let plain = header().write().unwrap();
        let corrections = ClassCorrections {
            names: [("raw".to_string(), "Katze".to_string())].into(),
            left_out: ["junk".to_string()].into(),
            validation: Some(Validation::Folder("pets/val".into())),
            label_column: Some("class".into()),
            image_column: None,
            accept_cut: true,
        };
        let corrected = RunHeader { corrections: Some(corrections), ..header() };
        let bytes = corrected.write().unwrap();
        assert_eq!(RunHeader::read(&bytes).unwrap(), corrected);
        // Runs that were saved before must open, so these bytes must not change.
        let behind =
            b"\x01\x01\x03raw\x05Katze\x01\x04junk\x01\x01\x08pets/val\x01\x05class\x00\x01";
        assert_eq!(bytes, [&plain[..], behind].concat());
        assert_eq!(RunHeader::read(&plain).unwrap().corrections, None);
        for end in plain.len() + 1..bytes.len() {
            assert!(RunHeader::read(&bytes[..end]).is_err(), "{end}");
        }
        let newer = RunHeader::read(&[&plain[..], b"\x03"].concat()).unwrap_err();
        assert!(newer.to_string().contains("reload the page"), "{newer}");
        // None are written that would not fit.
        let names = (0..1_000).map(|class| (class.to_string(), "x".repeat(1_000))).collect();
        let corrections = ClassCorrections { names, ..ClassCorrections::default() };
        let large = RunHeader { corrections: Some(corrections), ..header() };
        assert_eq!(large.write().unwrap(), plain);
    }

    /// What a large team has summed is told, with or without corrections.
    #[test]
    fn ranks_that_summed_in_no_fixed_order_stand_behind_the_fields() {
        let plain = header().write().unwrap();
        let of_team = RunHeader { unordered_ranks: Some(12), ..header() };
        let bytes = of_team.write().unwrap();
        assert_eq!(bytes, [&plain[..], b"\x02\x0c\x00\x00\x00"].concat());
        assert_eq!(RunHeader::read(&bytes).unwrap(), of_team);
        let corrections = ClassCorrections {
            left_out: ["junk".to_string()].into(),
            ..ClassCorrections::default()
        };
        let both = RunHeader { corrections: Some(corrections), ..of_team };
        assert_eq!(RunHeader::read(&both.write().unwrap()).unwrap(), both);
        for end in plain.len() + 1..bytes.len() {
            assert!(RunHeader::read(&bytes[..end]).is_err(), "{end}");
        }
        let alone = RunHeader { unordered_ranks: Some(1), ..header() };
        assert!(RunHeader::read(&alone.write().unwrap()).is_err());
    }

    /// A run that stopped early is complete, and goes on if it is given one epoch more.
    #[test]
    fn a_run_may_be_complete_before_its_last_epoch() {
        let rows = [1.0, 2.0].into_iter().zip(0..).map(|(valid_loss, epoch)| EpochRow {
            epoch,
            valid_loss,
            ..EpochRow::default()
        });
        let rows: Vec<EpochRow> = rows.collect();
        let link = |settings: &str| format!("{}&{settings}", header().link);
        for (settings, position, accepted) in [
            ("stop=valid_loss", EpochPosition::Done, true),
            ("stop=valid_loss&patience=2", EpochPosition::Done, false),
            ("stop=accuracy&patience=2", EpochPosition::Done, false),
            ("stop=valid_loss", EpochPosition::Train(0), true),
            ("epochs=2&stop=valid_loss", EpochPosition::Train(0), false),
        ] {
            let header =
                RunHeader { link: link(settings), position, rows: rows.clone(), ..header() };
            assert_eq!(header.check().is_ok(), accepted, "{settings} {position:?}");
        }
    }

    #[test]
    fn what_no_run_says_is_refused() {
        let spoilt: [fn(&mut RunHeader); 9] = [
            |header| header.link = "epochs=many".into(),
            |header| header.classes.truncate(1),
            |header| header.classes[0] = "a\u{7}b".into(),
            |header| header.rows[1].valid_loss = f32::NAN,
            |header| header.rows[1].epoch = 0,
            |header| header.epoch = 3,
            |header| header.position = EpochPosition::Done,
            |header| header.rate_scale = f64::INFINITY,
            |header| header.accumulated = 1,
        ];
        for (index, spoil) in spoilt.into_iter().enumerate() {
            let mut header = header();
            spoil(&mut header);
            assert!(
                matches!(RunHeader::read(&header.write().unwrap()), Err(RunHeaderError::Value(_))),
                "{index}"
            );
        }
        let bytes = header().write().unwrap();
        for end in 0..bytes.len() {
            assert!(RunHeader::read(&bytes[..end]).is_err(), "{end}");
        }
    }
}
