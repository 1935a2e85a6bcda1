//! The chapter on the page: prose, demos, questions. Content and arithmetic: [`resnette_lesson`].
//!
//! [`target`], [`slides`], [`figures`] and [`layout`] are plain arithmetic, tested on the host;
//! [`answers`] keeps what the reader answered; the rest draws.

mod answers;
mod cells;
mod controls;
mod demo;
mod demos;
mod experiment;
mod figures;
mod glossary;
mod layout;
mod lines;
mod map;
mod presenter;
mod question;
mod response;
mod sheet;
mod shot;
mod slides;
mod step;
mod target;
mod verdict;
mod ways;

pub use answers::{Edit, Kept, use_answers};
pub use demo::Lab;
pub use glossary::Glossary;
pub use map::{Map, marks};
pub use presenter::Presenter;
pub use sheet::Sheet;
pub use shot::Shot;
pub use step::Section;
pub use target::Target;
pub use verdict::sentence;
pub use ways::Ways;
