//! A run as a short text, for a class without a host: a student copies it, the teacher pastes it.
//!
//! It has the nickname, the settings that differ from the usual ones, and up to [`MAX_CODE_ROWS`]
//! epochs with losses in thousandths and accuracies in ten-thousandths. It is written in the 32
//! letters and digits of RFC 4648, so that capitals, spaces and line breaks that an e-mail or a
//! chat changes do no harm, and ends in nothing that could be cut off unnoticed: its checksum is
//! made of all settings, so that a page with other usual settings refuses it as well.

use resnette_spec::{RunConfig, read_run, write_run};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::{MAX_CODE_CHARS, MAX_CODE_ROWS, MAX_CODES};
use crate::nickname::Nickname;
use crate::shared_run::{Row, SharedRun, Status, thinned};

/// How every code begins; the digit is the version of its form.
const BEGIN: &str = "RUN1";
/// The digits of base 32 (RFC 4648).
const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Losses beyond this are written as this: in thousandths they fill 32 bits.
const MAX_LOSS: f32 = 4e6;

/// Why a text is no code of a run.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CodeError {
    /// It is something else.
    #[error("this is not the code of a run; a code begins with {BEGIN}")]
    Other,
    /// It is longer than any code.
    #[error("this is longer than any code of a run; paste one code at a time")]
    Long,
    /// There are more codes before it than are read.
    #[error("at most {MAX_CODES} codes are read at a time; the others were left out")]
    Many,
    /// A part is missing or changed, or the page that wrote it has other usual settings.
    #[error(
        "this code of a run is incomplete or changed, or from another version of the page; copy \
         the whole code again, from a page of the same version"
    )]
    Damaged,
}

/// What a code says, before its text.
#[derive(Serialize, Deserialize)]
struct Carried {
    nickname: Nickname,
    /// The settings that differ from the usual ones, as a link spells them.
    settings: String,
    tuned: bool,
    status: Status,
    rows: Vec<CarriedRow>,
}

#[derive(Serialize, Deserialize)]
struct CarriedRow {
    epoch: u32,
    train_loss: u32,
    valid_loss: u32,
    accuracy: u32,
}

/// The code of a run.
///
/// ```
/// use resnette_class::{Nickname, SharedRun, Status, code};
/// use resnette_spec::RunConfig;
///
/// let run = SharedRun::of(3, &RunConfig::default(), false, Status::Done, &[]);
/// let ada = Nickname::new("Ada").unwrap();
/// let text = code::write(&ada, &run).unwrap();
/// let (name, read) = code::read(&text.to_lowercase()).unwrap();
/// assert_eq!((name, read.settings), (ada, run.settings));
/// ```
///
/// # Errors
/// [`CodeError::Long`] if the settings are too many for a code.
pub fn write(nickname: &Nickname, run: &SharedRun) -> Result<String, CodeError> {
    let carried = Carried {
        nickname: nickname.clone(),
        settings: short(&run.settings),
        tuned: run.tuned,
        status: run.status,
        rows: thinned(run.rows.clone(), MAX_CODE_ROWS).iter().map(carried_row).collect(),
    };
    let bytes = postcard::to_stdvec(&carried).map_err(|_| CodeError::Long)?;
    let sum = checksum(&bytes, &run.settings).to_le_bytes();
    let text = format!("{BEGIN}{}", in_base_32(&[&sum[..], &bytes].concat()));
    if text.len() > MAX_CODE_CHARS { Err(CodeError::Long) } else { Ok(text) }
}

/// Reads a code. The run's number is 1, since a code stands for one run alone.
///
/// # Errors
/// [`CodeError`], and nothing of it is to be used.
pub fn read(text: &str) -> Result<(Nickname, SharedRun), CodeError> {
    if text.len() > 2 * MAX_CODE_CHARS {
        return Err(CodeError::Long);
    }
    let digits: String = text.split_whitespace().collect::<String>().to_ascii_uppercase();
    if digits.len() > MAX_CODE_CHARS {
        return Err(CodeError::Long);
    }
    let digits = digits.strip_prefix(BEGIN).ok_or(CodeError::Other)?;
    let bytes = from_base_32(digits).ok_or(CodeError::Damaged)?;
    let (sum, bytes) = bytes.split_first_chunk::<4>().ok_or(CodeError::Damaged)?;
    let (carried, rest) =
        postcard::take_from_bytes::<Carried>(bytes).map_err(|_| CodeError::Damaged)?;
    let settings = write_run(&read_run(&carried.settings).0);
    if !rest.is_empty() || u32::from_le_bytes(*sum) != checksum(bytes, &settings) {
        return Err(CodeError::Damaged);
    }
    let run = SharedRun {
        number: 1,
        settings,
        tuned: carried.tuned,
        status: carried.status,
        rows: carried.rows.iter().map(row).collect(),
    };
    // A sum proves that nothing was lost, not that a page of ours has written it.
    run.check().map_err(|_| CodeError::Damaged)?;
    Ok((carried.nickname, run))
}

