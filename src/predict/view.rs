//! The place Predict: predictions for the reader's pictures, and what the network is good and bad
//! at.

use std::rc::Rc;

use resnette_protocol::engine::EngineInfo;
use resnette_protocol::predict::{ModelInfo, Prediction, SHIPPED};
use resnette_spec::RunConfig;
use web_sys::Element;
use yew::prelude::*;

use crate::predict::confusion::Confusion;
use crate::predict::drawing::Draw;
use crate::predict::explanation::Explanation;
use crate::predict::reliability::ReliabilityTable;
use crate::predict::samples::Samples;
use crate::predict::state::{OpenPicture, PredictAction, PredictState, Shown};
use crate::predict::top_losses::TopLosses;
use crate::predict::trail::Trail;
use crate::predict::transfer::Transfer;
use crate::route::link::Link;
use crate::run::state::Run;
use crate::saving::panel::SavingPanel;
use crate::saving::snippet::Snippet;
use crate::saving::state::SavingState;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;
use crate::widgets::bar::Bar;
use crate::widgets::file_input::{FileButton, use_paste};
use crate::widgets::format;
use crate::widgets::opened_files::PICTURES;
use crate::widgets::picture::{Heat, PictureView};

/// Properties of [`PredictView`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The link, with the settings.
    pub link: Link,
    /// What the page knows about the reader's pictures.
    pub predict: Rc<PredictState>,
    /// The run.
    pub run: Rc<Run>,
    /// What the page knows about saved runs.
    pub saving: Rc<SavingState>,
    /// The engine, once it has started.
    pub engine: Option<EngineInfo>,
    /// Whether the model that comes with the page should answer.
    pub shipped: bool,
}

/// The place Predict.
#[component]
pub fn PredictView(props: &Props) -> Html {
    let predict = &props.predict;
    let shown = predict.shown.get(predict.picked);
    let looked = shown.and_then(|shown| shown.answer.as_ref().ok()).zip(predict.model.as_ref());
    let answer = use_node_ref();
    // What is being drawn must not move away from the pen.
    let opened_now = shown.filter(|shown| shown.picture.drawing.is_none());
    use_sight_of(&answer, opened_now.map(|shown| shown.picture.url.as_str().to_string()));
    html! {
        <div class="view predict">
            <h1>{"Predict"}</h1>
            <p class="prose lead">
                {"Show the network a picture that it has never seen. Nothing leaves this computer."}
            </p>
            <Opener run={props.link.run.clone()} shipped={props.shipped}
                predict={predict.clone()} />
            if let Some(failure) = &predict.failure {
                <p class="warning" role="alert">{failure}</p>
            }
            if predict.says_looking() {
                <p class="help">{"Looking …"}</p>
            }
            if let Some(shown) = shown {
                <Answer node={answer} shown={shown.clone()} heat={predict.heat} />
            }
            {model_words(props)}
            if shown.is_some() {
                <Trail rows={predict.trail.clone()} pinned={predict.pinned} />
            }
            if predict.shown.len() > 1 {
                <Strip shown={predict.shown.clone()} picked={predict.picked} />
            }
            if let Some((prediction, model)) = looked {
                <Explanation predict={predict.clone()} model={model.clone()}
                    prediction={prediction.clone()} />
            }
            <Measured predict={predict.clone()} trained={!props.run.rows.is_empty()} />
            <Transfer run={props.link.run.clone()} opened={opened(props)}
                fetching={predict.fetching} busy={props.run.under_way()} />
            <SavingPanel saving={props.saving.clone()} run={props.run.clone()}
                config={props.link.run.clone()}
                network={props.engine.is_some() && (
                    props.run.shape.is_some() || predict.model.is_some()
                )}>
                <Snippet run={props.run.clone()} />
            </SavingPanel>
        </div>
    }
}

/// Scrolls to the answer about a picture that the reader has just opened. `url` is the picture's
/// address; what was there when the place was opened is left where it is.
#[hook]
fn use_sight_of(answer: &NodeRef, url: Option<String>) {
    let last = use_mut_ref(|| None::<Option<String>>);
    let answer = answer.clone();
    use_effect_with(url, move |url| {
        let new = last.replace(Some(url.clone())).is_some();
        if let Some(answer) = answer.cast::<Element>().filter(|_| new && url.is_some()) {
            platform::bring_into_sight(&answer);
        }
    });
}

