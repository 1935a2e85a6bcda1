//! Whether the reader of this browser has agreed to ImageNet's terms.

use crate::shell::platform;

/// The name under which the answer is remembered. A new wording of the notice needs a new name.
const KEY: &str = "resnette-imagenet-terms-1";

/// Whether the reader has agreed before.
pub fn agreed() -> bool {
    storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).is_some()
}

/// Remembers that the reader agrees. If the browser keeps nothing, they are asked again next time.
pub fn agree() {
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, "agreed");
    }
}

fn storage() -> Option<web_sys::Storage> {
    platform::window()?.local_storage().ok().flatten()
}
