//! “Share with the class”: what is shared, the student's agreement, and the teacher's experiments.

use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use resnette_class::limits::{MAX_NICKNAME_CHARS, SEND_EVERY_MS, SOCKET_PATH, VERSION};
use resnette_class::{Join, Nickname, SharedRun, ToHost, ToSeat, Token, read, write};
use resnette_lesson::Progress;
use resnette_spec::{RunConfig, SETTINGS, read_run, write_run};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::class::host_seat::use_host;
use crate::class::line::{Line, RETRY_AFTER_MS};
use crate::class::shared::{RunNumbers, shared};
use crate::class::state::{ClassAction, ClassState, Offer, Sharing};
use crate::lesson::answers;
use crate::route::link::read_link;
use crate::run::state::{PendingControl, Run};
use crate::shell::commands::{Commands, use_commands};
use crate::shell::{browser_storage, platform};

/// Properties of [`ClassCard`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The class's token, as it stands in the link.
    pub join: String,
    /// The run that the page shows.
    pub run: Rc<Run>,
    /// The settings that the page shows.
    pub config: RunConfig,
}

/// The card.
#[component]
pub fn ClassCard(props: &Props) -> Html {
    let commands = use_commands();
    let class = use_reducer(ClassState::default);
    let nickname = use_state(String::new);
    let line = use_line(props, &class, &nickname);
    use_experiments(&commands, &class, &props.run);
    use_host(&commands, &props.join);
    let act = |action: ClassAction| {
        let dispatcher = class.dispatcher();
        Callback::from(move |_: MouseEvent| dispatcher.dispatch(action.clone()))
    };
    let leave = {
        let (line, dispatcher) = (line.clone(), class.dispatcher());
        Callback::from(move |_: MouseEvent| {
            let told = line.borrow().as_ref().is_some_and(|line| say(line, &ToHost::Leave));
            dispatcher.dispatch(ClassAction::Leave { told });
        })
    };
    let agree = {
        let (line, dispatcher, offer) = (line.clone(), class.dispatcher(), class.offer.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(offer) = &offer else { return };
            if let Some(line) = &*line.borrow() {
                say(line, &ToHost::Ready(offer.number));
            }
            if offer.started.is_none() {
                open_settings(&offer.settings, "");
            }
            dispatcher.dispatch(ClassAction::Answer(true));
        })
    };
    let type_name = {
        let nickname = nickname.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            nickname.set(input.value());
        })
    };
    let refused = Nickname::new(&nickname).err();
    html! {
        <section class="update class-share" aria-label="Share with the class">
            if class.sharing == Sharing::Off {
                <p>
                    {"This link belongs to a class. If you agree, this page sends your nickname \
                      to the class’s host, along with the settings, progress, losses and accuracy \
                      of each run on this page, and which questions of the lesson are done. \
                      Everybody in the room can read them on the board; of the questions it shows \
                      counts. Pictures, their addresses, names of classes and files, your answers \
                      and the network are not shared. With the engine “The class’s host” the \
                      network and its settings are on the host; your own pictures stay here. The \
                      host forgets what you shared when you stop sharing; until then the teacher \
                      may keep the board in a file."}
                </p>
                <label for="class-nickname">{"Nickname"}</label>
                <input type="text" id="class-nickname" autocomplete="off"
                    maxlength={MAX_NICKNAME_CHARS.to_string()}
                    value={(*nickname).clone()} oninput={type_name} />
                <button type="button" class="button" disabled={refused.is_some()}
                    onclick={act(ClassAction::Join)}>
                    {"Share with the class"}
                </button>
                if let Some(refused) = refused.filter(|_| !nickname.is_empty()) {
                    <p class="warning" role="alert">{format!("Nickname: {refused}.")}</p>
                }
            } else {
                <p aria-live="polite">{standing(&class, &nickname)}</p>
                <button type="button" class="button quiet-button" onclick={leave}>
                    {"Stop sharing"}
                </button>
            }
            if let Some(note) = class.note {
                <p class="warning" role="alert">{note}</p>
            }
            if let Some(offer) = &class.offer {
                {proposal(offer, &props.config, agree, act(ClassAction::Answer(false)))}
            }
        </section>
    }
}

