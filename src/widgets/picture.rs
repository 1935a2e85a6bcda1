//! Pictures that are given as pixels.

use resnette_picture::Picture;
use resnette_protocol::predict::HeatMap;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};
use yew::prelude::*;

/// Properties of [`PictureView`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The pixels.
    pub picture: Picture,
    /// The picture in words.
    pub label: AttrValue,
    /// The class of the canvas.
    #[prop_or_default]
    pub class: Classes,
}

/// A picture on a canvas.
#[component]
pub fn PictureView(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.picture.clone(), move |picture| {
            paint(&node, picture.width, picture.height, &rgba(picture))
        });
    }
    html! {
        <canvas ref={node} class={classes!("picture", props.class.clone())}
            width={props.picture.width.to_string()} height={props.picture.height.to_string()}
            role="img" aria-label={props.label.clone()} />
    }
}

/// Properties of [`Heat`].
#[derive(Properties, PartialEq)]
pub struct HeatProps {
    /// The heat map.
    pub heat: HeatMap,
}

/// A heat map to lay over a picture. The browser smooths its few cells.
#[component]
pub fn Heat(props: &HeatProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.heat.clone(), move |heat| {
            paint(&node, heat.width, heat.height, &glow(heat))
        });
    }
    html! {
        <canvas ref={node} class="heat" width={props.heat.width.to_string()}
            height={props.heat.height.to_string()} role="img"
            aria-label={format!("Heat map: where the network sees {}", props.heat.class)} />
    }
}

/// Opaque pixels in the order that the browser wants.
fn rgba(picture: &Picture) -> Vec<u8> {
    picture.rgb.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect()
}

/// Blue, which stands for evidence for a class everywhere on the page, the more opaque the more
/// there is. The square leaves the picture clear where there is little.
fn glow(heat: &HeatMap) -> Vec<u8> {
    let alpha = |cell: f32| (cell.clamp(0.0, 1.0).powi(2) * 190.0) as u8;
    heat.cells
        .iter()
        .flat_map(|&cell| [43, 108, 176, alpha(if cell.is_finite() { cell } else { 0.0 })])
        .collect()
}

/// Sizes a canvas like a picture and draws the picture on it.
pub fn paint_canvas(canvas: &HtmlCanvasElement, picture: &Picture) {
    canvas.set_width(picture.width);
    canvas.set_height(picture.height);
    put(canvas, picture.width, picture.height, &rgba(picture));
}

/// Draws pixels on a canvas. A picture whose bytes do not fit its size stays blank.
fn paint(node: &NodeRef, width: u32, height: u32, pixels: &[u8]) {
    if width == 0 || height == 0 || pixels.len() as u64 != u64::from(width) * u64::from(height) * 4
    {
        return;
    }
    if let Some(canvas) = node.cast::<HtmlCanvasElement>() {
        put(&canvas, width, height, pixels);
    }
}

fn put(canvas: &HtmlCanvasElement, width: u32, height: u32, pixels: &[u8]) {
    let context = canvas
        .get_context("2d")
        .ok()
        .flatten()
        .and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok());
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(pixels), width, height);
    if let (Some(context), Ok(image)) = (context, image) {
        // This fails only for pictures from another origin, and ours are not.
        let _ = context.put_image_data(&image, 0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_become_opaque_and_heat_transparent() {
        assert_eq!(
            rgba(&Picture { width: 2, height: 1, rgb: vec![1, 2, 3, 4, 5, 6] }),
            [1, 2, 3, 255, 4, 5, 6, 255]
        );
        let heat = HeatMap {
            class: "tench".into(),
            width: 4,
            height: 1,
            cells: vec![0.0, 2.0, f32::NAN, 0.5],
        };
        let alphas: Vec<u8> = glow(&heat).chunks(4).map(|pixel| pixel[3]).collect();
        assert_eq!(alphas, [0, 190, 0, 47]);
    }
}
