//! Whether the reader of this browser has agreed to ImageNet's terms.

use crate::shell::browser_storage;

/// The name under which the answer is remembered. A new wording of the notice needs a new name.
const KEY: &str = "resnette-imagenet-terms-1";

/// Whether the reader has agreed before.
pub fn agreed() -> bool {
    matches!(browser_storage::read(KEY), Ok(Some(_)))
}

/// Remembers that the reader agrees. If the browser keeps nothing, they are asked again next time.
pub fn agree() {
    let _ = browser_storage::write(KEY, "agreed");
}
