//! The application: it owns the state, starts the hooks and shows the four places.

use resnette_lesson::glossary::SLUG;
use yew::prelude::*;

use crate::data::terms_notice::TermsNotice;
use crate::data::view::DataView;
use crate::engine::action::EngineAction;
use crate::engine::adapter::use_adapter;
use crate::engine::bridge::Bridge;
use crate::engine::choice::choose;
use crate::engine::page_cache::use_page_cache;
use crate::estimate::ask::use_estimate;
use crate::lesson::lazy::{ClassPart, Lesson, Predict, Projected, use_predict_ahead};
use crate::predict::pinned::use_pinned;
use crate::route::action::LinkAction;
use crate::route::hash::use_hash;
use crate::route::link::{Link, View, read_link, write_link};
use crate::route::problems::RefusedSettings;
use crate::run::guard::use_guard;
use crate::run::projector::use_projector;
use crate::run::run_bar::RunBar;
use crate::run::state::{Phase, Run};
use crate::run::view::TrainView;
use crate::run_list::storage::use_runs;
use crate::saving::state::SavedRun;
use crate::saving::storage::use_saved;
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::header::Header;
use crate::shell::missing::MissingNote;
use crate::shell::platform;
use crate::shell::question_notice::QuestionNotice;
use crate::shell::state::State;
use crate::shell::stray_drops::StrayDrops;
use crate::shell::update::UpdateNote;
use crate::watch::follow::use_watch;
use crate::widgets::format;

/// The page: it holds the state, starts the hooks and draws the place that is open.
#[component]
pub fn App() -> Html {
    let first = use_memo((), |()| read_link(&platform::hash()));
    let state = {
        let first = first.clone();
        use_reducer(move || State::new(first.0.clone(), first.1.clone()))
    };
    let bridge = {
        let (dispatcher, joined) = (state.dispatcher(), first.0.join.is_some());
        use_memo((), move |()| Bridge::new(dispatcher, joined))
    };
    let commands = Commands { state: state.dispatcher(), bridge: (*bridge).clone() };
    let starts = use_hash(&state, &first.0);
    let adapter = use_adapter();
    {
        let commands = commands.clone();
        let asked = (adapter, state.link.run.backend, state.link.join.is_some());
        use_effect_with(asked, move |(adapter, backend, joined)| {
            commands.bridge.set_joined(*joined);
            if let Some(adapter) = adapter {
                let choice = choose(*backend, adapter, *joined);
                commands.dispatch(Action::Engine(EngineAction::Chosen(choice)));
                commands.bridge.set_adapter(adapter.clone());
            }
        });
    }
    {
        let commands = commands.clone();
        let (config, stake) = (state.link.run.clone(), state.stake());
        let goes = state.saving.next_to_go().filter(|run| !run.done).map(SavedRun::words);
        let started = use_mut_ref(|| 0_u32);
        // What is saved must be known before a link may start anything.
        use_effect_with((starts, state.saving.searched), move |&(starts, searched)| {
            if searched && starts > *started.borrow() {
                *started.borrow_mut() = starts;
                commands.autostart(config, stake, goes);
            }
        });
    }
    {
        // Where the files could not be read with new corrections, those of the pictures that are
        // shown hold again.
        let bridge = commands.bridge.clone();
        use_effect_with(state.data.corrections.sent().clone(), move |sent| {
            bridge.keep_corrections(sent.clone());
        });
    }
    {
        let bridge = commands.bridge.clone();
        use_effect_with(state.link.run.threads, move |&threads| bridge.keep_threads(threads));
    }
    {
        let bridge = commands.bridge.clone();
        let asked = state.question.is_some();
        use_effect_with((state.stake(), asked), move |(stake, _)| bridge.set_stake(*stake));
    }
    use_saved(&commands, state.saving.searches);
    use_runs(&commands, &state.runs);
    use_pinned(&commands, &state.predict, &state.link.run);
    use_page_cache(&bridge, state.saving.holds_lock);
    use_predict_ahead();
    use_guard(state.run.under_way());
    let projected = state.link.present && state.link.view == View::Train;
    use_projector(&commands, projected);
    use_estimate(&commands, state.wanted_estimate());
    use_watch(&commands, &state.watch);
    {
        let commands = commands.clone();
        let saved = state.saving.own_run().cloned();
        use_effect_with(state.saving.recoveries, move |&recoveries| {
            if let Some(saved) = saved.filter(|_| recoveries > 0) {
                commands.go_on_saved(saved.slot, &saved.config);
            }
        });
    }
    let status = state.status();
    use_effect_with(title(&state.run, &status), |title| platform::set_title(title));
    let skip = Callback::from(|event: MouseEvent| {
        // The hash holds the settings, so the link cannot use it to jump to the content.
        event.prevent_default();
        platform::focus("main");
    });
    let present = {
        let (commands, on) = (commands.clone(), !state.link.presenter);
        Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::Link(LinkAction::Present(on)))
        })
    };
    let link = &state.link;
    let glossary = Link {
        view: View::Learn,
        step: SLUG.into(),
        presenter: false,
        present: false,
        autostart: false,
        ..link.clone()
    };
    let glossary = format!("#{}", write_link(&glossary));
    let class =
        classes!("page", link.presenter.then_some("presenter"), projected.then_some("projector"));
    html! {
        <ContextProvider<Commands> context={commands}>
            <div {class}>
                if !projected {
                    <a class="skip-link" href="#main" onclick={skip}>{"Skip to the content"}</a>
                    <Header link={link.clone()} />
                    <RunBar run={state.run.clone()} status={status.clone()}
                        loads={state.data.loads.clone()} saving={state.saving.clone()}
                        link={link.clone()} choice={state.choice.clone()}
                        engine={state.engine.clone()} estimate={state.estimated_seconds()} />
                }
                <div class="visually-hidden" aria-live="polite">
                    {announcement(&state, status.clone())}
                </div>
                // What a class need not read stays away from the projector; what the run waits for
                // does not.
                if !projected {
                    <UpdateNote other_version={state.other_version} />
                    <MissingNote />
                }
                if state.engine_being_built {
                    <section class="update" aria-label="About the engine">
                        <p aria-live="polite">
                            {"The WebGPU engine is still being built on this computer. What you \
                              asked for will start by itself when the engine is ready. Press Stop \
                              to cancel it; the CPU engine, under “Data and engine”, is ready now."}
                        </p>
                    </section>
                }
                <StrayDrops run={link.run.clone()} view={link.view} locked={link.locked}
                    busy={state.busy()} />
                if let Some(purpose) = state.data.terms {
                    <TermsNotice {purpose} run={link.run.clone()} />
                }
                if let Some(question) = &state.question {
                    <QuestionNotice question={question.clone()} />
                }
                if let Some(join) = &link.join {
                    <ClassPart join={join.clone()} run={state.run.clone()}
                        config={link.run.clone()} />
                }
                <RefusedSettings problems={state.problems.clone()} />
                <main id="main" tabindex="-1">
                    { match link.view {
                        View::Data => html! {
                            <DataView link={link.clone()} drafts={state.drafts.clone()}
                                data={state.data.clone()} run={state.run.clone()} />
                        },
                        View::Train if projected => html! {
                            <Projected run={state.run.clone()} {status} />
                        },
                        View::Train => html! {
                            <TrainView state={std::rc::Rc::new((*state).clone())} />
                        },
                        View::Predict => html! {
                            <Predict link={link.clone()} predict={state.predict.clone()}
                                run={state.run.clone()} saving={state.saving.clone()}
                                engine={state.engine.clone()} shipped={state.wants_shipped()} />
                        },
                        View::Learn => html! {
                            <Lesson link={link.clone()} lesson={state.lesson.clone()}
                                shipped={state.wants_shipped()} />
                        },
                    } }
                </main>
                if !projected {
                    <footer class="site-footer">
                        <p class="actions">
                            <button type="button" class="button quiet-button"
                                aria-pressed={link.presenter.to_string()} onclick={present}>
                                {"Presenter mode"}
                            </button>
                            <a href={glossary}
                                onclick={|_: MouseEvent| platform::go_to("learn-glossary")}>
                                {"Glossary"}
                            </a>
                            // A tab of its own: this one may hold a run.
                            <a href="licences.html" target="_blank" rel="noopener">{"Licences"}</a>
                        </p>
                        <p>
                            {if link.join.is_some() {
                                "Your pictures stay in this tab, the network too unless the class’s \
                                 host trains it; what you share, if you agree, is listed above."
                            } else {
                                "Pictures, network and table stay in this tab: nothing is sent \
                                 anywhere."
                            }}
                            {" Resnette follows chapter 14 of the fastai book by Jeremy \
                              Howard and Sylvain Gugger."}
                        </p>
                    </footer>
                }
            </div>
        </ContextProvider<Commands>>
    }
}

