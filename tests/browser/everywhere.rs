//! Tests that run in Firefox and WebKit too. Most are Chromium's own, registered again; the table
//! of `docs/browsers.md` has a row for each.

use std::env;

use libtest_mimic::{Completion, Trial};

use crate::browsers::Browser;
use crate::stage::{in_browser, on_stage};
use crate::{
    cores, drops, hands, learn, leaving, monkey, phones, photos, predict, runs, start, table,
    train, trust, webgpu,
};

/// A test of Chromium's that runs in Firefox and WebKit too, and what its row of the table says.
macro_rules! too {
    ($tests:ident, $module:ident::$test:ident, $words:literal) => {
        let name = concat!(stringify!($module), "::", stringify!($test));
        table::row(name, $words);
        for browser in [Browser::Firefox, Browser::WebKit] {
            $tests.push(match cannot(browser, name) {
                Some(reason) => skipped(browser, name, reason),
                None => in_browser(browser, name, $module::$test),
            });
        }
    };
}

/// The same, with a test that `main.rs` does not have for Chromium.
macro_rules! everywhere {
    ($tests:ident, $module:ident::$test:ident, $words:literal) => {
        $tests
            .push(on_stage(concat!(stringify!($module), "::", stringify!($test)), $module::$test));
        too!($tests, $module::$test, $words);
    };
}

/// What a driver cannot do, and why.
const CANNOT: [(Browser, &str, &str); 4] = [
    (
        Browser::WebKit,
        "hands::a_whole_visit_by_keyboard",
        "a MiniBrowser under automation shows no focus: :focus-visible holds nowhere in it",
    ),
    (
        Browser::WebKit,
        "runs::a_paused_run_goes_on_after_a_reload",
        "a MiniBrowser under automation has no private file system, like a private window",
    ),
    (
        Browser::WebKit,
        "monkey::monkeys_press_everything",
        "nothing keeps a MiniBrowser from other hosts, and random actions must not load photos",
    ),
    (Browser::WebKit, "webgpu::first_losses_equal_the_cpu_engines", "WebKitGTK has no WebGPU"),
];

/// The tests, and their rows.
pub fn tests() -> Vec<Trial> {
    let mut tests = Vec::new();
    too!(tests, train::drawn_set_on_cpu, "a run on drawn pictures, its table, bars and ribbon");
    everywhere!(
        tests,
        photos::rows_are_the_same_everywhere,
        "photos by address: rows and step losses are Chromium's, digit for digit"
    );
    too!(tests, train::stop_ends_the_run, "Stop, then Train again");
    too!(tests, runs::a_paused_run_goes_on_after_a_reload, "Pause, reload, Continue");
    too!(
        tests,
        runs::runs_and_models_travel_as_files,
        "runs and models saved and opened as files; damaged ones refused"
    );
    too!(
        tests,
        predict::uploads_equal_the_native_engine,
        "opened photos: probabilities of the command line"
    );
    too!(tests, learn::answers_survive_a_reload, "a question of the lesson, its answer kept");
    too!(tests, trust::the_second_visit_needs_no_network, "offline: the page, a run, the lesson");
    too!(tests, hands::a_whole_visit_by_keyboard, "a whole visit by keyboard");
    everywhere!(tests, phones::every_place_at_390_by_844, "every place in a window of 390 × 844");
    everywhere!(tests, drops::made_by_a_program, "a drop that a program made");
    everywhere!(tests, start::a_failed_start_is_told, "a start that fails says why");
    everywhere!(tests, start::a_missing_script_is_told, "the page’s script is not there: said");
    everywhere!(tests, start::the_module_is_fetched_once, "one download of the page’s module");
    everywhere!(
        tests,
        leaving::a_page_that_comes_back_keeps_its_run,
        "left in the middle of a run, and back: the run is kept"
    );
    too!(
        tests,
        webgpu::first_losses_equal_the_cpu_engines,
        "WebGPU in software: the first losses are the CPU’s"
    );
    too!(
        tests,
        cores::threads_change_no_bit,
        "one, two and three threads: rows, losses and weights are the same to the last bit"
    );
    too!(tests, monkey::monkeys_press_everything, "random actions, 500 a seed");
    tests.push(on_stage(
        "phones::an_iphone_refuses_what_it_cannot_hold",
        phones::an_iphone_refuses_what_it_cannot_hold,
    ));
    table::row(
        OLD,
        "a browser without SIMD in WebAssembly (WPE WebKit 2.38, in WebKit’s column) says what it lacks",
    );
    tests.push(in_browser(Browser::OldWebKit, OLD, start::an_old_browser_is_told));
    tests
}

const OLD: &str = "start::an_old_browser_is_told";

fn cannot(browser: Browser, name: &str) -> Option<&'static str> {
    let found = CANNOT.into_iter().find(|(who, what, _)| (*who, *what) == (browser, name));
    found.map(|(_, _, reason)| reason)
}

fn skipped(browser: Browser, name: &'static str, reason: &'static str) -> Trial {
    Trial::ignorable_test(format!("{}::{name}", browser.prefix()), move || {
        let outcome = Ok(Completion::ignored_with(format!("skipped: {reason}")));
        table::note(browser, name, None, &outcome);
        outcome
    })
}

/// Leaves the tests that `RESNETTE_BROWSER` names (`cargo xtask test --browser`): those of a
/// browser, or with `all` those that run in every one. Without it all are left.
pub fn choose(tests: &mut Vec<Trial>) {
    let Ok(chosen) = env::var("RESNETTE_BROWSER") else { return };
    tests.retain(|test| {
        let name = test.name();
        let of =
            |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("::"));
        match &chosen[..] {
            "all" => of("firefox") || of("webkit") || table::has_row(name),
            "chromium" => !of("firefox") && !of("webkit"),
            other => of(other),
        }
    });
}
