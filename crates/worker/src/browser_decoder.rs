//! The browser's own decoders, for pictures that are not decoded in Rust.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise, Uint8Array};
use resnette_images::decode::MAX_PIXELS;
use resnette_images::decode::kind::PictureKind;
use resnette_images::load::fallback_decoder::FallbackDecoder;
use resnette_picture::Picture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{
    Blob, BlobPropertyBag, DedicatedWorkerGlobalScope, ImageBitmap, OffscreenCanvas,
    OffscreenCanvasRenderingContext2d,
};

/// How long the browser may take for one picture, in milliseconds.
const PATIENCE: u32 = 10_000;

/// The browser that this worker runs in.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserDecoder;

impl FallbackDecoder for BrowserDecoder {
    async fn decode(&self, bytes: &[u8], kind: PictureKind) -> Option<Picture> {
        let bitmap = bitmap(bytes, kind).await?;
        let picture = on_white(&bitmap);
        // Its pixels may be held outside the worker's memory, where no collector sees them.
        bitmap.close();
        picture
    }
}

/// Has the browser decode a picture; `None` if it refuses to, or takes longer than [`PATIENCE`].
async fn bitmap(bytes: &[u8], kind: PictureKind) -> Option<ImageBitmap> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type(kind)?);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into().ok()?;
    // It turns the picture upright as its Exif says.
    let decoded = scope.create_image_bitmap_with_blob(&blob).ok()?;
    let timeout = future_to_promise(async {
        TimeoutFuture::new(PATIENCE).await;
        Ok(JsValue::NULL)
    });
    let race = Promise::race(&Array::of2(decoded.as_ref(), timeout.as_ref()));
    JsFuture::from(race).await.ok()?.dyn_into().ok()
}

/// The pixels of a bitmap that lies on white.
fn on_white(bitmap: &ImageBitmap) -> Option<Picture> {
    let (width, height) = (bitmap.width(), bitmap.height());
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS {
        return None;
    }
    let canvas = OffscreenCanvas::new(width, height).ok()?;
    let context: OffscreenCanvasRenderingContext2d =
        canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, width.into(), height.into());
    context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0).ok()?;
    let image = context.get_image_data(0.0, 0.0, width.into(), height.into()).ok()?;
    let rgba = image.data().0;
    let rgb = rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    Some(Picture { width, height, rgb })
}

/// What browsers call a kind of picture; `None` for kinds that none of them decodes in a worker.
fn media_type(kind: PictureKind) -> Option<&'static str> {
    match kind {
        PictureKind::Jpeg
        | PictureKind::ArithmeticJpeg
        | PictureKind::LosslessJpeg
        | PictureKind::DeepJpeg
        | PictureKind::RareJpeg => Some("image/jpeg"),
        PictureKind::Png => Some("image/png"),
        PictureKind::WebP => Some("image/webp"),
        PictureKind::Gif => Some("image/gif"),
        PictureKind::Bmp => Some("image/bmp"),
        PictureKind::Avif => Some("image/avif"),
        PictureKind::Heic => Some("image/heic"),
        PictureKind::JpegXl => Some("image/jxl"),
        PictureKind::Jpeg2000 => Some("image/jp2"),
        PictureKind::Tiff => Some("image/tiff"),
        PictureKind::Icon => Some("image/x-icon"),
        PictureKind::Svg | PictureKind::CanonRaw | PictureKind::Photoshop => None,
    }
}
