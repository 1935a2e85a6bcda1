//! Pictures from the camera, one for each press.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Blob, CanvasRenderingContext2d, File, FilePropertyBag, HtmlCanvasElement, HtmlVideoElement,
    MediaStream, MediaStreamConstraints, MediaStreamTrack,
};
use yew::prelude::*;

use crate::shell::{browser_api, platform};

/// Longest side of a picture that is taken. No network here sees more.
const LONGEST: f64 = 640.0;

/// Properties of [`Camera`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The name of the class that the pictures are for.
    pub name: AttrValue,
    /// Receives each picture.
    pub on_file: Callback<Vec<File>>,
}

/// A button that opens the camera, and the camera's view while it is open.
#[component]
pub fn Camera(props: &Props) -> Html {
    let stream = use_state(|| None::<Running>);
    let refused = use_state(|| false);
    let video = use_node_ref();
    {
        let video = video.clone();
        use_effect_with(stream.clone(), move |stream| {
            if let (Some(video), Some(stream)) = (video.cast::<HtmlVideoElement>(), &**stream) {
                video.set_src_object(Some(&stream.0));
            }
        });
    }
    let open = {
        let (stream, refused) = (stream.clone(), refused.clone());
        Callback::from(move |_: MouseEvent| {
            let (stream, refused) = (stream.clone(), refused.clone());
            spawn_local(async move {
                let opened = start().await;
                refused.set(opened.is_none());
                stream.set(opened.map(Running));
            });
        })
    };
    let Some(_) = &*stream else {
        return html! {
            <>
                <button type="button" class="button"
                    aria-label={format!("Camera for {}", props.name)} onclick={open}>
                    {"Camera"}
                </button>
                if *refused {
                    <p class="help" role="alert">
                        {if browser_api::is_secure() {
                            "No camera was found, or this page is not allowed to use it. Allow the \
                             camera for this page, or add picture files instead."
                        } else {
                            "Browsers give the camera only to pages that come over https. Take \
                             the pictures with the computer’s own camera program, and add the \
                             files."
                        }}
                    </p>
                }
            </>
        };
    };
    let take = {
        let (video, on_file) = (video.clone(), props.on_file.clone());
        Callback::from(move |_: MouseEvent| {
            let (video, on_file) = (video.clone(), on_file.clone());
            spawn_local(async move {
                if let Some(video) = video.cast::<HtmlVideoElement>()
                    && let Some(file) = picture(&video).await
                {
                    on_file.emit(vec![file]);
                }
            });
        })
    };
    let close = {
        let stream = stream.clone();
        Callback::from(move |_: MouseEvent| stream.set(None))
    };
    html! {
        <div class="camera">
            <video ref={video} autoplay=true playsinline=true muted=true
                aria-label={format!("What the camera sees, for {}", props.name)} />
            <div class="actions">
                <button type="button" class="button" onclick={take}>
                    {format!("Take a picture of {}", props.name)}
                </button>
                <button type="button" class="button quiet-button" onclick={close}>
                    {"Close the camera"}
                </button>
            </div>
        </div>
    }
}

/// A camera that is on. Dropping it turns the camera off.
#[derive(PartialEq)]
struct Running(MediaStream);

impl Drop for Running {
    fn drop(&mut self) {
        for track in self.0.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

async fn start() -> Option<MediaStream> {
    let devices = browser_api::of_navigator("mediaDevices")?;
    let wanted = MediaStreamConstraints::new();
    wanted.set_video(&JsValue::TRUE);
    let stream = browser_api::ask(&devices, "getUserMedia", &Array::of1(&wanted)).await;
    stream.ok().map(JsCast::unchecked_into)
}

/// The current frame of the video as a JPEG file.
async fn picture(video: &HtmlVideoElement) -> Option<File> {
    let (width, height) = (f64::from(video.video_width()), f64::from(video.video_height()));
    let scale = (LONGEST / width.max(height)).min(1.0);
    let canvas: HtmlCanvasElement =
        platform::document()?.create_element("canvas").ok()?.unchecked_into();
    canvas.set_width((width * scale) as u32);
    canvas.set_height((height * scale) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    context
        .draw_image_with_html_video_element_and_dw_and_dh(
            video,
            0.0,
            0.0,
            width * scale,
            height * scale,
        )
        .ok()?;
    let blob = Promise::new(&mut |done, failed| {
        if canvas.to_blob_with_type(&done, "image/jpeg").is_err() {
            let _ = failed.call0(&JsValue::NULL);
        }
    });
    let blob: Blob =
        browser_api::in_time(&blob, browser_api::PATIENCE).await.ok()?.dyn_into().ok()?;
    let options = FilePropertyBag::new();
    options.set_type("image/jpeg");
    File::new_with_blob_sequence_and_options(&Array::of1(&blob), "camera.jpg", &options).ok()
}
