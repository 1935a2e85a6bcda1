//! The drawing of the network as a map: numbers under its parts that lead to what the lesson says
//! about them.

use yew::prelude::*;

use crate::diagram::layout::{Group, PICTURE};

/// A part of the network that a mark stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkPart {
    /// The picture at the left end.
    Picture,
    /// The stem.
    Stem,
    /// The stage with this index from the left, or the last one if there are fewer.
    Stage(usize),
    /// The average and the head.
    Head,
}

/// A numbered mark that leads to a place of the lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The part of the network that it stands under.
    pub part: NetworkPart,
    /// The number in the mark.
    pub number: usize,
    /// Where the mark leads and how much is done there, in words.
    pub title: String,
    /// The address that it leads to.
    pub href: String,
    /// How much is done there, from 0 to 1: the ring around the number.
    pub share: f64,
    /// What a click does beside following the address.
    pub onclick: Callback<MouseEvent>,
}

/// Height of the row of marks.
pub const ROOM: f64 = 44.0;
/// Radius of a ring.
const RADIUS: f64 = 12.0;
/// Radius of the area that responds to touch: 24 px across in the smallest drawing, which is 680 px
/// wide.
const REACH: f64 = 18.0;
/// The distance between two marks under the same part.
const APART: f64 = 40.0;

/// The row of marks, with its top at `y`.
pub fn row(marks: &[Mark], groups: &[Group], y: f64) -> Html {
    html! {
        <g class="ribbon-marks">
            {for marks.iter().map(|mark| {
                let beside: Vec<usize> = marks
                    .iter()
                    .filter(|other| other.part == mark.part)
                    .map(|other| other.number)
                    .collect();
                let at = beside.iter().position(|number| *number == mark.number);
                let at = at.unwrap_or(0) as f64;
                let middle = (beside.len() as f64 - 1.0) / 2.0;
                let x = centre(mark.part, groups) + (at - middle) * APART;
                draw(mark, x, y + ROOM / 2.0)
            })}
        </g>
    }
}

fn draw(mark: &Mark, x: f64, y: f64) -> Html {
    let (cx, cy) = (format!("{x:.1}"), format!("{y:.1}"));
    let around = std::f64::consts::TAU * RADIUS;
    html! {
        <a key={mark.number}
            class={classes!("ribbon-mark", (mark.share >= 1.0).then_some("ribbon-mark-done"))}
            href={mark.href.clone()} onclick={mark.onclick.clone()}>
            // The name of the mark, which browsers also show as a tooltip.
            <title>{&mark.title}</title>
            <circle class="mark-reach" cx={cx.clone()} cy={cy.clone()} r={REACH.to_string()} />
            <circle class="mark-ring" cx={cx.clone()} cy={cy.clone()} r={RADIUS.to_string()} />
            // The ring begins at the top.
            <circle class="mark-share" cx={cx.clone()} cy={cy.clone()} r={RADIUS.to_string()}
                transform={format!("rotate(-90 {x:.1} {y:.1})")}
                stroke-dasharray={
                    format!("{:.1} {around:.1}", mark.share.clamp(0.0, 1.0) * around)
                } />
            <text x={cx} y={format!("{:.1}", y + 5.0)}>{mark.number}</text>
        </a>
    }
}

/// The middle of a part. The left end stands for a part that the network does not have, such as a
/// stem.
fn centre(part: NetworkPart, groups: &[Group]) -> f64 {
    let stages: Vec<&Group> =
        groups.iter().filter(|group| group.name.starts_with("stage")).collect();
    let found = match part {
        NetworkPart::Picture => None,
        NetworkPart::Stem => groups.iter().find(|group| group.name == "stem"),
        NetworkPart::Stage(stage) => stages.get(stage).or(stages.last()).copied(),
        NetworkPart::Head => groups.last(),
    };
    found.map_or(PICTURE, |group| group.centre)
}

#[cfg(test)]
mod tests {
    use resnette_spec::architecture::Architecture;
    use resnette_spec::read_run;

    use super::*;
    use crate::diagram::layout::Ribbon;

    #[test]
    fn parts_are_found_from_left_to_right_in_any_network() {
        for layers in ["1", "1,1", "2,2,2,2"] {
            let run = read_run(&format!("layers={layers}")).0;
            let groups = Ribbon::new(&Architecture::new(&run.net, 10), 64).groups;
            let centres = [
                NetworkPart::Picture,
                NetworkPart::Stem,
                NetworkPart::Stage(0),
                NetworkPart::Stage(3),
                NetworkPart::Head,
            ]
            .map(|part| centre(part, &groups));
            assert!(
                centres.is_sorted() && centres[4] > centres[3] && centres[2] > centres[1],
                "{layers}: {centres:?}"
            );
        }
    }
}
