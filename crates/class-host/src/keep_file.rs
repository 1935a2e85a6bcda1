//! The file of `resnette host --keep FILE`: a SQLite database that this program alone writes.
//!
//! What stands under the name is looked at before SQLite opens it: a link, a pipe, a device or the
//! database of another program is refused and stays as it is. A new file can be read by its owner
//! alone, since it has the class's token and the nicknames in it. What is deleted is overwritten
//! in it (`secure_delete`). The journal beside it is cut to nothing after each transaction, which
//! gives its blocks back to the disk and does not overwrite them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use resnette_class::Token;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use thiserror::Error;

use crate::board::kept::KeptBoard;
use crate::keep_tables::{self, TABLES};

/// The version of the tables; a file says in which it is written.
pub const VERSION: u32 = 1;
/// "RNcb": by this a file says that it is a class's board.
const APPLICATION: u32 = 0x524e_6362;
/// The most bytes of a file: many times what [`MAX_SEATS`](crate::board::MAX_SEATS) can fill.
pub const MAX_FILE_BYTES: u64 = 32 << 20;
/// The most bytes of one value or row in it.
const MAX_VALUE_BYTES: i32 = 100_000;
/// The bytes of a database's header that are looked at.
const HEADER_BYTES: usize = 72;

/// Why a file is not kept in, or could not be written.
#[derive(Debug, Error)]
pub enum KeepError {
    /// What is there is a link, a pipe, a device or a folder, or the name is none of a file.
    #[error(
        "{0} is no ordinary file, so the class is not kept in it and nothing was changed; give the \
         name of a new file, or of one that `resnette host --keep` has written"
    )]
    NotAFile(PathBuf),
    /// Another program's file.
    #[error(
        "{0} was not written by `resnette host --keep`, so it was left as it is; give the name of \
         a new file"
    )]
    Foreign(PathBuf),
    /// A later version has written it.
    #[error(
        "{path} was written by a later version of this program (its tables have version {version}, \
         this one knows {VERSION}), so it was left as it is; use that version, or a new file"
    )]
    Later {
        /// The file.
        path: PathBuf,
        /// The version of its tables.
        version: u32,
    },
    /// It is larger than any class.
    #[error("{0} is larger than any class's file, so it was left as it is; use a new file")]
    Large(PathBuf),
    /// Something in it is not what this program writes.
    #[error(
        "{path} is damaged ({what}), so it was left as it is; use a new file, or a copy of this one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Another host has it open.
    #[error("{0} is in use by another program; end that class first, or use a new file")]
    InUse(PathBuf),
    /// The system refuses.
    #[error("{path} cannot be used ({error})")]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// SQLite refuses, as on a full disk.
    #[error("{path} cannot be used ({error})")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        error: rusqlite::Error,
    },
}

/// An open file, which no other host can open.
#[derive(Debug)]
pub struct KeepFile {
    connection: Connection,
    path: PathBuf,
    /// What is in it.
    written: KeptBoard,
}

/// What an open file says of the class.
#[derive(Debug)]
pub struct Opened {
    /// The file.
    pub file: KeepFile,
    /// The class's token, so that the join link and the pages of last time are right again.
    pub join_token: Token,
    /// What was kept.
    pub board: KeptBoard,
}

impl KeepFile {
    /// Opens a file, or makes it with this token for the class.
    ///
    /// # Errors
    /// [`KeepError`], and a file that was there is as it was.
    pub fn open(path: &Path, new_token: Token) -> Result<Opened, KeepError> {
        let path = in_its_folder(path)?;
        let is_new = examine(&path)?;
        // Without CREATE, and without URIs: this file and no other.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let sqlite = |error: rusqlite::Error| named(&path, error);
        let mut connection = Connection::open_with_flags(&path, flags).map_err(sqlite)?;
        set_up(&connection).map_err(sqlite)?;
        let read = match is_new {
            true => make(&mut connection, new_token).map(|()| (new_token, KeptBoard::default())),
            false => {
                let damaged = |what: String| KeepError::Damaged { path: path.clone(), what };
                sound(&connection).map_err(sqlite)?.map_err(damaged)?;
                let read = keep_tables::read(&connection).map_err(sqlite)?;
                Ok(read.map_err(|what| damaged(what.into()))?)
            }
        };
        let (join_token, board) = read.map_err(sqlite)?;
        let mut file = Self { connection, path, written: board.clone() };
        // A file that can be read only is told now, not in the middle of a lesson.
        file.write_always(&board)?;
        Ok(Opened { file, join_token, board })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what has changed since the last time, all of it or nothing.
    ///
    /// # Errors
    /// [`KeepError`], and the file says what it said before.
    pub fn write(&mut self, board: &KeptBoard) -> Result<(), KeepError> {
        if *board == self.written { Ok(()) } else { self.write_always(board) }
    }

    /// Rewrites the whole file, so that nothing is left of what was deleted, wherever it lay.
    ///
    /// # Errors
    /// [`KeepError`]; the file says what it said before.
    pub fn compact(&mut self) -> Result<(), KeepError> {
        self.connection.execute_batch("VACUUM").map_err(|error| named(&self.path, error))
    }

    fn write_always(&mut self, board: &KeptBoard) -> Result<(), KeepError> {
        let Self { connection, written, .. } = self;
        let done = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|all| keep_tables::write(&all, written, board).and_then(|()| all.commit()));
        match done {
            Ok(()) => {
                self.written = board.clone();
                Ok(())
            }
            Err(error) => Err(named(&self.path, error)),
        }
    }
}

