//! What `train` takes for a set that is larger than memory.

/// Default memory limit for decoded pictures, in MB: as much as a set in memory may take.
const MEMORY: u64 = 1_500;

/// What `train` takes for a set that is larger than memory.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct StreamArgs {
    /// Read pictures on demand and decode the next batches ahead on other threads, for sets that
    /// are larger than memory, in parquet files or folders. The same link gives the same run, bit
    /// for bit. Never switched on by itself, since beyond 1.5 GB a set in memory is kept smaller,
    /// or not loaded, and a streamed one is not.
    #[arg(long, requires = "data")]
    pub stream: bool,
    /// Megabytes of memory for decoded pictures (1500 if left out); those that fit stay from one
    /// epoch to the next.
    #[arg(
        long,
        requires = "stream",
        value_name = "MB",
        value_parser = clap::value_parser!(u64).range(1..=16_000_000)
    )]
    pub memory: Option<u64>,
}

impl StreamArgs {
    /// The bytes that made pictures may take; `None` if the set is loaded into memory.
    pub fn bytes(&self) -> Option<u64> {
        self.stream.then(|| self.memory.unwrap_or(MEMORY) * 1_000_000)
    }

    /// The arguments as they would be typed, each with a space before it.
    pub fn as_typed(&self) -> String {
        match (self.stream, self.memory) {
            (false, _) => String::new(),
            (true, None) => " --stream".into(),
            (true, Some(memory)) => format!(" --stream --memory {memory}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back() {
        let typed = |stream, memory| {
            let args = StreamArgs { stream, memory };
            (args.bytes(), args.as_typed())
        };
        assert_eq!(typed(false, None), (None, String::new()));
        assert_eq!(typed(true, None), (Some(1_500_000_000), " --stream".into()));
        assert_eq!(typed(true, Some(64)), (Some(64_000_000), " --stream --memory 64".into()));
    }
}
