//! The recorded run of the model that comes with the page: `models/imagenette.json` lies beside the
//! weights, so that the page can show the epoch table without fetching them.

use serde::{Deserialize, Serialize};

use crate::epoch::EpochRow;
use crate::link::{read_kept_run, run_link};

/// Longest link, in bytes.
const MAX_LINK_BYTES: usize = 4000;
/// Most rows of the epoch table.
const MAX_ROWS: usize = 1000;

/// A run that ended, with the accuracy of the network that came out of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordedRun {
    /// The settings, as the link of the run.
    pub link: String,
    /// The epoch table.
    pub rows: Vec<EpochRow>,
    /// Accuracy on the validation set, measured afterwards on the file as it is shipped.
    pub accuracy: f32,
    /// Top-5 accuracy, measured in the same way.
    pub top5: f32,
    /// Accuracy with test-time augmentation, measured in the same way.
    pub tta: f32,
}

/// Why a file cannot be read as a recorded run.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The file is not JSON of this shape.
    #[error("the recorded run cannot be read ({0})")]
    Json(#[from] serde_json::Error),
    /// There are no rows, or too many, or the link is too long.
    #[error("the recorded run has {0} rows and a link of {1} characters, which no run has")]
    Shape(usize, usize),
}

impl RecordedRun {
    /// Reads the JSON of a recorded run. Its link is rewritten, so that who takes its settings
    /// gets those that it had.
    ///
    /// # Errors
    /// [`RecordedError`] if the bytes are not that, or hold more than a run can have.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordedError> {
        let mut run: Self = serde_json::from_slice(bytes)?;
        if run.rows.is_empty() || run.rows.len() > MAX_ROWS || run.link.len() > MAX_LINK_BYTES {
            return Err(RecordedError::Shape(run.rows.len(), run.link.len()));
        }
        run.link = run_link(&read_kept_run(&run.link).0);
        Ok(run)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_written_run_is_read_and_others_are_refused() {
        let run = RecordedRun {
            link: run_link(&crate::RunConfig::default()),
            rows: vec![EpochRow::default()],
            accuracy: 0.5,
            top5: 0.9,
            tta: 0.6,
        };
        assert_eq!(RecordedRun::read(&serde_json::to_vec(&run).unwrap()).unwrap(), run);
        let earlier = RecordedRun { link: "augment=full&epochs=3".into(), ..run.clone() };
        let read = RecordedRun::read(&serde_json::to_vec(&earlier).unwrap()).unwrap();
        assert!(read.link.contains("&augment=full-v1&") && read.link.contains("&epochs=3&"));
        for bad in ["", "[]", "{}", r#"{"link":"","rows":[],"accuracy":1,"top5":1,"tta":1}"#] {
            assert!(RecordedRun::read(bad.as_bytes()).is_err(), "{bad}");
        }
        let long = RecordedRun { link: "x".repeat(5000), ..run };
        assert!(RecordedRun::read(&serde_json::to_vec(&long).unwrap()).is_err());
    }
}
