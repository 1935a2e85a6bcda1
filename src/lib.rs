//! The page: what a reader sees, and nothing that computes with tensors.
//!
//! It is laid out by feature. A folder holds the feature's state, its plain arithmetic (tested on
//! the host) and the components that draw it, side by side:
//!
//! | folder | what is in it |
//! |--|--|
//! | `shell` | the application around the four places: state, actions, commands, header, browser |
//! | `route` | the link in the address bar |
//! | `settings` | fields for the settings, presets, and what the network costs |
//! | `run` | the place Train: the state of a run, the run bar, the epoch table, the curves |
//! | `rate_search` | the search for a learning rate |
//! | `run_list` | all runs of this browser |
//! | `saving` | saved runs and models, in the browser and as files |
//! | `predict` | the place Predict |
//! | `watch` | the network of the run after every epoch, in Train |
//! | `data` | the place Data |
//! | `lesson` | the place Learn, fetched only when it is opened |
//! | `estimate` | how long a run would take, and settings that fit into a lesson |
//! | `class` | sharing the numbers of a run with a class, fetched only with its link |
//! | `engine` | the choice of an engine, the bridge to its worker, self test and benchmark |
//! | `diagram` | the drawing of a network |
//! | `charts` | frames, axes and zooming for charts |
//! | `widgets` | buttons, bars, pictures and number formats that several features use |
//!
//! Everything that the page knows is one `State` (`shell::state`). It changes only by actions
//! (`shell::action`). What a click does beyond that, such as sending a command to the worker, goes
//! through `Commands` (`shell::commands`, and `commands` in each feature).

mod charts;
mod class;
mod data;
mod diagram;
mod engine;
mod estimate;
mod lesson;
mod predict;
mod rate_search;
mod route;
mod run;
mod run_list;
mod saving;
mod settings;
mod shell;
mod watch;
mod widgets;

/// Puts the page into the document's body, in place of the text that `index.html` shows until then.
pub fn start() {
    shell::crash_report::install();
    shell::platform::clear_first_paint();
    shell::translation::install();
    shell::whole_drawings::install();
    yew::Renderer::<shell::app::App>::new().render();
}
