//! Where a page stands with its class.

use std::rc::Rc;

use resnette_class::{Refusal, ToSeat, Token};
use yew::Reducible;

/// How often a page tries to come back by itself after its connection broke.
const TRIES: u32 = 20;

/// What a page says that stops sharing while its seat cannot be given back.
const NOT_REACHED: &str = "Couldn’t reach the host, so what you shared stays on the board until \
                           the teacher deletes it. Your run isn’t affected.";

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
    /// Whether the class has started it.
    pub started: bool,
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
    /// Counts the starts of experiments that the student has agreed to.
    pub starts: u32,
    /// Counts the stops of these.
    pub stops: u32,
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
                    starts: self.starts,
                    stops: self.stops,
                    deletions: self.deletions,
                    ..Self::default()
                }
            }
            ClassAction::Leave { told } => {
                // A seat that the host has given holds what was shared until the host hears of this.
                let remains = !told && self.key.is_some();
                *self = Self {
                    note: remains.then_some(NOT_REACHED),
                    attempt: self.attempt,
                    starts: self.starts,
                    stops: self.stops,
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
                    self.starts += u32::from(agreed && offer.started);
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
                // The seat of before is gone only if everything was deleted while the page was away.
                let is_other = self.key.is_some_and(|known| known != key);
                self.sharing = Sharing::On;
                self.key = Some(key);
                self.tries = 0;
                self.note = None;
                if is_other {
                    self.forget_deleted();
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
            ToSeat::Start(number) => {
                if let Some(offer) = self.offer.as_mut().filter(|offer| offer.number == number) {
                    // After a broken connection it is told once more.
                    let is_news = !offer.started;
                    offer.started = true;
                    self.starts += u32::from(is_news && offer.agreed == Some(true));
                }
            }
            ToSeat::Stop(number) => {
                if let Some(offer) = self.offer.as_mut().filter(|offer| offer.number == number) {
                    // After a broken connection it is told once more.
                    let is_news = std::mem::take(&mut offer.started);
                    self.stops += u32::from(is_news && offer.agreed == Some(true));
                }
            }
            ToSeat::Hidden(hidden) => self.hidden = hidden,
            ToSeat::Deleted => self.forget_deleted(),
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
            self.offer = Some(Offer { number, settings, agreed: None, started: false });
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
mod tests {
    use super::*;

    const KEY: Token = Token([1; 16]);

    fn joined() -> ClassState {
        let mut state = ClassState::default();
        state.act(ClassAction::Join);
        state.act(ClassAction::Told(ToSeat::Joined(KEY)));
        assert_eq!((state.sharing.clone(), state.key), (Sharing::On, Some(KEY)));
        state
    }

    fn experiment(number: u32) -> ClassAction {
        ClassAction::Told(ToSeat::Experiment { number, settings: "seed=1".into() })
    }

    fn starts(state: &mut ClassState, actions: Vec<ClassAction>) -> (u32, u32) {
        actions.into_iter().for_each(|action| state.act(action));
        (state.starts, state.stops)
    }

    #[test]
    fn nothing_starts_before_the_student_has_agreed() {
        let start = || ClassAction::Told(ToSeat::Start(1));
        let stop = || ClassAction::Told(ToSeat::Stop(1));
        let mut state = joined();
        assert_eq!(starts(&mut state, vec![start(), experiment(1), start(), stop()]), (0, 0));
        assert_eq!(starts(&mut state, vec![ClassAction::Answer(false), start(), stop()]), (0, 0));
        assert_eq!(starts(&mut state, vec![ClassAction::Answer(true), start()]), (1, 0));
        // It is told again after a broken connection, and starts nothing a second time.
        assert_eq!(starts(&mut state, vec![experiment(1), start()]), (1, 0));
        assert_eq!(starts(&mut state, vec![stop(), stop(), start()]), (2, 1));
        // Another experiment needs another answer.
        let other = ClassAction::Told(ToSeat::Start(2));
        assert_eq!(starts(&mut state, vec![experiment(2), other, start()]), (2, 1));
        // Who agrees after the start begins at once.
        assert_eq!(starts(&mut state, vec![ClassAction::Answer(true)]), (3, 1));
    }

    #[test]
    fn a_page_that_had_a_seat_tries_again_and_one_that_had_none_does_not() {
        let mut state = ClassState::default();
        state.act(ClassAction::Join);
        state.act(ClassAction::Ended(0));
        assert_eq!(state.sharing, Sharing::Joining, "the end of an earlier attempt");
        state.act(ClassAction::Ended(1));
        assert!(state.sharing == Sharing::Off && state.note.is_some());
        let mut state = joined();
        for _ in 0..TRIES {
            state.act(ClassAction::Ended(state.attempt));
            assert_eq!(state.sharing, Sharing::Broken);
            state.act(ClassAction::Retry);
            assert!(state.wants_line());
        }
        state.act(ClassAction::Ended(state.attempt));
        assert_eq!((state.sharing, state.note), (Sharing::Off, Some(NOT_REACHED)));
    }

    /// Without a word to the host the board keeps what was shared, and the page says so.
    #[test]
    fn who_stops_while_the_host_is_not_reached_is_told_what_remains() {
        let note = |mut state: ClassState, told: bool| {
            state.act(ClassAction::Leave { told });
            assert_eq!((&state.sharing, state.key), (&Sharing::Off, None));
            state.note
        };
        assert_eq!(note(joined(), true), None);
        let mut broken = joined();
        broken.act(ClassAction::Ended(1));
        assert_eq!(note(broken.clone(), false), Some(NOT_REACHED));
        broken.act(ClassAction::Retry);
        assert_eq!(broken.sharing, Sharing::Joining);
        assert_eq!(note(broken, false), Some(NOT_REACHED));
        // A page that had no seat yet has shared nothing.
        let mut first = ClassState::default();
        first.act(ClassAction::Join);
        assert_eq!(note(first, false), None);
    }

    #[test]
    fn what_comes_after_the_student_has_left_is_not_heard() {
        let mut state = joined();
        state.act(ClassAction::Leave { told: true });
        for action in [experiment(1), ClassAction::Retry, ClassAction::Ended(1)] {
            state.act(action);
            assert_eq!(state, ClassState { attempt: 1, ..ClassState::default() });
        }
    }

    #[test]
    fn refusals_hidden_names_and_deletion_are_told() {
        let mut state = joined();
        state.act(ClassAction::Told(ToSeat::Hidden(true)));
        state.act(experiment(1));
        state.act(ClassAction::Told(ToSeat::Deleted));
        assert!(state.hidden && state.offer.is_none() && state.note.is_some());
        assert_eq!(state.deletions, 1);
        state.act(ClassAction::Told(ToSeat::Refused(Refusal::Full)));
        assert!(state.sharing == Sharing::Off && state.key.is_none());
    }
}
