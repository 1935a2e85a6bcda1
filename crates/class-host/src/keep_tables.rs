//! The tables of a kept class: how a board is written into them, and read with the limits that it
//! had.

use std::collections::BTreeSet;

use resnette_class::limits::{MAX_ROWS, MAX_SETTINGS_BYTES, QUESTIONS};
use resnette_class::{Nickname, Row, SharedRun, Status, Token};
use resnette_spec::{read_kept_run, write_run};
use rusqlite::{Connection, Result};

use crate::board::kept::{KeptBoard, KeptSeat};
use crate::board::{Experiment, MAX_RUNS, MAX_SEATS};

/// The tables, in the words that SQLite keeps of them: a file with other ones is not ours. A change
/// here is another [`VERSION`](crate::keep_file::VERSION).
pub(crate) const TABLES: [&str; 5] = [
    "CREATE TABLE class (id INTEGER PRIMARY KEY CHECK (id = 1), join_token BLOB NOT NULL, \
     seats_taken INTEGER NOT NULL, experiments INTEGER NOT NULL, experiment INTEGER, \
     settings TEXT, started INTEGER, start INTEGER, starts INTEGER NOT NULL) STRICT",
    "CREATE TABLE ended (start INTEGER PRIMARY KEY) STRICT",
    "CREATE TABLE seat (id INTEGER PRIMARY KEY, key BLOB NOT NULL, nickname TEXT NOT NULL, \
     hidden INTEGER NOT NULL, pasted INTEGER NOT NULL, answered INTEGER NOT NULL, \
     deleted INTEGER) STRICT",
    "CREATE TABLE run (seat INTEGER NOT NULL, number INTEGER NOT NULL, settings TEXT NOT NULL, \
     tuned INTEGER NOT NULL, status TEXT NOT NULL, PRIMARY KEY (seat, number)) STRICT, \
     WITHOUT ROWID",
    "CREATE TABLE epoch (seat INTEGER NOT NULL, run INTEGER NOT NULL, epoch INTEGER NOT NULL, \
     train_loss REAL NOT NULL, valid_loss REAL NOT NULL, accuracy REAL NOT NULL, \
     PRIMARY KEY (seat, run, epoch)) STRICT, WITHOUT ROWID",
];

/// Every status, for the words that a file has for it.
const STATUSES: [Status; 6] = [
    Status::Loading,
    Status::Training,
    Status::Paused,
    Status::Stopped,
    Status::Done,
    Status::Failed,
];

/// What is wrong with what a file says.
type Wrong = &'static str;

/// Writes a class in which nothing has happened yet.
pub(crate) fn begin(all: &Connection, token: Token) -> Result<()> {
    all.execute(
        "INSERT INTO class (id, join_token, seats_taken, experiments, starts) VALUES (1, ?1, 0, 0, 0)",
        [&token.0[..]],
    )?;
    Ok(())
}

/// Writes in what a board differs from what was written before. To be called in a transaction.
pub(crate) fn write(all: &Connection, was: &KeptBoard, board: &KeptBoard) -> Result<()> {
    let sent = board.experiment.as_ref();
    all.execute(
        "UPDATE class SET seats_taken = ?1, experiments = ?2, experiment = ?3, settings = ?4, \
         started = ?5, start = ?6, starts = ?7",
        (
            board.taken,
            board.experiments,
            sent.map(|sent| sent.number),
            sent.map(|sent| sent.settings.as_str()),
            sent.map(|sent| sent.started),
            sent.map(|sent| sent.start),
            board.starts,
        ),
    )?;
    for start in board.ended.difference(&was.ended) {
        all.execute("INSERT INTO ended (start) VALUES (?1)", [start])?;
    }
    let kept: BTreeSet<u32> = board.seats.iter().map(|seat| seat.id).collect();
    for gone in was.seats.iter().filter(|seat| !kept.contains(&seat.id)) {
        all.execute("DELETE FROM seat WHERE id = ?1", [gone.id])?;
        all.execute("DELETE FROM run WHERE seat = ?1", [gone.id])?;
        all.execute("DELETE FROM epoch WHERE seat = ?1", [gone.id])?;
    }
    for seat in &board.seats {
        let was = was.seats.iter().find(|known| known.id == seat.id);
        if was != Some(seat) {
            write_seat(all, was, seat)?;
        }
    }
    Ok(())
}

