//! The place Data: where pictures come from, what was loaded, and what the network sees.

use std::collections::BTreeMap;
use std::rc::Rc;

use resnette_picture::classes::IMAGENETTE;
use resnette_picture::report::{BatchPreview, DataReport};
use resnette_spec::limits::{MAX_SET_BYTES, fitting_keep};
use resnette_spec::settings::Group;
use resnette_spec::{DataConfig, RunConfig, Source};
use yew::prelude::*;

use crate::data::classes::Classes;
use crate::data::corrections::Corrections;
use crate::data::download_size;
use crate::data::kept_downloads::KeptDownloads;
use crate::data::opener::Opener;
use crate::data::own::section::OwnClasses;
use crate::data::refused::Refused;
use crate::data::state::DataState;
use crate::route::link::Link;
use crate::run::state::{PendingControl, Run};
use crate::settings::draft::Draft;
use crate::settings::field::Field;
use crate::settings::locked_note::LockedNote;
use crate::shell::commands::use_commands;
use crate::widgets::format;
use crate::widgets::picture::PictureView;

/// Properties of [`DataView`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The link, with the settings.
    pub link: Link,
    /// Fields that are being typed into, by key.
    pub drafts: BTreeMap<String, Draft>,
    /// What the page knows about the pictures.
    pub data: Rc<DataState>,
    /// The run, whose progress is shown.
    pub run: Rc<Run>,
}