/// The path with its folder's real name: links in it are the reader's own, a link as the file is
/// not followed.
fn in_its_folder(path: &Path) -> Result<PathBuf, KeepError> {
    let Some(name) = path.file_name() else { return Err(KeepError::NotAFile(path.into())) };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let system = |error| KeepError::System { path: folder.into(), error };
    Ok(folder.canonicalize().map_err(system)?.join(name))
}

/// Looks at what stands under the name, makes an empty file if nothing does, and returns whether
/// there is nothing in it.
fn examine(path: &Path) -> Result<bool, KeepError> {
    let system = |error| KeepError::System { path: path.into(), error };
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => Err(KeepError::NotAFile(path.into())),
        Ok(found) if found.len() > MAX_FILE_BYTES => Err(KeepError::Large(path.into())),
        Ok(found) if found.len() == 0 => Ok(true),
        Ok(_) => {
            let mut header = Vec::new();
            let file = File::open(path).map_err(system)?;
            file.take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(system)?;
            is_ours(path, &header).map(|()| false)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path).map_err(system)?;
            Ok(true)
        }
        Err(error) => Err(system(error)),
    }
}

/// An empty file that only its owner reads. A link is not followed, wherever it leads.
fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

/// Whether a file with this header is a class's board (<https://www.sqlite.org/fileformat.html>).
fn is_ours(path: &Path, header: &[u8]) -> Result<(), KeepError> {
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>());
        bytes.map(|bytes| u32::from_be_bytes(*bytes))
    };
    if !header.starts_with(b"SQLite format 3\0") || number(68) != Some(APPLICATION) {
        return Err(KeepError::Foreign(path.into()));
    }
    match number(60) {
        Some(VERSION) => Ok(()),
        Some(version) if version > VERSION => Err(KeepError::Later { path: path.into(), version }),
        _ => Err(KeepError::Foreign(path.into())),
    }
}

/// Limits of a file that somebody may have prepared, and the lock that keeps other hosts out.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)?;
    connection.execute_batch(
        "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; \
         PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; \
         PRAGMA max_page_count = 8192; BEGIN EXCLUSIVE; COMMIT;",
    )
}

/// The tables of a new file.
fn make(connection: &mut Connection, token: Token) -> rusqlite::Result<()> {
    let all = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    all.pragma_update(None, "application_id", APPLICATION)?;
    all.pragma_update(None, "user_version", VERSION)?;
    for table in TABLES {
        all.execute_batch(table)?;
    }
    keep_tables::begin(&all, token)?;
    all.commit()
}

/// Whether a file has the tables that this program makes and nothing else, and SQLite finds it
/// whole; if not, what is wrong.
fn sound(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL LIMIT 20")?;
    let mut found = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    let mut wanted = TABLES.map(str::to_owned).to_vec();
    found.sort();
    wanted.sort();
    if found != wanted {
        return Ok(Err("its tables are other ones".into()));
    }
    let told: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(if told == "ok" { Ok(()) } else { Err(told) })
}

/// The error of a file, by what the reader can do about it.
fn named(path: &Path, error: rusqlite::Error) -> KeepError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => KeepError::InUse(path),
        Some(ErrorCode::NotADatabase) => KeepError::Foreign(path),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::TooBig) => {
            KeepError::Damaged { path, what: error.to_string() }
        }
        // Values of another kind or size than ours.
        None => KeepError::Damaged { path, what: error.to_string() },
        Some(_) => KeepError::Sqlite { path, error },
    }
}
