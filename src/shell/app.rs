//! The page as a whole: state, worker, address bar, and the four places.

use resnette_lesson::glossary::SLUG;
use resnette_picture::report::LoadProgress;
use resnette_protocol::persistence::SavedRunSource;
use resnette_spec::link::View;
use resnette_spec::{Link, read_link, write_link};
use yew::prelude::*;

use crate::data::terms_notice::Terms;
use crate::data::view::DataView;
use crate::engine::adapter::use_adapter;
use crate::engine::bridge::Bridge;
use crate::engine::choice::choose;
use crate::lesson::lazy::Lesson;
use crate::predict::pinned::use_pinned;
use crate::predict::view::PredictView;
use crate::route::hash::use_hash;
use crate::route::problems::Problems;
use crate::run::guard::use_guard;
use crate::run::run_bar::RunBar;
use crate::run::state::{Phase, Run};
use crate::run::view::TrainView;
use crate::run_list::storage::use_runs;
use crate::saving::storage::use_saved;
use crate::shell::action::Action;
use crate::shell::commands::Page;
use crate::shell::header::Header;
use crate::shell::platform;
use crate::shell::state::State;
use crate::shell::stray_drops::StrayDrops;
use crate::shell::update::Update;
use crate::widgets::format;

/// The page.
#[component]
pub fn App() -> Html {
    let first = use_memo((), |()| read_link(&platform::hash()));
    let state = {
        let first = first.clone();
        use_reducer(move || State::new(first.0.clone(), first.1.clone()))
    };
    let bridge = {
        let dispatcher = state.dispatcher();
        use_memo((), move |()| Bridge::new(dispatcher))
    };
    let page = Page { state: state.dispatcher(), bridge: (*bridge).clone() };
    let starts = use_hash(&state, &first.0);
    let adapter = use_adapter();
    {
        let page = page.clone();
        use_effect_with((adapter, state.link.run.backend), move |(adapter, backend)| {
            if let Some(adapter) = adapter {
                page.act(Action::Choice(choose(*backend, adapter)));
                page.bridge.set_adapter(adapter.clone());
            }
        });
    }
    {
        let page = page.clone();
        let config = state.link.run.clone();
        let idle = !state.run.under_way();
        use_effect_with(starts, move |&starts| {
            if starts > 0 && idle {
                page.train(config);
            }
        });
    }
    use_saved(&page);
    use_runs(&page, &state.runs);
    use_pinned(&page, &state.predict, &state.link.run);
    use_guard(state.run.under_way() && !state.run.only_loading());
    {
        let page = page.clone();
        let saved = state.keep.saved.clone();
        use_effect_with(state.keep.recoveries, move |&recoveries| {
            if let Some(saved) = saved.filter(|_| recoveries > 0) {
                page.go_on(SavedRunSource::Storage, &saved.config);
            }
        });
    }
    use_effect_with(title(&state.run), |title| platform::set_title(title));
    let skip = Callback::from(|event: MouseEvent| {
        // The hash is taken by the settings, so the link cannot do this by itself.
        event.prevent_default();
        platform::focus("main");
    });
    let present = {
        let (page, on) = (page.clone(), !state.link.presenter);
        Callback::from(move |_: MouseEvent| page.act(Action::Present(on)))
    };
    let link = &state.link;
    let glossary = Link {
        view: View::Learn,
        step: SLUG.into(),
        presenter: false,
        autostart: false,
        ..link.clone()
    };
    let glossary = format!("#{}", write_link(&glossary));
    let class = classes!("page", link.presenter.then_some("presenter"));
    html! {
        <ContextProvider<Page> context={page}>
            <div {class}>
                <a class="skip-link" href="#main" onclick={skip}>{"Skip to the content"}</a>
                <Header link={link.clone()} />
                <RunBar run={state.run.clone()} keep={state.keep.clone()} link={link.clone()} choice={state.choice.clone()} engine={state.engine.clone()} />
                <div class="visually-hidden" aria-live="polite">{announcement(&state.run)}</div>
                <Update />
                <StrayDrops run={link.run.clone()} view={link.view} locked={link.locked} busy={state.run.under_way()} />
                if let Some(errand) = state.data.terms {
                    <Terms {errand} run={link.run.clone()} />
                }
                <Problems problems={state.problems.clone()} />
                <main id="main" tabindex="-1">
                    { match link.view {
                        View::Data => html! { <DataView link={link.clone()} drafts={state.drafts.clone()} data={state.data.clone()} run={state.run.clone()} /> },
                        View::Train => html! { <TrainView state={std::rc::Rc::new((*state).clone())} /> },
                        View::Predict => html! { <PredictView link={link.clone()} predict={state.predict.clone()} run={state.run.clone()} keep={state.keep.clone()} engine={state.engine.clone()} shipped={state.wants_shipped()} /> },
                        View::Learn => html! { <Lesson link={link.clone()} lesson={state.lesson.clone()} /> },
                    } }
                </main>
                <footer class="site-footer">
                    <p class="actions">
                        <button type="button" class="button quiet-button" aria-pressed={link.presenter.to_string()} onclick={present}>{"Presenter mode"}</button>
                        <a href={glossary} onclick={|_: MouseEvent| platform::focus("learn-glossary")}>{"Glossary"}</a>
                    </p>
                    <p>{"Pictures, network and table stay in this tab: nothing is sent anywhere. Resnette follows chapter 14 of the fastai book by Jeremy Howard and Sylvain Gugger."}</p>
                </footer>
            </div>
        </ContextProvider<Page>>
    }
}

/// What the tab says, so that a reader in another tab sees how far it is.
fn title(run: &Run) -> String {
    match (&run.phase, run.at, &run.shape) {
        (Phase::Training, Some((epoch, _)), Some(shape)) => {
            format!("Epoch {} of {} · Resnette", epoch + 1, shape.epochs)
        }
        (Phase::Done, ..) => "Done · Resnette".into(),
        (Phase::Failed(_), ..) => "Failed · Resnette".into(),
        (Phase::Paused, ..) => "Paused · Resnette".into(),
        _ => "Resnette: train a ResNet in this tab".into(),
    }
}

/// What a screen reader is told: epochs, never batches.
fn announcement(run: &Run) -> String {
    let epoch = run.rows.last().map(|row| {
        let epochs = run.shape.as_ref().map_or(0, |shape| shape.epochs);
        format!(
            "Epoch {} of {epochs} complete, accuracy {}.",
            row.epoch + 1,
            format::percent(row.accuracy)
        )
    });
    match &run.phase {
        // Nothing has happened yet: the status line says so, and a second word for it would only
        // stand in the way of reading.
        Phase::Ready if run.loading == LoadProgress::default() => String::new(),
        Phase::Training => epoch.unwrap_or_else(|| "Training.".into()),
        Phase::Done | Phase::Stopped => format!("{} {}", run.status(), epoch.unwrap_or_default()),
        _ => run.status(),
    }
}
