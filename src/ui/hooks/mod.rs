//! What fetches: the worker, the adapter, the address bar.

mod adapter;
mod hash;
mod offline;
mod page;
mod worker;

pub use adapter::use_adapter;
pub use hash::use_hash;
pub use offline::use_offline;
pub use page::{Page, use_page};
pub use worker::Bridge;
