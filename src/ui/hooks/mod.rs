//! What fetches: the worker, the adapter, the address bar.

mod adapter;
mod drops;
mod guard;
mod hash;
mod offline;
mod page;
mod pinned;
mod runs;
mod saved;
mod worker;

pub use adapter::use_adapter;
pub use drops::use_stray_drops;
pub use guard::use_guard;
pub use hash::use_hash;
pub use offline::use_offline;
pub use page::{Page, RECORD_FILE, RECORD_MOST, use_page};
pub use pinned::use_pinned;
pub use runs::use_runs;
pub use saved::use_saved;
pub use worker::Bridge;