/// Where the page stands, in a sentence.
fn standing(class: &ClassState, nickname: &str) -> String {
    match (&class.sharing, class.hidden) {
        (Sharing::Off | Sharing::Joining, _) => "Joining the class …".into(),
        (Sharing::Broken, _) => {
            "Lost the connection to the class. Your run continues; reconnecting …".into()
        }
        (Sharing::On, true) => {
            "You share your runs with the class. The teacher has hidden your nickname.".into()
        }
        (Sharing::On, false) => {
            format!("You share the settings and epochs of your runs with the class as {nickname}.")
        }
    }
}

/// The teacher's experiment, and the student's answer.
fn proposal(
    offer: &Offer,
    config: &RunConfig,
    agree: Callback<MouseEvent>,
    decline: Callback<MouseEvent>,
) -> Html {
    let words = match (offer.agreed, offer.started.is_some()) {
        (Some(false), _) => return Html::default(),
        (Some(true), false) => "You are ready: the run starts when the teacher starts it.",
        (Some(true), true) => "The class has started.",
        (None, false) => "The teacher proposes an experiment.",
        (None, true) => "The teacher has started an experiment.",
    };
    html! {
        <>
            <p aria-live="polite">{words}</p>
            if offer.agreed.is_none() {
                <p>{differences(&offer.settings, config)}</p>
                <button type="button" class="button" onclick={agree}>
                    {if offer.started.is_some() {
                        "Take its settings and start"
                    } else {
                        "Take its settings and start with the class"
                    }}
                </button>
                <button type="button" class="button quiet-button" onclick={decline}>
                    {"Not now"}
                </button>
            }
        </>
    }
}

/// In which settings an experiment differs from those that the page shows.
fn differences(settings: &str, config: &RunConfig) -> String {
    let wanted = read_run(settings).0;
    let differing: Vec<String> = SETTINGS
        .iter()
        .map(|setting| (setting.key, setting.get(config), setting.get(&wanted)))
        .filter(|(_, here, there)| here != there)
        .map(|(key, here, there)| format!("{key}={there} (here {here})"))
        .collect();
    match differing.is_empty() {
        true => "Its settings are the same as yours.".into(),
        false => format!("It differs from your settings: {}.", differing.join(", ")),
    }
}

/// Opens settings as a link does that a reader follows; `more` is added to them. What the teacher's
/// link says of the page stays: settings that it locked, and the view for a projector.
fn open_settings(settings: &str, more: &str) {
    let Some(location) = platform::window().map(|window| window.location()) else { return };
    let here = read_link(&platform::hash()).0;
    let mut hash = format!("{settings}&view=train");
    for (key, on) in [("present", here.present), ("lock", here.locked)] {
        if on {
            hash.push_str(&format!("&{key}=1"));
        }
    }
    let _ = location.set_hash(&(hash + more));
}

/// The page's end of the line.
type SharedLine = Rc<std::cell::RefCell<Option<Line>>>;

