//! Whether a run fits a phone or a tablet of Apple's, whose browsers end a tab that takes too much.

use resnette_spec::DataConfig;
use resnette_spec::architecture::Architecture;
use wasm_bindgen::JsValue;

use crate::shell::browser_api;
use crate::widgets::format;

/// What a tab may take before iOS or iPadOS ends it, in bytes. The system says it nowhere; tabs
/// have been seen to die between 1.0 and 1.5 GB.
const TAB_BYTES: u64 = 1_000_000_000;
/// What the page, the engine's code and the decoding of a picture take of it, in bytes.
const REST_BYTES: u64 = 250_000_000;

/// Whether `navigator.platform` and `navigator.maxTouchPoints` are those of an iPhone or an iPad.
/// Every browser there is WebKit. An iPad says that it is a Mac, but no Mac has a touch screen.
fn is_apples_phone(platform: &str, touch_points: f64) -> bool {
    ["iPhone", "iPad", "iPod"].iter().any(|name| platform.starts_with(name))
        || (platform.starts_with("Mac") && touch_points > 1.0)
}

/// Whether this browser runs on an iPhone or an iPad.
pub fn on_apples_phone() -> bool {
    let value = |name| browser_api::value_of_navigator(name).unwrap_or(JsValue::UNDEFINED);
    is_apples_phone(
        &value("platform").as_string().unwrap_or_default(),
        value("maxTouchPoints").as_f64().unwrap_or_default(),
    )
}

/// Why a run with this network, these pictures in each of `classes` classes and the batch size `bs`
/// does not fit a tab of an iPhone or an iPad, and what would help; `None` if it fits. Its GPU has
/// no memory of its own, so this holds for both engines.
pub fn phone_limit_exceeded(
    plan: &Architecture,
    data: &DataConfig,
    classes: u32,
    bs: u32,
) -> Option<String> {
    let step = plan.training_bytes(data.size, bs);
    let [train, valid] =
        [data.train, data.valid].map(|pictures| u64::from(pictures) * u64::from(classes));
    let set = data.photo_bytes(train, valid);
    let room = TAB_BYTES - REST_BYTES;
    let larger = if set > step {
        "Choose fewer pictures a class or a smaller size."
    } else {
        "Choose fewer pictures a batch or a smaller size."
    };
    (step.saturating_add(set) > room).then(|| {
        format!(
            "This will not fit: a step needs about {} and the pictures {}, and iPhones and iPads \
             close a tab that takes more than about {} for both. {larger}",
            format::bytes(step),
            format::bytes(set),
            format::bytes(room)
        )
    })
}

#[cfg(test)]
mod tests {
    use resnette_spec::read_run;

    use super::*;

    fn told(settings: &str) -> Option<String> {
        let config = read_run(settings).0;
        let plan = Architecture::new(&config.net, 10);
        phone_limit_exceeded(&plan, &config.pictures(), 10, config.recipe.bs)
    }

    #[test]
    fn an_ipad_is_told_from_a_mac_by_its_touch_screen() {
        assert!(is_apples_phone("iPhone", 5.0) && is_apples_phone("iPad", 5.0));
        assert!(is_apples_phone("MacIntel", 5.0), "iPadOS as a Mac");
        assert!(!is_apples_phone("MacIntel", 0.0));
        assert!(!is_apples_phone("Linux armv81", 5.0), "Android gives tabs more");
        assert!(!is_apples_phone("Win32", 10.0) && !is_apples_phone("", 0.0));
    }

    #[test]
    fn the_settings_of_a_first_visit_fit_a_phone() {
        assert_eq!(told(""), None);
    }

    #[test]
    fn a_large_batch_and_a_large_set_are_refused_with_what_helps() {
        let batch = told("size=128&bs=512").unwrap_or_default();
        assert!(batch.contains("fewer pictures a batch") && batch.contains("iPad"), "{batch}");
        // 8,000 photos of 213 × 160 pixels; 1,000 more, and of each the square of 224 × 224.
        let many = "size=224&train=800&valid=100&bs=2&width=8&stem=8,8,8&layers=1&expansion=1";
        let set = told(many).unwrap_or_default();
        assert!(set.contains("1.07 GB") && set.contains("fewer pictures a class"), "{set}");
        // Photos that are larger themselves are kept larger: 427 × 320 pixels.
        let set = told(&format!("{many}&photos=320px")).unwrap_or_default();
        assert!(set.contains("3.84 GB"), "{set}");
    }

    #[test]
    fn step_and_pictures_are_added_up() {
        let net = "size=224&bs=2&width=8&stem=8,8,8&layers=1&expansion=1";
        // 608 + 50 photos a class at 1,024,000 bytes for ten, and 50 squares at 1,505,280: 749.1
        // MB, and the step.
        assert_eq!(told(&format!("{net}&train=500&valid=50")), None);
        assert!(told(&format!("{net}&train=608&valid=50")).is_some());
    }
}
