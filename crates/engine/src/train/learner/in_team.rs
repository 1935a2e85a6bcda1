//! A run that the ranks of a team train together (`crate::train::team`).
//!
//! Every rank ticks through all batches. It computes its own and passes over those of others; after
//! the last batch of a step, and at the end of an epoch, all are exchanged. From one exchange to
//! the next the network of a rank is not that of the run: its running statistics are those of one
//! batch. So a run is saved, validated and stopped right after an exchange only.

use std::pin::Pin;

use burn::tensor::Tensor;
use resnette_protocol::version::VERSION;
use resnette_spec::architecture::Architecture;
use resnette_spec::{RunConfig, run_link};

use super::score::Answers;
use super::tick::{Phase, Tick};
use super::{Learner, LearnerError};
use crate::model::batch_norm::observing;
use crate::model::params::flat_gradients;
use crate::model::weights::{fingerprint, read_weights};
use crate::train::dataset_check::dataset_check;
use crate::train::gradients::to_gradients;
use crate::train::team::{
    BatchSums, Group, MOST_IN_ORDER, Member, Team, TeamError, TeamStep, agree, check_settings,
    exchange, read_running, set_running, variance_scales,
};

/// A function of a learner that waits for the device or for the other ranks.
type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, LearnerError>> + 'a>>;

/// What a learner does where it trains in a team. [`Learner::join`] alone sets it: a program in
/// which no run joins a team, such as the page's worker, has none of this code.
#[derive(Clone, Copy)]
pub(super) struct TeamCalls {
    train: for<'a> fn(&'a mut Learner, u32) -> Call<'a, Tick>,
    share_answers: for<'a> fn(&'a mut Learner, Answers) -> Call<'a, Answers>,
    share_stop: fn(&mut Learner, u32) -> Result<(), LearnerError>,
}

impl TeamCalls {
    const ALL: Self = Self {
        train: |learner, index| Box::pin(learner.train_as_rank(index)),
        share_answers: |learner, own| Box::pin(learner.share_rank_answers(own)),
        share_stop: Learner::share_rank_stop,
    };
}

impl Learner {
    /// Trains the rest of the run in a team, if it has more than this rank. All ranks call this at
    /// the same point of the same run. With more than [`MOST_IN_ORDER`] the run says from now on
    /// that its sums had no fixed order.
    ///
    /// # Errors
    /// [`LearnerError::Team`] if the run cannot be shared out, or if a rank has other settings,
    /// other pictures or another network; [`LearnerError::Engine`] if the device fails.
    pub async fn join(&mut self, mut team: Box<dyn Team>) -> Result<(), LearnerError> {
        let ranks = team.size();
        if ranks < 2 {
            return Ok(());
        }
        if self.is_fine_tuning {
            return Err(TeamError::FineTuning.into());
        }
        check_settings(ranks, &self.config)?;
        // Each computer has as many threads as it has.
        let config = RunConfig { threads: 0, ..self.config.clone() };
        let pictures = dataset_check(&self.data);
        let all = [
            ("program", crc32fast::hash(VERSION.as_bytes())),
            ("settings", crc32fast::hash(run_link(&config).as_bytes())),
            ("set of pictures", pictures.check ^ pictures.train.rotate_left(16) ^ pictures.valid),
            ("place in the run", self.step),
            ("network", self.network_check().await?),
        ];
        agree(team.as_mut(), &all)?;
        if ranks > MOST_IN_ORDER {
            self.unordered_ranks = self.unordered_ranks.max(Some(ranks));
        }
        self.team = Some(Member::new(team, &self.model));
        self.team_calls = Some(TeamCalls::ALL);
        Ok(())
    }

    /// Ranks of the largest team that has summed this run's gradients in no fixed order, so that
    /// the same run may end with other bits; `None` if none has.
    pub fn unordered_ranks(&self) -> Option<u32> {
        self.unordered_ranks
    }

    /// Whether the run stops here, if `asked` says whether this process is to stop. A process alone
    /// stops at once. The ranks of a team tell each other with the next exchange, or in a
    /// validation after the next batch of each, and then stop at the same point, where the run can
    /// be saved.
    pub fn stops(&mut self, asked: bool) -> bool {
        match &mut self.team {
            None => asked,
            Some(member) => {
                member.asks_to_stop |= asked;
                member.stops
            }
        }
    }

    /// Whether some batches of a step are computed and not exchanged yet.
    pub(in crate::train) fn is_within_team_step(&self) -> bool {
        self.team.as_ref().is_some_and(|member| !member.steps.is_empty())
    }

