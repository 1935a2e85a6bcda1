//! Attacks that other tests make, for the table in `docs/reliability.md`. Each row names the test
//! that asserts it.

/// What is done to the page or the command line, what it does then, and what is kept.
pub struct Attack {
    pub attack: &'static str,
    pub does: &'static str,
    pub kept: &'static str,
    /// The file of the test, from the checkout's root on.
    pub file: &'static str,
    /// Its function.
    pub test: &'static str,
}

const fn attack(
    attack: &'static str,
    does: &'static str,
    kept: &'static str,
    place: (&'static str, &'static str),
) -> Attack {
    Attack { attack, does, kept, file: place.0, test: place.1 }
}

const KILLS: &str = "tests/browser/kills.rs";
const RUNS: &str = "tests/browser/runs.rs";
const NETWORK: &str = "tests/browser/network.rs";
const REFUSALS: &str = "tests/browser/refusals.rs";
const ODD: &str = "tests/browser/odd_browsers.rs";
const KEEPING: &str = "crates/cli/tests/keeping.rs";
const CHECKPOINT: &str = "crates/engine/tests/golden/checkpoint.rs";
const SAFETENSORS: &str = "crates/engine/src/model/safetensors.rs";
const ARCHIVES: &str = "crates/images/tests/data/archives.rs";
const ZIPS: &str = "crates/images/tests/data/zips.rs";
const PICTURES: &str = "crates/images/tests/data/odd_pictures.rs";

const FILES: (&str, &str) = (RUNS, "runs_and_models_travel_as_files");
const NOT_OPENED: &str = "says that the file was not opened, and why";
const THE_RUN: &str = "the run and its network";
const EPOCHS: &str = "every finished epoch; Continue ends with the same numbers";

/// By chapter of the table.
pub const CHAPTERS: &[(&str, &[Attack])] = &[
    ("Something dies", DEATHS),
    ("The browser's storage", STORAGE),
    ("Files that are opened", OPENED),
    ("The network and links", REMOTE),
    ("Odd browsers, and hands", HANDS),
    ("The command line", COMMAND_LINE),
];

const DEATHS: &[Attack] = &[
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
];

