//! The engine against PyTorch and fastai: `README.md` beside this file says where the numbers come
//! from.
//!
//! The engine under test is Flex. With the feature `gpu` and `RESNETTE_GOLDEN_DEVICE=wgpu` in the
//! environment it is whatever GPU wgpu finds (a software driver will do), with tolerances ten times
//! as wide.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod augmentation;
mod blocks;
mod calibration;
mod checkpoint;
mod class_weights;
mod determinism;
mod fixture;
mod head;
mod lesson;
mod mixing;
mod networks;
mod principal_axes;
mod ranger;
mod recipe;
mod structure;
mod tolerance;
mod torchvision;
mod training;
mod tuning;
