//! Where a page stands with its class.

use std::rc::Rc;

use resnette_class::{Refusal, ToSeat, Token};
use yew::Reducible;

/// How often a page tries to come back by itself after its connection broke.
const TRIES: u32 = 20;

/// What a page says that stops sharing while its seat cannot be given back.
const NOT_REACHED: &str = "Couldn’t reach the host, so what you shared stays on the board until \
                           the teacher deletes it. Your run isn’t affected.";

/// What a page says that has another seat than before.
const OTHER_SEAT: &str = "Your place was given to somebody else, or everything was deleted. What \
                          you share now is on the board again; Stop sharing ends that.";

/// Whether the page shares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// It does not: nothing is connected.
    #[default]
    Off,
    /// It asks for a seat.
    Joining,
    /// It has one.
    On,
    /// The connection broke, and the page tries again by itself.
    Broken,
}

/// An experiment that the teacher proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its number.
    pub number: u32,
    /// Its settings, as a link spells them.
    pub settings: String,
    /// The student's answer; `None` until there is one.
    pub agreed: Option<bool>,
    /// The number of its start, while it is under way.
    pub started: Option<u32>,
}

/// A run that an experiment of the class has begun on this page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRun {
    /// The number of the start that began it.
    pub start: u32,
    /// Its settings, as a link spells them.
    pub settings: String,
}

/// What happens between page and class.
#[derive(Clone, Debug)]
pub enum ClassAction {
    /// The student agrees to share.
    Join,
    /// The student stops sharing.
    Leave {
        /// Whether the host could be told.
        told: bool,
    },
    /// It is time to try again.
    Retry,
    /// The host says something.
    Told(ToSeat),
    /// The connection of this attempt has ended, or could not be made.
    Ended(u32),
    /// The student's answer to the experiment that is proposed.
    Answer(bool),
}

/// Where a page stands with its class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassState {
    /// Whether it shares.
    pub sharing: Sharing,
    /// Counts attempts to connect: each has a socket of its own.
    pub attempt: u32,
    /// The key of the page's seat.
    pub key: Option<Token>,
    /// Whether the board hides the nickname.
    pub hidden: bool,
    /// What the teacher proposes.
    pub offer: Option<Offer>,
    /// The run that an experiment has begun which the student has agreed to, until it is stopped.
    /// It outlasts the connection and the proposal of another experiment.
    pub begun: Option<ClassRun>,
    /// The run of these that was stopped last.
    pub stopped: Option<ClassRun>,
    /// Counts how often the teacher has deleted everything. Runs of before are not shared again.
    pub deletions: u32,
    /// What went wrong, or what the teacher did.
    pub note: Option<&'static str>,
    /// How often it has tried to come back.
    tries: u32,
}

impl ClassState {
    /// Whether there is a connection, or is to be one.
    pub fn wants_line(&self) -> bool {
        matches!(self.sharing, Sharing::Joining | Sharing::On)
    }

    fn act(&mut self, action: ClassAction) {
        match action {
            ClassAction::Join => {
                *self = Self {
                    sharing: Sharing::Joining,
                    attempt: self.attempt + 1,
                    begun: self.begun.take(),
                    deletions: self.deletions,
                    ..Self::default()
                }
            }
            ClassAction::Leave { told } => {
                // A seat that the host has given holds what was shared until the host hears of
                // this.
                let remains = !told && self.key.is_some();
                *self = Self {
                    note: remains.then_some(NOT_REACHED),
                    attempt: self.attempt,
                    deletions: self.deletions,
                    ..Self::default()
                }
            }
            ClassAction::Retry if self.sharing == Sharing::Broken => {
                self.sharing = Sharing::Joining;
                self.attempt += 1;
                self.tries += 1;
            }
            ClassAction::Retry => {}
            ClassAction::Ended(attempt) if attempt == self.attempt => self.ended(),
            ClassAction::Ended(_) => {}
            ClassAction::Answer(agreed) => {
                if let Some(offer) = &mut self.offer {
                    offer.agreed = Some(agreed);
                    self.begin();
                }
            }
            ClassAction::Told(message) if self.wants_line() => self.told(message),
            ClassAction::Told(_) => {}
        }
    }

