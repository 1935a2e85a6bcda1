//! What a seat has asked for that has not ended, and what its networks hold.
//!
//! Both are bounded: a page may ask faster than its session works, and a network stays in memory
//! between its steps, however long it waits for the next one. The account follows what the session
//! tells its page, which says when a request has ended and when a network is gone.

use resnette_protocol::race::Race;
use resnette_protocol::rates::Rates;
use resnette_protocol::{Command, Event, Failure, Outcome, Request, RequestId, Subsystem};
use resnette_spec::run_time::StepWork;

use crate::limits::{MAX_NETWORKS_BYTES, MAX_OPEN};

/// Bytes that a parameter takes between two steps: itself, its gradient and two averages.
const BYTES_PER_PARAMETER: u64 = 16;

/// Bytes that a run with these steps holds between two of them.
pub(crate) fn held_bytes(work: &StepWork) -> u64 {
    work.architecture().parameters() * BYTES_PER_PARAMETER
}

/// What a request will hold if it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// Nothing.
    Nothing,
    /// A run of so many bytes, in the place of the one before.
    Run(u64),
    /// A search for a rate of so many bytes, beside the run.
    Search(u64),
    /// A second network like that of the run.
    Rival,
}

impl Claim {
    fn of(command: &Command) -> Self {
        match command {
            Command::Train(config) => Self::Run(held_bytes(&StepWork::of(config))),
            Command::FindRate(config) => Self::Search(held_bytes(&StepWork::of(config))),
            Command::CutSkip(_) => Self::Rival,
            _ => Self::Nothing,
        }
    }
}

/// A request that has not ended.
#[derive(Debug)]
struct Open {
    /// Its number in the session.
    number: RequestId,
    /// Its number on its page.
    asked_as: RequestId,
    /// Which of the seat's pages has sent it.
    page: u32,
    claim: Claim,
}

/// The account of a seat.
///
/// Its session gets numbers of the account's own: each page that comes to the seat counts from the
/// beginning, and a hostile one may send a number twice.
#[derive(Debug, Default)]
pub(crate) struct Account {
    open: Vec<Open>,
    last: RequestId,
    /// Counts the pages that have come.
    page: u32,
    /// Bytes that the run's network holds.
    run: u64,
    /// Bytes that the search's network holds.
    search: u64,
    /// Whether another network races that of the run.
    has_rival: bool,
}

impl Account {
    /// Another page has come, which hears nothing of what the one before has asked for.
    pub(crate) fn other_page(&mut self) {
        self.page = self.page.wrapping_add(1);
    }

    /// A run of last time is the seat's, whose network holds so many bytes.
    pub(crate) fn restored(&mut self, held: u64) {
        self.run = held;
    }

    /// Whether a search for a rate is under way.
    pub(crate) fn is_searching(&self) -> bool {
        self.search > 0
    }

    /// Bytes that the seat's networks hold or are about to hold, between two steps.
    pub(crate) fn held(&self) -> u64 {
        self.held_with(Claim::Nothing)
    }

    fn held_with(&self, claim: Claim) -> u64 {
        let (mut run, mut search, mut races) = (0, self.search, false);
        for claim in self.open.iter().map(|open| open.claim).chain([claim]) {
            match claim {
                Claim::Nothing => {}
                // The run of before goes first.
                Claim::Run(bytes) => run = run.max(bytes),
                Claim::Search(bytes) => search = search.max(bytes),
                Claim::Rival => races = true,
            }
        }
        let twice = |bytes: u64, both: bool| if both { 2 * bytes } else { bytes };
        twice(self.run, races || self.has_rival).max(twice(run, races)) + search
    }

