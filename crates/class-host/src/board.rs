//! What the class shares, and what the teacher has told it. In memory alone.

use std::collections::BTreeSet;

use resnette_class::limits::VERSION;
use resnette_class::{Join, Nickname, Refusal, SharedRun, ToHost, ToSeat, Token};
use resnette_spec::SETTINGS;
use subtle::ConstantTimeEq;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The most seats of a class. A seat whose page is gone makes room for a new one.
pub const MAX_SEATS: usize = 40;
/// The most runs that are kept of a seat; the oldest goes.
pub const MAX_RUNS: usize = 4;
/// The most messages that wait for a page. One that takes none of them is let go.
const MAX_UNSENT: usize = 16;

/// A run on the board.
#[derive(Debug, Clone)]
pub struct BoardRun {
    /// As it was shared.
    pub run: SharedRun,
    /// The values of all settings, in the order of [`SETTINGS`].
    pub values: Vec<String>,
}

/// A student's place.
#[derive(Debug)]
pub struct Seat {
    /// Its number on the board, counted from 1.
    pub id: u32,
    nickname: Nickname,
    hidden: bool,
    key: Token,
    ready: Option<u32>,
    /// Counts the connections of the seat: what an earlier one says last is not heard.
    connection: u32,
    line: Option<Sender<ToSeat>>,
    /// Its runs, oldest first.
    pub runs: Vec<BoardRun>,
    /// The highest number of a run that was deleted. What is still on its way of those is not kept.
    deleted: Option<u32>,
}

impl Seat {
    /// What the class reads: the nickname, unless the teacher has hidden it.
    pub fn name(&self) -> String {
        match self.hidden {
            true => format!("Seat {}", self.id),
            false => self.nickname.as_str().to_owned(),
        }
    }

    /// Whether its page is connected.
    pub fn is_here(&self) -> bool {
        self.line.is_some()
    }

    /// Sends a message to its page. A page that does not take its messages is let go.
    fn tell(&mut self, message: &ToSeat) {
        if self.line.as_ref().is_some_and(|line| line.try_send(message.clone()).is_err()) {
            self.line = None;
        }
    }
}

/// An experiment that the teacher has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// Higher is newer.
    pub number: u32,
    /// Its settings.
    pub settings: String,
    /// Whether it has been started and not been stopped since.
    pub started: bool,
    /// The number of its last start; 0 before the first.
    pub start: u32,
}

/// A seat that has been taken.
pub struct Taken {
    /// The seat.
    pub id: u32,
    /// Its connection.
    pub connection: u32,
    /// What its page is to be told.
    pub told: Receiver<ToSeat>,
}

/// What the class shares.
#[derive(Debug, Default)]
pub struct Board {
    seats: Vec<Seat>,
    taken: u32,
    experiment: Option<Experiment>,
    experiments: u32,
    /// Counts the starts of all experiments.
    starts: u32,
    /// The starts that the teacher has stopped, as a page that was away then is told.
    ended: BTreeSet<u32>,
}

impl Board {
    /// Gives a page with the right token a seat: the one that it had, or a new one with this key.
    ///
    /// # Errors
    /// [`Refusal`], and nothing is changed.
    pub fn join(&mut self, join: Join, new_key: Token) -> Result<Taken, Refusal> {
        if join.version != VERSION {
            return Err(Refusal::OtherVersion);
        }
        let had = join.seat.and_then(|key| {
            self.seats.iter().position(|seat| bool::from(seat.key.0[..].ct_eq(&key.0[..])))
        });
        let at = match had {
            Some(at) => at,
            None => self.new_seat(join.nickname.clone(), new_key)?,
        };
        let (line, told) = channel(MAX_UNSENT);
        let experiment = self.experiment.clone();
        let seat = &mut self.seats[at];
        seat.connection += 1;
        // The line of an earlier connection ends with this.
        seat.line = Some(line);
        if seat.nickname != join.nickname {
            // A name that the teacher has hidden is not brought back by another one.
            seat.nickname = join.nickname;
        }
        let (key, hidden) = (seat.key, seat.hidden);
        seat.tell(&ToSeat::Joined(key));
        if hidden {
            seat.tell(&ToSeat::Hidden(true));
        }
        // What its page still runs may be an experiment of before the one that is sent now.
        if let Some(start) = join.runs.filter(|start| self.ended.contains(start)) {
            seat.tell(&ToSeat::Stop(start));
        }
        if let Some(Experiment { number, settings, started, start }) = experiment {
            seat.tell(&ToSeat::Experiment { number, settings });
            if started {
                seat.tell(&ToSeat::Start { number, start });
            }
        }
        Ok(Taken { id: seat.id, connection: seat.connection, told })
    }

