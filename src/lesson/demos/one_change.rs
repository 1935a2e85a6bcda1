//! One network at several picture sizes, and runs that differ from the reader's in one setting.

use resnette_spec::architecture::Architecture;
use resnette_spec::{Block, BlockPlace, RunConfig};
use yew::prelude::*;

use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::figures::shape;
use crate::widgets::format::{count, short};

/// The number of Imagenette's classes.
const CLASSES: u32 = 10;
/// The sizes of progressive resizing, and the last size of the book.
const SIZES: [u32; 4] = [64, 96, 128, 224];
/// The largest batch size that a link accepts.
const LARGEST_BATCH: u32 = 512;

/// Properties of [`OneChange`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What all demos share, among it the reader's run.
    pub context: DemoContext,
}

/// A run that differs from the reader's in one setting.
#[derive(Clone, Debug, PartialEq)]
struct Change {
    name: &'static str,
    /// What to look at in its results.
    look: &'static str,
    run: RunConfig,
}

/// Runs that differ from `run` in one setting each.
fn changes(run: &RunConfig) -> Vec<Change> {
    let with = |name, look, change: &dyn Fn(&mut RunConfig)| {
        let mut run = run.clone();
        change(&mut run);
        Change { name, look, run }
    };
    let block = match run.net.block {
        Block::Basic => {
            with("No skip connections", "The training loss: does it fall as fast?", &|run| {
                run.net.block = Block::Plain;
                // Where there is no skip, none can be cut.
                run.net.cut.clear();
            })
        }
        Block::Plain => {
            with("Skip connections", "The training loss: does it fall faster?", &|run| {
                run.net.block = Block::Basic
            })
        }
        Block::Bottleneck => with(
            "Basic blocks instead of bottlenecks",
            "Pictures per second, and the accuracy.",
            &|run| {
                run.net.block = Block::Basic;
            },
        ),
    };
    let grow = if run.recipe.grow.is_empty() {
        with(
            "Small pictures first",
            "The time of the first epochs, and the last accuracy.",
            &|run| {
                run.recipe.grow =
                    vec![(run.data.size / 2).max(16), (run.data.size * 3 / 4).max(16)];
            },
        )
    } else {
        with(
            "One picture size from the start",
            "The time of the first epochs, and the last accuracy.",
            &|run| run.recipe.grow.clear(),
        )
    };
    let smoothing = if run.recipe.smoothing > 0.0 {
        with("No label smoothing", "The accuracy; the losses cannot be compared.", &|run| {
            run.recipe.smoothing = 0.0
        })
    } else {
        with("Label smoothing", "The accuracy; the losses cannot be compared.", &|run| {
            run.recipe.smoothing = 0.1
        })
    };
    let mixup = if run.recipe.mixup > 0.0 {
        with("No Mixup", "The accuracy after many epochs.", &|run| run.recipe.mixup = 0.0)
    } else {
        with("Mixup", "The accuracy, which improves only after many epochs.", &|run| {
            run.recipe.mixup = 0.4
        })
    };
    let batch = if run.recipe.bs > LARGEST_BATCH / 2 {
        with("A batch half as large", "The steps per epoch, and the accuracy.", &|run| {
            run.recipe.bs /= 2
        })
    } else {
        with("A batch twice as large", "The steps per epoch, and the accuracy.", &|run| {
            run.recipe.bs *= 2
        })
    };
    let seed = with(
        "Another seed",
        "The accuracy: a gain smaller than this change may be chance.",
        &|run| run.seed = run.seed.wrapping_add(1),
    );
    let mut changes = vec![seed, block, grow, smoothing, mixup, batch];
    let last = BlockPlace { stage: run.net.layers.len() as u32, block: 1 };
    if !run.net.cut.is_empty() {
        changes.push(with("All skip connections back", "The training loss.", &|run| {
            run.net.cut.clear()
        }));
    } else if run.net.has_skip(last) {
        changes.push(with(
            "One skip connection cut, in the last stage",
            "The training loss: is a single one missed?",
            &|run| last.add_to(&mut run.net.cut),
        ));
    }
    changes
}

