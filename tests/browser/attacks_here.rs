//! Attacks on what is here: the page's processes, its storage, its surroundings, the command line.

use crate::attack::{Attack, attack};

const KILLS: &str = "tests/browser/kills.rs";
const RUNS: &str = "tests/browser/runs.rs";
const SLOTS: &str = "tests/browser/slots.rs";
const CORES: &str = "tests/browser/cores.rs";
const NETWORK: &str = "tests/browser/network.rs";
const ODD: &str = "tests/browser/odd_browsers.rs";
const KEEPING: &str = "crates/cli/tests/keeping.rs";
const OUTPUTS: &str = "crates/cli/tests/outputs.rs";
const SIGNALS: &str = "crates/cli/tests/signals.rs";
const CHECKPOINT: &str = "crates/engine/tests/golden/checkpoint.rs";
const EPOCHS: &str = "every finished epoch; Continue ends with the same numbers";

/// Something dies.
pub const DEATHS: &[Attack] = &[
    attack(
        "`SIGKILL` of the page's process, at any moment of a run",
        "is gone; opened again, offers Continue",
        EPOCHS,
        (KILLS, "of_the_page"),
    ),
    attack(
        "the worker ends in silence, at any moment",
        "opened again, offers Continue",
        EPOCHS,
        (KILLS, "of_the_worker"),
    ),
    attack(
        "`SIGKILL` of the GPU process, at any moment of a run on the CPU",
        "goes on",
        "everything",
        (KILLS, "of_the_gpu_process"),
    ),
    attack(
        "`SIGKILL` of the whole browser, at any moment",
        "opened again, offers Continue",
        EPOCHS,
        (KILLS, "of_the_browser"),
    ),
    attack(
        "the tab crashes within an epoch",
        "opened again, offers Continue",
        "every finished epoch, and the losses of the first steps",
        (RUNS, "a_crashed_tab_goes_on"),
    ),
    attack(
        "a paused run's page is closed",
        "opened again, offers Continue from the step that it was paused at",
        "every step",
        (RUNS, "a_paused_run_goes_on_after_a_reload"),
    ),
    attack(
        "the engine breaks under a run",
        "starts another, which goes on from the last save by itself",
        EPOCHS,
        (RUNS, "a_broken_engine_is_started_again"),
    ),
    attack(
        "a thread of the CPU engine crashes, for which the engine then waits for ever",
        "says so; another engine goes on from the last save by itself",
        EPOCHS,
        (CORES, "a_thread_that_crashes_is_told"),
    ),
    attack(
        "the GPU device is destroyed under a run",
        "says so; another engine goes on from the last save by itself",
        "every finished epoch",
        ("tests/browser/device_loss.rs", "a_destroyed_device_and_a_reload_change_nothing"),
    ),
    attack(
        "the engine's module is broken",
        "says why it did not start",
        "the page",
        ("tests/browser/loader.rs", "a_failed_start_is_reported"),
    ),
    attack(
        "the WebGPU engine is still being built",
        "says so; Stop ends the waiting",
        "the page, and the CPU engine",
        ("tests/browser/serving.rs", "the_page_is_there_before_the_webgpu_engine"),
    ),
    attack(
        "a page whose run is on the class's host is closed, or its connection breaks",
        "the run goes on for ten minutes; a page that comes back shows it",
        "every step",
        ("crates/host-engine/tests/loopback.rs", "a_page_that_comes_back_sees_its_run"),
    ),
    attack(
        "a run on the class's host panics",
        "says so; that seat ends, and no other",
        "its table, and everybody else's run",
        ("crates/host-engine/src/seats/tests.rs", "a_seat_that_panics_ends_alone"),
    ),
];

