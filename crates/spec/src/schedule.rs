//! Learning rate and momentum over a run: fastai's `fit_one_cycle` and `fit_flat_cos`.

use std::f64::consts::PI;

use crate::Schedule;

/// fastai's `div`: a one-cycle run starts at `lr / 25`.
const DIV: f64 = 25.0;
/// fastai's `div_final`: a run ends at `lr / 1e5`.
const DIV_FINAL: f64 = 1e5;
/// Share of the steps in which the one-cycle rate rises.
const RISE: f64 = 0.25;
/// Share of the steps in which the flat-cos rate stays.
const FLAT: f64 = 0.75;
/// Momentum at the start, at the highest rate, and at the end.
const MOMS: [f64; 3] = [0.95, 0.85, 0.95];
/// Adam's momentum where nothing schedules it.
pub const MOM: f64 = 0.9;

/// Learning rate and momentum of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyper {
    /// Learning rate.
    pub lr: f64,
    /// Momentum (Adam's first beta).
    pub mom: f64,
}

/// fastai's `fit_one_cycle` with its `pct_start` and `div`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cycle {
    /// Share of the steps in which the rate rises.
    pub rise: f64,
    /// The rate starts at its highest, divided by this.
    pub div: f64,
}

impl Cycle {
    /// The step at `pct` of a cycle whose highest rate is `lr`.
    pub fn at(self, lr: f64, pct: f64) -> Hyper {
        if pct < self.rise {
            let rise = pct / self.rise;
            return Hyper { lr: cos(lr / self.div, lr, rise), mom: cos(MOMS[0], MOMS[1], rise) };
        }
        let fall = (pct - self.rise) / (1.0 - self.rise);
        Hyper { lr: cos(lr, lr / DIV_FINAL, fall), mom: cos(MOMS[1], MOMS[2], fall) }
    }
}

/// The step at `pct` (0 at the first step, towards 1 at the end) of a run whose highest rate is
/// `lr`.
pub fn at(schedule: Schedule, lr: f64, pct: f64) -> Hyper {
    match schedule {
        Schedule::OneCycle => Cycle { rise: RISE, div: DIV }.at(lr, pct),
        Schedule::FlatCos if pct < FLAT => Hyper { lr, mom: MOM },
        Schedule::FlatCos => {
            Hyper { lr: cos(lr, lr / DIV_FINAL, (pct - FLAT) / (1.0 - FLAT)), mom: MOM }
        }
    }
}

/// fastai's `SchedCos`: half a cosine from `start` to `end`.
fn cos(start: f64, end: f64, pct: f64) -> f64 {
    start + (1.0 + (PI * (1.0 - pct)).cos()) * (end - start) / 2.0
}
