//! The settings of a run, listed at the end of `--help`.

use std::fmt::Write;

use resnette_spec::settings::Group;

/// Every setting with its default, its bounds and its help, by group.
pub fn settings_help() -> String {
    let mut text = String::from("Settings are key=value, with & between them.\n");
    for group in Group::ALL {
        let _ = writeln!(text, "\n{}:", group.title());
        for setting in group.settings() {
            let default = match setting.default_value() {
                value if value.is_empty() => "empty".to_string(),
                value => value,
            };
            let _ = writeln!(
                text,
                "  {}  [default: {default}]\n          {}: {}. {}",
                setting.key,
                setting.label,
                setting.kind.bounds(),
                setting.help
            );
        }
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_listed_with_default_bounds_and_help() {
        let text = settings_help();
        for part in [
            "\nData and engine:\n",
            "  bs  [default: 64]\n          Pictures a batch: a whole number from 2 to 512. More ",
            "  block  [default: bottleneck]\n          Block: one of plain, basic, bottleneck. ",
            "  grow  [default: empty]\n",
            "  dropout  [default: 0]\n          Dropout: a number from 0 to 0.9. ",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
}