    fn ended(&mut self) {
        match self.sharing {
            Sharing::Off => {}
            // A seat that the page had, it tries to get back.
            _ if self.key.is_some() && self.tries < TRIES => self.sharing = Sharing::Broken,
            _ => {
                self.sharing = Sharing::Off;
                self.offer = None;
                self.note = Some(if self.key.is_some() {
                    NOT_REACHED
                } else {
                    "The class’s host does not answer, so nothing is shared; your run isn’t \
                     affected. Ask whether the class is still open, open the latest link, and try \
                     again."
                });
            }
        }
    }

    fn told(&mut self, message: ToSeat) {
        match message {
            ToSeat::Joined(key) => {
                // While the page was away its seat went to somebody else, or everything was
                // deleted. Nothing that the page has said is in the new one.
                let is_other = self.key.is_some_and(|known| known != key);
                self.sharing = Sharing::On;
                self.key = Some(key);
                self.tries = 0;
                self.note = None;
                if is_other {
                    self.offer = None;
                    self.note = Some(OTHER_SEAT);
                }
                // What is under way is told again.
                if let Some(offer) = &mut self.offer {
                    offer.started = None;
                }
            }
            ToSeat::Refused(why) => {
                self.sharing = Sharing::Off;
                self.key = None;
                self.offer = None;
                self.note = Some(match why {
                    Refusal::Full => {
                        "All seats of the class are taken, so nothing is shared. Try again when \
                         somebody has left."
                    }
                    Refusal::OtherVersion => {
                        "The class’s host and this page are different versions, so nothing is \
                         shared. Reload the page from the class’s link."
                    }
                });
            }
            ToSeat::Experiment { number, settings } => self.propose(number, settings),
            ToSeat::Start { number, start } => {
                if let Some(offer) = self.offer.as_mut().filter(|offer| offer.number == number) {
                    offer.started = Some(start);
                    self.begin();
                }
            }
            ToSeat::Stop(start) => {
                if let Some(offer) = &mut self.offer {
                    offer.started.take_if(|started| *started == start);
                }
                // Also the run of an experiment that another one has followed.
                if let Some(run) = self.begun.take_if(|run| run.start == start) {
                    self.stopped = Some(run);
                }
            }
            ToSeat::Hidden(hidden) => self.hidden = hidden,
            ToSeat::Deleted => self.forget_deleted(),
        }
    }

    /// Begins the run of an experiment that is under way and that the student has agreed to. After
    /// a broken connection its start is told once more, and begins nothing.
    fn begin(&mut self) {
        if let Some(Offer { settings, agreed: Some(true), started: Some(start), .. }) = &self.offer
            && self.begun.as_ref().is_none_or(|run| run.start != *start)
        {
            self.begun = Some(ClassRun { start: *start, settings: settings.clone() });
        }
    }

    /// The teacher has deleted everything: the runs of before are not shared again.
    fn forget_deleted(&mut self) {
        self.offer = None;
        self.deletions += 1;
        self.note = Some(
            "The teacher has deleted everything that was shared. Your next run will be shared \
             again; Stop sharing ends that.",
        );
    }

    /// The same experiment again, as after a broken connection, keeps the student's answer.
    fn propose(&mut self, number: u32, settings: String) {
        let is_known = self
            .offer
            .as_ref()
            .is_some_and(|offer| offer.number == number && offer.settings == settings);
        if !is_known {
            self.offer = Some(Offer { number, settings, agreed: None, started: None });
        }
    }
}

impl Reducible for ClassState {
    type Action = ClassAction;

    fn reduce(self: Rc<Self>, action: ClassAction) -> Rc<Self> {
        let mut next = (*self).clone();
        next.act(action);
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests;
