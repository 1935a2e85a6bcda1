//! What a reader sees if the page itself panics: a report to copy, in place of a page that no
//! longer responds.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element};

use crate::shell::platform;

/// Whether a panic has been reported. Only the first one is: what follows is its consequence.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Shows a report in place of the page if the page panics from now on.
pub fn install() {
    // Set through Yew, which would otherwise replace our hook with its own when it starts to draw.
    yew::set_custom_panic_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        if !TOLD.swap(true, Ordering::Relaxed) {
            // If even this fails, only the console is left, and it has the message already.
            let _ = platform::document().map(|document| show(&document, &text(info)));
        }
    }));
}

fn text(info: &PanicHookInfo<'_>) -> String {
    let browser = platform::window()
        .and_then(|window| window.navigator().user_agent().ok())
        .unwrap_or_default();
    format!(
        "Resnette {}\n{info}\nAddress: {}{}\nBrowser: {browser}",
        env!("CARGO_PKG_VERSION"),
        platform::address(),
        platform::hash()
    )
}

/// Builds the report by hand, because Yew must not be used after a panic.
fn show(document: &Document, report: &str) -> Option<()> {
    let sheet = element(document, "div", "crash")?;
    sheet.set_attribute("role", "alertdialog").ok()?;
    sheet.set_attribute("aria-labelledby", "crash-title").ok()?;
    let title = element(document, "h2", "")?;
    title.set_id("crash-title");
    title.set_text_content(Some("The page has broken"));
    let what = element(document, "p", "")?;
    what.set_text_content(Some(
        "This is a mistake of ours, not of yours. Your settings are in the address of this page: \
         reload it to go on. A run that was under way goes on from its last complete epoch, where \
         this browser could keep it. Please send us the report below; it holds no picture.",
    ));
    let report_box = element(document, "pre", "crash-report")?;
    report_box.set_attribute("tabindex", "0").ok()?;
    report_box.set_text_content(Some(report));
    let copy = button(document, "Copy report", {
        let report = report.to_string();
        move || {
            wasm_bindgen_futures::spawn_local({
                let report = report.clone();
                async move {
                    platform::copy(report).await;
                }
            })
        }
    })?;
    let reload = button(document, "Reload", || {
        if let Some(window) = platform::window() {
            let _ = window.location().reload();
        }
    })?;
    for part in [&title, &what, &report_box, &copy, &reload] {
        sheet.append_child(part).ok()?;
    }
    document.body()?.append_child(&sheet).ok()?;
    Some(())
}

fn element(document: &Document, tag: &str, class: &str) -> Option<Element> {
    let element = document.create_element(tag).ok()?;
    element.set_class_name(class);
    Some(element)
}

fn button(document: &Document, label: &str, act: impl Fn() + 'static) -> Option<Element> {
    let button = element(document, "button", "button")?;
    button.set_text_content(Some(label));
    let click = Closure::<dyn Fn()>::new(act);
    button.add_event_listener_with_callback("click", click.as_ref().unchecked_ref()).ok()?;
    // The closure must live as long as the button, which is never removed.
    click.forget();
    Some(button)
}
