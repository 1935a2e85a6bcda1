//! The place Learn: the chapter as prose, demos and questions. Its content and its arithmetic are
//! in [`resnette_lesson`].
//!
//! [`target`], [`reading`] and [`slides`] are plain arithmetic, tested on the host; [`answers`]
//! keeps what the reader has answered. A first visit does without the lesson, which [`lazy`]
//! fetches when Learn is opened.

pub mod answers;
pub mod commands;
pub mod demos;
pub mod fold;
pub mod glossary;
pub mod lazy;
pub mod links;
pub mod map;
pub mod presenter;
pub mod question;
pub mod reading;
pub mod response;
pub mod sheet;
pub mod slides;
pub mod state;
pub mod step;
pub mod target;
pub mod verdict;
pub mod view;
