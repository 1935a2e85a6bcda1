//! What all demos share: a picture, addresses, and what the experiments have found.

use std::rc::Rc;

use yew::prelude::*;

use crate::lesson::demos::picture_chooser::LessonPicture;
use crate::lesson::links::LessonLinks;
use crate::lesson::state::LessonState;

/// What all demos share.
#[derive(Clone, PartialEq)]
pub struct DemoContext {
    /// The picture that the demos look at.
    pub chosen_picture: LessonPicture,
    /// Receives another picture to look at.
    pub on_picture: Callback<LessonPicture>,
    /// Makes addresses, and knows the settings of the run.
    pub links: LessonLinks,
    /// What the experiments have found.
    pub lesson: Rc<LessonState>,
    /// Whether the model that comes with the page should be looked into, because the reader has
    /// none yet.
    pub shipped: bool,
}

impl DemoContext {
    /// The seed of the experiments' weights and pictures.
    pub fn seed(&self) -> u32 {
        self.links.run().seed
    }
}
