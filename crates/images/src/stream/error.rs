//! Why a picture of a streamed set cannot be made.

/// Why a picture of a streamed set cannot be made. What was trained so far is untouched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// A file that was there when the set was opened cannot be read.
    #[error(
        "{file} cannot be read any more ({reason}). The pictures of a streamed set are read when \
         they are needed, so their files have to stay where they are; put it back, or wait until its \
         disk or server answers again"
    )]
    Unreadable {
        /// The file, from the opened folder on.
        file: String,
        /// The error in the words of the operating system.
        reason: String,
    },
    /// A file is another than when the set was opened.
    #[error(
        "{file} has changed since the set was opened, so that the run would be another from here on; \
         put the file back as it was, or begin a new run with the new pictures"
    )]
    Changed {
        /// The file, from the opened folder on.
        file: String,
    },
}