/// The title of the tab, so that a reader in another tab sees how far the run is.
fn title(run: &Run, status: &str) -> String {
    match (&run.phase, run.at, &run.shape) {
        (Phase::Training, Some((epoch, _)), Some(shape)) => {
            format!("Epoch {epoch} of {} · Resnette", shape.epochs)
        }
        _ if status.starts_with("Failed") => "Failed · Resnette".into(),
        (Phase::Done, ..) => "Done · Resnette".into(),
        (Phase::Paused, ..) => "Paused · Resnette".into(),
        _ => "Resnette: train a neural network in your browser".into(),
    }
}

/// The text for screen readers: epochs, never batches.
fn announcement(state: &State, status: String) -> String {
    let run = &state.run;
    let epoch = run.rows.last().map(|row| {
        let epochs = run.shape.as_ref().map_or(0, |shape| shape.epochs);
        format!(
            "Epoch {} complete, {} of {epochs} done, accuracy {}.",
            row.epoch,
            run.rows.len(),
            format::percent(row.accuracy)
        )
    });
    match &run.phase {
        // Nothing has happened yet. The status line says so, and announcing it too would only
        // interrupt a screen reader.
        Phase::Ready if status == run.status() && state.data.report.is_none() => String::new(),
        Phase::Training => epoch.unwrap_or_else(|| "Training.".into()),
        Phase::Done | Phase::Stopped { .. } if status == run.status() => {
            format!("{status} {}", epoch.unwrap_or_default())
        }
        _ => status,
    }
}
