//! The ribbon as a map: numbers under the parts of the network that lead to what is told of them.

use yew::prelude::*;

use crate::diagram::layout::{Group, PICTURE};

/// A part of the ribbon that a mark stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The picture at the left end.
    Picture,
    /// The stem.
    Stem,
    /// The stage of this number from the left, counted from 0, or the last one where there are
    /// fewer.
    Stage(usize),
    /// Average and head.
    Head,
}

/// A numbered mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where it stands.
    pub part: Part,
    /// What stands in it.
    pub number: usize,
    /// Where it leads, and how much is done there, in words.
    pub title: String,
    /// The address.
    pub href: String,
    /// How much is done, 0 to 1: the ring around the number.
    pub share: f64,
    /// What a press does beside following the address.
    pub onclick: Callback<MouseEvent>,
}

/// Height of the row.
pub const ROOM: f64 = 44.0;
/// Radius of a ring.
const RADIUS: f64 = 12.0;
/// Radius of what answers to a finger: 24 px across in the smallest drawing, which is 680 px wide.
const REACH: f64 = 18.0;
/// Between two marks under the same part.
const APART: f64 = 40.0;

/// The row of marks, its top at `y`.
pub fn row(marks: &[Mark], groups: &[Group], y: f64) -> Html {
    html! {
        <g class="ribbon-marks">
            {for marks.iter().map(|mark| {
                let beside: Vec<usize> = marks.iter().filter(|other| other.part == mark.part).map(|other| other.number).collect();
                let at = beside.iter().position(|number| *number == mark.number).unwrap_or(0) as f64;
                let x = centre(mark.part, groups) + (at - (beside.len() as f64 - 1.0) / 2.0) * APART;
                draw(mark, x, y + ROOM / 2.0)
            })}
        </g>
    }
}

fn draw(mark: &Mark, x: f64, y: f64) -> Html {
    let (cx, cy) = (format!("{x:.1}"), format!("{y:.1}"));
    let around = std::f64::consts::TAU * RADIUS;
    html! {
        <a key={mark.number} class={classes!("ribbon-mark", (mark.share >= 1.0).then_some("ribbon-mark-done"))} href={mark.href.clone()} onclick={mark.onclick.clone()}>
            // Its name, and what the pointer is told.
            <title>{&mark.title}</title>
            <circle class="mark-reach" cx={cx.clone()} cy={cy.clone()} r={REACH.to_string()} />
            <circle class="mark-ring" cx={cx.clone()} cy={cy.clone()} r={RADIUS.to_string()} />
            // From the top on.
            <circle class="mark-share" cx={cx.clone()} cy={cy.clone()} r={RADIUS.to_string()} transform={format!("rotate(-90 {x:.1} {y:.1})")}
                stroke-dasharray={format!("{:.1} {around:.1}", mark.share.clamp(0.0, 1.0) * around)} />
            <text x={cx} y={format!("{:.1}", y + 5.0)}>{mark.number}</text>
        </a>
    }
}

/// Middle of a part. What a network does without (a stem) is looked for at its left end.
fn centre(part: Part, groups: &[Group]) -> f64 {
    let stages: Vec<&Group> =
        groups.iter().filter(|group| group.name.starts_with("stage")).collect();
    let found = match part {
        Part::Picture => None,
        Part::Stem => groups.iter().find(|group| group.name == "stem"),
        Part::Stage(stage) => stages.get(stage).or(stages.last()).copied(),
        Part::Head => groups.last(),
    };
    found.map_or(PICTURE, |group| group.centre)
}

#[cfg(test)]
mod tests {
    use resnette_spec::architecture::Plan;
    use resnette_spec::read_link;

    use super::*;
    use crate::diagram::layout::Ribbon;

    #[test]
    fn parts_are_found_from_left_to_right_in_any_network() {
        for layers in ["1", "1,1", "2,2,2,2"] {
            let run = read_link(&format!("layers={layers}")).0.run;
            let groups = Ribbon::new(&Plan::new(&run.net, 10), 64).groups;
            let centres = [Part::Picture, Part::Stem, Part::Stage(0), Part::Stage(3), Part::Head]
                .map(|part| centre(part, &groups));
            assert!(
                centres.is_sorted() && centres[4] > centres[3] && centres[2] > centres[1],
                "{layers}: {centres:?}"
            );
        }
    }
}