/// The place Data.
#[component]
pub fn DataView(props: &Props) -> Html {
    let run = &props.link.run;
    let busy = props.run.under_way() || props.data.loads.under_way();
    html! {
        <div class="view data">
            <h1>{"Data"}</h1>
            <p class="prose lead">
                {"Imagenette is ten ImageNet classes that are easy to tell apart. fast.ai made it \
                  so that you can try an idea in minutes."}
            </p>
            if props.link.locked { <LockedNote /> }
            <Sources run={run.clone()} locked={props.link.locked} busy={busy} />
            <Amounts run={run.clone()} drafts={props.drafts.clone()} data={props.data.clone()}
                state={props.run.clone()} locked={props.link.locked} />
            <Refused failure={props.data.failure.clone()} problems={props.data.problems.clone()}
                run={run.clone()} />
            <OwnClasses own={props.data.own.clone()} run={run.clone()} locked={props.link.locked}
                {busy} />
            <KeptDownloads report={props.data.report.clone()} />
            if let Some(report) = &props.data.report {
                <Sheet report={report.clone()} run={run.clone()}
                    corrections={props.data.can_be_corrected()
                        .then(|| props.data.corrections.clone())}
                    closed={props.link.locked || busy} />
                <Batch run={run.clone()} batch={props.data.batch.clone()}
                    shuffle={props.data.shuffle} waiting={props.data.waiting} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SourcesProps {
    run: RunConfig,
    locked: bool,
    busy: bool,
}

/// The sources of pictures, one card each.
#[component]
fn Sources(props: &SourcesProps) -> Html {
    let commands = use_commands();
    let card = |source: Source, title: &'static str, about: Html| {
        let commands = commands.clone();
        let onchange = Callback::from(move |_: Event| {
            commands.set("source", source.name());
        });
        let chosen = props.run.data.source == source;
        let id = format!("source-{}", source.name());
        let about_id = format!("{id}-about");
        html! {
            <div class={classes!("card", "source", chosen.then_some("source-chosen"))}>
                <input type="radio" id={id.clone()} name="source" value={source.name()}
                    checked={chosen} aria-describedby={about_id.clone()} {onchange} />
                <label for={id}>{title}</label>
                <div class="help" id={about_id}>{about}</div>
            </div>
        }
    };
    html! {
        <fieldset class="sources" disabled={props.locked}>
            <legend>{"Where pictures come from"}</legend>
            {card(Source::HuggingFace, "Imagenette, from Hugging Face", html! { <>
                <p>
                    {"Photos, fetched by your browser straight from the publisher: "}
                    <strong>
                        {format!("about {}", format::bytes(download_size::bytes(&props.run.data)))}
                    </strong>
                    {" for these settings."}
                </p>
                <p>
                    {"They are ImageNet photos: for non-commercial research and education only, \
                      under "}
                    <a href="https://www.image-net.org/download.php" target="_blank"
                        rel="noopener noreferrer">
                        {"ImageNet’s terms"}
                    </a>
                    {". You are asked to agree before the first one comes; they are then kept in \
                      this browser for next time."}
                </p>
            </> })}
            {card(Source::Drawn, "Drawn by this page", html! {
                <p>
                    {"Ten classes of simple drawings, varied in pose, colour and light. They need \
                      no network. A network trained on drawings knows nothing of photos."}
                </p>
            })}
            {card(Source::Url, "An address", html! {
                <p>
                    {"A folder on a web server with the same parquet files, for a classroom \
                      without internet. Enter its URL below."}
                </p>
            })}
            {card(Source::Files, "My files", html! { <>
                <p>
                    {"A folder, or an archive (zip, tar, tgz), that has a folder of pictures for \
                      each class; fast.ai’s imagenette2-160.tgz; or parquet files. Pictures may \
                      be JPEG, PNG or WebP, and whatever else this browser can show. They are \
                      read here and sent nowhere."}
                </p>
                <Opener run={props.run.clone()} closed={props.locked || props.busy} />
            </> })}
        </fieldset>
    }
}

#[derive(Properties, PartialEq)]
struct AmountsProps {
    run: RunConfig,
    drafts: BTreeMap<String, Draft>,
    data: Rc<DataState>,
    state: Rc<Run>,
    locked: bool,
}

/// The fields for how many pictures and how large, and the button that loads them.
#[component]
fn Amounts(props: &AmountsProps) -> Html {
    let commands = use_commands();
    let source = props.run.data.source;
    let fields = Group::Data.settings().into_iter().filter(|setting| match setting.key {
        "train" | "valid" | "size" | "seed" => true,
        "photos" => source == Source::HuggingFace,
        "data" => source == Source::Url,
        _ => false,
    });
    let button = if props.data.loads.under_way() {
        let (commands, beside_run) = (commands.clone(), props.state.under_way());
        let onclick = Callback::from(move |_: MouseEvent| match beside_run {
            true => commands.bridge.cancel_load(),
            false => commands.control(PendingControl::Stop),
        });
        html! { <button type="button" class="button" {onclick}>{"Cancel"}</button> }
    } else {
        let (commands, run) = (commands.clone(), props.run.clone());
        let onclick = Callback::from(move |_: MouseEvent| commands.load(&run));
        let words = match source {
            Source::HuggingFace | Source::Url => "Download",
            Source::Drawn => "Draw pictures",
            Source::Files => "Read files",
        };
        html! {
            <button type="button" class="button" disabled={props.state.under_way()} {onclick}>
                {words}
            </button>
        }
    };
    html! {
        <section class="amounts card" aria-label="How many pictures">
            <fieldset disabled={props.locked}>
                <legend class="visually-hidden">{"How many pictures"}</legend>
                {for fields.map(|setting| html! {
                    <Field key={setting.key} {setting} run={props.run.clone()}
                        draft={props.drafts.get(setting.key).cloned()} />
                })}
            </fieldset>
            if let Some(words) = too_many(&props.run.pictures()) {
                <p class="warning">{words}</p>
            }
            <div class="actions">
                {button}
                if source == Source::Files && props.data.files > 0 {
                    <span class="help">
                        {format!("{} open", format::plural(props.data.files as u64, "file"))}
                    </span>
                }
            </div>
        </section>
    }
}

/// What to say of drawn pictures that would take more memory than is given to them: how many there
/// are is known before they are drawn.
fn too_many(data: &DataConfig) -> Option<String> {
    let classes = IMAGENETTE.len() as u64;
    let [train, valid] = [data.train, data.valid].map(|pictures| u64::from(pictures) * classes);
    let bytes = fitting_keep(data.keep, data.size, train, valid).err()?;
    (data.source == Source::Drawn).then(|| {
        format!(
            "These pictures will not be drawn: they would take {}, and at most {} are kept. Choose \
             fewer a class, or a smaller size.",
            format::bytes(bytes),
            format::bytes(MAX_SET_BYTES)
        )
    })
}

#[derive(Properties, PartialEq)]
struct SheetProps {
    report: Rc<DataReport>,
    corrections: Option<Rc<Corrections>>,
    run: RunConfig,
    closed: bool,
}

/// What is loaded: how much, and class by class.
#[component]
fn Sheet(props: &SheetProps) -> Html {
    let report = &props.report;
    let (train, valid) = report.classes.iter().fold((0_u64, 0_u64), |(train, valid), class| {
        (train + u64::from(class.train), valid + u64::from(class.valid))
    });
    html! {
        <section class="sheet" aria-label="Loaded pictures">
            <h2>{"Loaded"}</h2>
            <p>
                {format!(
                    "{} to train on and {} to validate with, in {}. Source: {}. They take {}.",
                    format::plural(train, "picture"),
                    format::count(valid),
                    format::plural(report.classes.len() as u64, "class")
                        .replace("classs", "classes"),
                    report.source,
                    format::bytes(report.memory)
                )}
            </p>
            <p class="help">
                {format!(
                    "Fingerprint {:016x}: the same pictures with the same labels always give the \
                     same fingerprint, however they were loaded.",
                    report.fingerprint
                )}
            </p>
            <Classes report={report.clone()} corrections={props.corrections.clone()}
                run={props.run.clone()} closed={props.closed} />
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct BatchProps {
    run: RunConfig,
    batch: Option<Rc<BatchPreview>>,
    shuffle: u32,
    waiting: bool,
}

/// A batch of pictures as they came and as the network sees them.
#[component]
fn Batch(props: &BatchProps) -> Html {
    let commands = use_commands();
    let onclick = {
        let (run, next) = (
            props.run.clone(),
            if props.batch.is_some() { props.shuffle.wrapping_add(1) } else { props.shuffle },
        );
        Callback::from(move |_: MouseEvent| commands.show_batch(run.clone(), next))
    };
    html! {
        <section class="batch" aria-label="As the network sees it">
            <h2>{"As the network sees it"}</h2>
            <p class="prose">
                {"Before each step the pictures are changed at random: cropped, flipped, and more \
                  if the settings say so. Left: the original picture. Right: what the network \
                  gets."}
            </p>
            <button type="button" class="button" disabled={props.waiting} {onclick}>
                {if props.batch.is_some() { "Show another batch" } else { "Show a batch" }}
            </button>
            if let Some(batch) = &props.batch {
                <ul class="batch-pictures">
                    {for batch.pictures.iter().map(|picture| html! {
                        <li>
                            <PictureView picture={picture.before.clone()}
                                label={format!("{}, as it came", picture.label)} class="pixels" />
                            <PictureView picture={picture.after.clone()}
                                label={format!("{}, as the network sees it", picture.label)}
                                class="pixels" />
                            <p class="help">{&picture.label}</p>
                        </li>
                    })}
                </ul>
            }
        </section>
    }
}