const STORAGE: &[Attack] = &[
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
        "says in the second tab that its run is not kept",
        "the first tab's run",
        (RUNS, "a_second_tab_says_that_it_does_not_keep"),
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
        ("crates/protocol/src/saved/runs.rs", "a_hostile_list_loses_only_what_is_hostile"),
    ),
    attack(
        "names and numbers in the list have no bounds",
        "cuts them",
        "the rows",
        ("crates/protocol/src/saved/runs.rs", "names_and_numbers_are_bounded"),
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

const OPENED: &[Attack] = &[
    attack("a model that is cut", NOT_OPENED, THE_RUN, FILES),
    attack("a photo called `.safetensors`", NOT_OPENED, THE_RUN, FILES),
    attack("a model whose header claims 2⁶³ bytes", NOT_OPENED, THE_RUN, FILES),
    attack("a model with a weight that is no number", NOT_OPENED, THE_RUN, FILES),
    attack("a model with the sizes of a tensor exchanged", NOT_OPENED, THE_RUN, FILES),
    attack("an empty run", NOT_OPENED, THE_RUN, FILES),
    attack("a run that ends after its first word", NOT_OPENED, THE_RUN, FILES),
    attack("a run with one bit turned", NOT_OPENED, THE_RUN, FILES),
    attack(
        "a run, while another is under way",
        "says that a run is under way",
        "the run under way",
        FILES,
    ),
    attack(
        "a model cut at every byte",
        "refuses it with a reason",
        THE_RUN,
        (SAFETENSORS, "a_file_cut_anywhere_is_refused"),
    ),
    attack(
        "models made up to harm",
        "refuses each with a reason",
        THE_RUN,
        (SAFETENSORS, "hostile_files_are_refused_with_a_reason"),
    ),
    attack(
        "a weight too large for half precision",
        "refuses to write it so",
        "the network, in full precision",
        (SAFETENSORS, "numbers_too_large_for_half_precision_are_refused"),
    ),
    attack(
        "a burnpack cut anywhere or made up",
        "refuses it with a reason",
        THE_RUN,
        ("crates/engine/src/model/burnpack.rs", "a_file_cut_anywhere_or_made_up_is_refused"),
    ),
    attack(
        "a model that asks for a giant network",
        "refuses it before it is built",
        THE_RUN,
        (
            "crates/engine/src/model/file/tests.rs",
            "a_file_that_asks_for_a_giant_is_refused_before_it_is_built",
        ),
    ),
    attack(
        "tensors that are missing, extra or of other sizes",
        "names them",
        THE_RUN,
        ("crates/engine/src/model/file/tests.rs", "missing_extra_and_misshaped_tensors_are_named"),
    ),
    attack(
        "a model that lies about itself",
        "refuses it with a reason",
        THE_RUN,
        ("crates/engine/src/model/file/tests.rs", "what_a_file_says_of_itself_is_checked"),
    ),
    attack(
        "a run cut anywhere, or with a byte changed",
        "refuses it",
        THE_RUN,
        (
            "crates/protocol/src/saved/run_file.rs",
            "a_file_cut_anywhere_or_with_a_byte_changed_is_refused",
        ),
    ),
    attack(
        "a run with lengths that do not fit",
        "refuses it before anything is read",
        THE_RUN,
        (
            "crates/protocol/src/saved/run_file.rs",
            "lengths_that_would_not_fit_are_refused_before_anything_is_read",
        ),
    ),
    attack(
        "a run with good checksums that is made up",
        "refuses it",
        THE_RUN,
        (CHECKPOINT, "a_file_made_up_with_good_checksums_is_refused"),
    ),
    attack(
        "a run whose tensors are damaged",
        "refuses it",
        THE_RUN,
        (CHECKPOINT, "a_damaged_file_is_refused"),
    ),
    attack(
        "a run, with other pictures than it was trained on",
        "refuses to go on",
        "the saved run",
        (CHECKPOINT, "other_pictures_are_refused"),
    ),
    attack(
        "pictures made up to harm, to predict",
        "names each",
        "the page and its network",
        ("tests/browser/predict.rs", "hostile_pictures_are_named"),
    ),
    attack(
        "files made up to harm, to train on",
        "names each",
        "the pictures that are good",
        ("tests/browser/data.rs", "hostile_files_are_named"),
    ),
    attack(
        "entries of a `.tar` that lead out or lie",
        "names them",
        "the other pictures",
        (ARCHIVES, "hostile_entries_are_named_and_the_rest_is_used"),
    ),
    attack(
        "a `.tgz` that unpacks without end",
        "gives up, and says so",
        "the page",
        (ARCHIVES, "a_bomb_is_given_up"),
    ),
    attack(
        "a `.tar` that is cut",
        "says so",
        "the pictures that came",
        (ARCHIVES, "a_cut_archive_keeps_what_came_and_says_so"),
    ),
    attack(
        "entries of a `.zip` that lead out or lie",
        "names them",
        "the other pictures",
        (ZIPS, "hostile_entries_are_named_and_the_rest_is_used"),
    ),
    attack(
        "a `.zip` that unpacks without end",
        "gives up, and says so",
        "the page",
        (ZIPS, "bombs_are_given_up"),
    ),
    attack(
        "a `.zip` that is cut",
        "says so",
        "the pictures that came",
        (ZIPS, "a_cut_zip_keeps_what_came_and_says_so"),
    ),
    attack(
        "WebP files that lie about their size",
        "refuses them before memory is taken",
        "the other pictures",
        (PICTURES, "webps_that_lie_about_their_size_are_refused_before_memory_is_allocated"),
    ),
    attack(
        "pictures that are cut, in every format",
        "says so",
        "the other pictures",
        (PICTURES, "pictures_that_are_cut_off_are_told_in_every_format"),
    ),
    attack(
        "pictures of 10⁹ pixels, in every format",
        "refuses them",
        "the other pictures",
        (PICTURES, "sizes_that_are_too_large_are_refused_in_every_format"),
    ),
    attack(
        "a parquet file with broken or missing pictures",
        "counts them",
        "the other pictures",
        (
            "crates/images/tests/data/parquets.rs",
            "a_null_or_broken_picture_is_a_problem_and_the_rest_is_used",
        ),
    ),
];

const REMOTE: &[Attack] = &[
    attack(
        "a link with a value that is none",
        "names it, and trains by the others",
        "the other settings",
        (REFUSALS, "a_bad_value_is_named_and_the_rest_kept"),
    ),
    attack(
        "links with broken encodings",
        "reads what can be read",
        "the other settings",
        ("crates/spec/src/link.rs", "broken_encodings_do_not_panic"),
    ),
    attack(
        "an address that nobody answers at",
        "says so, and trains on other pictures next",
        "the page",
        (REFUSALS, "an_unreachable_address"),
    ),
    attack(
        "an address without the file",
        "says what the server said",
        "the page",
        (REFUSALS, "a_missing_file"),
    ),
    attack(
        "a web page where a parquet file should be",
        "says that it is none",
        "the page",
        (REFUSALS, "a_page_in_place_of_a_parquet"),
    ),
    attack(
        "a parquet file that is half there, or lies",
        "says so",
        "the page",
        (REFUSALS, "a_truncated_parquet"),
    ),
    attack(
        "a server that is busy",
        "says so, waits and asks again",
        "what came",
        (NETWORK, "a_busy_server_is_waited_for"),
    ),
    attack(
        "a connection that is lost",
        "says so, and goes on",
        "what came",
        (NETWORK, "a_lost_connection_is_told"),
    ),
    attack(
        "a file that changes while it is read",
        "notices",
        "nothing of either is mixed",
        (NETWORK, "a_changed_file_is_noticed"),
    ),
    attack(
        "all of these at once",
        "loads the same pictures",
        "everything",
        ("tests/browser/data.rs", "bad_weather_changes_nothing"),
    ),
    attack(
        "Cancel during a download",
        "ends it",
        "what was loaded before",
        ("tests/browser/data.rs", "cancel_calls_the_download_off"),
    ),
    attack(
        "no network on the second visit",
        "works as before",
        "everything",
        ("tests/browser/trust.rs", "the_second_visit_needs_no_network"),
    ),
    attack(
        "a newer version of the page during a visit",
        "says so, and changes when asked",
        "the visit",
        ("tests/browser/trust.rs", "a_newer_version_is_announced"),
    ),
    attack(
        "a script from elsewhere",
        "does not run it",
        "everything",
        ("tests/browser/trust.rs", "foreign_scripts_do_not_run"),
    ),
    attack(
        "the lesson does not come",
        "says so, and asks again",
        "the rest of the page",
        ("tests/browser/learn.rs", "a_lesson_that_does_not_come_is_told"),
    ),
];

const HANDS: &[Attack] = &[
    attack(
        "500 random actions by each of ten seeds",
        "no error, no dead button; trains afterwards",
        "the page",
        ("tests/browser/monkey.rs", "ten_monkeys"),
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

const COMMAND_LINE: &[Attack] = &[
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
];
