//! The demo of where the parameters and the multiply-adds of a network are, part by part.

use resnette_spec::architecture::Architecture;
use resnette_spec::presets::NETWORKS;
use resnette_spec::{NetConfig, read_run};
use yew::prelude::*;

use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::controls::{Chooser, Slider};
use crate::lesson::demos::figures::shape;
use crate::widgets::bar::Bar;
use crate::widgets::format::{count, percent, short};

/// The number of Imagenette's classes.
const CLASSES: u32 = 10;
/// The chapter's first network with a stem and stages.
const FIRST: &str = "ResNet-18";

/// Properties of [`Work`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share. The network of the reader's run is one of the choices.
    pub context: DemoContext,
}

/// A part of a network with what it costs.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    name: String,
    shape: [u32; 3],
    parameters: u64,
    multiply_adds: u64,
}

/// Stem, stages and head, with what each costs for a picture of `size` × `size` pixels.
fn parts(plan: &Architecture, size: u32) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for row in plan.rows(size) {
        let name = match row
            .name
            .strip_prefix("stages.")
            .and_then(|rest| rest.split('.').next()?.parse::<u32>().ok())
        {
            Some(stage) => format!("stage {}", stage + 1),
            None if row.name.starts_with("stem") || row.name == "max_pool" => "stem".into(),
            None => "head".into(),
        };
        match parts.last_mut().filter(|part| part.name == name) {
            Some(part) => {
                part.shape = row.shape;
                part.parameters += row.parameters;
                part.multiply_adds += row.multiply_adds;
            }
            None => parts.push(Part {
                name,
                shape: row.shape,
                parameters: row.parameters,
                multiply_adds: row.multiply_adds,
            }),
        }
    }
    parts
}

impl Part {
    /// Multiply-adds for each parameter: at how many places a weight is used, on average. `None` if
    /// the part has no parameters.
    fn work_per_parameter(&self) -> Option<u64> {
        let parameters = self.parameters as f64;
        (self.parameters > 0).then(|| (self.multiply_adds as f64 / parameters).round() as u64)
    }
}

fn named(name: &str) -> Option<NetConfig> {
    NETWORKS.iter().find(|preset| preset.name == name).map(|preset| read_run(preset.settings).0.net)
}

/// The demo of where the parameters and the multiply-adds of a network are.
#[component]
pub fn Work(props: &Props) -> Html {
    let chosen = use_state(|| NETWORKS.iter().position(|preset| preset.name == FIRST).unwrap_or(0));
    let size = use_state(|| 128_u32);
    let on_network = {
        let chosen = chosen.clone();
        Callback::from(move |index: usize| chosen.set(index))
    };
    let on_size = {
        let size = size.clone();
        Callback::from(move |value: f64| size.set(value as u32))
    };
    let own = &props.context.links.run().net;
    let options: Vec<AttrValue> = NETWORKS
        .iter()
        .map(|preset| AttrValue::from(preset.name))
        .chain(["the network of this page's run".into()])
        .collect();
    let net =
        NETWORKS.get(*chosen).and_then(|preset| named(preset.name)).unwrap_or_else(|| own.clone());
    let parts = parts(&Architecture::new(&net, CLASSES), *size);
    let all = |of: fn(&Part) -> u64| parts.iter().map(of).sum::<u64>().max(1);
    let (parameters, multiply_adds) = (all(|part| part.parameters), all(|part| part.multiply_adds));
    let share = |part: u64, whole: u64| (part as f64 / whole as f64) as f32;
    let rows = parts.iter().map(|part| {
        html! {
            <tr key={part.name.clone()}>
                <th scope="row" class="text">{&part.name}</th>
                <td>{shape(&part.shape.map(|side| side as usize))}</td>
                <td>
                    {count(part.parameters)}
                    <Bar share={f64::from(share(part.parameters, parameters))} />
                </td>
                <td>
                    {short(part.multiply_adds)}
                    <Bar share={f64::from(share(part.multiply_adds, multiply_adds))} />
                </td>
                <td>{part.work_per_parameter().map(count).unwrap_or_default()}</td>
            </tr>
        }
    });
    let says = words(&parts, *size);
    html! {
        <>
            <div class="knob-row">
                <Chooser id="work-network" label="Network" {options} chosen={Some(*chosen)}
                    on_change={on_network} />
                <Slider id="work-size" label="Picture size" min=64.0 max=256.0 step=32.0
                    value={f64::from(*size)} shown={format!("{} px", *size)} on_change={on_size} />
            </div>
            <div class="table-room" tabindex="0" role="region" aria-label="Parts of the network">
                <table class="figures work" translate="no">
                    <caption>{"One picture, forward pass"}</caption>
                    <thead>
                        <tr>
                            <th scope="col" class="text">{"part"}</th>
                            <th scope="col">{"gives"}</th>
                            <th scope="col">{"parameters"}</th>
                            <th scope="col">{"multiply-adds"}</th>
                            <th scope="col">{"per parameter"}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {for rows}
                        <tr class="row-chosen">
                            <th scope="row" class="text">{"total"}</th>
                            <td></td>
                            <td>{count(parameters)}</td>
                            <td>{short(multiply_adds)}</td>
                            <td>{count(multiply_adds / parameters)}</td>
                        </tr>
                    </tbody>
                </table>
            </div>
            <p class="demo-says" aria-live="polite">{says}</p>
        </>
    }
}

