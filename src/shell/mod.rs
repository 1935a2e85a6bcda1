//! The frame around the four places, and what all features share: the state and its reducer, the
//! commands that components may give, and the browser behind small functions.

pub mod action;
pub mod app;
pub mod ask;
pub mod browser_api;
pub mod browser_storage;
pub mod commands;
pub mod crash_report;
pub mod drop_listener;
pub mod header;
pub mod locks;
pub mod missing;
pub mod mutations;
pub mod platform;
pub mod question;
pub mod question_notice;
pub mod reports;
pub mod service_worker;
pub mod stake;
pub mod state;
pub mod stray_drops;
pub mod translation;
pub mod update;
pub mod whole_drawings;