/// Keeps a socket open while the student shares, and sends the newest of the run at most once a
/// second.
#[hook]
fn use_line(
    props: &Props,
    class: &UseReducerHandle<ClassState>,
    nickname: &UseStateHandle<String>,
) -> SharedLine {
    let line = use_mut_ref(|| None::<Line>);
    let newest = use_mut_ref(|| None::<(Rc<Run>, u32)>);
    let numbers = use_mut_ref(RunNumbers::default);
    // The number of the last run that the teacher has deleted from the board.
    let deleted = use_mut_ref(|| 0_u32);
    // The questions that the host knows to be done, of the seat with this key.
    let answered = use_mut_ref(|| (None::<Token>, 0_u32));
    {
        let newest = newest.clone();
        use_effect_with(props.run.clone(), move |run| {
            let number = numbers.borrow_mut().see(run);
            *newest.borrow_mut() = Some((run.clone(), number));
        });
    }
    {
        let (newest, deleted) = (newest.clone(), deleted.clone());
        use_effect_with(class.deletions, move |&deletions| {
            if deletions > 0 {
                let number = newest.borrow().as_ref().map_or(0, |(_, number)| *number);
                *deleted.borrow_mut() = number;
            }
        });
    }
    {
        let (line, dispatcher) = (line.clone(), class.dispatcher());
        let first = first_message(&props.join, nickname, class);
        use_effect_with((class.attempt, class.wants_line()), move |&(attempt, wants)| {
            // The one before is closed first.
            *line.borrow_mut() = None;
            if wants {
                let (told, ended) = (dispatcher.clone(), dispatcher.clone());
                let opened = first.and_then(|first| {
                    let hear = move |bytes: &[u8]| match read::<ToSeat>(bytes) {
                        Ok(message) => {
                            told.dispatch(ClassAction::Told(message));
                            true
                        }
                        Err(_) => false,
                    };
                    let end = move || ended.dispatch(ClassAction::Ended(attempt));
                    Line::open(SOCKET_PATH, first, hear, end)
                });
                if opened.is_none() {
                    dispatcher.dispatch(ClassAction::Ended(attempt));
                }
                *line.borrow_mut() = opened;
            }
        });
    }
    {
        let (line, newest) = (line.clone(), newest.clone());
        let key = class.key;
        // With another attempt everything is told again, except what was deleted; in another seat
        // the questions too.
        use_effect_with((class.attempt, class.sharing == Sharing::On), move |&(_, on)| {
            let mut sent = None::<SharedRun>;
            if answered.borrow().0 != key {
                *answered.borrow_mut() = (key, 0);
            }
            let sending = on.then(|| {
                Interval::new(SEND_EVERY_MS, move || {
                    let now = newest
                        .borrow()
                        .as_ref()
                        .filter(|(_, number)| *number > *deleted.borrow())
                        .and_then(|(run, number)| shared(run, *number));
                    if let (Some(now), Some(line)) = (now, &*line.borrow())
                        && sent.as_ref() != Some(&now)
                    {
                        say(line, &ToHost::Share(now.clone()));
                        sent = Some(now);
                    }
                    let (done, known) = (done_questions(), answered.borrow().1);
                    if done != known
                        && let Some(line) = &*line.borrow()
                        && say(line, &ToHost::Answered(done))
                    {
                        answered.borrow_mut().1 = done;
                    }
                })
            });
            move || drop(sending)
        });
    }
    {
        let dispatcher = class.dispatcher();
        let broken = class.sharing == Sharing::Broken;
        use_effect_with((class.attempt, broken), move |&(_, broken)| {
            let retry = broken.then(|| {
                Timeout::new(RETRY_AFTER_MS, move || dispatcher.dispatch(ClassAction::Retry))
            });
            move || drop(retry)
        });
    }
    {
        // The line goes with the card.
        let line = line.clone();
        use_effect_with((), move |()| move || *line.borrow_mut() = None);
    }
    line
}

/// The questions that are done, as this browser keeps them: an answer is kept as soon as it is
/// checked. None where the browser keeps nothing.
fn done_questions() -> u32 {
    let kept = browser_storage::read(answers::KEY).ok().flatten();
    kept.map_or(0, |kept| Progress::done_in(&kept))
}

/// Sends a message, and says whether it was sent.
fn say(line: &Line, message: &ToHost) -> bool {
    write(message).is_ok_and(|bytes| line.send(&bytes))
}

fn first_message(join: &str, nickname: &str, class: &ClassState) -> Option<Vec<u8>> {
    let token = Token::read(join)?;
    let nickname = Nickname::new(nickname).ok()?;
    let runs = class.begun.as_ref().map(|run| run.start);
    let join = Join { version: VERSION, token, nickname, seat: class.key, runs };
    write(&ToHost::Join(join)).ok()
}

/// Stops the run that an experiment has begun and no other, and starts what the student has agreed
/// to.
#[hook]
fn use_experiments(commands: &Commands, class: &ClassState, run: &Rc<Run>) {
    let (commands, run) = (commands.clone(), run.clone());
    use_effect_with(class.stopped.clone(), move |stopped| {
        let Some(stopped) = stopped else { return };
        let is_its_run = write_run(&run.config) == write_run(&read_run(&stopped.settings).0);
        if run.under_way() && is_its_run {
            commands.control(PendingControl::Stop);
        }
    });
    // As a link that starts by itself: if something would be lost, the page asks.
    use_effect_with(class.begun.clone(), move |begun| {
        if let Some(begun) = begun {
            open_settings(&begun.settings, "&autostart=1");
        }
    });
}