/// What stands out in the parts of a network for pictures of `size` × `size` pixels.
fn words(parts: &[Part], size: u32) -> String {
    let Some(stem) = parts.iter().find(|part| part.name == "stem") else {
        return "This network has no stem: its blocks begin at the picture.".into();
    };
    let share = |of: fn(&Part) -> u64| {
        percent((of(stem) as f64 / parts.iter().map(of).sum::<u64>().max(1) as f64) as f32)
    };
    let mut words = format!(
        "At {size} × {size} pixels the stem does {} of the multiply-adds with {} of the parameters",
        share(|part| part.multiply_adds),
        share(|part| part.parameters)
    );
    let last = parts.iter().rev().find(|part| part.name.starts_with("stage"));
    match (stem.work_per_parameter(), last.and_then(Part::work_per_parameter)) {
        (Some(first), Some(last)) => words.push_str(&format!(
            ": {} multiply-adds for each parameter. In the last stage there are {}.",
            count(first),
            count(last)
        )),
        _ => words.push('.'),
    }
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_parts_of_resnet_18_are_the_hand_counts() {
        let plan = Architecture::new(&named(FIRST).unwrap(), CLASSES);
        let parts = parts(&plan, 128);
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["stem", "stage 1", "stage 2", "stage 3", "stage 4", "head"]);
        // 864 + 9,216 + 18,432 weights at 64 × 64 places; the batchnorms have 2 × (32 + 32 + 64)
        // parameters.
        assert_eq!(
            (parts[0].parameters, parts[0].multiply_adds, parts[0].shape),
            (28_512 + 256, 28_512 * 64 * 64, [64, 32, 32])
        );
        // Two blocks of two 3 × 3 convolutions from 64 to 64 channels on 32 × 32.
        assert_eq!(parts[1].multiply_adds, 4 * 9 * 64 * 64 * 32 * 32);
        assert_eq!(parts[5].multiply_adds, 512 * 10);
        assert_eq!(parts.iter().map(|part| part.parameters).sum::<u64>(), plan.parameters());
        assert_eq!(
            parts.iter().map(|part| part.multiply_adds).sum::<u64>(),
            plan.multiply_adds(128)
        );
    }

    /// Question 19 is about this figure.
    #[test]
    fn a_weight_of_the_stem_works_hundreds_of_times_as_hard_as_one_of_the_last_stage() {
        let parts = parts(&Architecture::new(&named(FIRST).unwrap(), CLASSES), 128);
        let each: Vec<u64> = parts.iter().map(|part| part.work_per_parameter().unwrap()).collect();
        assert!(each.is_sorted_by(|a, b| a > b), "{each:?}");
        assert_eq!((each[0], each[4]), (4_060, 16));
        assert_eq!(
            words(&parts, 128),
            "At 128 × 128 pixels the stem does 17.4 % of the multiply-adds with 0.3 % of the \
             parameters: 4,060 multiply-adds for each parameter. In the last stage there are 16."
        );
    }

    #[test]
    fn a_network_without_a_stem_has_none() {
        let plan = Architecture::new(&named("ResBlock ×1").unwrap(), CLASSES);
        assert!(parts(&plan, 128).iter().all(|part| part.name != "stem"));
    }
}
