//! Small functions for what the page needs from the browser.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, File, FileList, HtmlAnchorElement, HtmlElement,
    HtmlTextAreaElement, ReadableStreamDefaultReader, ReadableStreamReadResult, Response, Url,
    Window,
};

use crate::shell::browser_api;

/// The window, which a page always has.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// The hash of the address, with its `#`.
pub fn hash() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// Replaces the hash without a step in the history and without a `hashchange` event.
pub fn replace_hash(hash: &str) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        // Browsers refuse more than about a hundred changes in half a minute. The next change
        // writes the whole hash again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{hash}")));
    }
}

/// The address without its hash.
pub fn address() -> String {
    let href = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_string()
}

/// The host that an address names, if it is another one than this page's.
pub fn other_host(address: &str) -> Option<String> {
    let location = window()?.location();
    let url = Url::new_with_base(address, &location.href().ok()?).ok()?;
    (url.origin() != location.origin().ok()?).then(|| url.host())
}

/// Sets the title of the tab.
pub fn set_title(title: &str) {
    if let Some(document) = document()
        && document.title() != title
    {
        document.set_title(title);
    }
}

/// Removes the text that `index.html` shows until the page is there.
pub fn clear_first_paint() {
    if let Some(element) = document().and_then(|document| document.get_element_by_id("first-paint"))
    {
        element.remove();
    }
}

/// Loads the page again. If the browser refuses, this one goes on, which is complete.
pub fn reload() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}

/// Asks for the whole screen. Browsers give it only after a press of the reader, and some never do;
/// then the window is what there is.
pub fn ask_for_full_screen() {
    if let Some(element) = document().and_then(|document| document.document_element()) {
        spawn_local(async move {
            let _ = browser_api::call(&element, "requestFullscreen", &Array::new()).await;
        });
    }
}

/// Whether something has the whole screen.
pub fn is_full_screen() -> bool {
    document().is_some_and(|document| document.fullscreen_element().is_some())
}

/// Gives the whole screen back, if the page has it.
pub fn leave_full_screen() {
    if let Some(document) = document().filter(|_| is_full_screen()) {
        spawn_local(async move {
            let _ = browser_api::call(&document, "exitFullscreen", &Array::new()).await;
        });
    }
}

/// Moves the keyboard focus to an element.
pub fn focus(id: &str) {
    let Some(element) = document().and_then(|document| document.get_element_by_id(id)) else {
        return;
    };
    focus_element(&element);
}

/// Moves the keyboard focus to an element and scrolls it to the top of the window. Browsers by
/// themselves scroll what is focused to the middle.
pub fn go_to(id: &str) {
    focus(id);
    if let Some(element) = document().and_then(|document| document.get_element_by_id(id)) {
        element.scroll_into_view();
    }
}

/// Scrolls an element into sight, no further than it takes.
pub fn bring_into_sight(element: &Element) {
    call_with(element, "scrollIntoView", "block", &"nearest".into());
}

/// Moves the keyboard focus to an element and scrolls nothing.
pub fn focus_in_place(element: &Element) {
    call_with(element, "focus", "preventScroll", &JsValue::TRUE);
}

/// Calls a function of an element with one option; through `Reflect`, because each is the only use
/// of a type of options in web-sys. If it fails, the reader scrolls or presses Tab.
fn call_with(element: &Element, function: &str, option: &str, value: &JsValue) {
    let options = js_sys::Object::new();
    if let (Ok(_), Ok(function)) = (
        Reflect::set(&options, &option.into(), value),
        Reflect::get(element, &function.into()).and_then(JsCast::dyn_into::<js_sys::Function>),
    ) {
        let _ = function.call1(element, &options);
    }
}

fn focus_element(element: &Element) {
    // SVG elements have `focus` too, but web-sys has it for HTML elements only.
    if let Some(html) = element.dyn_ref::<HtmlElement>() {
        let _ = html.focus();
    } else if let Ok(focus) = Reflect::get(element, &"focus".into())
        && let Ok(focus) = focus.dyn_into::<js_sys::Function>()
    {
        let _ = focus.call0(element);
    }
}

/// How long the clipboard may take, in milliseconds. Browsers allow the other way of copying only
/// for a few seconds after the reader pressed something.
const COPY_PATIENCE: u32 = 2_000;