    fn new_seat(&mut self, nickname: Nickname, key: Token) -> Result<usize, Refusal> {
        if self.seats.len() >= MAX_SEATS {
            let gone = self.seats.iter().position(|seat| !seat.is_here()).ok_or(Refusal::Full)?;
            self.seats.remove(gone);
        }
        self.taken += 1;
        self.seats.push(Seat {
            id: self.taken,
            nickname,
            hidden: false,
            key,
            ready: None,
            connection: 0,
            line: None,
            runs: Vec::new(),
            deleted: None,
        });
        Ok(self.seats.len() - 1)
    }

    /// Takes what a page says, and returns whether its connection may go on. A page that breaks the
    /// protocol is disconnected.
    pub fn hear(&mut self, id: u32, connection: u32, message: ToHost) -> bool {
        let Some(at) = self.seats.iter().position(|seat| seat.id == id) else { return false };
        let seat = &mut self.seats[at];
        if seat.connection != connection {
            return false;
        }
        match message {
            ToHost::Join(_) => false,
            ToHost::Share(run) => seat.share(run),
            ToHost::Ready(number) => {
                seat.ready = Some(number);
                true
            }
            ToHost::Leave => {
                self.seats.remove(at);
                false
            }
        }
    }

    /// A connection has ended. What its page has shared stays until somebody needs the seat.
    pub fn end(&mut self, id: u32, connection: u32) {
        let ended = self.seats.iter_mut().find(|seat| seat.id == id);
        if let Some(seat) = ended.filter(|seat| seat.connection == connection) {
            seat.line = None;
        }
    }

    /// Sends an experiment to all. Each page asks its student before it takes it.
    pub fn propose(&mut self, settings: String) {
        self.experiments += 1;
        let number = self.experiments;
        self.experiment =
            Some(Experiment { number, settings: settings.clone(), started: false, start: 0 });
        self.tell_all(&ToSeat::Experiment { number, settings });
    }

    /// Starts the experiment on the pages whose students are ready for it.
    pub fn start(&mut self) {
        if let Some(experiment) = &mut self.experiment {
            if !std::mem::replace(&mut experiment.started, true) {
                self.starts += 1;
                experiment.start = self.starts;
            }
            let (number, start) = (experiment.number, experiment.start);
            self.tell_all(&ToSeat::Start { number, start });
        }
    }

    /// Stops the runs of the experiment, and of nothing else.
    pub fn stop(&mut self) {
        if let Some(experiment) = &mut self.experiment
            && std::mem::take(&mut experiment.started)
        {
            let start = experiment.start;
            self.ended.insert(start);
            self.tell_all(&ToSeat::Stop(start));
        }
    }

    /// Hides a nickname or shows it again.
    pub fn hide(&mut self, id: u32, hidden: bool) {
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.id == id) {
            seat.hidden = hidden;
            seat.tell(&ToSeat::Hidden(hidden));
        }
    }

    /// Forgets all runs, the experiment, and the seats whose pages are gone.
    pub fn delete_all(&mut self) {
        self.experiment = None;
        self.seats.retain(Seat::is_here);
        for seat in &mut self.seats {
            let newest = seat.runs.iter().map(|known| known.run.number).max();
            seat.deleted = seat.deleted.max(newest);
            seat.runs.clear();
            seat.ready = None;
        }
        self.tell_all(&ToSeat::Deleted);
    }

    fn tell_all(&mut self, message: &ToSeat) {
        self.seats.iter_mut().for_each(|seat| seat.tell(message));
    }

    /// The seats, oldest first.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The experiment that was sent last.
    pub fn experiment(&self) -> Option<&Experiment> {
        self.experiment.as_ref()
    }

    /// How many connected students are ready for the experiment, and how many are connected.
    pub fn ready(&self) -> (usize, usize) {
        let number = self.experiment.as_ref().map(|experiment| experiment.number);
        let here = self.seats.iter().filter(|seat| seat.is_here());
        let ready = here.clone().filter(|seat| number.is_some() && seat.ready == number).count();
        (ready, here.count())
    }
}

