//! What a layer puts out, and the filters of one, as small pictures.

use resnette_picture::Picture;
use resnette_protocol::predict::Activations;
use yew::prelude::*;

use crate::widgets::picture::PictureView;

/// The channels that are there, as pictures in shades of grey.
pub fn channel_pictures(activations: &Activations) -> Vec<Picture> {
    let [_, height, width] = activations.shape;
    let cells = width as usize * height as usize;
    let channels = activations.grey.chunks_exact(cells.max(1));
    channels
        .map(|grey| Picture {
            width,
            height,
            rgb: grey.iter().flat_map(|&value| [value; 3]).collect(),
        })
        .collect()
}

/// What the pictures are, in words.
pub fn channels_in_words(activations: &Activations, shown: usize) -> String {
    let [channels, height, width] = activations.shape;
    let some = if (shown as u32) < channels {
        format!(", the first {shown} shown")
    } else {
        String::new()
    };
    format!(
        "{}: {channels} channels of {height} × {width}{some}. Black is 0, white the layer's largest \
         value.",
        activations.layer
    )
}

/// Small pictures side by side, each named by its kind and number.
pub fn tiles(kind: &str, pictures: Vec<Picture>) -> Html {
    html! {
        <ul class="tiles">
            {for pictures.into_iter().enumerate().map(|(index, picture)| html! {
                <li><PictureView {picture} label={format!("{kind} {index}")} class="pixels" /></li>
            })}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_that_are_not_shown_are_told() {
        let grey = vec![0, 255, 7, 9, 1, 2, 3, 4];
        let activations = Activations { layer: "stem.0".into(), shape: [3, 2, 2], grey };
        let shown = channel_pictures(&activations);
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[1].pixel(1, 1), [4, 4, 4]);
        assert_eq!(
            channels_in_words(&activations, 2),
            "stem.0: 3 channels of 2 × 2, the first 2 shown. Black is 0, white the layer's largest \
             value."
        );
        assert!(!channels_in_words(&activations, 3).contains("shown"));
    }
}