/// Reads a text with several codes, however it is wrapped: no code has the digit in it with which
/// the next one begins. Those behind the first [`MAX_CODES`] are not read ([`CodeError::Many`]).
pub fn read_all(text: &str) -> Vec<Result<(Nickname, SharedRun), CodeError>> {
    let most = MAX_CODES * MAX_CODE_CHARS;
    let text: String = text.split_whitespace().flat_map(str::chars).take(most).collect();
    let text = text.to_ascii_uppercase();
    let mut parts = text.split(BEGIN);
    let before = parts.next().filter(|before| !before.is_empty()).map(|_| Err(CodeError::Other));
    before
        .into_iter()
        .chain(parts.enumerate().map(|(index, digits)| match index < MAX_CODES {
            true => read(&format!("{BEGIN}{digits}")),
            false => Err(CodeError::Many),
        }))
        .collect()
}

/// The settings without those that are the usual ones, if a reader gets the same from them.
fn short(settings: &str) -> String {
    let usual = write_run(&RunConfig::default());
    let usual: Vec<&str> = usual.split('&').collect();
    let differing: Vec<&str> = settings.split('&').filter(|pair| !usual.contains(pair)).collect();
    let short = differing.join("&");
    match write_run(&read_run(&short).0) == settings {
        true => short,
        false => settings.to_owned(),
    }
}

fn checksum(bytes: &[u8], settings: &str) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(bytes);
    sum.update(settings.as_bytes());
    sum.finalize()
}

fn carried_row(row: &Row) -> CarriedRow {
    let thousandths = |loss: f32| (loss.clamp(0.0, MAX_LOSS) * 1_000.0).round() as u32;
    CarriedRow {
        epoch: row.epoch,
        train_loss: thousandths(row.train_loss),
        valid_loss: thousandths(row.valid_loss),
        accuracy: (row.accuracy * 10_000.0).round() as u32,
    }
}

fn row(carried: &CarriedRow) -> Row {
    Row {
        epoch: carried.epoch,
        train_loss: carried.train_loss as f32 / 1_000.0,
        valid_loss: carried.valid_loss as f32 / 1_000.0,
        accuracy: carried.accuracy as f32 / 10_000.0,
    }
}

