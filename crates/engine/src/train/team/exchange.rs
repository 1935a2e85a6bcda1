//! The sums of a step: what each rank has computed for its batches becomes what a process alone
//! would have after all of them.
//!
//! In order, each rank first gets an equal slice of every batch's numbers, folds the batches of
//! that slice one after another, and then the slices are gathered. That moves as many numbers as
//! the fastest all-reduce does, and keeps the order of the batches whatever the number of ranks.

use std::ops::Range;

use super::{MOST_IN_ORDER, Team, TeamError};
use crate::model::batch_norm::MOMENTUM;

/// What a rank has computed for one batch.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train) struct BatchSums {
    /// Its gradients, divided by the number of batches of a step, and then its own statistics in
    /// the place of running ones.
    pub(in crate::train) numbers: Vec<f32>,
    /// Its loss.
    pub(in crate::train) loss: f32,
}

/// Batches that are exchanged together.
#[derive(Clone, Debug)]
pub(in crate::train) struct Group {
    /// Their places among the batches of the step.
    pub(in crate::train) places: Range<u32>,
    /// The sum of the gradients of the step's batches before them, and then the running statistics
    /// before them. Gradients that are not there yet are −0, to which any number can be added
    /// without a change of its bits.
    pub(in crate::train) before: Vec<f32>,
    /// How many of these numbers are gradients.
    pub(in crate::train) gradients: usize,
    /// What each of a batch's statistics is multiplied with before it counts.
    pub(in crate::train) scales: Vec<f64>,
    /// What this rank has computed, in the order of the batches.
    pub(in crate::train) own: Vec<BatchSums>,
}

/// What every rank knows after an exchange.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train) struct Exchanged {
    /// Sums of gradients and running statistics after all of the batches, as in [`Group::before`].
    pub(in crate::train) numbers: Vec<f32>,
    /// The losses of the batches, in order.
    pub(in crate::train) losses: Vec<f32>,
    /// Whether a rank asks to stop.
    pub(in crate::train) stop: bool,
}

/// Exchanges the batches of a group. `asks_to_stop` reaches all ranks with it.
///
/// # Errors
/// [`TeamError::Transport`]
pub(in crate::train) fn exchange(
    team: &mut dyn Team,
    group: Group,
    asks_to_stop: bool,
) -> Result<Exchanged, TeamError> {
    let own = group.places.clone().filter(|place| place % team.size() == team.rank()).count();
    let length = group.before.len();
    let fits = group.gradients + group.scales.len() == length
        && group.own.iter().all(|batch| batch.numbers.len() == length);
    if group.own.len() != own || !fits {
        return Err(TeamError::Transport("this rank has other batches than it should".into()));
    }
    match team.size() <= MOST_IN_ORDER {
        true => in_order(team, group, asks_to_stop),
        false => in_any_order(team, group, asks_to_stop),
    }
}

fn in_order(team: &mut dyn Team, group: Group, asks_to_stop: bool) -> Result<Exchanged, TeamError> {
    let (rank, size) = (team.rank() as usize, team.size() as usize);
    let length = group.before.len();
    let slice = length.div_ceil(size);
    let part = |rank: usize| (rank * slice).min(length)..((rank + 1) * slice).min(length);
    // As many batches as the busiest rank has; the others fill up with zeros that nobody reads.
    let most = group.places.len().div_ceil(size);

    let mut pieces = vec![0.0; size * most * slice];
    for (to, piece) in pieces.chunks_exact_mut((most * slice).max(1)).enumerate() {
        for (batch, out) in group.own.iter().zip(piece.chunks_exact_mut(slice.max(1))) {
            let numbers = &batch.numbers[part(to)];
            out[..numbers.len()].copy_from_slice(numbers);
        }
    }
    let received = expected(team.share_out(&pieces)?, pieces.len())?;

    let mine = part(rank);
    let mut folded = group.before[mine.clone()].to_vec();
    let gradients = group.gradients.saturating_sub(mine.start).min(folded.len());
    let first = mine.start.saturating_sub(group.gradients);
    let scales = &group.scales[first..first + folded.len() - gradients];
    let mut next = vec![0; size];
    for place in group.places.clone() {
        let from = place as usize % size;
        let start = (from * most + next[from]) * slice;
        next[from] += 1;
        take_in(&mut folded, gradients, scales, &received[start..start + mine.len()]);
    }

    let mut own = folded;
    own.resize(slice, 0.0);
    own.extend(group.own.iter().map(|batch| batch.loss));
    own.resize(slice + most, 0.0);
    own.push(if asks_to_stop { 1.0 } else { 0.0 });
    let all = expected(team.gather(&own)?, own.len() * size)?;
    let of_rank = |rank: usize| &all[rank * own.len()..(rank + 1) * own.len()];

    let numbers = (0..size).flat_map(|rank| of_rank(rank)[..part(rank).len()].to_vec()).collect();
    let mut next = vec![slice; size];
    let losses = group.places.map(|place| {
        let from = place as usize % size;
        next[from] += 1;
        of_rank(from)[next[from] - 1]
    });
    let losses = losses.collect();
    let stop = (0..size).any(|rank| of_rank(rank)[slice + most] != 0.0);
    Ok(Exchanged { numbers, losses, stop })
}

