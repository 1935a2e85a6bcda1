//! A note on what this browser withholds from the page, and what can be done about it.

use yew::prelude::*;

use crate::shell::{browser_api, browser_storage};
use crate::widgets::icons;

/// What a browser withholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Missing {
    /// It keeps nothing for this page.
    site_data: bool,
    /// The page did not come over HTTPS, so these parts may be missing.
    insecure: bool,
    /// WebGPU.
    gpu: bool,
    /// The private file system, in which runs are saved, and the caches of downloads.
    files: bool,
    /// The service worker, which keeps the page itself.
    offline: bool,
    /// The camera.
    camera: bool,
}

impl Missing {
    fn here() -> Self {
        let no = |name: &str| browser_api::of_navigator(name).is_none();
        Self {
            site_data: !browser_storage::keeps_texts(),
            insecure: !browser_api::is_secure(),
            gpu: no("gpu"),
            files: no("storage") || browser_storage::caches().is_err(),
            offline: no("serviceWorker"),
            camera: no("mediaDevices"),
        }
    }

    /// The notes, one for each cause.
    fn notes(self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.site_data {
            notes.push(
                "This browser keeps no site data for this page: runs, answers and downloaded \
                 pictures are gone when the tab closes. All else works. To keep them, allow site \
                 data for this page in the browser’s settings and reload the page; or save runs \
                 and models as files, under Keep in Train."
                    .to_string(),
            );
        }
        let parts = self.parts();
        if self.insecure && !parts.is_empty() {
            notes.push(format!(
                "This page came over http instead of https, so the browser withholds {}. All else \
                 works. Ask whoever serves the page for an https address; on the computer that \
                 serves it, the address http://localhost does as well.",
                parts.join(", ")
            ));
        }
        notes
    }

    fn parts(self) -> Vec<&'static str> {
        let parts = [
            (self.gpu, "WebGPU (the CPU engine trains instead)"),
            // Where nothing is kept at all, the other note says so.
            (self.files && !self.site_data, "room to keep a run or pictures for the next visit"),
            (self.offline, "a way to open the page without a network"),
            (self.camera, "the camera"),
        ];
        parts.into_iter().filter(|(missing, _)| *missing).map(|(_, words)| words).collect()
    }
}

/// The notes on what is missing. Draws nothing if nothing is, or once the reader has closed them.
#[component]
pub fn MissingNote() -> Html {
    let missing = use_memo((), |()| Missing::here());
    let closed = use_state(|| false);
    let notes = missing.notes();
    if *closed || notes.is_empty() {
        return Html::default();
    }
    let onclick = Callback::from(move |_: MouseEvent| closed.set(true));
    html! {
        <section class="update missing" aria-label="About this browser">
            {for notes.into_iter().map(|note| html! { <p>{note}</p> })}
            <button type="button" class="button icon-button" aria-label="Close this note" {onclick}>
                {icons::close()}
            </button>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_has_everything_is_not_spoken_of() {
        assert!(Missing::default().notes().is_empty());
        // An old browser on a secure page: the engine's own line says what it lacks.
        assert!(Missing { gpu: true, camera: true, ..Missing::default() }.notes().is_empty());
    }

    #[test]
    fn each_cause_is_told_once_with_a_way_out() {
        let blocked = Missing { site_data: true, files: true, ..Missing::default() }.notes();
        assert_eq!(blocked.len(), 1, "{blocked:?}");
        assert!(blocked[0].contains("keeps no site data") && blocked[0].contains("allow"));
        let school = Missing {
            insecure: true,
            gpu: true,
            files: true,
            offline: true,
            camera: true,
            ..Missing::default()
        };
        let notes = school.notes();
        assert_eq!(notes.len(), 1, "{notes:?}");
        for words in ["http instead of https", "CPU engine", "next visit", "camera", "an https"] {
            assert!(notes[0].contains(words), "{words}: {notes:?}");
        }
        assert_eq!(Missing { site_data: true, ..school }.notes().len(), 2);
    }
}