    /// The next batch reads the running statistics from the network.
    pub(super) fn forget_running(&mut self) {
        if let Some(member) = &mut self.team {
            member.running = None;
        }
    }

    /// Trains batch `index` of the epoch in the team, if there is one.
    pub(super) async fn train_in_team(&mut self, index: u32) -> Option<Result<Tick, LearnerError>> {
        let calls = self.team_calls?;
        Some((calls.train)(self, index).await)
    }

    /// Tells the other ranks after `done` validation batches whether this one is asked to stop.
    ///
    /// # Errors
    /// [`LearnerError::Team`]
    pub(super) fn share_stop(&mut self, done: u32) -> Result<(), LearnerError> {
        self.team_calls.map_or(Ok(()), |calls| (calls.share_stop)(self, done))
    }

    /// The answers to all validation batches, of which a rank of a team has read its own.
    ///
    /// # Errors
    /// [`LearnerError::Team`]
    pub(super) async fn share_answers(&mut self, own: Answers) -> Result<Answers, LearnerError> {
        match self.team_calls {
            Some(calls) => (calls.share_answers)(self, own).await,
            None => Ok(own),
        }
    }

    /// Trains batch `index` of the epoch if it is this rank's, and exchanges the batches after the
    /// last one of a step.
    async fn train_as_rank(&mut self, index: u32) -> Result<Tick, LearnerError> {
        let hyper_params = self.hyper_params();
        let is_last = index + 1 == self.batches();
        let begins = self.team.as_ref().is_some_and(|member| member.steps.is_empty());
        if begins && self.team.as_ref().is_some_and(|member| member.running.is_none()) {
            let running = read_running(&self.model).await?;
            if let Some(member) = &mut self.team {
                member.running = Some(running);
            }
        }
        let waiting = self.team.as_ref().map_or(0, |member| member.steps.len() as u32);
        let place = self.accumulator.count + waiting;
        let own = match self.team.as_ref().is_some_and(|member| member.is_own(place)) {
            true => Some(self.train_own(index).await?),
            false => {
                self.model.pass_over_batch();
                None
            }
        };
        let mut is_full = false;
        if let Some(member) = &mut self.team {
            member.own.extend(own);
            member.steps.push(TeamStep { step: self.step, hyper_params });
            is_full = member.is_full();
        }
        let epoch = self.epoch;
        self.step += 1;
        self.phase = if is_last { Phase::Validate(0) } else { Phase::Train(index + 1) };
        if is_last || is_full || place + 1 == self.accumulator.every() {
            self.exchange_batches().await?;
        }
        let steps = std::mem::take(&mut self.unreported_steps);
        Ok(Tick::Trained { epoch, batch: index, steps, gradients: Vec::new() })
    }

    /// The gradients of a batch, divided by the batches of a step, its own statistics in the place
    /// of the running ones, and its loss.
    async fn train_own(&mut self, index: u32) -> Result<BatchSums, LearnerError> {
        let loss = observing(|| self.loss_of_batch(index))?;
        let grads = loss.backward();
        let share = self.accumulator.share();
        let mut found: Vec<Tensor<1>> = flat_gradients(&self.model, &grads)
            .into_iter()
            .map(|(_, gradient)| gradient.mul_scalar(share))
            .collect();
        found.push(loss.inner());
        // One read for all of them: on a GPU each waits until its queue is empty.
        let mut numbers: Vec<f32> =
            Tensor::cat(found, 0).into_data_async().await?.iter::<f32>().collect();
        let loss = numbers.pop().unwrap_or(f32::NAN);
        numbers.extend(read_running(&self.model).await?);
        let wanted = self.team.as_ref().map_or(0, Member::numbers);
        if numbers.len() != wanted {
            let told = format!("it has {} numbers for a step, not {wanted}", numbers.len());
            return Err(LearnerError::Engine(told));
        }
        Ok(BatchSums { numbers, loss })
    }