/// The sums in the transport's own order, for large teams.
fn in_any_order(
    team: &mut dyn Team,
    group: Group,
    asks_to_stop: bool,
) -> Result<Exchanged, TeamError> {
    let (length, count) = (group.before.len(), group.places.len());
    let (rank, size) = (team.rank(), team.size());
    let keep = |batches: usize| (1.0 - MOMENTUM).powi(batches as i32);
    let mut sum = vec![0.0; length + count + 1];
    let places = group.places.clone().enumerate();
    let own = places.filter(|(_, place)| place % size == rank).map(|(index, _)| index);
    for (index, batch) in own.zip(&group.own) {
        let (gradients, running) = sum[..length].split_at_mut(group.gradients);
        let (new_gradients, new_running) = batch.numbers.split_at(group.gradients);
        gradients.iter_mut().zip(new_gradients).for_each(|(sum, new)| *sum += new);
        // The batches behind this one move the statistics on.
        let share = keep(count - 1 - index);
        for ((sum, new), scale) in running.iter_mut().zip(new_running).zip(&group.scales) {
            *sum += (f64::from(*new) * MOMENTUM * scale * share) as f32;
        }
        sum[length + index] = batch.loss;
    }
    sum[length + count] = if asks_to_stop { 1.0 } else { 0.0 };
    team.sum(&mut sum)?;

    let (gradients, running) = group.before.split_at(group.gradients);
    let mut numbers: Vec<f32> =
        gradients.iter().zip(&sum).map(|(before, sum)| before + sum).collect();
    let kept = running
        .iter()
        .zip(&sum[group.gradients..])
        .map(|(before, sum)| (f64::from(*before) * keep(count) + f64::from(*sum)) as f32);
    numbers.extend(kept);
    let losses = sum[length..length + count].to_vec();
    Ok(Exchanged { numbers, losses, stop: sum[length + count] != 0.0 })
}

/// Folds a batch into the numbers before it, of which the first `gradients` are sums of gradients
/// and the others running statistics with their `scales`.
fn take_in(numbers: &mut [f32], gradients: usize, scales: &[f64], batch: &[f32]) {
    let (sums, running) = numbers.split_at_mut(gradients);
    let (new_gradients, new_running) = batch.split_at(gradients);
    sums.iter_mut().zip(new_gradients).for_each(|(sum, new)| *sum += new);
    for ((old, new), scale) in running.iter_mut().zip(new_running).zip(scales) {
        // As the CPU's kernels move them, to the last bit.
        *old = (f64::from(*old) * (1.0 - MOMENTUM) + f64::from(*new) * MOMENTUM * scale) as f32;
    }
}

