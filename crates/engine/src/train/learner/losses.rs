//! The losses of training steps, from the device to the reports.
//!
//! Whoever waits for a number of a GPU waits for all that it was handed before, and meanwhile hands
//! over nothing. So steps are handed over in groups. When a group is complete its losses are asked
//! for, and they are waited for when the next group is complete: then the device has work while it
//! is waited for. The numbers and their order are the same, and they are told a group later.
//!
//! Nothing is on its way when an epoch ends, when a checkpoint is taken, or after
//! [`Learner::read_losses`].

use burn::tensor::Tensor;
use resnette_spec::epoch::Step;
use resnette_spec::schedule::StepHyperParams;

use super::readback::Readback;
use super::tick::{Phase, Tick};
use super::{Learner, LearnerError};
use crate::train::gradient_size::GradientSizes;

/// A training step whose loss nobody has asked the device for.
pub(super) struct PendingStep {
    pub(super) step: u32,
    pub(super) hyper_params: StepHyperParams,
    /// `[1]`
    pub(super) loss: Tensor<1>,
}

/// The losses of a group of steps, on their way from the device.
pub(super) struct LossRead {
    /// The steps, oldest first.
    steps: Vec<(u32, StepHyperParams)>,
    /// A measurement of the gradients that comes with them.
    measured: Option<GradientSizes>,
    /// The losses, and then the sums of the measurement.
    numbers: Readback,
}

impl LossRead {
    /// Asks the device for the losses.
    fn begin(group: Vec<PendingStep>, measured: Option<GradientSizes>) -> Self {
        let steps = group.iter().map(|step| (step.step, step.hyper_params)).collect();
        // One read for both, because each read waits for all work before it.
        let on_device = group
            .into_iter()
            .map(|step| step.loss)
            .chain(measured.iter().map(|measured| measured.sums.clone()));
        let numbers = Readback::begin(Tensor::cat(on_device.collect(), 0));
        Self { steps, measured, numbers }
    }
}

impl Learner {
    /// Lets so many groups of `read_every` steps be on the device before the losses of the oldest
    /// are waited for. With 1, as a run begins, each group is waited for at once, and that suits
    /// the CPU, which is done with a step when it is handed over. With 2 a GPU has work while it is
    /// waited for. The run is the same to the last bit.
    #[must_use]
    pub fn with_groups_in_flight(mut self, groups: usize) -> Self {
        self.groups_in_flight = groups.max(1);
        self
    }

    /// Waits for all losses that are still on the device. The next [`Tick::Trained`] reports them,
    /// unless [`Self::unreported`] is asked first.
    ///
    /// # Errors
    /// [`LearnerError::Diverged`], which ends the run, or [`LearnerError::Engine`].
    pub async fn read_losses(&mut self) -> Result<(), LearnerError> {
        self.begin_read();
        self.finish_reads(0).await
    }

    /// What has been read from the device and no tick has reported, as a report of the last step;
    /// `None` if there is nothing. It is not reported again.
    pub fn unreported(&mut self) -> Option<Tick> {
        let (epoch, batch) = self.last_step()?;
        let steps = std::mem::take(&mut self.unreported_steps);
        let gradients = std::mem::take(&mut self.unreported_gradients);
        let is_empty = steps.is_empty() && gradients.is_empty();
        (!is_empty).then_some(Tick::Trained { epoch, batch, steps, gradients })
    }

    /// Asks the device for the losses of the steps since the last time.
    pub(super) fn begin_read(&mut self) {
        let group = std::mem::take(&mut self.pending);
        if !group.is_empty() {
            let measured = self.measured_gradients.take();
            self.reading.push_back(LossRead::begin(group, measured));
        }
    }

    /// Waits, oldest first, until the losses of at most `most` groups are on their way.
    ///
    /// # Errors
    /// As [`Self::read_losses`].
    pub(super) async fn finish_reads(&mut self, most: usize) -> Result<(), LearnerError> {
        while self.reading.len() > most
            && let Some(LossRead { steps, measured, numbers }) = self.reading.pop_front()
        {
            let numbers = numbers.end().await?;
            let (losses, sums) = numbers.split_at(steps.len());
            if let Some(measured) = measured {
                self.unreported_gradients = measured.sizes(sums);
            }
            for ((step, hyper_params), &loss) in steps.into_iter().zip(losses) {
                self.record_loss(step, hyper_params, loss)?;
            }
        }
        Ok(())
    }

    /// Takes the loss of a step into the running loss and the curve. The next [`Tick::Trained`]
    /// reports it.
    ///
    /// # Errors
    /// [`LearnerError::Diverged`] if it is not finite, which ends the run.
    pub(super) fn record_loss(
        &mut self,
        step: u32,
        hyper_params: StepHyperParams,
        loss: f32,
    ) -> Result<(), LearnerError> {
        if !loss.is_finite() {
            self.phase = Phase::Done;
            // The steps behind it were trained with weights of no use.
            self.pending.clear();
            self.reading.clear();
            return Err(LearnerError::Diverged(loss, step));
        }
        let step = Step {
            step,
            loss,
            smooth: self.smoothed_loss.push(f64::from(loss)) as f32,
            lr: hyper_params.lr as f32,
            mom: hyper_params.mom as f32,
        };
        self.curve.push(step);
        self.unreported_steps.push(step);
        Ok(())
    }
}