fn write_seat(all: &Connection, was: Option<&KeptSeat>, seat: &KeptSeat) -> Result<()> {
    all.execute(
        "REPLACE INTO seat (id, key, nickname, hidden, pasted, answered, deleted) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            seat.id,
            &seat.key.0[..],
            seat.nickname.as_str(),
            seat.hidden,
            seat.pasted,
            seat.answered,
            seat.deleted,
        ),
    )?;
    let before = was.map_or(&[][..], |was| &was.runs[..]);
    for gone in before.iter().filter(|known| !seat.runs.contains(known)) {
        all.execute("DELETE FROM run WHERE seat = ?1 AND number = ?2", [seat.id, gone.number])?;
        all.execute("DELETE FROM epoch WHERE seat = ?1 AND run = ?2", [seat.id, gone.number])?;
    }
    for run in seat.runs.iter().filter(|run| !before.contains(run)) {
        write_run_of(all, seat.id, run)?;
    }
    Ok(())
}

fn write_run_of(all: &Connection, seat: u32, run: &SharedRun) -> Result<()> {
    all.execute(
        "INSERT INTO run (seat, number, settings, tuned, status) VALUES (?1, ?2, ?3, ?4, ?5)",
        (seat, run.number, run.settings.as_str(), run.tuned, run.status.words()),
    )?;
    let mut epoch = all.prepare(
        "INSERT INTO epoch (seat, run, epoch, train_loss, valid_loss, accuracy) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for row in &run.rows {
        epoch.execute((
            seat,
            run.number,
            row.epoch,
            row.train_loss,
            row.valid_loss,
            row.accuracy,
        ))?;
    }
    Ok(())
}

/// Reads the class's token and its board; the inner error says what no board of ours has.
pub(crate) fn read(all: &Connection) -> Result<std::result::Result<(Token, KeptBoard), Wrong>> {
    let (token, mut board) = all.query_row(
        "SELECT join_token, seats_taken, experiments, experiment, settings, started, start, \
         starts FROM class",
        [],
        |row| {
            let number: Option<u32> = row.get(3)?;
            let settings: Option<String> = row.get(4)?;
            let (started, start): (Option<bool>, Option<u32>) = (row.get(5)?, row.get(6)?);
            let experiment = number.zip(settings).map(|(number, settings)| Experiment {
                number,
                settings,
                started: started == Some(true),
                start: start.unwrap_or_default(),
            });
            let board = KeptBoard {
                taken: row.get(1)?,
                experiments: row.get(2)?,
                experiment,
                starts: row.get(7)?,
                ended: BTreeSet::new(),
                seats: Vec::new(),
            };
            Ok((Token(row.get(0)?), board))
        },
    )?;
    if let Some(sent) = &mut board.experiment {
        match settings_of(&sent.settings) {
            Some(settings) => sent.settings = settings,
            None => return Ok(Err("its experiment has invalid settings")),
        }
    }
    board.ended = read_ended(all)?;
    match read_seats(all)? {
        Ok(seats) => board.seats = seats,
        Err(wrong) => return Ok(Err(wrong)),
    }
    let counted = board.seats.iter().all(|seat| seat.id <= board.taken)
        && board
            .experiment
            .as_ref()
            .is_none_or(|sent| sent.number <= board.experiments && sent.start <= board.starts)
        && board.ended.iter().all(|start| (1..=board.starts).contains(start));
    Ok(if counted { Ok((token, board)) } else { Err("its seats or starts are not counted right") })
}

/// As many as a file of the size that is read can hold; a board has few.
fn read_ended(all: &Connection) -> Result<BTreeSet<u32>> {
    let mut statement = all.prepare("SELECT start FROM ended")?;
    let starts = statement.query_map([], |row| row.get(0))?;
    starts.collect()
}