/// The network that answers, if it was read from a file: a run's own network goes on by training.
fn opened(props: &Props) -> Option<ModelInfo> {
    props.predict.model.clone().filter(|model| props.predict.from_file && model.trained)
}

/// Which network answers, how fast, and whether it was trained.
fn model_words(props: &Props) -> Html {
    let Some(model) = &props.predict.model else { return Html::default() };
    let mut words = format!(
        "Network: {}, {} parameters, sees {} px, tells {} classes apart.",
        model.name,
        format::short(model.parameters),
        model.size,
        model.classes.len()
    );
    if model.name == SHIPPED {
        let accuracy = model.history.last().map_or_else(String::new, |row| {
            format!(", accuracy {}", format::percent(row.accuracy))
        });
        words.push_str(&format!(
            " It was trained outside the browser, on all of Imagenette{accuracy}; train your own to \
             replace it."
        ));
    }
    if props.predict.milliseconds > 0.0 {
        let engine = props.engine.as_ref().map_or("this computer", |engine| engine.kind.name());
        words.push_str(&format!(
            " The last answer took {:.0} ms on {engine}.",
            props.predict.milliseconds
        ));
    }
    html! {
        <>
            <p class="help">{words}</p>
            if !model.trained {
                <p class="warning">
                    {"This network has not been trained: it guesses. Train it, then ask again."}
                </p>
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct OpenerProps {
    run: RunConfig,
    shipped: bool,
    predict: Rc<PredictState>,
}

/// The ways to show the network a picture: a button, a drop, the clipboard, a drawing.
#[component]
fn Opener(props: &OpenerProps) -> Html {
    let commands = use_commands();
    let on_files =
        use_callback((props.run.clone(), props.shipped), move |files, (run, shipped)| {
            commands.predict(files, run, *shipped)
        });
    use_paste(on_files.clone());
    html! {
        <div class="opener">
            <FileButton label="Open a picture" accept={PICTURES}
                on_files={on_files.clone()} />
            <FileButton label="Take a photo" accept="image/*" capture="environment" {on_files} />
            <p class="help">{"You can also paste one."}</p>
            <Draw run={props.run.clone()} shipped={props.shipped}
                predict={props.predict.clone()} />
            <Samples run={props.run.clone()} shipped={props.shipped} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct AnswerProps {
    node: NodeRef,
    shown: Shown,
    heat: bool,
}

/// One large picture with the probabilities beside it.
#[component]
fn Answer(props: &AnswerProps) -> Html {
    let OpenPicture { name, url, drawing } = &props.shown.picture;
    let alt = match drawing {
        Some(_) => "Your drawing".to_string(),
        None => format!("Your picture {name}"),
    };
    html! {
        <section ref={&props.node} class="answer card" aria-label="Answer">
            <figure class="answer-picture">
                <img src={url.as_str().to_string()} {alt} />
                <figcaption class="help">{name}</figcaption>
            </figure>
            { match &props.shown.answer {
                Ok(prediction) => html! {
                    <>
                        <Seen prediction={prediction.clone()} heat={props.heat} />
                        <Bars prediction={prediction.clone()} />
                    </>
                },
                Err(reason) => html! {
                    <p class="warning">{format!("{name} cannot be used: {reason}")}</p>
                },
            } }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct SeenProps {
    prediction: Rc<Prediction>,
    heat: bool,
}

/// The picture as the network sees it, with the heat map over it.
#[component]
fn Seen(props: &SeenProps) -> Html {
    let commands = use_commands();
    let prediction = &props.prediction;
    let heat = prediction.heat.as_ref();
    let onchange = {
        let heat = props.heat;
        Callback::from(move |_: Event| {
            commands.dispatch(Action::Predict(PredictAction::ShowHeat(!heat)))
        })
    };
    html! {
        <figure class="seen">
            <div class="seen-picture">
                <PictureView picture={prediction.seen.clone()} label="What the network sees"
                    class="pixels" />
                if let Some(heat) = heat.filter(|_| props.heat) {
                    <Heat heat={heat.clone()} />
                }
            </div>
            <figcaption class="help">
                {format!("What the network sees: {0} × {0} px", prediction.seen.width)}
            </figcaption>
            if let Some(heat) = heat {
                <label class="switch">
                    <input type="checkbox" checked={props.heat} {onchange} />
                    {format!("Heat map for {}", heat.class)}
                </label>
            }
        </figure>
    }
}

#[derive(Properties, PartialEq)]
struct BarsProps {
    prediction: Rc<Prediction>,
}

/// The largest number of classes that get a bar.
const BARS: usize = 10;

/// The probabilities as bars, and how far they can be trusted.
#[component]
fn Bars(props: &BarsProps) -> Html {
    html! {
        <div class="bars">
            <h2>{"Predictions"}</h2>
            if props.prediction.unlike {
                <p class="warning">
                    {"This is unlike anything that the network was trained on. It has to choose one \
                      of its classes all the same, so the choice means little."}
                </p>
            }
            <ol aria-label="Predictions">
                {for props.prediction.classes.iter().take(BARS).map(|(name, probability)| html! {
                    <li>
                        <span class="bars-name">{name}</span>
                        <Bar share={f64::from(*probability)} />
                        <data class="bars-percent" value={format!("{probability:.6}")}>
                            {format::percent(*probability)}
                        </data>
                    </li>
                })}
            </ol>
            <p class="help">
                {"A high probability does not mean that the answer is right. The network knows these \
                  classes and no others."}
            </p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct StripProps {
    shown: Vec<Shown>,
    picked: usize,
}

/// All opened pictures, to pick one.
#[component]
fn Strip(props: &StripProps) -> Html {
    let commands = use_commands();
    let thumbs = props.shown.iter().enumerate().map(|(index, shown)| {
        let commands = commands.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::Predict(PredictAction::Pick(index)))
        });
        let first = shown.answer.as_ref().ok().and_then(|prediction| prediction.classes.first());
        let guess = match first {
            Some((name, probability)) => html! {
                <><span>{name}</span><span class="help">{format::percent(*probability)}</span></>
            },
            None => html! { <span>{"no answer"}</span> },
        };
        html! {
            <li>
                <button type="button" class="thumb"
                    aria-pressed={(index == props.picked).to_string()} {onclick}>
                    <img src={shown.picture.url.as_str().to_string()} alt={shown.picture.name.clone()} />
                    {guess}
                </button>
            </li>
        }
    });
    html! { <ul class="strip" aria-label="Opened pictures">{for thumbs}</ul> }
}

#[derive(Properties, PartialEq)]
struct MeasuredProps {
    predict: Rc<PredictState>,
    trained: bool,
}

/// The results on the validation pictures.
#[component]
fn Measured(props: &MeasuredProps) -> Html {
    let commands = use_commands();
    let onclick = Callback::from(move |_: MouseEvent| commands.evaluate());
    let predict = &props.predict;
    let trained = props.trained || predict.model.as_ref().is_some_and(|model| model.trained);
    html! {
        <section class="measured" aria-label="On the validation set">
            <h2>{"What it is good and bad at"}</h2>
            <p class="prose">
                {"Accuracy is one number. Which classes it mixes up, and which pictures it gets \
                  most wrong, tell more."}
            </p>
            <button type="button" class="button" disabled={predict.evaluating || !trained}
                {onclick}>
                {"Evaluate"}
            </button>
            if !trained { <span class="help">{" Train a network first."}</span> }
            if predict.evaluating { <span class="help">{" measuring …"}</span> }
            if let Some(evaluation) = &predict.evaluation {
                <dl class="scores">
                    <div><dt>{"Accuracy"}</dt><dd translate="no">{format::percent(evaluation.accuracy)}</dd></div>
                    <div>
                        <dt>{"Top-5 accuracy"}</dt>
                        <dd translate="no">{format::percent(evaluation.top5)}</dd>
                    </div>
                    <div>
                        <dt>{"With test-time augmentation"}</dt>
                        <dd translate="no">{format::percent(evaluation.tta)}</dd>
                    </div>
                </dl>
                <ReliabilityTable reliability={evaluation.reliability.clone()} />
                <Confusion evaluation={evaluation.clone()} />
                <TopLosses evaluation={evaluation.clone()} />
            }
        </section>
    }
}
