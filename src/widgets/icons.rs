//! The page's own icons.

use yew::prelude::*;

/// The page's sign: a block with its skip connection.
pub fn logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 32 24" aria-hidden="true" focusable="false">
            <path class="logo-arc" d="M3 14C3 -1 29 -1 29 14" />
            <path class="logo-plate"
                d="M9 9C12 9 12 11.500 16 11.500S20 9 23 9\
                   V19C20 19 20 16.500 16 16.500S12 19 9 19Z" />
            <path class="logo-line" d="M1 14H8M24 14H31" />
        </svg>
    }
}

/// A triangle, for buttons that start something.
pub fn play() -> Html {
    icon("M4 2.500L13 8L4 13.500Z")
}

/// Two bars, for buttons that pause something.
pub fn pause() -> Html {
    icon("M5 3V13M11 3V13")
}

/// A square, for buttons that stop something.
pub fn stop() -> Html {
    icon("M3.500 3.500H12.500V12.500H3.500Z")
}

/// A cross, for buttons that close something.
pub fn close() -> Html {
    icon("M4 4L12 12M12 4L4 12")
}

fn icon(path: &'static str) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d={path} />
        </svg>
    }
}