fn read_seats(all: &Connection) -> Result<std::result::Result<Vec<KeptSeat>, Wrong>> {
    let mut statement = all.prepare(
        "SELECT id, key, nickname, hidden, pasted, answered, deleted FROM seat ORDER BY id \
         LIMIT ?1",
    )?;
    let most = (MAX_SEATS + 1) as u32;
    let rows = statement.query_map([most], |row| {
        let nickname: String = row.get(2)?;
        let seat = |nickname| -> Result<KeptSeat> {
            Ok(KeptSeat {
                id: row.get(0)?,
                key: Token(row.get(1)?),
                nickname,
                hidden: row.get(3)?,
                pasted: row.get(4)?,
                answered: row.get(5)?,
                deleted: row.get(6)?,
                runs: Vec::new(),
            })
        };
        Nickname::new(&nickname).ok().map(seat).transpose()
    })?;
    let mut seats = Vec::new();
    for seat in rows {
        let Some(mut seat) = seat? else { return Ok(Err("it has an invalid nickname")) };
        if seat.answered >> QUESTIONS != 0 || seats.len() == MAX_SEATS {
            return Ok(Err("it has too many seats or questions"));
        }
        match read_runs(all, seat.id)? {
            Ok(runs) => seat.runs = runs,
            Err(wrong) => return Ok(Err(wrong)),
        }
        seats.push(seat);
    }
    Ok(Ok(seats))
}

fn read_runs(all: &Connection, seat: u32) -> Result<std::result::Result<Vec<SharedRun>, Wrong>> {
    let mut statement = all.prepare(
        "SELECT number, settings, tuned, status FROM run WHERE seat = ?1 ORDER BY number LIMIT ?2",
    )?;
    let most = (MAX_RUNS + 1) as u32;
    let rows = statement.query_map([seat, most], |row| {
        let (number, settings): (u32, String) = (row.get(0)?, row.get(1)?);
        let (tuned, status): (bool, String) = (row.get(2)?, row.get(3)?);
        Ok((number, settings, tuned, status))
    })?;
    let mut runs = Vec::new();
    for row in rows {
        let (number, settings, tuned, status) = row?;
        let status = STATUSES.into_iter().find(|known| known.words() == status);
        let (Some(settings), Some(status)) = (settings_of(&settings), status) else {
            return Ok(Err("a run has invalid settings"));
        };
        let rows = read_epochs(all, seat, number)?;
        let run = SharedRun { number, settings, tuned, status, rows };
        if run.check().is_err() || runs.len() == MAX_RUNS {
            return Ok(Err("it has too many runs, or one with invalid numbers"));
        }
        runs.push(run);
    }
    Ok(Ok(runs))
}

fn read_epochs(all: &Connection, seat: u32, run: u32) -> Result<Vec<Row>> {
    let mut statement = all.prepare(
        "SELECT epoch, train_loss, valid_loss, accuracy FROM epoch WHERE seat = ?1 AND run = ?2 \
         ORDER BY epoch LIMIT ?3",
    )?;
    let most = (MAX_ROWS + 1) as u32;
    let rows = statement.query_map([seat, run, most], |row| {
        Ok(Row {
            epoch: row.get(0)?,
            train_loss: row.get(1)?,
            valid_loss: row.get(2)?,
            accuracy: row.get(3)?,
        })
    })?;
    rows.collect()
}

/// Kept settings as this version spells them; `None` if it does not know them.
fn settings_of(kept: &str) -> Option<String> {
    let (config, problems) = read_kept_run(kept);
    let settings = write_run(&config);
    (problems.is_empty() && settings.len() <= MAX_SETTINGS_BYTES).then_some(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file keeps a status by its words.
    #[test]
    fn every_status_has_words_of_its_own() {
        let words: BTreeSet<&str> = STATUSES.iter().map(|status| status.words()).collect();
        assert_eq!(words.len(), STATUSES.len());
    }

    #[test]
    fn settings_that_were_kept_are_spelled_as_now() {
        let now = settings_of("seed=3");
        assert!(now.as_deref().is_some_and(|now| now.contains("seed=3") && now.contains("lr=")));
        assert_eq!(now.as_deref().and_then(settings_of), now);
        assert_eq!(settings_of("lr=fast"), None);
    }
}
