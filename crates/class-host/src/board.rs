//! What the class shares, and what the teacher has told it. In memory; [`crate::keep`] writes a
//! copy of it where a teacher asks for that.

#[cfg(test)]
mod away;
pub mod kept;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;
use std::time::Instant;

use resnette_class::limits::{QUESTIONS, VERSION};
use resnette_class::{Join, Nickname, Refusal, SharedRun, ToHost, ToSeat, Token};
use resnette_spec::SETTINGS;
use subtle::ConstantTimeEq;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The most seats of a class. The seat whose page has been gone longest makes room for a new one.
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

impl BoardRun {
    fn of(run: SharedRun) -> Self {
        let config = run.config();
        let values = SETTINGS.iter().map(|setting| setting.get(&config)).collect();
        Self { run, values }
    }
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
    /// Since when its page is gone; `None` while it is here, and if it has not come since the host
    /// was started.
    away: Option<Instant>,
    /// Its runs, oldest first.
    pub runs: Vec<BoardRun>,
    /// Whether its runs came as codes that the teacher has pasted: it has no page.
    pub pasted: bool,
    /// Which questions of the lesson are done: bit `n - 1` for question `n`.
    pub answered: u32,
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
            self.part();
        }
    }

    /// Its page is gone.
    fn part(&mut self) {
        self.line = None;
        self.away.get_or_insert_with(Instant::now);
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
    /// Counts what happens to what is kept.
    changes: u64,
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
        self.changes += 1;
        let seat = &mut self.seats[at];
        seat.connection += 1;
        // The line of an earlier connection ends with this.
        seat.line = Some(line);
        seat.away = None;
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
            // First to go is a seat whose page has not come since the host was started, then the
            // one whose page has been away longest. What a teacher has typed in goes last.
            let gone = self.seats.iter().zip(0..).filter(|(seat, _)| !seat.is_here());
            let gone = gone.min_by_key(|(seat, _)| (seat.pasted, seat.away));
            let (_, at) = gone.ok_or(Refusal::Full)?;
            self.seats.remove(at);
        }
        self.changes += 1;
        self.taken += 1;
        self.seats.push(Seat {
            id: self.taken,
            nickname,
            hidden: false,
            key,
            ready: None,
            connection: 0,
            line: None,
            away: None,
            runs: Vec::new(),
            pasted: false,
            answered: 0,
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
        self.changes += 1;
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
            ToHost::Answered(questions) => {
                let known = questions >> QUESTIONS == 0;
                if known {
                    seat.answered = questions;
                }
                known
            }
        }
    }

    /// Puts a run on the board that somebody has carried here as a code. The runs of a nickname
    /// share a seat, and a later code of the same run takes the place of the earlier one.
    ///
    /// # Errors
    /// [`Refusal::Full`], and nothing is changed.
    pub fn paste(
        &mut self,
        nickname: Nickname,
        mut run: SharedRun,
        new_key: Token,
    ) -> Result<(), Refusal> {
        let had = self.seats.iter().position(|seat| seat.pasted && seat.nickname == nickname);
        let at = match had {
            Some(at) => at,
            None => self.new_seat(nickname, new_key)?,
        };
        self.changes += 1;
        let seat = &mut self.seats[at];
        seat.pasted = true;
        let is_same =
            |known: &&BoardRun| known.run.settings == run.settings && known.run.tuned == run.tuned;
        let same = seat.runs.iter().find(is_same).map(|known| known.run.number);
        let newest = seat.runs.iter().map(|known| known.run.number).max();
        run.number = same.unwrap_or_else(|| newest.unwrap_or(0).saturating_add(1));
        // It was checked when its code was read.
        seat.share(run);
        Ok(())
    }

    /// A connection has ended. What its page has shared stays until somebody needs the seat.
    pub fn end(&mut self, id: u32, connection: u32) {
        let ended = self.seats.iter_mut().find(|seat| seat.id == id);
        if let Some(seat) = ended.filter(|seat| seat.connection == connection) {
            seat.part();
        }
    }

    /// Sends an experiment to all. Each page asks its student before it takes it.
    pub fn propose(&mut self, settings: String) {
        self.changes += 1;
        self.experiments += 1;
        let number = self.experiments;
        self.experiment =
            Some(Experiment { number, settings: settings.clone(), started: false, start: 0 });
        self.tell_all(&ToSeat::Experiment { number, settings });
    }

    /// Starts the experiment on the pages whose students are ready for it.
    pub fn start(&mut self) {
        self.changes += 1;
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
        self.changes += 1;
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
        self.changes += 1;
        if let Some(seat) = self.seats.iter_mut().find(|seat| seat.id == id) {
            seat.hidden = hidden;
            seat.tell(&ToSeat::Hidden(hidden));
        }
    }

    /// Forgets all runs, the experiment, and the seats whose pages are gone.
    pub fn delete_all(&mut self) {
        self.changes += 1;
        self.experiment = None;
        self.seats.retain(Seat::is_here);
        for seat in &mut self.seats {
            let newest = seat.runs.iter().map(|known| known.run.number).max();
            seat.deleted = seat.deleted.max(newest);
            seat.runs.clear();
            seat.answered = 0;
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

    /// Rises whenever something has changed that is kept, or may have.
    pub fn changes(&self) -> u64 {
        self.changes
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
        let number = run.number;
        if self.deleted.is_some_and(|deleted| number <= deleted) {
            return true;
        }
        let run = BoardRun::of(run);
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
