//! A class that is kept: what a file says after a restart, what is out of it after a deletion, and
//! which files are left alone.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use resnette_class::limits::VERSION;
use resnette_class::{Join, Nickname, ToHost, ToSeat, Token};
use resnette_class_host::ClassSite;
use resnette_class_host::board::Board;
use resnette_class_host::board::kept::KeptBoard;
use resnette_class_host::keep_file::{KeepError, KeepFile};
use rusqlite::Connection;

use crate::support::{Hosted, hosted_with, join_again, run, say, told};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("resnette-keep-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn kept_in(file: &Path) -> Hosted {
    let keep = Some(file.to_owned());
    hosted_with(|site| ClassSite { keep, ..site })
}

/// Everything in a file and in its journal, as text.
fn text_of(file: &Path) -> String {
    let journal = file.with_file_name(format!("{}-journal", name_of(file)));
    let bytes = [fs::read(file).unwrap(), fs::read(journal).unwrap_or_default()].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn name_of(file: &Path) -> &str {
    file.file_name().unwrap().to_str().unwrap()
}

/// Waits until the file has these words in it, or has them no more.
fn wait_text(file: &Path, words: &str, there: bool) {
    let start = Instant::now();
    while text_of(file).contains(words) != there {
        assert!(start.elapsed() < Duration::from_secs(20), "{words} in the file: not {there}");
        sleep(Duration::from_millis(50));
    }
}

/// After a restart the board shows what was shared, the join link is the same, and a page that
/// comes back has its seat.
#[test]
fn a_class_goes_on_after_a_restart() {
    let folder = Folder::new();
    let file = folder.file("class.sqlite");
    let class = kept_in(&file);
    let (token, teacher) = (class.join_token(), class.teacher_token());
    let mut ada = class.socket();
    say(&mut ada, &support::join(token, "Ada"));
    let Some(ToSeat::Joined(key)) = told(&mut ada) else { unreachable!("a seat comes first") };
    say(&mut ada, &run(1, "seed=1&lr=0.006", &[0.25, 0.5]));
    say(&mut ada, &ToHost::Answered(0b11));
    let mut bo = class.joined("Bo");
    say(&mut bo, &run(1, "seed=1&lr=0.01", &[0.25, 0.75]));
    class.wait_view("75.0 %");
    class.wait_view("Questions answered");
    for command in ["{\"hide\":2}", "{\"propose\":\"source=drawn&epochs=3\"}", "\"start\""] {
        assert!(class.command(command).starts_with("HTTP/1.1 204"), "{command}");
    }
    // The end of a host writes what is not in the file yet.
    drop(class);
    let class = kept_in(&file);
    assert_eq!(class.join_token(), token, "the link of last time is right");
    assert_ne!(class.teacher_token(), teacher, "the teacher's is a new one");
    let view = class.view();
    for words in [
        "Ada</td><td>1</td><td>training, page closed</td><td>2</td><td>50.0 %",
        "Seat 2</td><td>1</td><td>training, page closed</td><td>2</td><td>75.0 %",
        "Same seed, one other setting",
        "Questions answered",
        "Experiment 1: started",
        "Connected: 0.",
    ] {
        assert!(view.contains(words), "no {words} in {view}");
    }
    let mut ada = class.socket();
    say(&mut ada, &join_again(token, "Ada", key));
    assert_eq!(told(&mut ada), Some(ToSeat::Joined(key)));
    assert!(matches!(told(&mut ada), Some(ToSeat::Experiment { number: 1, .. })));
    assert_eq!(told(&mut ada), Some(ToSeat::Start { number: 1, start: 1 }));
    say(&mut ada, &run(1, "seed=1&lr=0.006", &[0.25, 0.5, 0.875]));
    class.wait_view("Ada</td><td>1</td><td>training</td><td>3</td><td>87.5 %");
    let _cy = class.joined("Cy");
    say(&mut ada, &run(2, "seed=1", &[0.5]));
    class.wait_view("Connected: 2.");
}

/// What is deleted, or taken back by its student, is in no byte of the file.
#[test]
fn what_is_deleted_is_out_of_the_file() {
    let folder = Folder::new();
    let file = folder.file("class.sqlite");
    let class = kept_in(&file);
    let mut leaver = class.joined("Leavername");
    let mut stays = class.joined("Stayername");
    say(&mut leaver, &run(1, "seed=123454321", &[0.5]));
    say(&mut stays, &run(1, "seed=987656789", &[0.5]));
    for words in ["Leavername", "Stayername", "seed=123454321", "seed=987656789"] {
        wait_text(&file, words, true);
    }
    say(&mut leaver, &ToHost::Leave);
    for words in ["Leavername", "seed=123454321"] {
        wait_text(&file, words, false);
    }
    assert!(text_of(&file).contains("Stayername"));
    // Who is still here keeps the seat, and loses what was shared; who is gone loses both.
    assert!(class.command("{\"propose\":\"source=drawn&seed=55555\"}").starts_with("HTTP/1.1 204"));
    wait_text(&file, "seed=55555", true);
    assert!(class.command("\"delete\"").starts_with("HTTP/1.1 204"));
    let text = text_of(&file);
    assert!(!text.contains("seed=987656789") && !text.contains("seed=55555"));
    drop(stays);
    class.wait_view("Connected: 0.");
    assert!(class.command("\"delete\"").starts_with("HTTP/1.1 204"));
    assert!(!text_of(&file).contains("Stayername"));
    drop(class);
    let class = kept_in(&file);
    assert!(class.view().contains("No epoch has been shared yet."));
}

/// A second host does not write into the file of a first, and says so.
#[test]
fn a_file_has_one_host() {
    let folder = Folder::new();
    let file = folder.file("class.sqlite");
    let first = KeepFile::open(&file, Token([1; 16])).unwrap();
    let second = KeepFile::open(&file, Token([2; 16])).unwrap_err();
    assert!(matches!(second, KeepError::InUse(_)), "{second}");
    assert!(second.to_string().contains("in use by another program"), "{second}");
    drop(first);
    let opened = KeepFile::open(&file, Token([2; 16])).unwrap();
    assert_eq!(opened.join_token, Token([1; 16]));
}

/// A board with one seat and one run.
fn board() -> KeptBoard {
    let mut board = Board::default();
    let nickname = Nickname::new("Ada").unwrap();
    let join = Join { version: VERSION, token: Token([0; 16]), nickname, seat: None, runs: None };
    let taken = board.join(join, Token([7; 16])).ok().unwrap();
    assert!(board.hear(taken.id, taken.connection, run(1, "seed=1", &[0.1, 0.2, 1.0 / 3.0])));
    board.propose("source=drawn&epochs=3".into());
    board.kept()
}

/// What is written is read again, bit for bit, and a file is nobody else's.
#[test]
fn a_board_is_read_as_it_was_written() {
    let folder = Folder::new();
    let file = folder.file("class.sqlite");
    let mut wanted = board();
    let mut opened = KeepFile::open(&file, Token([1; 16])).unwrap();
    assert_eq!(opened.board, KeptBoard::default());
    opened.file.write(&wanted).unwrap();
    wanted.seats[0].runs[0].rows.pop();
    wanted.seats[0].hidden = true;
    opened.file.write(&wanted).unwrap();
    drop(opened);
    let again = KeepFile::open(&file, Token([9; 16])).unwrap();
    // The settings of an experiment are spelled in full when they are read.
    let spelled = again.board.experiment.clone().unwrap();
    assert!(spelled.settings.contains("epochs=3") && spelled.settings.contains("&lr="));
    wanted.experiment = Some(spelled);
    assert_eq!(again.board, wanted);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

/// What stands under the name and is no class's file stays as it is, and the reason is told.
#[test]
fn other_files_are_left_alone() {
    let folder = Folder::new();
    let foreign = folder.file("foreign.sqlite");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let text = folder.file("notes.txt");
    fs::write(&text, "notes of a lesson, longer than the header of a database: ".repeat(3))
        .unwrap();
    let short = folder.file("short");
    fs::write(&short, "SQLite format 3\0").unwrap();
    for file in [&foreign, &text, &short] {
        let before = fs::read(file).unwrap();
        let refused = KeepFile::open(file, Token([1; 16])).unwrap_err();
        assert!(matches!(refused, KeepError::Foreign(_)), "{refused}");
        assert!(refused.to_string().contains("was not written by `resnette host --keep`"));
        assert_eq!(fs::read(file).unwrap(), before);
    }
    let refused = KeepFile::open(&folder.0, Token([1; 16])).unwrap_err();
    assert!(matches!(refused, KeepError::NotAFile(_)), "{refused}");
    let nowhere = folder.file("missing/class.sqlite");
    let refused = KeepFile::open(&nowhere, Token([1; 16])).unwrap_err();
    assert!(matches!(refused, KeepError::System { .. }), "{refused}");
    #[cfg(unix)]
    {
        let good = folder.file("good.sqlite");
        drop(KeepFile::open(&good, Token([1; 16])).unwrap());
        // Also a link that leads nowhere: a file would be made where it points.
        for (name, target) in [("link", good), ("nowhere", folder.file("made-by-link"))] {
            let link = folder.file(name);
            std::os::unix::fs::symlink(&target, &link).unwrap();
            let refused = KeepFile::open(&link, Token([1; 16])).unwrap_err();
            assert!(matches!(refused, KeepError::NotAFile(_)), "{refused}");
        }
        assert!(!folder.file("made-by-link").exists());
        let pipe = folder.file("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let refused = KeepFile::open(&pipe, Token([1; 16])).unwrap_err();
        assert!(matches!(refused, KeepError::NotAFile(_)), "{refused}");
    }
}

/// A class's file that somebody has changed is refused whole, and stays as it is for who can mend
/// it.
#[test]
fn changed_files_are_refused() {
    let folder = Folder::new();
    for (number, change) in [
        "CREATE TABLE more (a)",
        "CREATE TRIGGER t AFTER UPDATE ON class BEGIN DELETE FROM seat; END",
        "DROP TABLE epoch",
        "DELETE FROM class",
        "UPDATE class SET join_token = x'00'",
        "UPDATE class SET experiments = -1",
        "UPDATE class SET settings = 'lr=fast'",
        "UPDATE class SET seats_taken = 0",
        "UPDATE seat SET nickname = 'a' || char(8238)",
        "UPDATE seat SET nickname = hex(zeroblob(100))",
        "UPDATE seat SET answered = 4194304",
        "UPDATE seat SET id = 99",
        "UPDATE run SET settings = 'nonsense=1'",
        "UPDATE run SET status = 'asleep'",
        "UPDATE run SET settings = hex(zeroblob(100000))",
        "UPDATE epoch SET accuracy = 1.5",
        "UPDATE epoch SET train_loss = 9e999",
        "UPDATE epoch SET epoch = 4000000000 WHERE epoch = 1",
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 50) \
         INSERT INTO run SELECT seat, i, settings, tuned, status FROM run, n",
        "UPDATE class SET seats_taken = 100; \
         WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 90) \
         INSERT INTO seat SELECT i, key, nickname, hidden, pasted, answered, deleted FROM seat, n",
    ]
    .into_iter()
    .enumerate()
    {
        let file = folder.file(&format!("{number}.sqlite"));
        let mut opened = KeepFile::open(&file, Token([1; 16])).unwrap();
        opened.file.write(&board()).unwrap();
        drop(opened);
        Connection::open(&file).unwrap().execute_batch(change).unwrap();
        let before = fs::read(&file).unwrap();
        let refused = KeepFile::open(&file, Token([1; 16])).unwrap_err();
        assert!(matches!(refused, KeepError::Damaged { .. }), "{change}: {refused}");
        assert_eq!(fs::read(&file).unwrap(), before, "{change}");
    }
    let later = folder.file("later.sqlite");
    drop(KeepFile::open(&later, Token([1; 16])).unwrap());
    Connection::open(&later).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    let refused = KeepFile::open(&later, Token([1; 16])).unwrap_err();
    assert!(matches!(refused, KeepError::Later { version: 2, .. }), "{refused}");
    let large = folder.file("large.sqlite");
    fs::File::create(&large).unwrap().set_len(33 << 20).unwrap();
    let refused = KeepFile::open(&large, Token([1; 16])).unwrap_err();
    assert!(matches!(refused, KeepError::Large(_)), "{refused}");
    let cut = folder.file("cut.sqlite");
    let mut opened = KeepFile::open(&cut, Token([1; 16])).unwrap();
    opened.file.write(&board()).unwrap();
    drop(opened);
    let whole = fs::read(&cut).unwrap();
    for length in [100, 1_000, 4_096, whole.len() / 2] {
        fs::write(&cut, &whole[..length]).unwrap();
        let refused = KeepFile::open(&cut, Token([1; 16])).unwrap_err();
        assert!(matches!(refused, KeepError::Damaged { .. }), "{length}: {refused}");
    }
}
