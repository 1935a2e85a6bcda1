//! The page: what a reader sees, and nothing that computes with tensors.
//!
//! `state` is everything the page knows, changed by one reducer of actions; `hooks` only fetch (the
//! worker, the address bar, the adapter); `components` only draw; `views` are the four places.
//! `ribbon`, `chart`, `text`, `export`, `fit`, `zoom` and `engine` are plain arithmetic, tested on
//! the host.

mod app;
mod book;
mod chart;
mod components;
mod drawn;
mod engine;
mod estimate;
mod export;
mod fit;
mod hooks;
mod knobs;
mod later;
mod lesson;
mod opened;
mod platform;
mod report;
mod ribbon;
mod shelf;
mod state;
mod terms;
mod text;
mod views;
mod zoom;

/// Puts the page into the document's body, in place of the text that `index.html` shows until then.
pub fn start() {
    report::install();
    platform::clear_first_paint();
    yew::Renderer::<app::App>::new().render();
}
