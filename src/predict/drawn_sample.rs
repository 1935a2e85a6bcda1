//! Drawn pictures as files, for readers who have none at hand.

use js_sys::{Array, Promise};
use resnette_picture::drawn;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, FilePropertyBag, HtmlCanvasElement};

use crate::shell::{browser_api, platform};
use crate::widgets::picture::paint_canvas;

/// The drawn picture of a class as a PNG file.
///
/// # Errors
/// A sentence for the reader if the browser provides no canvas.
pub async fn file(label: usize, name: &str) -> Result<File, String> {
    let refused = |_: JsValue| {
        "the browser did not give the page a canvas to draw on; open a picture of your own instead"
            .to_string()
    };
    let document = platform::document().ok_or(JsValue::NULL).map_err(refused)?;
    let canvas: HtmlCanvasElement =
        document.create_element("canvas").map_err(refused)?.unchecked_into();
    paint_canvas(&canvas, &drawn::sample(label));
    let blob = Promise::new(&mut |done, failed| {
        if canvas.to_blob(&done).is_err() {
            let _ = failed.call0(&JsValue::NULL);
        }
    });
    let blob = browser_api::in_time(&blob, browser_api::PATIENCE).await.map_err(refused)?;
    if blob.is_null() {
        return Err(refused(blob));
    }
    let options = FilePropertyBag::new();
    options.set_type("image/png");
    File::new_with_blob_sequence_and_options(&Array::of1(&blob), &format!("{name}.png"), &options)
        .map_err(refused)
}