/// The demo of one network at several picture sizes and of runs that differ in one setting.
#[component]
pub fn OneChange(props: &Props) -> Html {
    let links = &props.context.links;
    let plan = Architecture::new(&links.run().net, CLASSES);
    let sizes = SIZES.iter().map(|size| {
        let rows = plan.rows(*size);
        let last = rows
            .iter()
            .rev()
            .find(|row| row.shape[1] > 1)
            .map_or([plan.features, 1, 1], |row| row.shape);
        html! {
            <tr key={*size}>
                <th scope="row">{format!("{size} × {size}")}</th>
                <td>{shape(&last.map(|side| side as usize))}</td>
                <td>{count(u64::from(plan.features))}</td>
                <td>{short(plan.multiply_adds(*size))}</td>
                <td>{count(rows.iter().map(|row| row.parameters).sum())}</td>
            </tr>
        }
    });
    let changes = changes(links.run()).into_iter().map(|change| {
        html! {
            <li key={change.name}>
                if links.locked() {
                    <b>{change.name}</b>
                } else {
                    <a href={links.train(change.run)}>{change.name}</a>
                }
                <span class="help">{change.look}</span>
            </li>
        }
    });
    html! {
        <>
            <div class="table-room" tabindex="0" role="region" aria-label="Sizes">
                <table class="figures" translate="no">
                    <caption>{"The network of this page's run at four sizes"}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{"picture"}</th>
                            <th scope="col">{"last grid"}</th>
                            <th scope="col">{"vector"}</th>
                            <th scope="col">{"multiply-adds"}</th>
                            <th scope="col">{"parameters"}</th>
                        </tr>
                    </thead>
                    <tbody>{for sizes}</tbody>
                </table>
            </div>
            <p class="demo-says">
                {format!(
                    "Whatever the size, the {} parameters are the same: what was trained at 64 \
                     pixels can go on at 96.",
                    count(plan.parameters())
                )}
            </p>
            <h4>{"Change one setting of the run"}</h4>
            <p class="help">
                {if links.locked() {
                    "This link locks the settings: your teacher has chosen them."
                } else {
                    "Each opens Train with this page's settings and one of them changed. Train \
                     both and compare the tables; nothing starts by itself."
                }}
            </p>
            <ul class="changes">{for changes}</ul>
        </>
    }
}

#[cfg(test)]
mod tests {
    use resnette_spec::{read_run, write_run};

    use super::*;

    /// The settings that have different values in two runs.
    fn differing(a: &RunConfig, b: &RunConfig) -> Vec<String> {
        let parts = |run: &RunConfig| -> std::collections::BTreeSet<String> {
            write_run(run).split('&').map(str::to_string).collect()
        };
        let (a, b) = (parts(a), parts(b));
        let keys: std::collections::BTreeSet<String> = a
            .symmetric_difference(&b)
            .filter_map(|part| part.split('=').next().map(str::to_string))
            .collect();
        keys.into_iter().collect()
    }

    #[test]
    fn every_change_is_one_setting_that_a_link_takes() {
        let all = "#block=basic&grow=24,32&smoothing=0&mixup=0.4&bs=512&seed=4294967295";
        for settings in ["", "#block=plain&size=16&smoothing=0.1", all] {
            let (run, _) = read_run(settings);
            let changes = changes(&run);
            let mut keys: Vec<String> = Vec::new();
            for change in &changes {
                let differing = differing(&run, &change.run);
                assert_eq!(differing.len(), 1, "{}: {differing:?}", change.name);
                let read = read_run(&write_run(&change.run));
                assert_eq!(read, (change.run.clone(), vec![]), "{}", change.name);
                keys.extend(differing);
            }
            keys.sort();
            let mut wanted = vec!["block", "bs", "grow", "mixup", "seed", "smoothing"];
            if run.net.block != Block::Plain {
                wanted.insert(2, "cut");
            }
            assert_eq!(keys, wanted, "{settings}");
        }
    }

    #[test]
    fn a_skip_that_is_cut_comes_back_and_no_change_contradicts_it() {
        let (run, _) = read_run("#layers=2,2&block=basic&cut=2.1");
        let changes = changes(&run);
        assert!(changes.iter().all(|change| change.run.conflict().is_none()));
        let last = changes.last().map(|change| (change.name, change.run.net.cut.len()));
        assert_eq!(last, Some(("All skip connections back", 0)));
    }
}
