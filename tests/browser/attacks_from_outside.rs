//! Attacks by what comes from outside: files that are opened, the network, links.

use crate::attack::{Attack, attack};

const RUNS: &str = "tests/browser/runs.rs";
const NETWORK: &str = "tests/browser/network.rs";
const REFUSALS: &str = "tests/browser/refusals.rs";
const CHECKPOINT: &str = "crates/engine/tests/golden/checkpoint.rs";
const SAFETENSORS: &str = "crates/engine/src/model/safetensors.rs";
const ARCHIVES: &str = "crates/images/tests/data/archives.rs";
const ZIPS: &str = "crates/images/tests/data/zips.rs";
const PICTURES: &str = "crates/images/tests/data/odd_pictures.rs";
const FILES: (&str, &str) = (RUNS, "runs_and_models_travel_as_files");
const NOT_OPENED: &str = "says that the file was not opened, and why";
const THE_RUN: &str = "the run and its network";

/// Files that are opened.
pub const OPENED: &[Attack] = &[
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

/// The network and links.
pub const REMOTE: &[Attack] = &[
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
    attack(
        "runs for the class's host that need too much memory",
        "refuses each before anything is reserved",
        "everybody's run",
        (
            "crates/host-engine/src/admission/tests.rs",
            "plans_that_take_too_much_are_refused_before_anything_is_reserved",
        ),
    ),
    attack(
        "runs for the class's host that together need too much memory",
        "refuses those that do not fit beside the others, with the figures",
        "everybody's run",
        ("crates/host-engine/src/seats/tests.rs", "the_networks_of_all_seats_are_bounded"),
    ),
    attack(
        "requests to the class's host, faster than it works",
        "lets them wait where there is room for a few, and refuses the 65th that is open",
        "everybody's run",
        (
            "crates/host-engine/src/seats/tests.rs",
            "whoever_asks_faster_than_the_session_works_waits",
        ),
    ),
    attack(
        "steps for the class's host that take too long",
        "refuses each, with what to choose instead",
        "everybody's turn",
        ("crates/host-engine/src/admission/tests.rs", "steps_that_are_too_long_are_refused"),
    ),
    attack(
        "the class's host is killed twice, with ten runs waiting",
        "goes on with all of them (`--keep`)",
        "every run, but for the epoch that was under way",
        ("crates/host-engine/tests/killed.rs", "ten_runs_survive_two_kills"),
    ),
    attack(
        "the class's host ends in the middle of a run and is started again",
        "says so meanwhile, and shows the run to its end",
        "every epoch",
        ("tests/browser/host_engine.rs", "a_run_survives_its_host"),
    ),
    attack(
        "files made up to harm, among the runs that the host keeps",
        "leaves each where it is, and says why",
        "the other runs",
        ("crates/host-engine/src/kept_runs.rs", "what_is_damaged_is_left_and_told"),
    ),
];
