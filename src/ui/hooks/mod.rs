//! What fetches: the worker, the adapter, the address bar.

mod adapter;
mod hash;
mod page;
mod worker;

pub use adapter::use_adapter;
pub use hash::use_hash;
pub use page::{Page, RECORD_FILE, RECORD_MOST, use_page};
pub use worker::Bridge;
