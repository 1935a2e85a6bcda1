//! Links that lead through the lesson and out of it and keep the settings.

use std::rc::Rc;

use resnette_spec::RunConfig;
use yew::prelude::*;

use crate::lesson::target::Target;
use crate::route::link::{Link, View, write_link};

/// Makes addresses within the page that keep the settings, and goes there.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonLinks {
    link: Rc<Link>,
    on_visit: Callback<Target>,
}

impl LessonLinks {
    /// Addresses that keep everything else that `link` says. `on_visit` takes the reader to a place
    /// of the lesson.
    pub fn new(link: &Link, on_visit: Callback<Target>) -> Self {
        Self { link: Rc::new(link.clone()), on_visit }
    }

    /// Goes to a place of the lesson when its link is pressed: if the address is that place's
    /// already, the browser fires no event.
    pub fn visit(&self, target: Target) -> Callback<MouseEvent> {
        self.on_visit.reform(move |_| target)
    }

    /// The settings of the run.
    pub fn run(&self) -> &RunConfig {
        &self.link.run
    }

    /// Whether the settings can be read but not changed.
    pub fn locked(&self) -> bool {
        self.link.locked
    }

    /// The address of a place of the lesson.
    pub fn to(&self, target: Target) -> String {
        address(Link { view: View::Learn, step: target.slug(), ..(*self.link).clone() })
    }

    /// The address of this place with presenter mode on or off.
    pub fn presenter(&self, presenter: bool) -> String {
        address(Link { view: View::Learn, presenter, ..(*self.link).clone() })
    }

    /// The address of Train with these settings, which starts nothing.
    pub fn train(&self, run: RunConfig) -> String {
        address(Link { view: View::Train, run, autostart: false, ..(*self.link).clone() })
    }
}

fn address(link: Link) -> String {
    format!("#{}", write_link(&link))
}

#[cfg(test)]
mod tests {
    use resnette_lesson::Demo;

    use super::*;
    use crate::route::link::read_link;

    #[test]
    fn addresses_keep_the_settings() {
        let (link, _) =
            read_link("#source=drawn&layers=1,1,1,1&seed=7&lock=1&autostart=1&view=learn");
        let links = LessonLinks::new(&link, Callback::noop());
        let (demo, problems) = read_link(&links.to(Target::Demo(Demo::Work)));
        assert_eq!(
            (demo.step.as_str(), demo.locked, problems),
            ("where-the-work-is", true, vec![])
        );
        assert_eq!(demo.run, link.run);
        let (train, _) = read_link(&links.train(RunConfig { seed: 8, ..link.run.clone() }));
        assert_eq!((train.view, train.run.seed, train.autostart), (View::Train, 8, false));
        assert!(
            read_link(&links.presenter(true)).0.presenter
                && !read_link(&links.presenter(false)).0.presenter
        );
    }
}
