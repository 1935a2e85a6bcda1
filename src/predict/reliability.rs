//! How far the network's probabilities can be trusted: a reliability diagram as a table.

use resnette_protocol::predict::{Reliability, ReliabilityBin};
use yew::prelude::*;

use crate::widgets::bar::Bar;
use crate::widgets::format;

/// Properties of [`ReliabilityTable`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The first guesses on the validation pictures, sorted by their probability.
    pub reliability: Reliability,
}

/// A row for each bin with pictures: the mean probability of the guesses, and how many are right.
#[component]
pub fn ReliabilityTable(props: &Props) -> Html {
    let Reliability { bins, error } = &props.reliability;
    let row = |bin: &ReliabilityBin| {
        let (said, right) = (format::percent(bin.confidence), format::percent(bin.accuracy));
        html! {
            <tr>
                <td translate="no">{said}</td>
                <td translate="no">{bin.pictures}</td>
                <td class="reliability-bar"><Bar share={f64::from(bin.accuracy)} /></td>
                <td translate="no">{right}</td>
            </tr>
        }
    };
    html! {
        <>
            <h3>{"How far its probabilities can be trusted"}</h3>
            <p class="prose">
                {"Of the guesses that it gives 80 %, about 80 % should be right. On these pictures \
                  the two are apart by "}
                <span translate="no">{format::percent(*error)}</span>{" on average."}
            </p>
            <table class="reliability">
                <thead>
                    <tr>
                        <th scope="col">{"Probability"}</th>
                        <th scope="col">{"Pictures"}</th>
                        <th scope="col" colspan="2">{"Of these right"}</th>
                    </tr>
                </thead>
                <tbody>{for bins.iter().filter(|bin| bin.pictures > 0).map(row)}</tbody>
            </table>
        </>
    }
}