impl Seat {
    fn share(&mut self, run: SharedRun) -> bool {
        if run.check().is_err() {
            return false;
        }
        let config = run.config();
        let values = SETTINGS.iter().map(|setting| setting.get(&config)).collect();
        let number = run.number;
        if self.deleted.is_some_and(|deleted| number <= deleted) {
            return true;
        }
        let run = BoardRun { run, values };
        match self.runs.iter_mut().find(|known| known.run.number == number) {
            Some(known) => *known = run,
            None => {
                self.runs.push(run);
                if self.runs.len() > MAX_RUNS {
                    self.runs.remove(0);
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod away;

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_class::Status;
    use resnette_spec::epoch::EpochRow;
    use resnette_spec::read_run;

    use super::*;

    pub(crate) fn join(name: &str, seat: Option<Token>) -> Join {
        let nickname = Nickname::new(name).unwrap();
        Join { version: VERSION, token: Token([0; 16]), nickname, seat, runs: None }
    }

    pub(crate) fn run(number: u32, settings: &str, accuracies: &[f32]) -> ToHost {
        let row = |(epoch, &accuracy)| EpochRow { epoch, accuracy, ..EpochRow::default() };
        let rows: Vec<EpochRow> = (0..).zip(accuracies).map(row).collect();
        let config = read_run(settings).0;
        ToHost::Share(SharedRun::of(number, &config, false, Status::Training, &rows))
    }

    /// A board with a seat for each name, with the key that has its number in every byte.
    pub(crate) fn seated(names: &[&str]) -> (Board, Vec<Taken>) {
        let mut board = Board::default();
        let seats = names
            .iter()
            .zip(1..)
            .map(|(name, number)| board.join(join(name, None), Token([number; 16])).ok().unwrap())
            .collect();
        (board, seats)
    }

    pub(super) fn told(taken: &mut Taken) -> Vec<ToSeat> {
        std::iter::from_fn(|| taken.told.try_recv().ok()).collect()
    }

    #[test]
    fn a_page_that_comes_back_has_its_seat_and_its_runs() {
        let (mut board, mut seats) = seated(&["Ada"]);
        assert_eq!(told(&mut seats[0]), [ToSeat::Joined(Token([1; 16]))]);
        assert!(board.hear(1, 1, run(1, "seed=1", &[0.5])));
        let again = board.join(join("Ada", Some(Token([1; 16]))), Token([9; 16])).ok().unwrap();
        assert_eq!((again.id, again.connection, board.seats().len()), (1, 2, 1));
        // The earlier connection is not heard any more, and its end does not end the new one.
        assert!(!board.hear(1, 1, ToHost::Leave));
        board.end(1, 1);
        assert!(board.seats()[0].is_here() && board.seats()[0].runs.len() == 1);
        let stranger = board.join(join("Eve", Some(Token([8; 16]))), Token([7; 16])).ok().unwrap();
        assert_eq!(stranger.id, 2);
    }

    #[test]
    fn seats_are_few_and_those_of_pages_that_are_gone_are_given_away() {
        let names: Vec<String> = (0..MAX_SEATS).map(|number| format!("n{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut board, _seats) = seated(&names);
        let refused = board.join(join("late", None), Token([99; 16])).err();
        assert_eq!(refused, Some(Refusal::Full));
        board.end(3, 1);
        let late = board.join(join("late", None), Token([99; 16])).ok().unwrap();
        assert_eq!((late.id, board.seats().len()), (MAX_SEATS as u32 + 1, MAX_SEATS));
        assert!(board.seats().iter().all(|seat| seat.id != 3));
        let old = Join { version: VERSION + 1, ..join("old", None) };
        assert_eq!(board.join(old, Token([1; 16])).err(), Some(Refusal::OtherVersion));
    }

    #[test]
    fn the_newest_of_a_run_counts_and_four_runs_are_kept() {
        let (mut board, _seats) = seated(&["Ada"]);
        for number in 1..=6 {
            assert!(board.hear(1, 1, run(number, "seed=1", &[0.1])));
            assert!(board.hear(1, 1, run(number, "seed=1", &[0.1, 0.2])));
        }
        let kept: Vec<_> = board.seats()[0].runs.iter().map(|known| known.run.number).collect();
        assert_eq!(kept, [3, 4, 5, 6]);
        assert!(board.seats()[0].runs.iter().all(|known| known.run.rows.len() == 2));
        let ToHost::Share(mut bad) = run(7, "seed=1", &[0.1]) else { unreachable!() };
        bad.settings = "lr=fast".into();
        assert!(!board.hear(1, 1, ToHost::Share(bad)));
        assert!(!board.hear(1, 1, ToHost::Join(join("Ada", None))), "twice");
        assert_eq!(board.seats()[0].runs.len(), 4);
    }

    #[test]
    fn the_teacher_proposes_starts_and_stops() {
        let (mut board, mut seats) = seated(&["Ada", "Bo"]);
        board.start();
        seats.iter_mut().for_each(|seat| assert_eq!(told(seat).len(), 1));
        board.propose("seed=1".into());
        let proposed = ToSeat::Experiment { number: 1, settings: "seed=1".into() };
        assert_eq!(told(&mut seats[0]), std::slice::from_ref(&proposed));
        assert_eq!(board.ready(), (0, 2));
        assert!(board.hear(2, 1, ToHost::Ready(1)));
        assert_eq!(board.ready(), (1, 2));
        board.start();
        board.stop();
        let start = ToSeat::Start { number: 1, start: 1 };
        assert_eq!(told(&mut seats[1]), [proposed, start, ToSeat::Stop(1)]);
        // Being ready for one is not being ready for the next.
        board.propose("seed=2".into());
        assert_eq!(board.ready(), (0, 2));
        board.start();
        let mut late = board.join(join("Cy", None), Token([3; 16])).ok().unwrap();
        let second = ToSeat::Experiment { number: 2, settings: "seed=2".into() };
        let start = ToSeat::Start { number: 2, start: 2 };
        assert_eq!(told(&mut late), [ToSeat::Joined(Token([3; 16])), second, start]);
    }

    #[test]
    fn hidden_names_stay_hidden_and_what_is_deleted_is_gone() {
        let (mut board, mut seats) = seated(&["Rude", "Bo"]);
        board.hide(1, true);
        board.hide(77, true);
        assert_eq!(board.seats()[0].name(), "Seat 1");
        assert_eq!(told(&mut seats[0]).last(), Some(&ToSeat::Hidden(true)));
        board.join(join("Ruder", Some(Token([1; 16]))), Token([9; 16])).ok().unwrap();
        assert_eq!(board.seats()[0].name(), "Seat 1");
        board.hide(1, false);
        assert_eq!(board.seats()[0].name(), "Ruder");
        assert!(board.hear(2, 1, run(1, "seed=1", &[0.5])));
        board.end(1, 2);
        board.delete_all();
        assert_eq!((board.seats().len(), board.seats()[0].runs.len()), (1, 0));
        assert!(!board.hear(2, 1, ToHost::Leave) && board.seats().is_empty());
    }

    /// A page that reads nothing fills its line and is let go; the others are told all the same.
    #[test]
    fn a_page_that_takes_no_messages_is_let_go() {
        let (mut board, mut seats) = seated(&["Ada", "Deaf"]);
        for _ in 0..MAX_UNSENT {
            board.propose("seed=1".into());
            told(&mut seats[0]);
        }
        assert!(board.seats()[0].is_here() && !board.seats()[1].is_here());
    }
}
