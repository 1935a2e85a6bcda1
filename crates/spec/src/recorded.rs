//! The run of the model that comes with the page, recorded: `models/imagenette.json` beside the
//! weights, so that its table can be shown without them.

use serde::{Deserialize, Serialize};

use crate::epoch::EpochRow;

/// Longest link, and most rows of a table.
const LONGEST_LINK: usize = 4000;
const MOST_ROWS: usize = 1000;

/// A recorded run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordedRun {
    /// Its settings.
    pub link: String,
    /// Its epoch table.
    pub rows: Vec<EpochRow>,
    /// Measured afterwards, on the file as it is shipped.
    pub accuracy: f32,
    /// Top-5 accuracy.
    pub top5: f32,
    /// Accuracy with test-time augmentation.
    pub tta: f32,
}

/// Why a file is no recorded run.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// No JSON of this shape.
    #[error("the recorded run cannot be read ({0})")]
    Json(#[from] serde_json::Error),
    /// Too much, or nothing.
    #[error("the recorded run has {0} rows and a link of {1} characters, which no run has")]
    Shape(usize, usize),
}

impl RecordedRun {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RecordedError`]
    pub fn read(bytes: &[u8]) -> Result<Self, RecordedError> {
        let run: Self = serde_json::from_slice(bytes)?;
        if run.rows.is_empty() || run.rows.len() > MOST_ROWS || run.link.len() > LONGEST_LINK {
            return Err(RecordedError::Shape(run.rows.len(), run.link.len()));
        }
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
            link: "epochs=1".into(),
            rows: vec![EpochRow::default()],
            accuracy: 0.5,
            top5: 0.9,
            tta: 0.6,
        };
        assert_eq!(RecordedRun::read(&serde_json::to_vec(&run).unwrap()).unwrap(), run);
        for bad in ["", "[]", "{}", r#"{"link":"","rows":[],"accuracy":1,"top5":1,"tta":1}"#] {
            assert!(RecordedRun::read(bad.as_bytes()).is_err(), "{bad}");
        }
        let long = RecordedRun { link: "x".repeat(5000), ..run };
        assert!(RecordedRun::read(&serde_json::to_vec(&long).unwrap()).is_err());
    }
}
