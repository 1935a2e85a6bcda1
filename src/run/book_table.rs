//! The tables of the book's runs.

use yew::prelude::*;

use crate::run::book_runs::RUNS;

/// The two tables of the book, folded.
#[component]
pub fn BookTable() -> Html {
    let tables = RUNS.iter().map(|run| {
        html! {
            <table key={run.name} class="figures" translate="no">
                <caption>
                    <strong>{run.name}</strong>
                    {": "}
                    {run.data}
                    {". "}
                    {run.recipe}
                    {"."}
                </caption>
                <thead><tr>
                    <th scope="col">{"epoch"}</th>
                    <th scope="col">{"train_loss"}</th>
                    <th scope="col">{"valid_loss"}</th>
                    <th scope="col">{"accuracy"}</th>
                </tr></thead>
                <tbody>
                    {for run.rows.iter().enumerate().map(|(epoch, row)| html! {
                        <tr key={epoch}>
                            <th scope="row">{epoch}</th>
                            {for row.iter().map(|figure| html! {
                                <td>{format!("{figure:.6}")}</td>
                            })}
                        </tr>
                    })}
                </tbody>
            </table>
        }
    });
    html! {
        <details class="card fold">
            <summary><h3>{"The book’s tables, full set"}</h3></summary>
            <p class="help">
                {"The book trains on all 9,469 pictures. A few hundred pictures teach a network \
                  less: expect lower accuracy here, and compare the shape of the story, not its \
                  last digit."}
            </p>
            <div class="tables">{for tables}</div>
        </details>
    }
}
