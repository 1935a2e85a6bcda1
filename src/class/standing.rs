//! Where a page's seat at its class's host stands: what becomes of a request while there is no
//! connection, of a key, and of a connection that ends.

use resnette_class::Token;
use resnette_class::limits::SEAT_KEPT_FOR;
use resnette_protocol::{Command, Event, Failure, Outcome, RequestId, Subsystem};

use crate::class::line::RETRY_AFTER_MS;
use crate::engine::pending::RequestKind;

/// How often a page tries to come back: for as long as the host keeps its seat.
const TRIES: u32 = SEAT_KEPT_FOR.as_millis() as u32 / RETRY_AFTER_MS;
/// How often a page that was opened again tries. It does not know whether the host still trains,
/// and refuses runs until it does.
const TRIES_WHEN_OPENED: u32 = 20;

/// What a reader sees while the connection is broken.
const BROKEN: &str = "the connection to the class’s host is broken, and is being made again";
/// The same where the page was opened again.
const LOOKING: &str = "looking for this tab’s run at the class’s host";
/// Why nothing is done for a page whose connection is broken.
const AWAY: &str = "the connection to the class’s host is being made again. Try again in a moment";
/// Why nothing is done for a page that was opened again, and has not found its seat yet.
const RETURNING: &str = "this tab had a seat at the class’s host, and the run there is shown first. \
                         If there is none, try again in a moment";
/// What a page is told whose host does not train, or is not there.
pub const NO_ENGINE: &str = "the class’s host did not answer, or does not train. Choose another engine, \
                         or ask the teacher to start the host with --train";
/// What a page is told that cannot come back.
pub const LOST: &str = "the connection to the class’s host was lost, and could not be made again. The \
                    table is kept; press Train to start again, or choose another engine. If the \
                    class is still open, open its link again in this tab within ten minutes";
/// What a page is told whose seat is gone.
pub const GONE: &str = "the class’s host no longer has this tab’s run: it keeps a run for ten \
                        minutes after its page is gone, and over a restart only with --keep. The \
                        table is kept; press Train to start again, or choose another engine";

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is sent.
    Send,
    /// It is sent as soon as there is a connection.
    Wait,
    /// It is not sent, and ends so.
    End(Outcome),
}

/// What a page has been given.
#[derive(Debug, PartialEq, Eq)]
pub enum Joined {
    /// A seat.
    Seat,
    /// The seat that it had until its connection broke.
    Again,
    /// Another seat than it had, which is gone with its run.
    Other,
}

/// What a connection is followed by that has ended, or could not be made.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// By another one, after a while.
    Retry,
    /// By none. The seat that the page had may be there yet.
    Lost,
    /// By none. The host has never answered.
    Unanswered,
}

/// Where a seat stands.
#[derive(Debug)]
pub struct Standing {
    /// Its key, once it is given.
    key: Option<Token>,
    /// Whether the host has answered on this connection.
    is_joined: bool,
    /// Whether it has on any.
    was_joined: bool,
    /// How often it has tried to come back.
    tries: u32,
    /// Runs that the host was asked for and has not answered.
    runs: Vec<RequestId>,
}

impl Standing {
    /// The seat that this key opens, or a new one.
    pub fn new(key: Option<Token>) -> Self {
        Self { key, is_joined: false, was_joined: false, tries: 0, runs: Vec::new() }
    }

    /// The key of the seat, once it is given.
    pub fn key(&self) -> Option<Token> {
        self.key
    }

    /// Whether the host has answered on this connection.
    pub fn is_joined(&self) -> bool {
        self.is_joined
    }

    /// A socket is opened in the place of the one before.
    pub fn open(&mut self) {
        self.is_joined = false;
    }

    /// The host has given a seat with this key.
    pub fn join(&mut self, key: Token) -> Joined {
        let had = self.key.replace(key);
        let comes_back = std::mem::replace(&mut self.was_joined, true);
        (self.is_joined, self.tries) = (true, 0);
        match had {
            Some(had) if had != key => Joined::Other,
            _ if comes_back => Joined::Again,
            _ => Joined::Seat,
        }
    }

