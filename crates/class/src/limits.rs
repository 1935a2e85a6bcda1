//! The limits of the class's messages, the same on both sides.

use std::time::Duration;

/// The version of the messages. Page and host are built together, but a page may stay open while
/// the host is restarted from another build.
pub const VERSION: u16 = 2;
/// The most bytes of a message. A run with [`MAX_ROWS`] rows takes about 5,000.
pub const MAX_MESSAGE_BYTES: usize = 16_384;
/// The most rows that are shared of a run. Of a longer one the page thins them out.
pub const MAX_ROWS: usize = 200;
/// The most bytes of a run's settings. All of them, each with its longest usual value, take fewer
/// than 1,000.
pub const MAX_SETTINGS_BYTES: usize = 2_000;
/// The most characters of a nickname.
pub const MAX_NICKNAME_CHARS: usize = 24;
/// The most bytes of a nickname.
pub const MAX_NICKNAME_BYTES: usize = 96;
/// The questions of the lesson that are told as answered: the chapter's, which have numbers.
pub const QUESTIONS: u32 = 22;
/// The most characters of a run's code ([`code`](crate::code)).
pub const MAX_CODE_CHARS: usize = 4_000;
/// The most codes that are read of one text.
pub const MAX_CODES: usize = 60;
/// The most rows in a code: a person carries it, so it is short.
pub const MAX_CODE_ROWS: usize = 20;
/// The path of the socket, below the page's folder.
pub const SOCKET_PATH: &str = "class/seat";
/// The path of the socket to the host's engine, below the page's folder.
pub const ENGINE_PATH: &str = "class/engine";
/// How long the host's engine keeps a seat after its page is gone, and so how long a page tries to
/// come back to it.
pub const SEAT_KEPT_FOR: Duration = Duration::from_secs(600);
/// The most bytes of a request to the host's engine. Those that carry no files take a few thousand.
pub const MAX_REQUEST_BYTES: usize = 262_144;
/// How often a page sends at most, in milliseconds: once in this time, and then the newest.
pub const SEND_EVERY_MS: u32 = 1_000;