/// Copies text and returns whether the browser did: it may refuse without a permission or outside
/// HTTPS.
pub async fn copy(text: String) -> bool {
    let arguments = Array::of1(&text.as_str().into());
    if let Some(clipboard) = browser_api::of_navigator("clipboard")
        && browser_api::call_within(COPY_PATIENCE, &clipboard, "writeText", &arguments)
            .await
            .is_ok()
    {
        return true;
    }
    copy_selected(&text).unwrap_or(false)
}

/// Copies text as a reader would, by selecting it: browsers still allow that where a page without
/// HTTPS has no clipboard. Returns whether they did; `None` if it could not be tried.
fn copy_selected(text: &str) -> Option<bool> {
    let document = document()?;
    let focused = document.active_element();
    let field: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_class_name("visually-hidden");
    field.set_value(text);
    document.body()?.append_child(&field).ok()?;
    field.select();
    // Through `Reflect`, because it is the only use of another type of document in web-sys.
    let copied = Reflect::get(&document, &"execCommand".into())
        .and_then(|command| command.dyn_into::<js_sys::Function>())
        .and_then(|command| command.call1(&document, &"copy".into()))
        .is_ok_and(|copied| copied.is_truthy());
    field.remove();
    if let Some(focused) = focused {
        focus_element(&focused);
    }
    Some(copied)
}

/// Offers bytes to the reader as a download.
///
/// # Errors
/// A sentence for the reader if the browser does not take the file.
pub fn save(name: &str, mime: &str, bytes: &[u8]) -> Result<(), String> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let url = Blob::new_with_u8_array_sequence_and_options(&parts, &options)
        .and_then(|blob| Url::create_object_url_with_blob(&blob));
    // A browser that withholds them may answer with nothing.
    let url = url.ok().filter(|url| url.starts_with("blob:"));
    let link = document()
        .and_then(|document| document.create_element("a").ok())
        .and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok());
    let (Some(url), Some(link)) = (url, link) else {
        return Err(format!(
            "the browser did not take the file {name}, and nothing was saved. What it holds is \
             still here; allow downloads for this page, or open the page in another browser"
        ));
    };
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser has taken the blob by the time the click returns; a second's grace costs nothing.
    gloo_timers::callback::Timeout::new(1_000, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
    Ok(())
}

/// The bytes behind an address of this page's own origin or of a file that it shows (`blob:`);
/// `None` if there is no such file.
///
/// # Errors
/// A sentence for the reader: the connection broke, or the file is larger than `most` bytes.
pub async fn fetch(url: &str, most: u32) -> Result<Option<Vec<u8>>, String> {
    let broken =
        |_: JsValue| format!("{url} could not be read; check the connection and try again");
    let Some(window) = window() else { return Ok(None) };
    let asked = browser_api::call(&window, "fetch", &Array::of1(&url.into())).await;
    let response: Response = asked.map_err(broken)?.unchecked_into();
    if !response.ok() {
        return Ok(None);
    }
    let Some(stream) = response.body() else { return Ok(Some(Vec::new())) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    // Piece by piece, since an answer need not come to an end.
    loop {
        let read =
            browser_api::call_within(browser_api::FILE_PATIENCE, &reader, "read", &Array::new())
                .await;
        let piece: ReadableStreamReadResult = read.map_err(broken)?.unchecked_into();
        let Ok(piece) = piece.get_value().dyn_into::<Uint8Array>() else { return Ok(Some(bytes)) };
        if bytes.len() + piece.length() as usize > most as usize {
            let _ = reader.cancel();
            return Err(format!("{url} is larger than it should be and was not used"));
        }
        bytes.extend_from_slice(&piece.to_vec());
    }
}

/// The files of a list.
pub fn files(list: Option<FileList>) -> Vec<File> {
    list.map(|list| (0..list.length()).filter_map(|index| list.get(index)).collect())
        .unwrap_or_default()
}

/// The bytes of a file.
///
/// # Errors
/// A sentence for the reader if the browser cannot read the file.
pub async fn read(file: &File) -> Result<Vec<u8>, String> {
    match browser_api::call_within(browser_api::FILE_PATIENCE, file, "arrayBuffer", &Array::new())
        .await
    {
        Ok(buffer) => Ok(Uint8Array::new(&buffer).to_vec()),
        Err(_) => Err(format!(
            "{} could not be read; it may have been moved or changed. Open it again",
            file.name()
        )),
    }
}
