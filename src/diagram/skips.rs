//! The skip connections of the drawing as buttons: each cuts its own.

use resnette_spec::BlockPlace;
use resnette_spec::architecture::Architecture;
use yew::prelude::*;

use crate::diagram::layout;
use crate::diagram::layout::{Plate, PlateKind};
use crate::shell::platform;

/// Properties of [`SkipButtons`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The network.
    pub plan: Architecture,
    /// Side of its input pictures, in pixels.
    pub size: u32,
    /// Called with the block whose skip connection is pressed.
    pub on_cut: Callback<BlockPlace>,
}

/// A button on each arc of the drawing, over the plates. To Tab all of them are one stop; the arrow
/// keys go from skip to skip.
#[component]
pub fn SkipButtons(props: &Props) -> Html {
    let drawn =
        use_memo((props.plan.clone(), props.size), |(plan, size)| layout::Ribbon::new(plan, *size));
    let focused = use_state(|| 0_usize);
    let prefix = use_state(|| format!("skip-{}", (js_sys::Math::random() * 1e9) as u32));
    let skips = skips(&props.plan, &drawn.plates);
    let last = skips.len().saturating_sub(1);
    let at = (*focused).min(last);
    let places: Vec<BlockPlace> = skips.iter().map(|(place, _)| *place).collect();
    let onkeydown = {
        let (focused, prefix, on_cut) = (focused.clone(), prefix.clone(), props.on_cut.clone());
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (at + 1).min(last),
                "ArrowLeft" => at.saturating_sub(1),
                "Home" => 0,
                "End" => last,
                "Enter" | " " => at,
                _ => return,
            };
            event.prevent_default();
            // The plates around have the same keys.
            event.stop_propagation();
            if matches!(event.key().as_str(), "Enter" | " ") {
                if let Some(place) = places.get(at) {
                    on_cut.emit(*place);
                }
            } else {
                focused.set(next);
                platform::focus(&format!("{}-{next}", *prefix));
            }
        })
    };
    let middle = drawn.middle();
    let buttons = skips.into_iter().enumerate().map(|(index, (place, plate))| {
        let (on_cut, focused) = (props.on_cut.clone(), focused.clone());
        let onclick = Callback::from(move |_: MouseEvent| on_cut.emit(place));
        let onfocus = Callback::from(move |_: FocusEvent| focused.set(index));
        html! {
            <g key={index} id={format!("{}-{index}", *prefix)} class="skip-cut" role="button"
                tabindex={if index == at { "0" } else { "-1" }}
                aria-label={format!("skip of {}", place.words())} {onclick} {onfocus}>
                <title>{format!("Cut the skip of {}", place.words())}</title>
                <path class="skip-touch" d={plate.arc(middle)} />
            </g>
        }
    });
    html! {
        <g role="group" aria-label="Skip connections; pressing one cuts it" {onkeydown}>
            {for buttons}
        </g>
    }
}

/// The plates with a skip connection, and where their blocks are.
fn skips<'a>(plan: &Architecture, plates: &'a [Plate]) -> Vec<(BlockPlace, &'a Plate)> {
    let blocks = plan.stages.iter().zip(1..).flat_map(|(blocks, stage)| {
        (1..=blocks.len() as u32).map(move |block| BlockPlace { stage, block })
    });
    let places: Vec<BlockPlace> = blocks.collect();
    let with_skip = plates.iter().filter(|plate| plate.skip.is_some());
    let found = with_skip.filter_map(|plate| match plate.kind {
        PlateKind::Block(number) => Some((*places.get(number)?, plate)),
        _ => None,
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use resnette_spec::read_run;

    use super::*;

    #[test]
    fn every_skip_is_named_by_its_place_and_cut_ones_are_none() {
        for (settings, wanted) in [
            ("layers=1,2&block=basic", "1.1,2.1,2.2"),
            ("layers=1,2&block=basic&cut=2.1", "1.1,2.2"),
            ("layers=1,2&block=plain", ""),
            ("net=fcn&layers=2,1&stem=&block=basic", "1.1,1.2,2.1"),
        ] {
            let plan = Architecture::new(&read_run(settings).0.net, 10);
            let drawn = layout::Ribbon::new(&plan, 64);
            let places: Vec<BlockPlace> =
                skips(&plan, &drawn.plates).into_iter().map(|(place, _)| place).collect();
            assert_eq!(BlockPlace::write_list(&places), wanted, "{settings}");
        }
    }
}
