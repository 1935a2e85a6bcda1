//! Drawn pictures as files: the page's own, for readers who have none at hand, and the reader's.

use js_sys::{Array, Promise};
use resnette_picture::drawn;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, FilePropertyBag, HtmlCanvasElement};

use crate::shell::{browser_api, platform};
use crate::widgets::picture::paint_canvas;

/// What the reader is told if the browser provides no canvas.
pub const NO_CANVAS: &str =
    "the browser did not give the page a canvas to draw on; open a picture of your own instead";

/// The drawn picture of a class as a PNG file.
///
/// # Errors
/// A sentence for the reader if the browser provides no canvas.
pub async fn file(label: usize, name: &str) -> Result<File, String> {
    let document = platform::document().ok_or(NO_CANVAS)?;
    let canvas: HtmlCanvasElement =
        document.create_element("canvas").map_err(|_| NO_CANVAS)?.unchecked_into();
    paint_canvas(&canvas, &drawn::sample(label));
    png(&canvas, &format!("{name}.png")).await
}

/// What a canvas shows now as a PNG file of this name.
///
/// # Errors
/// A sentence for the reader if the browser does not give the picture away.
pub async fn png(canvas: &HtmlCanvasElement, name: &str) -> Result<File, String> {
    let blob = Promise::new(&mut |done, failed| {
        if canvas.to_blob(&done).is_err() {
            let _ = failed.call0(&JsValue::NULL);
        }
    });
    let blob = browser_api::in_time(&blob, browser_api::PATIENCE).await.map_err(|_| NO_CANVAS)?;
    if blob.is_null() {
        return Err(NO_CANVAS.into());
    }
    let options = FilePropertyBag::new();
    options.set_type("image/png");
    File::new_with_blob_sequence_and_options(&Array::of1(&blob), name, &options)
        .map_err(|_| NO_CANVAS.into())
}