    /// Takes a request in, and returns it as the session gets it. The networks of all other seats
    /// hold `others` bytes.
    ///
    /// # Errors
    /// Why there is no room for it, and then nothing is changed.
    pub(crate) fn begin(&mut self, mut request: Request, others: u64) -> Result<Request, Failure> {
        if self.open.len() >= MAX_OPEN {
            let message = format!(
                "too many requests at a time: {MAX_OPEN} of this page have not ended, and the \
                 class's host takes no more. Nothing was done of this one; wait, and try again"
            );
            // The engine is well, which a page would take for lost.
            return Err(Failure { during: Subsystem::Training, message });
        }
        let claim = Claim::of(&request.command);
        let wanted = self.held_with(claim);
        if claim != Claim::Nothing && others.saturating_add(wanted) > MAX_NETWORKS_BYTES {
            let message = format!(
                "there is no room for this beside the others: the class's runs take {} MB of {} \
                 on the class's host, and with this your networks would take {}. What you have is \
                 kept. Choose a narrower network, wait until others have left, or train in this \
                 tab (backend=auto)",
                others / 1_000_000,
                MAX_NETWORKS_BYTES / 1_000_000,
                wanted / 1_000_000
            );
            return Err(Failure { during: Subsystem::Training, message });
        }
        if let Command::Cancel(asked_as) = &mut request.command {
            *asked_as = self.number_of(*asked_as);
        }
        self.last = self.last.wrapping_add(1);
        let asked_as = std::mem::replace(&mut request.id, self.last);
        self.open.push(Open { number: self.last, asked_as, page: self.page, claim });
        Ok(request)
    }

    /// The number in the session of what the page has asked for as this. One that has ended has the
    /// number of none.
    fn number_of(&self, asked_as: RequestId) -> RequestId {
        let is_it = |open: &&Open| open.page == self.page && open.asked_as == asked_as;
        self.open.iter().find(is_it).map_or(0, |open| open.number)
    }

