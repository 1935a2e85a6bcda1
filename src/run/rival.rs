//! The second network of a race, as the page knows it.

use resnette_spec::BlockPlace;
use resnette_spec::epoch::EpochRow;
use resnette_spec::loss_curve::LossCurve;

/// What the status line adds while two networks race.
pub const BOTH: &str = "with the skip and without it";
/// What a race costs.
pub const COST: &str = "two networks are being trained, so each step takes twice as long";

/// The network without the skip.
#[derive(Clone, Debug, PartialEq)]
pub struct Race {
    /// The block whose skip connection it has no more.
    pub place: BlockPlace,
    /// How many steps both networks have in common.
    pub common: u32,
    /// Its losses since then, thinned out.
    pub curve: LossCurve,
    /// Its epochs since then.
    pub rows: Vec<EpochRow>,
}
