//! The picture that the demos look at: one of the drawn set, or the reader's own.

use std::rc::Rc;

use js_sys::Array;
use resnette_picture::classes::IMAGENETTE;
use resnette_picture::{Picture, drawn};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{CanvasRenderingContext2d, File, HtmlCanvasElement, HtmlImageElement};
use yew::prelude::*;

use crate::lesson::demos::controls::Chooser;
use crate::shell::{browser_api, platform};
use crate::widgets::file_input::FileButton;
use crate::widgets::object_url::ObjectUrl;

/// Side of the picture in pixels.
pub const SIDE: u32 = 128;

/// The largest file that is read, in bytes.
const LARGEST: f64 = 40e6;

/// A square picture for the demos.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonPicture {
    /// The picture in words.
    pub name: AttrValue,
    /// The class of a drawn picture; `None` for the reader's own.
    pub label: Option<usize>,
    /// The pixels, [`SIDE`] × [`SIDE`].
    pub picture: Rc<Picture>,
}

impl LessonPicture {
    /// A picture of the drawn set.
    pub fn drawn(label: usize) -> Self {
        let label = label % IMAGENETTE.len();
        Self {
            name: format!("a drawn {}", IMAGENETTE[label].1).into(),
            label: Some(label),
            picture: Rc::new(drawn::draw(label, 3, 1, SIDE)),
        }
    }
}

/// Properties of [`PictureChooser`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The id of the element.
    pub id: AttrValue,
    /// The picture that is chosen.
    pub chosen_picture: LessonPicture,
    /// Receives the picture that was chosen.
    pub on_picture: Callback<LessonPicture>,
}

/// A list of drawn pictures, and a button that opens a file.
#[component]
pub fn PictureChooser(props: &Props) -> Html {
    let trouble = use_state(|| None::<String>);
    let on_change = {
        let (on_picture, trouble) = (props.on_picture.clone(), trouble.clone());
        Callback::from(move |label| {
            trouble.set(None);
            on_picture.emit(LessonPicture::drawn(label));
        })
    };
    let on_files = {
        let (on_picture, trouble) = (props.on_picture.clone(), trouble.clone());
        Callback::from(move |files: Vec<File>| {
            let (on_picture, trouble) = (on_picture.clone(), trouble.clone());
            spawn_local(async move {
                let Some(file) = files.first() else { return };
                match open(file).await {
                    Ok(picture) => {
                        trouble.set(None);
                        on_picture.emit(LessonPicture {
                            name: file.name().into(),
                            label: None,
                            picture: Rc::new(picture),
                        });
                    }
                    Err(message) => trouble.set(Some(message)),
                }
            });
        })
    };
    html! {
        <div class="shot-chooser">
            <Chooser id={props.id.clone()} label="Picture"
                options={
                    IMAGENETTE
                        .iter()
                        .map(|(_, name)| AttrValue::from(format!("drawn: {name}")))
                        .collect::<Vec<_>>()
                }
                chosen={props.chosen_picture.label} {on_change} />
            <FileButton label="Open a picture" accept="image/*" {on_files} />
            if let Some(trouble) = &*trouble { <p class="warning" role="alert">{trouble}</p> }
        </div>
    }
}

/// The middle square of a picture file, decoded by the browser.
async fn open(file: &File) -> Result<Picture, String> {
    if file.size() > LARGEST {
        return Err(format!("{} is larger than 40 MB; open a smaller copy of it", file.name()));
    }
    let url = ObjectUrl::new(file);
    decode(url.as_str()).await.ok_or_else(|| {
        format!(
            "{} is not a picture that this browser can read; open a JPEG, PNG or WebP",
            file.name()
        )
    })
}

async fn decode(url: &str) -> Option<Picture> {
    let image = HtmlImageElement::new().ok()?;
    image.set_src(url);
    browser_api::call(&image, "decode", &Array::new()).await.ok()?;
    let (width, height) = (f64::from(image.natural_width()), f64::from(image.natural_height()));
    let square = width.min(height);
    let canvas = platform::document()?
        .create_element("canvas")
        .ok()?
        .dyn_into::<HtmlCanvasElement>()
        .ok()?;
    canvas.set_width(SIDE);
    canvas.set_height(SIDE);
    let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    let side = f64::from(SIDE);
    context
        .draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &image,
            (width - square) / 2.0,
            (height - square) / 2.0,
            square,
            square,
            0.0,
            0.0,
            side,
            side,
        )
        .ok()?;
    let pixels = context.get_image_data(0.0, 0.0, side, side).ok()?.data();
    // Transparent pixels have no visible colour and become white, as on paper.
    let rgb = pixels
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]].map(|colour| over_white(colour, pixel[3])))
        .collect();
    Some(Picture { width: SIDE, height: SIDE, rgb })
}

fn over_white(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_is_white() {
        assert_eq!((over_white(0, 0), over_white(7, 255), over_white(0, 128)), (255, 7, 127));
    }

    #[test]
    fn a_drawn_shot_has_its_size() {
        let chosen_picture = LessonPicture::drawn(11);
        assert_eq!(
            (chosen_picture.picture.width, chosen_picture.picture.rgb.len(), chosen_picture.label),
            (SIDE, (SIDE * SIDE * 3) as usize, Some(1))
        );
    }
}