    /// The connection has ended, or could not be made.
    pub fn end(&mut self) -> Ended {
        self.is_joined = false;
        let most = match (self.was_joined, self.key) {
            (true, _) => TRIES,
            (false, Some(_)) => TRIES_WHEN_OPENED,
            (false, None) => 0,
        };
        if self.tries < most {
            self.tries += 1;
            return Ended::Retry;
        }
        if self.was_joined { Ended::Lost } else { Ended::Unanswered }
    }

    /// What a reader sees while there is no connection.
    pub fn outage(&self) -> &'static str {
        if self.was_joined { BROKEN } else { LOOKING }
    }

    /// What becomes of a request. A seat that the page had may have a run, which is told first when
    /// it is back: a run that was asked for meanwhile would be taken for that one.
    pub fn ask(&self, command: &Command) -> Asked {
        match command {
            _ if self.is_joined => Asked::Send,
            // A new seat is on its way, where there is nothing yet.
            _ if self.key.is_none() => Asked::Wait,
            // What is watched changes no run, and holds for the one that is told.
            Command::Stop | Command::Watch(_) => Asked::Wait,
            _ => Asked::End(self.refusal(RequestKind::of(command))),
        }
    }

    /// A request is sent.
    pub fn sent(&mut self, id: RequestId, command: &Command) {
        // What continues a saved run is answered by telling that run.
        let continues = matches!(command, Command::Continue(_));
        if RequestKind::of(command) == RequestKind::Run && !continues {
            self.runs.push(id);
        }
    }

    /// The host says this; returns the runs that have to be called off. One that was asked for just
    /// before the connection broke may still be loading its pictures at the host, which tells the
    /// run before it: its epochs would be added to the table of that one.
    pub fn hear(&mut self, event: &Event) -> Vec<RequestId> {
        match event {
            Event::Ended { request, .. } => {
                self.runs.retain(|run| run != request);
                Vec::new()
            }
            Event::Restored(_) => std::mem::take(&mut self.runs),
            _ => Vec::new(),
        }
    }

    /// How a request of this kind ends that cannot be sent. Where it is told depends on the kind:
    /// only one for a run may say that the run has failed.
    fn refusal(&self, kind: RequestKind) -> Outcome {
        let during = match kind {
            RequestKind::Load | RequestKind::ShowBatch => Subsystem::Data,
            RequestKind::Predict(_) | RequestKind::Evaluate | RequestKind::Lesson => {
                Subsystem::Predicting
            }
            RequestKind::OpenFile | RequestKind::SaveFile | RequestKind::FetchModel => {
                Subsystem::Model
            }
            // An estimate that is called off would be asked for again at once.
            RequestKind::Run
            | RequestKind::FindRate
            | RequestKind::Control
            | RequestKind::Estimate => Subsystem::Training,
            RequestKind::SelfTest | RequestKind::Benchmark | RequestKind::Watch => {
                return Outcome::Cancelled;
            }
        };
        let message = if self.was_joined { AWAY } else { RETURNING };
        Outcome::Refused(Failure { during, message: message.into() })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use resnette_protocol::persistence::ModelFormat;
    use resnette_protocol::predict;
    use resnette_spec::{DataConfig, RunConfig};

    use super::*;

    const KEY: Token = Token([1; 16]);
    const OTHER: Token = Token([2; 16]);

    fn joined() -> Standing {
        let mut seat = Standing::new(None);
        assert_eq!(seat.join(KEY), Joined::Seat);
        seat
    }

    fn train() -> Command {
        Command::Train(RunConfig::default())
    }

    fn refused(during: Subsystem, message: &str) -> Asked {
        Asked::End(Outcome::Refused(Failure { during, message: message.into() }))
    }

    /// The first requests of a page are asked before there is a connection, and lose nothing.
    #[test]
    fn requests_wait_for_a_new_seat() {
        let mut seat = Standing::new(None);
        assert_eq!(seat.ask(&train()), Asked::Wait);
        seat.join(KEY);
        assert_eq!(seat.ask(&train()), Asked::Send);
    }

    /// The host tells first what it has when a page is back, so that epochs of a run that was asked
    /// for meanwhile would be added to the table of that.
    #[test]
    fn nothing_but_stop_waits_for_a_seat_that_the_page_had() {
        let mut broken = joined();
        assert_eq!(broken.end(), Ended::Retry);
        broken.open();
        for (seat, message) in [(broken, AWAY), (Standing::new(Some(KEY)), RETURNING)] {
            for (command, during) in [
                (train(), Subsystem::Training),
                (Command::OneMoreEpoch, Subsystem::Training),
                (Command::Pause, Subsystem::Training),
                (Command::FindRate(RunConfig::default()), Subsystem::Training),
                (Command::Load { data: DataConfig::default(), seed: 1 }, Subsystem::Data),
                (Command::Predict(predict::Request::default()), Subsystem::Predicting),
                (Command::SaveModel(ModelFormat::Safetensors), Subsystem::Model),
            ] {
                assert_eq!(seat.ask(&command), refused(during, message), "{command:?}");
            }
            assert_eq!(seat.ask(&Command::SelfTest), Asked::End(Outcome::Cancelled));
            assert_eq!(seat.ask(&Command::Stop), Asked::Wait);
            assert_eq!(seat.ask(&Command::Watch(None)), Asked::Wait);
        }
    }

    #[test]
    fn the_same_key_is_the_same_seat_and_another_one_is_told() {
        let mut seat = joined();
        assert_eq!(seat.end(), Ended::Retry);
        assert_eq!(seat.join(KEY), Joined::Again);
        assert_eq!(seat.ask(&train()), Asked::Send);
        assert_eq!(seat.end(), Ended::Retry);
        assert_eq!(seat.join(OTHER), Joined::Other);
        // A page that was opened again knows its run from the host alone.
        assert_eq!(Standing::new(Some(KEY)).join(KEY), Joined::Seat);
        assert_eq!(Standing::new(Some(KEY)).join(OTHER), Joined::Other, "its key has expired");
    }

    /// The host may be loading the pictures of a run while it tells another one.
    #[test]
    fn a_run_that_has_not_begun_is_called_off_when_another_one_is_told() {
        let ended = |request| Event::Ended { request, outcome: Outcome::Answered };
        let restored = Event::Restored(Box::default());
        let mut seat = joined();
        seat.sent(1, &train());
        seat.sent(2, &Command::Pause);
        seat.sent(3, &train());
        assert!(seat.hear(&ended(1)).is_empty(), "it has begun");
        assert!(seat.hear(&Event::Stopped).is_empty());
        let called_off: Vec<RequestId> = vec![3];
        assert_eq!(seat.hear(&restored), called_off);
        assert!(seat.hear(&restored).is_empty());
    }

    /// How often the seat is tried before it is given up, and how that ends.
    fn tries(mut seat: Standing) -> (u32, Ended) {
        let mut tries = 0;
        loop {
            seat.open();
            match seat.end() {
                Ended::Retry => tries += 1,
                end => return (tries, end),
            }
        }
    }

    #[test]
    fn a_page_tries_for_as_long_as_its_seat_is_kept() {
        let (count, end) = tries(joined());
        assert_eq!(end, Ended::Lost);
        assert!(Duration::from_millis(u64::from(count * RETRY_AFTER_MS)) >= SEAT_KEPT_FOR);
        let mut seat = joined();
        seat.end();
        seat.join(KEY);
        assert_eq!(tries(seat).0, count, "each broken connection has all of them");
        assert_eq!(tries(Standing::new(None)), (0, Ended::Unanswered));
        assert_eq!(tries(Standing::new(Some(KEY))), (TRIES_WHEN_OPENED, Ended::Unanswered));
    }
}
