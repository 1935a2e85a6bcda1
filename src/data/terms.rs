//! ImageNet's terms: whether this browser's reader has agreed to them.

use crate::shell::platform;

/// Where the answer is remembered. A new wording of the notice needs a new name.
const KEY: &str = "resnette-imagenet-terms-1";

/// Whether the reader has agreed before.
pub fn agreed() -> bool {
    storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).is_some()
}

/// Remembers that the reader agrees. Where the browser remembers nothing, they are asked again next
/// time.
pub fn agree() {
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, "agreed");
    }
}

fn storage() -> Option<web_sys::Storage> {
    platform::window()?.local_storage().ok().flatten()
}