/// What has come, if it is as much as was to come.
fn expected(received: Vec<f32>, length: usize) -> Result<Vec<f32>, TeamError> {
    match received.len() == length {
        true => Ok(received),
        false => Err(TeamError::Transport(format!(
            "{} numbers came, and {length} were to come",
            received.len()
        ))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand::Rng;
    use resnette_spec::random::{Purpose, stream};

    use super::*;
    use crate::train::team::threads::in_team;

    const GRADIENTS: usize = 23;
    const LENGTH: usize = 30;

    fn row(seed: u64) -> Vec<f32> {
        let mut rng = stream(5, Purpose::Init, seed);
        (0..LENGTH).map(|_| rng.random_range(-1.0..1.0)).collect()
    }

    fn batch(place: u32) -> BatchSums {
        BatchSums { numbers: row(u64::from(place) + 1), loss: place as f32 * 0.25 + 1.0 }
    }

    fn scales() -> Vec<f64> {
        (GRADIENTS..LENGTH).map(|index| 1.0 + index as f64 / 100.0).collect()
    }

    /// What a process alone has after the batches.
    fn in_sequence(places: Range<u32>, before: &[f32]) -> Vec<f32> {
        let mut numbers = before.to_vec();
        places.for_each(|place| take_in(&mut numbers, GRADIENTS, &scales(), &batch(place).numbers));
        numbers
    }

    fn exchanged(size: u32, places: Range<u32>, before: &[f32], asks: Option<u32>) -> Exchanged {
        let all = in_team(size, |mut team| {
            let own = places.clone().filter(|place| place % size == team.rank()).map(batch);
            let group = Group {
                places: places.clone(),
                before: before.to_vec(),
                gradients: GRADIENTS,
                scales: scales(),
                own: own.collect(),
            };
            let asks = asks == Some(team.rank());
            exchange(&mut team, group, asks).unwrap()
        });
        assert!(all.iter().all(|exchanged| *exchanged == all[0]), "ranks know different things");
        all[0].clone()
    }

    /// Whoever computes which batch, and wherever in the step the group begins and ends.
    #[test]
    fn in_order_the_sums_are_those_of_the_sequence_to_the_last_bit() {
        let first: Vec<f32> =
            row(0).iter().enumerate().map(|(i, &n)| if i < GRADIENTS { -0.0 } else { n }).collect();
        for size in [2, 3, 4, 7, 8] {
            for (places, before) in
                [(0..2, &first), (0..8, &first), (1..2, &row(0)), (3..11, &row(0)), (2..9, &row(0))]
            {
                let found = exchanged(size, places.clone(), before, None);
                let bits = |row: &[f32]| row.iter().map(|n| n.to_bits()).collect::<Vec<_>>();
                let wanted = in_sequence(places.clone(), before);
                assert_eq!(bits(&found.numbers), bits(&wanted), "{size} ranks, {places:?}");
                let losses: Vec<f32> = places.clone().map(|place| batch(place).loss).collect();
                assert_eq!(found.losses, losses, "{size} ranks, {places:?}");
                assert!(!found.stop);
            }
        }
    }

    #[test]
    fn large_teams_have_the_same_sums_within_roundings() {
        let before = row(0);
        for places in [0..9, 4..20] {
            let found = exchanged(9, places.clone(), &before, None);
            let wanted = in_sequence(places.clone(), &before);
            for (found, wanted) in found.numbers.iter().zip(&wanted) {
                assert!((found - wanted).abs() < 1e-5, "{found} {wanted}");
            }
            let losses: Vec<f32> = places.map(|place| batch(place).loss).collect();
            assert_eq!(found.losses, losses);
        }
    }

    #[test]
    fn a_rank_that_asks_to_stop_reaches_all() {
        for (size, asks) in [(2, 1), (3, 0), (9, 8)] {
            assert!(exchanged(size, 0..size, &row(0), Some(asks)).stop);
        }
    }

    /// A loss that is no number reaches all ranks as it is.
    #[test]
    fn losses_that_are_not_finite_stay_so() {
        let told = in_team(2, |mut team| {
            let loss = if team.rank() == 1 { f32::NAN } else { 1.0 };
            let own = vec![BatchSums { numbers: row(1), loss }];
            let before = row(0);
            let (gradients, scales) = (GRADIENTS, scales());
            let group = Group { places: 0..2, before, gradients, scales, own };
            exchange(&mut team, group, false).unwrap().losses
        });
        assert!(told.iter().all(|losses| losses[0] == 1.0 && losses[1].is_nan()), "{told:?}");
    }

    #[test]
    fn a_rank_with_other_batches_than_its_own_is_refused() {
        let told = in_team(2, |mut team| {
            let (before, own) = (row(0), Vec::new());
            let (gradients, scales) = (GRADIENTS, scales());
            let group = Group { places: 0..2, before, gradients, scales, own };
            exchange(&mut team, group, false)
        });
        assert!(told.iter().all(|told| matches!(told, Err(TeamError::Transport(_)))));
    }
}
