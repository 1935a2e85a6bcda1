//! The demos of the lesson, and what they draw and measure with.
//!
//! Each demo computes with the functions of [`resnette_lesson`], or shows what the engine computed.
//! [`cell_layout`] and [`figures`] are plain arithmetic, tested on the host.

pub mod adaptive_pooling;
pub mod bottleneck;
pub mod cell_layout;
pub mod cells;
pub mod context;
pub mod controls;
pub mod cost_curves;
pub mod evidence_map;
pub mod experiment;
pub mod figures;
pub mod frame;
pub mod grid_to_vector;
pub mod kernel;
pub mod lines;
pub mod loss_surface;
pub mod one_by_one;
pub mod one_change;
pub mod picture_chooser;
pub mod plates;
pub mod race;
pub mod residual;
pub mod skip_connections;
pub mod work;