    /// Exchanges the batches since the last exchange, and takes a step if one is due.
    async fn exchange_batches(&mut self) -> Result<(), LearnerError> {
        let mut before = Vec::new();
        if let Some(mean) = &self.accumulator.mean {
            let found: Vec<Tensor<1>> =
                flat_gradients(&self.model, mean).into_iter().map(|(_, mean)| mean).collect();
            before = Tensor::cat(found, 0).into_data_async().await?.iter::<f32>().collect();
        }
        let first = self.accumulator.count;
        let scales = self.statistics_scales();
        let Some(member) = &mut self.team else { return Ok(()) };
        let gradients = member.gradients();
        before.resize(gradients, -0.0);
        before.extend(member.running.take().unwrap_or_default());
        let steps = std::mem::take(&mut member.steps);
        let places = first..first + steps.len() as u32;
        let group =
            Group { places, before, gradients, scales, own: std::mem::take(&mut member.own) };
        let exchanged = exchange(member.team.as_mut(), group, member.asks_to_stop)?;
        member.stops |= exchanged.stop;
        let (sums, running) = exchanged.numbers.split_at(gradients);
        let named = member.named(sums);
        set_running(&self.model, running);
        member.running = Some(running.to_vec());
        for (step, &loss) in steps.iter().zip(&exchanged.losses) {
            self.record_loss(step.step, step.hyper_params, loss)?;
        }
        let mean = to_gradients(&self.model, &named, &self.device.clone().inner());
        let due = self.accumulator.put(mean, first + steps.len() as u32);
        if let (Some(grads), Some(last)) = (due, steps.last()) {
            self.take_step(grads, last.hyper_params);
        }
        Ok(())
    }

    /// What each observed statistic of a batch is multiplied with before it counts.
    fn statistics_scales(&self) -> Vec<f64> {
        let rows = match resnette_kernels::runs_on_gpu(&self.device) {
            // There the variance is the unbiased one already.
            true => Vec::new(),
            false => {
                let classes = self.data.classes.len() as u32;
                Architecture::new(&self.config.net, classes).rows(self.size())
            }
        };
        let pictures = self.config.recipe.bs.min(self.data.train.len() as u32);
        variance_scales(&self.model, &rows, pictures)
    }

    /// Tells the other ranks whether this one is asked to stop, whenever each has had one more of
    /// the validation batches, of which `done` are over. The last of them are followed by
    /// [`Self::share_answers`], which tells it too.
    ///
    /// # Errors
    /// [`LearnerError::Team`]
    fn share_rank_stop(&mut self, done: u32) -> Result<(), LearnerError> {
        let all = self.valid_batches();
        let Some(member) = &mut self.team else { return Ok(()) };
        if done < all && done.is_multiple_of(member.team.size()) {
            let mut asks = [if member.asks_to_stop { 1.0 } else { 0.0 }];
            member.team.sum(&mut asks)?;
            member.stops |= asks[0] != 0.0;
        }
        Ok(())
    }

    /// The answers to all validation batches, of which this rank has read its own. Before that the
    /// ranks make sure that they still have the same network.
    async fn share_rank_answers(&mut self, own: Answers) -> Result<Answers, LearnerError> {
        let check = self.network_check().await?;
        let (pictures, classes) = (self.data.valid.len(), self.data.classes.len());
        let (features, keeps_vectors) = (self.features(), self.keeps_vectors());
        let bs = self.config.recipe.bs as usize;
        let Some(member) = &mut self.team else { return Ok(own) };
        agree(member.team.as_mut(), &[("network", check)])?;
        // Each row comes from one rank, and a number stays as it is if zeros are added to it.
        let mut all = spread(member, &own.logits, pictures, bs, classes);
        if keeps_vectors {
            let vectors = own.vectors.unwrap_or_default();
            all.extend(spread(member, &vectors, pictures, bs, features));
        }
        all.push(if member.asks_to_stop { 1.0 } else { 0.0 });
        member.team.sum(&mut all)?;
        member.stops |= all.pop().is_some_and(|asks| asks != 0.0);
        let vectors = keeps_vectors.then(|| all.split_off(pictures * classes));
        Ok(Answers { logits: all, vectors })
    }

    /// A checksum of the network's weights and running statistics.
    async fn network_check(&self) -> Result<u32, LearnerError> {
        let weights = read_weights(&self.model).await?;
        Ok(crc32fast::hash(fingerprint(&weights).as_bytes()))
    }
}

/// Puts a rank's rows of `width` numbers, one for each picture of its batches, among zeros for the
/// pictures of the others.
fn spread(member: &Member, own: &[f32], pictures: usize, bs: usize, width: usize) -> Vec<f32> {
    let mut all = vec![0.0; pictures * width];
    let batches = all.chunks_mut((bs * width).max(1)).zip(0..);
    let mut rest = own;
    for (rows, _) in batches.filter(|(_, index)| member.is_own(*index)) {
        let (mine, others) = rest.split_at(rows.len().min(rest.len()));
        rows[..mine.len()].copy_from_slice(mine);
        rest = others;
    }
    all
}