fn in_base_32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for &byte in bytes {
        held = ((held << 8) | u32::from(byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(DIGITS[((held >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(DIGITS[((held << (5 - bits)) & 31) as usize]));
    }
    out
}

/// The bytes of these digits; `None` if there are others, or more than the last byte needs.
fn from_base_32(digits: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)? as u32;
        held = ((held << 5) | value) & 0xffff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(((held >> bits) & 0xff) as u8);
        }
    }
    // What is left over is less than a digit, and zero.
    (bits < 5 && held & ((1 << bits) - 1) == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use resnette_spec::epoch::EpochRow;

    use super::*;

    fn code(settings: &str, epochs: u32) -> (SharedRun, String) {
        let row = |epoch: u32| EpochRow {
            epoch,
            train_loss: 2.312_6,
            valid_loss: 1.25,
            accuracy: 0.646_7,
            ..EpochRow::default()
        };
        let rows: Vec<EpochRow> = (0..epochs).map(row).collect();
        let run = SharedRun::of(7, &read_run(settings).0, false, Status::Done, &rows);
        let text = write(&Nickname::new("Zoë").unwrap(), &run).unwrap();
        (run, text)
    }

    /// A code says what the run says, in rounded numbers.
    #[test]
    fn a_run_is_read_as_it_was_written() {
        for settings in ["", "source=drawn&epochs=3&lr=0.006&seed=7", "layers=1,1,1,1&width=16"] {
            let (run, text) = code(settings, 5);
            let (name, read) = read(&text).unwrap();
            assert_eq!((name.as_str(), read.number), ("Zoë", 1));
            assert_eq!((&read.settings, read.rows.len()), (&run.settings, 5));
            assert_eq!((read.rows[4].epoch, read.rows[4].train_loss), (4, 2.313));
            assert_eq!((read.rows[4].valid_loss, read.rows[4].accuracy), (1.25, 0.6467));
        }
    }

    /// A lesson's run fits on a line of a chat, and a long one keeps its last epoch.
    #[test]
    fn codes_are_short() {
        let lesson = "source=drawn&train=100&valid=30&size=48&layers=1,1,1,1&epochs=3&bs=32";
        let (_, text) = code(lesson, 3);
        assert!(text.len() < 300, "{}: {text}", text.len());
        let (_, text) = code(lesson, 900);
        let (_, read) = read(&text).unwrap();
        assert!(read.rows.len() <= MAX_CODE_ROWS && text.len() < 800, "{}", text.len());
        assert_eq!(read.rows.last().unwrap().epoch, 899);
    }

    /// Chats wrap and lower; a character that is lost or changed is noticed.
    #[test]
    fn what_was_carried_carelessly_is_read_and_what_was_damaged_is_not() {
        let (_, text) = code("seed=3", 3);
        let wrapped: Vec<&str> =
            text.as_bytes().chunks(20).map(|c| str::from_utf8(c).unwrap()).collect();
        assert_eq!(read(&wrapped.join(" \r\n ").to_lowercase()), read(&text));
        for end in BEGIN.len()..text.len() {
            assert_eq!(read(&text[..end]), Err(CodeError::Damaged), "{end}");
        }
        for at in BEGIN.len()..text.len() {
            let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert_eq!(read(&changed), Err(CodeError::Damaged), "{at}");
        }
        for other in ["", "#source=drawn", "RUN", "hello"] {
            assert_eq!(read(other), Err(CodeError::Other), "{other}");
        }
        assert_eq!(read(&"A".repeat(MAX_CODE_CHARS + 1)), Err(CodeError::Long));
        assert_eq!(read(&format!("{text}{text}")), Err(CodeError::Damaged));
    }

    #[test]
    fn several_codes_are_read_of_one_text() {
        let (_, one) = code("seed=1", 1);
        let (_, two) = code("seed=2", 2);
        let read = read_all(&format!("{one}\n{}\n  {two}", &two[..two.len() - 1]));
        let rows: Vec<_> =
            read.iter().map(|read| read.as_ref().map(|(_, run)| run.rows.len())).collect();
        assert_eq!(rows, [Ok(1), Err(&CodeError::Damaged), Ok(2)]);
        assert_eq!(read_all(""), []);
        assert_eq!(read_all(&format!("hello {one}"))[0], Err(CodeError::Other));
    }

    /// Nobody's code vanishes without a word.
    #[test]
    fn codes_that_are_too_many_are_counted() {
        let (_, one) = code("seed=1", 1);
        let all = read_all(&one.repeat(MAX_CODES));
        assert!(all.len() == MAX_CODES && all.iter().all(Result::is_ok));
        for before in ["", "hello "] {
            let all = read_all(&format!("{before}{}", one.repeat(MAX_CODES + 5)));
            let left_out = all.iter().filter(|read| **read == Err(CodeError::Many)).count();
            assert_eq!(left_out, 5);
            assert_eq!(all.iter().filter(|read| read.is_ok()).count(), MAX_CODES);
        }
    }

    /// Somebody who knows the form can write a code with a right sum; its run is checked as one
    /// that comes over the network.
    #[test]
    fn a_forged_run_is_refused() {
        let (run, _) = code("seed=3", 2);
        let forges: [fn(&mut SharedRun); 3] = [
            |run| run.rows[1].epoch = 0,
            |run| run.rows[0].epoch = u32::MAX,
            |run| run.rows[0].accuracy = 1.5,
        ];
        for forge in forges {
            let mut run = run.clone();
            forge(&mut run);
            let text = write(&Nickname::new("Eve").unwrap(), &run).unwrap();
            assert_eq!(read(&text), Err(CodeError::Damaged));
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(from_base_32(&in_base_32(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_is_read_that_is_none(text in "RUN1[A-Z2-7]{0,200}") {
            prop_assert_eq!(read(&text).map(|_| ()), Err(CodeError::Damaged));
        }
    }
}
