//! What a reader does with the address bar and with the links on the page.

use resnette_spec::SettingError;

use crate::route::link::{Link, View};

/// A change of the link that the address bar shows.
#[derive(Clone, Debug)]
pub enum LinkAction {
    /// Another link was opened, and these of its settings were refused.
    Opened(Box<Link>, Vec<SettingError>),
    /// The reader went to another of the four places.
    GoTo(View),
    /// Presenter mode, with large type for a class, is on or off.
    Present(bool),
    /// The projector view of the run is on or off.
    Project(bool),
    /// The reader has read the list of refused settings.
    DismissProblems,
}
