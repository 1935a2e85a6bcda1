//! How long the epochs of a run took, from the table that was kept of it (`history.csv`).

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use resnette_spec::epoch::EpochRow;

/// Size of the largest table that is read, in bytes: a thousand epochs take 50 kB.
const MAX_BYTES: u64 = 1_000_000;

/// Puts the times of a run's `history.csv` into the rows of its network's file, which has none.
///
/// # Errors
/// If the table cannot be read, or has other epochs.
pub fn add_times(rows: &mut [EpochRow], table: &Path) -> anyhow::Result<()> {
    let name = table.display();
    let file = std::fs::File::open(table).with_context(|| format!("{name} cannot be read"))?;
    let mut text = String::new();
    file.take(MAX_BYTES)
        .read_to_string(&mut text)
        .with_context(|| format!("{name} cannot be read"))?;
    let times = times(&text).with_context(|| format!("{name} is no table of epochs"))?;
    anyhow::ensure!(
        times.len() == rows.len(),
        "{name} has {} epochs and the network {}; give the table of the same run",
        times.len(),
        rows.len()
    );
    rows.iter_mut().zip(times).for_each(|(row, seconds)| row.seconds = seconds);
    Ok(())
}

/// The last column, `mm:ss`, in seconds; `None` if a row does not have one.
fn times(table: &str) -> Option<Vec<f32>> {
    let rows = table.lines().skip(1).filter(|line| !line.is_empty());
    rows.map(|row| {
        let (minutes, seconds) = row.rsplit_once(',')?.1.split_once(':')?;
        Some((minutes.parse::<u32>().ok()? as f32) * 60.0 + seconds.parse::<u8>().ok()? as f32)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_last_column() {
        let table = "epoch,train_loss,valid_loss,accuracy,time\n0,2.1,2.0,0.3,00:07\n\
                     1,2.1,2.0,0.3,61:05\n";
        assert_eq!(times(table), Some(vec![7.0, 3665.0]));
        assert_eq!(times(""), Some(vec![]));
        assert_eq!(times("epoch\n0,2.1"), None);
        assert_eq!(times("epoch\n0,2.1,-1:07"), None);
    }
}