    /// Takes note of what the session tells, and returns what the page hears of it.
    pub(crate) fn follow(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::Ended { request, outcome } => return self.ended(request, outcome),
            Event::Rates(Rates::Found(_) | Rates::Cancelled) => self.search = 0,
            Event::Race(Race::Begun { .. }) => self.has_rival = true,
            Event::Race(Race::Ended { .. }) => self.has_rival = false,
            _ => {}
        }
        Some(event)
    }

    fn ended(&mut self, request: RequestId, outcome: Outcome) -> Option<Event> {
        let at = self.open.iter().position(|open| open.number == request)?;
        let Open { asked_as, page, claim, .. } = self.open.remove(at);
        match claim {
            Claim::Run(bytes) if outcome == Outcome::Answered => self.run = bytes,
            Claim::Search(bytes) if outcome == Outcome::Answered => self.search = bytes,
            // What was there is kept.
            Claim::Run(_) | Claim::Search(_) | Claim::Rival | Claim::Nothing => {}
        }
        (page == self.page).then_some(Event::Ended { request: asked_as, outcome })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::{BlockPlace, RunConfig, read_run};

    use super::*;

    const PLACE: BlockPlace = BlockPlace { stage: 1, block: 1 };

    fn ask(account: &mut Account, id: RequestId, command: Command) -> Result<RequestId, Failure> {
        asked_beside(account, id, command, 0)
    }

    /// The number of this request in the session.
    fn asked_beside(
        account: &mut Account,
        id: RequestId,
        command: Command,
        others: u64,
    ) -> Result<RequestId, Failure> {
        let request = Request { id, command, corrections: Default::default() };
        account.begin(request, others).map(|request| request.id)
    }

    fn ended(request: RequestId, outcome: Outcome) -> Event {
        Event::Ended { request, outcome }
    }

    fn run(width: u32) -> (RunConfig, u64) {
        let settings = format!("source=drawn&layers=1,1&width={width}&block=basic&expansion=1");
        let (config, problems) = read_run(&settings);
        assert!(problems.is_empty(), "{problems:?}");
        let held = held_bytes(&StepWork::of(&config));
        assert!(held > 0);
        (config, held)
    }

    /// The 65th request is refused while none of the others has ended, and taken when one has.
    #[test]
    fn open_requests_are_counted() {
        let mut account = Account::default();
        let numbers: Vec<RequestId> = (0..MAX_OPEN as u32)
            .map(|id| ask(&mut account, 100 + id, Command::Watch(None)).unwrap())
            .collect();
        let refused = ask(&mut account, 7, Command::Stop).unwrap_err();
        assert!(refused.message.contains("too many requests at a time"), "{refused:?}");
        let told = account.follow(ended(numbers[5], Outcome::Answered));
        assert_eq!(told, Some(ended(105, Outcome::Answered)));
        assert!(ask(&mut account, 7, Command::Stop).is_ok());
        assert!(ask(&mut account, 8, Command::Stop).is_err());
    }

    /// A page that has come later hears nothing of numbers that it has not given, and cancels
    /// nothing of the one before.
    #[test]
    fn each_page_has_numbers_of_its_own() {
        let mut account = Account::default();
        let before = ask(&mut account, 1, Command::Watch(None)).unwrap();
        account.other_page();
        let cancel =
            Request { id: 2, command: Command::Cancel(1), corrections: Default::default() };
        assert_eq!(account.begin(cancel, 0).unwrap().command, Command::Cancel(0));
        let later = ask(&mut account, 1, Command::Watch(None)).unwrap();
        assert_ne!(before, later);
        assert_eq!(account.follow(ended(before, Outcome::Cancelled)), None);
        let cancel =
            Request { id: 3, command: Command::Cancel(1), corrections: Default::default() };
        assert_eq!(account.begin(cancel, 0).unwrap().command, Command::Cancel(later));
        let told = account.follow(ended(later, Outcome::Answered));
        assert_eq!(told, Some(ended(1, Outcome::Answered)));
        assert_eq!(account.follow(Event::Paused), Some(Event::Paused));
    }

    /// A run counts from when it is asked for until another one has taken its place, and what a
    /// race and a search hold counts beside it.
    #[test]
    fn what_networks_hold_is_counted() {
        let ((small, few), (large, many)) = (run(8), run(16));
        assert!(few < many);
        let mut account = Account::default();
        let first = ask(&mut account, 1, Command::Train(large.clone())).unwrap();
        assert_eq!(account.held(), many);
        account.follow(ended(first, Outcome::Answered));
        assert_eq!(account.held(), many);
        let cut = ask(&mut account, 2, Command::CutSkip(PLACE)).unwrap();
        assert_eq!(account.held(), 2 * many);
        account.follow(Event::Race(Race::Begun { place: PLACE, steps: 0 }));
        account.follow(ended(cut, Outcome::Answered));
        assert_eq!(account.held(), 2 * many);
        account.follow(Event::Race(Race::Ended { kept: None, note: String::new() }));
        assert_eq!(account.held(), many);
        let search = ask(&mut account, 3, Command::FindRate(small.clone())).unwrap();
        account.follow(ended(search, Outcome::Answered));
        assert_eq!(account.held(), many + few);
        account.follow(Event::Rates(Rates::Found(None)));
        assert_eq!(account.held(), many);
        // What was called off has left the run of before, and what has begun has not.
        let called_off = ask(&mut account, 4, Command::Train(small.clone())).unwrap();
        account.follow(ended(called_off, Outcome::Cancelled));
        assert_eq!(account.held(), many);
        let second = ask(&mut account, 5, Command::Train(small)).unwrap();
        assert_eq!(account.held(), many);
        account.follow(ended(second, Outcome::Answered));
        assert_eq!(account.held(), few);
        let failed = ask(&mut account, 6, Command::CutSkip(PLACE)).unwrap();
        account.follow(ended(failed, Outcome::Cancelled));
        assert_eq!(account.held(), few);
    }

    /// What does not fit beside the others is refused with the numbers, and whatever takes no room
    /// is not.
    #[test]
    fn all_networks_together_are_bounded() {
        let (config, held) = run(16);
        let left = MAX_NETWORKS_BYTES - held;
        let mut account = Account::default();
        let train = || Command::Train(config.clone());
        let refused = asked_beside(&mut account, 1, train(), left + 1).unwrap_err();
        assert!(refused.message.contains("the class's runs take"), "{refused:?}");
        assert_eq!(account.held(), 0);
        let begun = asked_beside(&mut account, 2, train(), left).unwrap();
        account.follow(ended(begun, Outcome::Answered));
        let cut = || Command::CutSkip(PLACE);
        assert!(asked_beside(&mut account, 3, cut(), left).is_err());
        assert!(asked_beside(&mut account, 3, Command::FindRate(config.clone()), left).is_err());
        assert!(asked_beside(&mut account, 4, Command::Stop, left).is_ok());
        assert!(asked_beside(&mut account, 5, train(), left).is_ok(), "in the place of its own");
    }
}