/// The browser's storage.
pub const STORAGE: &[Attack] = &[
    attack(
        "the newer of the two saves is cut",
        "offers the older",
        EPOCHS,
        (RUNS, "a_cut_save_gives_way_to_the_older"),
    ),
    attack(
        "the newer save is cut at every thousandth byte",
        "offers the older each time",
        EPOCHS,
        ("tests/browser/cuts.rs", "a_save_cut_at_every_thousandth_byte"),
    ),
    attack(
        "both saves are cut",
        "offers nothing to go on with",
        "the list of runs",
        (RUNS, "a_cut_save_gives_way_to_the_older"),
    ),
    attack(
        "a save is cut at every byte (on the host)",
        "takes the one before",
        EPOCHS,
        (CHECKPOINT, "a_save_cut_anywhere_gives_way_to_the_one_before"),
    ),
    attack(
        "the storage is full",
        "trains on, and says that the run is not kept",
        "the table; the run as a file",
        (RUNS, "a_full_storage_is_told"),
    ),
    attack(
        "a second tab trains",
        "keeps each tab's run in a slot of its own",
        "both runs",
        (SLOTS, "two_tabs_keep_a_run_each"),
    ),
    attack(
        "more runs than the browser is to keep",
        "lets the oldest go and says which",
        "the newest, the one under way and the one last continued",
        (SLOTS, "the_oldest_run_makes_room_and_is_told"),
    ),
    attack(
        "two copies of the page on one origin",
        "gives each its own runs, list and downloads",
        "the runs of both",
        (SLOTS, "two_copies_of_the_page_share_nothing"),
    ),
    attack(
        "a link with `autostart=1` over a paused run",
        "starts nothing, and says what the link wants",
        "the paused run",
        (SLOTS, "autostart_over_a_paused_run_starts_nothing"),
    ),
    attack(
        "a link with `autostart=1` whose pictures are elsewhere",
        "asks no other host before the reader has agreed",
        "everything",
        (SLOTS, "autostart_asks_no_other_host"),
    ),
    attack(
        "pictures that cannot be loaded, during a run",
        "tells it beside the run, which goes on and can be paused and stopped",
        "the run",
        (SLOTS, "a_failed_load_beside_a_run_is_no_end_of_it"),
    ),
    attack(
        "two tabs write the list of runs",
        "shows the runs of both in both",
        "all rows",
        ("tests/browser/compare.rs", "two_tabs_keep_each_others_runs"),
    ),
    attack(
        "the list of runs is made up or damaged",
        "leaves out what is hostile",
        "every row that can be read",
        ("crates/protocol/src/saved/runs/tests.rs", "a_hostile_list_loses_only_what_is_hostile"),
    ),
    attack(
        "names and numbers in the list have no bounds",
        "cuts them",
        "the rows",
        ("crates/protocol/src/saved/runs/tests.rs", "names_and_numbers_are_bounded"),
    ),
    attack(
        "the lesson's answers in the storage are made up",
        "refuses or bounds them",
        "what can be read",
        ("crates/lesson/src/progress/tests.rs", "hostile_storage_is_refused_or_bounded"),
    ),
    attack(
        "a kept range of a download is damaged",
        "fetches it again",
        "the rest",
        ("crates/protocol/src/range_cache.rs", "a_damaged_entry_is_refused"),
    ),
    attack(
        "there is no room for downloads",
        "says so, and loads all the same",
        "the pictures of this visit",
        (NETWORK, "no_room_is_told"),
    ),
    attack(
        "all site data are blocked",
        "says so once; links and training work",
        "the run of this visit, and files",
        (ODD, "site_data_are_blocked"),
    ),
];

/// Odd browsers, and hands.
pub const HANDS: &[Attack] = &[
    attack(
        "500 random actions by each of ten seeds in Chromium and two in Firefox",
        "no error, no dead button; trains afterwards",
        "the page",
        ("tests/browser/monkey.rs", "monkeys_press_everything"),
    ),
    attack(
        "every state of a run is looked at from every place, and left",
        "each can be left",
        "the run",
        ("tests/browser/monkey.rs", "every_state_is_reached_and_left"),
    ),
    attack(
        "files dropped beside what takes files",
        "says where they belong",
        "the page is not left",
        ("tests/browser/drops.rs", "a_drop_beside_is_no_way_out"),
    ),
    attack(
        "leaving during a run",
        "asks first",
        "the run",
        ("tests/browser/guard.rs", "a_run_is_guarded_and_steered"),
    ),
    attack(
        "another tab in front",
        "trains on",
        "everything",
        ("tests/browser/guard.rs", "a_tab_in_the_background_trains_on"),
    ),
    attack(
        "a translator replaces every text",
        "goes on showing the run",
        "everything",
        (ODD, "a_translated_page_follows_its_run"),
    ),
    attack(
        "a translator that goes on",
        "no text is there twice",
        "everything",
        (ODD, "a_translator_that_goes_on"),
    ),
    attack(
        "the translation is taken back",
        "shows its own words",
        "everything",
        (ODD, "the_original_comes_back"),
    ),
    attack(
        "the page comes over http",
        "says what the browser withholds; trains on the CPU",
        "the run of this visit",
        (ODD, "a_school_without_https"),
    ),
    attack(
        "a network that cannot fit the GPU",
        "says so before it begins",
        "the page",
        ("tests/browser/fit.rs", "what_cannot_fit_is_told_before"),
    ),
];

