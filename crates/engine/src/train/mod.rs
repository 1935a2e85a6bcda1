//! Training: the learner, its optimiser and losses, and what belongs to a run.
//!
//! [`learner`] is the loop, and [`team`] shares it out among several processes. [`lr_find`],
//! [`tta`], [`bench`](mod@bench), [`probe`], [`self_test`](mod@self_test) and
//! [`warm_up`](mod@warm_up) train or predict beside it; [`product_rate`](mod@product_rate) is what
//! [`bench`](mod@bench) is compared with. [`checkpoint`], [`generations`] and [`export`] turn a run
//! into bytes and back, and [`pretrained`] turns bytes into what is fine-tuned. [`cut_skip`] copies
//! a run without a skip connection.

pub mod accumulate;
pub mod adam;
pub mod batch_loss;
pub mod bench;
mod best;
pub mod checkpoint;
pub mod class_weights;
pub mod cut_skip;
mod dataset_check;
mod dropout;
pub mod export;
pub mod generations;
pub mod gradient_size;
mod gradients;
mod keep_best;
pub mod learner;
pub mod loss;
pub mod lr_find;
pub mod metrics;
pub mod pretrained;
pub mod probe;
pub mod product_rate;
mod random_run;
mod resume;
pub mod self_test;
pub mod team;
pub mod tta;
pub mod warm_up;
