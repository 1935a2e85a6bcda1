//! Whether all ranks have the same: settings, pictures, network.

use super::{Team, TeamError};

/// Compares checksums with those of rank 0. Every rank comes to the same answer.
///
/// # Errors
/// [`TeamError::Differs`] names the first that differs, and [`TeamError::Transport`].
pub(in crate::train) fn agree(
    team: &mut dyn Team,
    checks: &[(&'static str, u32)],
) -> Result<(), TeamError> {
    // Sixteen bits at a time, which a number of 32 bits holds exactly.
    let halves = |check: u32| [(check >> 16) as f32, (check & 0xffff) as f32];
    let own: Vec<f32> = checks.iter().flat_map(|(_, check)| halves(*check)).collect();
    let all = team.gather(&own)?;
    if own.is_empty() {
        return Ok(());
    }
    let first = &all[..own.len().min(all.len())];
    for (rank, theirs) in all.chunks(own.len()).enumerate() {
        if theirs.len() != first.len() {
            return Err(TeamError::Transport("a checksum is missing".into()));
        }
        let differs = theirs.iter().zip(first).position(|(found, wanted)| found != wanted);
        if let Some(index) = differs {
            return Err(TeamError::Differs { what: checks[index / 2].0, rank });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::team::threads::in_team;

    #[test]
    fn the_first_rank_that_differs_is_named_on_all() {
        let told = in_team(3, |mut team| {
            let other = if team.rank() == 2 { 0x1234_5679 } else { 0x1234_5678 };
            [
                agree(&mut team, &[("program", u32::MAX), ("network", 0x1234_5678)]),
                agree(&mut team, &[("program", 7), ("network", other)]),
            ]
        });
        for [same, other] in told {
            assert_eq!(same, Ok(()));
            assert_eq!(other, Err(TeamError::Differs { what: "network", rank: 2 }));
        }
    }
}