/// The command line.
pub const COMMAND_LINE: &[Attack] = &[
    attack(
        "Ctrl-C, `SIGTERM`, `SIGHUP`",
        "saves, and says how to go on",
        "every step; `--resume` ends with the same bits",
        (KEEPING, "a_run_that_is_told_to_stop_goes_on_to_the_same_bits"),
    ),
    attack(
        "`SIGKILL` at any moment",
        "is gone",
        "every epoch but the one under way; `--resume` ends with the same bits",
        (KEEPING, "a_killed_run_loses_at_most_its_epoch"),
    ),
    attack(
        "`| head`",
        "trains on",
        "the run",
        (KEEPING, "a_run_that_nobody_reads_is_kept_all_the_same"),
    ),
    attack(
        "`--out` holds a run, or is a file",
        "says so before the first step; `--force` replaces",
        "the run that is there",
        (KEEPING, "a_folder_is_tried_before_the_first_step_and_no_run_is_replaced_unasked"),
    ),
    attack(
        "links and pipes in `--out`",
        "refuses them",
        "what they point to",
        (KEEPING, "links_and_pipes_are_not_written_through"),
    ),
    attack(
        "the disk fills up",
        "says so",
        "what was saved before",
        (KEEPING, "a_full_disk_loses_nothing"),
    ),
    attack(
        "a terminal that is closed, `timeout`: the signal comes twice",
        "saves once, and says how to go on",
        "every step; `--resume` ends with the same bits",
        (SIGNALS, "a_signal_that_comes_twice_is_one"),
    ),
    attack(
        "`SIGHUP` under `nohup`",
        "trains on",
        "the run",
        (SIGNALS, "under_nohup_a_run_goes_on"),
    ),
    attack(
        "Ctrl-C while pictures are loaded",
        "ends at once",
        "what was there",
        (SIGNALS, "a_signal_before_the_first_step_ends_at_once"),
    ),
    attack(
        "any file that a run would write is there already",
        "says so before the first step; `--force` replaces",
        "the file",
        (OUTPUTS, "no_file_is_replaced_unasked"),
    ),
    attack(
        "a link, a pipe or a folder in the place of any of them; a slash behind a link",
        "refuses them before the first step, `--force` or not",
        "what they point to",
        (OUTPUTS, "nothing_but_a_file_is_replaced_even_if_it_is_asked"),
    ),
    attack(
        "`evaluate --record` over a file, a folder or a name with a slash",
        "says so before the work; `--force` replaces a file",
        "what is there",
        (OUTPUTS, "a_record_is_written_by_the_same_rule"),
    ),
    attack(
        "two processes with one `--out`",
        "refuses the second",
        "the run of the first",
        (OUTPUTS, "two_processes_do_not_share_a_folder"),
    ),
    attack(
        "`--force` over another run, then `SIGKILL`",
        "has saved the new run before its first step",
        "the new run; `--resume` never goes on with the other",
        (OUTPUTS, "a_run_that_was_replaced_is_gone"),
    ),
    attack(
        "`--resume` with another number of threads",
        "goes on",
        "everything; the same bits",
        (OUTPUTS, "a_run_goes_on_with_other_threads"),
    ),
    attack(
        "`--out` goes away under the run",
        "writes to a new folder, which only the owner can open, and says where",
        "every step; `--resume` goes on from there",
        (OUTPUTS, "what_the_folder_does_not_take_is_kept_elsewhere"),
    ),
    attack(
        "a run too large to be opened again",
        "says so before the first step",
        "its network, after every epoch and when it is stopped",
        (OUTPUTS, "a_run_too_large_to_be_kept_keeps_its_network"),
    ),
];
