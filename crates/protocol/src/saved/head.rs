//! What a saved run says of itself besides its tensors.

use resnette_spec::epoch::EpochRow;
use resnette_spec::loss_curve::Curve;
use resnette_spec::smooth::Smooth;
use resnette_spec::{Link, RunConfig, read_link, write_link};
use serde::{Deserialize, Serialize};

/// Most rows of a table that is read.
const MOST_ROWS: usize = 10_000;
/// Most classes.
const MOST_CLASSES: usize = 2_000;
/// Longest class name.
const LONGEST_NAME: usize = 200;

/// Where in its epoch a run was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Before this training batch.
    Train(u32),
    /// Before the validation, which begins anew.
    Validate,
    /// After the last epoch.
    Done,
}

/// What tells one set of pictures from another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Training pictures.
    pub train: u32,
    /// Validation pictures.
    pub valid: u32,
    /// CRC-32 over labels, sizes and the middle of every picture, in order.
    pub check: u32,
}

/// Everything about a run but its pictures and its tensors. Random streams need no place here: they
/// are functions of seed and position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The settings, as a link.
    pub link: String,
    /// Class names in label order.
    pub classes: Vec<String>,
    /// Of the pictures.
    pub pictures: Fingerprint,
    /// The epoch that goes on, from 0.
    pub epoch: u32,
    /// Where in it.
    pub place: Place,
    /// Batches trained.
    pub step: u32,
    /// Adam's steps.
    pub adam_steps: u32,
    /// Batches whose gradients wait for the next step.
    pub accumulated: u32,
    /// Behind `train_loss`.
    pub smooth: Smooth,
    /// What the learning rate is multiplied with.
    pub rate_scale: f64,
    /// Seconds spent in the epoch that goes on.
    pub seconds: f32,
    /// Complete epochs.
    pub rows: Vec<EpochRow>,
    /// The losses of the steps, thinned.
    pub curve: Curve,
}

/// Why a head is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The bytes.
    #[error("what it says of the run cannot be read ({0})")]
    Bytes(String),
    /// A value.
    #[error("what it says of the run cannot be used: {0}")]
    Value(String),
}

impl Head {
    /// The link of a run's settings.
    pub fn link_of(config: &RunConfig) -> String {
        write_link(&Link { run: config.clone(), ..Link::default() })
    }

    /// Packs it.
    ///
    /// # Errors
    /// Never for this type; the signature is postcard's.
    pub fn write(&self) -> Result<Vec<u8>, HeadError> {
        postcard::to_stdvec(self).map_err(|error| HeadError::Bytes(error.to_string()))
    }

    /// Unpacks it, and refuses what no run of this page says.
    ///
    /// # Errors
    /// [`HeadError`]
    pub fn read(bytes: &[u8]) -> Result<Self, HeadError> {
        let head: Self =
            postcard::from_bytes(bytes).map_err(|error| HeadError::Bytes(error.to_string()))?;
        head.check()?;
        Ok(head)
    }

    /// The settings.
    ///
    /// # Errors
    /// [`HeadError::Value`] names the first setting that is refused.
    pub fn config(&self) -> Result<RunConfig, HeadError> {
        let (link, problems) = read_link(&self.link);
        match problems.first() {
            Some(problem) => Err(HeadError::Value(problem.to_string())),
            None => Ok(link.run),
        }
    }

    /// Whether the run has ended.
    pub fn is_done(&self) -> bool {
        self.place == Place::Done
    }

    fn check(&self) -> Result<(), HeadError> {
        let refuse = |what: &str| Err(HeadError::Value(what.into()));
        let config = self.config()?;
        if !(2..=MOST_CLASSES).contains(&self.classes.len()) {
            return refuse("the number of classes");
        }
        if self.classes.iter().any(|name| {
            name.is_empty()
                || name.chars().count() > LONGEST_NAME
                || name.chars().any(char::is_control)
        }) {
            return refuse("a class name");
        }
        let finite = |row: &EpochRow| {
            [row.train_loss, row.valid_loss, row.accuracy, row.top5, row.seconds]
                .iter()
                .all(|n| n.is_finite())
        };
        if self.rows.len() > MOST_ROWS || !self.rows.iter().all(finite) {
            return refuse("the table");
        }
        if self.rows.len() != self.epoch as usize
            || self.rows.iter().zip(0..).any(|(row, epoch)| row.epoch != epoch)
        {
            return refuse("the table does not fit the epoch");
        }
        if self.epoch > config.recipe.epochs
            || self.is_done() != (self.epoch == config.recipe.epochs)
        {
            return refuse("the epoch does not fit the settings");
        }
        if self.accumulated >= config.recipe.accumulate.max(1) || self.adam_steps > self.step {
            return refuse("the number of steps");
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
    use super::*;

    fn head() -> Head {
        let rows = (0..2)
            .map(|epoch| EpochRow { epoch, train_loss: 1.5, ..EpochRow::default() })
            .collect();
        Head {
            link: Head::link_of(&RunConfig::default()),
            classes: vec!["cat".into(), "dog".into()],
            pictures: Fingerprint::default(),
            epoch: 2,
            place: Place::Train(3),
            step: 23,
            adam_steps: 23,
            accumulated: 0,
            smooth: Smooth::default(),
            rate_scale: 0.3,
            seconds: 1.5,
            rows,
            curve: Curve::default(),
        }
    }

    #[test]
    fn a_head_reads_back() {
        assert_eq!(Head::read(&head().write().unwrap()).unwrap(), head());
        assert_eq!(head().config().unwrap(), RunConfig::default());
    }

    #[test]
    fn what_no_run_says_is_refused() {
        let spoilt: [fn(&mut Head); 9] = [
            |head| head.link = "epochs=many".into(),
            |head| head.classes.truncate(1),
            |head| head.classes[0] = "a\u{7}b".into(),
            |head| head.rows[1].valid_loss = f32::NAN,
            |head| head.rows[1].epoch = 0,
            |head| head.epoch = 3,
            |head| head.place = Place::Done,
            |head| head.rate_scale = f64::INFINITY,
            |head| head.accumulated = 1,
        ];
        for (index, spoil) in spoilt.into_iter().enumerate() {
            let mut head = head();
            spoil(&mut head);
            assert!(
                matches!(Head::read(&head.write().unwrap()), Err(HeadError::Value(_))),
                "{index}"
            );
        }
        let bytes = head().write().unwrap();
        for end in 0..bytes.len() {
            assert!(Head::read(&bytes[..end]).is_err(), "{end}");
        }
    }
}
