//! The browser tests: the built page, driven by the names and links that the page promises to keep;
//! all in headless Chromium, and some in Firefox and WebKit too (`everywhere.rs`).
//!
//! `cargo xtask test` builds `dist/` and runs them; `cargo xtask test --browser-only --built NAME`
//! runs some on the `dist/` that is there. A test that needs the shared photos says "ignored" with
//! the reason where they are absent.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod access;
mod attack;
mod attacks_from_outside;
mod attacks_here;
mod axe;
mod benchmark;
mod browsers;
mod chance;
mod chrome;
mod class;
mod compare;
mod cores;
mod corrections;
mod cuts;
mod data;
mod decoders;
mod demos;
mod device_loss;
mod draw;
mod drops;
mod durations;
mod endurance;
mod estimate;
mod everywhere;
mod fit;
#[path = "../../crates/images/tests/data/fixtures.rs"]
#[allow(dead_code, reason = "what the loaders are tested with; the browser needs half of it")]
mod fixtures;
mod functions;
mod guard;
mod hands;
mod host_engine;
mod kills;
mod lanes;
mod learn;
mod leaving;
mod loader;
mod memory;
mod microscope;
mod modules;
mod monkey;
mod native;
mod network;
mod odd_browsers;
mod odd_files;
mod own;
mod page;
mod phones;
mod photos;
mod predict;
mod projector;
mod pytorch;
mod race;
mod rates;
mod refusals;
mod reliability;
mod runs;
mod self_test;
mod serving;
mod sight;
mod sites;
mod slots;
mod squares;
mod stage;
mod start;
mod table;
mod thread;
mod train;
mod transfer;
mod trust;
mod versions;
mod views;
mod walkthrough;
mod watch;
mod webgpu;
mod withheld;
mod zoom;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use stage::on_stage;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let mut tests = vec![
        Trial::test(
            "modules::exports_do_not_run_the_constructors",
            modules::exports_do_not_run_the_constructors,
        ),
        Trial::test("modules::the_page_has_no_engine_in_it", modules::the_page_has_no_engine_in_it),
        Trial::test(
            "modules::a_first_visit_is_within_its_budget",
            modules::a_first_visit_is_within_its_budget,
        ),
        Trial::test(
            "modules::the_workers_are_within_theirs",
            modules::the_workers_are_within_theirs,
        ),
        Trial::test("modules::every_address_is_relative", modules::every_address_is_relative),
        Trial::test(
            "reliability::the_tables_stand_in_the_documents",
            reliability::the_tables_stand_in_the_documents,
        ),
        on_stage("loader::early_messages_come_in_order", loader::early_messages_come_in_order),
        on_stage("loader::a_failed_start_is_reported", loader::a_failed_start_is_reported),
        on_stage(
            "versions::an_engine_of_another_version_is_noticed",
            versions::an_engine_of_another_version_is_noticed,
        ),
        on_stage(
            "versions::a_page_of_another_version_is_noticed",
            versions::a_page_of_another_version_is_noticed,
        ),
        on_stage(
            "versions::a_missing_or_cut_file_of_the_page_is_told",
            versions::a_missing_or_cut_file_of_the_page_is_told,
        ),
        on_stage(
            "versions::licences_are_linked_from_the_foot",
            versions::licences_are_linked_from_the_foot,
        ),
        on_stage("train::drawn_set_on_cpu", train::drawn_set_on_cpu),
        on_stage("train::works_under_a_sub_path", train::works_under_a_sub_path),
        on_stage("train::stop_ends_the_run", train::stop_ends_the_run),
        on_stage(
            "train::a_link_starts_the_same_run_again",
            train::a_link_starts_the_same_run_again,
        ),
        on_stage("hands::a_run_started_by_keyboard", hands::a_run_started_by_keyboard),
        on_stage("hands::a_whole_visit_by_keyboard", hands::a_whole_visit_by_keyboard),
        on_stage("hands::a_phone_in_the_dark", hands::a_phone_in_the_dark),
        on_stage("learn::every_question_is_a_group", learn::every_question_is_a_group),
        on_stage(
            "walkthrough::every_question_by_keyboard",
            walkthrough::every_question_by_keyboard,
        ),
        on_stage("learn::one_step_is_open_at_a_time", learn::one_step_is_open_at_a_time),
        on_stage("learn::the_ribbon_is_a_map", learn::the_ribbon_is_a_map),
        on_stage("learn::answers_survive_a_reload", learn::answers_survive_a_reload),
        on_stage(
            "learn::a_class_sees_one_thing_at_a_time",
            learn::a_class_sees_one_thing_at_a_time,
        ),
        on_stage("learn::the_experiments_run_in_the_tab", learn::the_experiments_run_in_the_tab),
        on_stage("learn::the_lesson_fits_a_phone", learn::the_lesson_fits_a_phone),
        on_stage(
            "learn::a_lesson_that_does_not_come_is_told",
            learn::a_lesson_that_does_not_come_is_told,
        ),
        on_stage("learn::axe_finds_nothing", learn::axe_finds_nothing),
        on_stage("demos::the_readers_own_picture", demos::the_readers_own_picture),
        on_stage("demos::an_experiment_can_be_ended", demos::an_experiment_can_be_ended),
        on_stage(
            "demos::the_key_for_the_answer_always_works",
            demos::the_key_for_the_answer_always_works,
        ),
        on_stage("demos::the_lesson_on_paper", demos::the_lesson_on_paper),
        on_stage(
            "predict::uploads_equal_the_native_engine",
            predict::uploads_equal_the_native_engine,
        ),
        on_stage("predict::uploads_equal_it_on_webgpu", predict::uploads_equal_it_on_webgpu),
        on_stage("predict::an_untrained_network_guesses", predict::an_untrained_network_guesses),
        on_stage(
            "predict::a_pinned_picture_follows_the_training",
            predict::a_pinned_picture_follows_the_training,
        ),
        on_stage("predict::paste_and_drop", predict::paste_and_drop),
        on_stage(
            "predict::a_plain_picture_is_unlike_anything",
            predict::a_plain_picture_is_unlike_anything,
        ),
        on_stage(
            "squares::a_wide_picture_becomes_a_square_as_the_model_says",
            squares::a_wide_picture_becomes_a_square_as_the_model_says,
        ),
        on_stage("predict::hostile_pictures_are_named", predict::hostile_pictures_are_named),
        on_stage(
            "predict::a_picture_that_only_the_browser_reads",
            predict::a_picture_that_only_the_browser_reads,
        ),
        on_stage("predict::a_look_inside", predict::a_look_inside),
        on_stage(
            "draw::a_drawing_is_answered_stroke_by_stroke",
            draw::a_drawing_is_answered_stroke_by_stroke,
        ),
        on_stage("draw::a_long_stroke_while_a_run_trains", draw::a_long_stroke_while_a_run_trains),
        on_stage(
            "transfer::a_pretrained_network_is_fine_tuned",
            transfer::a_pretrained_network_is_fine_tuned,
        ),
        on_stage(
            "transfer::a_fine_tuning_gets_fastais_head",
            transfer::a_fine_tuning_gets_fastais_head,
        ),
        on_stage(
            "transfer::a_network_comes_from_hugging_face",
            transfer::a_network_comes_from_hugging_face,
        ),
        on_stage("cores::threads_change_no_bit", cores::threads_change_no_bit),
        on_stage("cores::threads_that_do_not_start", cores::threads_that_do_not_start),
        on_stage("cores::a_thread_that_crashes_is_told", cores::a_thread_that_crashes_is_told),
        on_stage("cores::the_second_visit_is_isolated", cores::the_second_visit_is_isolated),
        on_stage("rates::a_suggestion_becomes_a_setting", rates::a_suggestion_becomes_a_setting),
        on_stage("rates::a_search_can_be_ended", rates::a_search_can_be_ended),
        on_stage(
            "estimate::the_time_is_said_before_train",
            estimate::the_time_is_said_before_train,
        ),
        on_stage(
            "estimate::settings_that_fit_are_one_press_away",
            estimate::settings_that_fit_are_one_press_away,
        ),
        on_stage("benchmark::of_the_cpu_engine", benchmark::of_the_cpu_engine),
        on_stage("benchmark::of_the_webgpu_engine", benchmark::of_the_webgpu_engine),
        on_stage(
            "self_test::the_cpu_engine_computes_right",
            self_test::the_cpu_engine_computes_right,
        ),
        on_stage(
            "self_test::the_webgpu_engine_computes_right",
            self_test::the_webgpu_engine_computes_right,
        ),
        on_stage("photos::forty_a_class_on_cpu", photos::forty_a_class_on_cpu),
        on_stage(
            "webgpu::first_losses_equal_the_cpu_engines",
            webgpu::first_losses_equal_the_cpu_engines,
        ),
        on_stage(
            "data::every_way_gives_the_same_pictures",
            data::every_way_gives_the_same_pictures,
        ),
        on_stage("data::photos_are_the_same_too", data::photos_are_the_same_too),
        on_stage(
            "data::a_small_draw_reads_a_quarter_at_most",
            data::a_small_draw_reads_a_quarter_at_most,
        ),
        on_stage("data::bad_weather_changes_nothing", data::bad_weather_changes_nothing),
        on_stage("data::a_second_visit_needs_no_server", data::a_second_visit_needs_no_server),
        on_stage("data::cancel_calls_the_download_off", data::cancel_calls_the_download_off),
        on_stage(
            "data::terms_come_before_the_first_photo",
            data::terms_come_before_the_first_photo,
        ),
        on_stage("data::a_batch_is_shown_and_another", data::a_batch_is_shown_and_another),
        on_stage("data::own_classes_become_a_set", data::own_classes_become_a_set),
        on_stage("data::hostile_files_are_named", data::hostile_files_are_named),
        on_stage(
            "corrections::classes_are_renamed_put_together_and_left_out",
            corrections::classes_are_renamed_put_together_and_left_out,
        ),
        on_stage(
            "corrections::the_reader_says_what_validates",
            corrections::the_reader_says_what_validates,
        ),
        on_stage("corrections::other_files_end_them", corrections::other_files_end_them),
        on_stage(
            "corrections::a_saved_run_brings_its_corrections",
            corrections::a_saved_run_brings_its_corrections,
        ),
        on_stage(
            "corrections::columns_and_cut_pictures_are_the_readers_choice",
            corrections::columns_and_cut_pictures_are_the_readers_choice,
        ),
        on_stage("decoders::ours_and_the_browsers", decoders::ours_and_the_browsers),
        on_stage("drops::whatever_is_dropped_is_the_same", drops::whatever_is_dropped_is_the_same),
        on_stage("drops::a_drop_beside_is_no_way_out", drops::a_drop_beside_is_no_way_out),
        on_stage("odd_files::page_and_command_line_agree", odd_files::page_and_command_line_agree),
        on_stage("odd_browsers::site_data_are_blocked", odd_browsers::site_data_are_blocked),
        on_stage(
            "odd_browsers::a_translated_page_follows_its_run",
            odd_browsers::a_translated_page_follows_its_run,
        ),
        on_stage(
            "odd_browsers::a_translator_that_goes_on",
            odd_browsers::a_translator_that_goes_on,
        ),
        on_stage("odd_browsers::the_original_comes_back", odd_browsers::the_original_comes_back),
        on_stage("odd_browsers::a_school_without_https", odd_browsers::a_school_without_https),
        on_stage(
            "serving::the_page_is_there_before_the_webgpu_engine",
            serving::the_page_is_there_before_the_webgpu_engine,
        ),
        on_stage("own::drop_paste_and_camera", own::drop_paste_and_camera),
        on_stage("own::a_folder_dropped_onto_a_class", own::a_folder_dropped_onto_a_class),
        on_stage("own::classes_are_kept", own::classes_are_kept),
        on_stage("own::a_removal_during_a_write_is_kept", own::a_removal_during_a_write_is_kept),
        on_stage(
            "own::a_stopped_fine_tuning_stays_stopped",
            own::a_stopped_fine_tuning_stays_stopped,
        ),
        on_stage("own::a_stranger_trains_two_classes", own::a_stranger_trains_two_classes),
        on_stage("memory::a_gigabyte_streams_through", memory::a_gigabyte_streams_through),
        on_stage("network::a_busy_server_is_waited_for", network::a_busy_server_is_waited_for),
        on_stage("network::a_lost_connection_is_told", network::a_lost_connection_is_told),
        on_stage("network::a_changed_file_is_noticed", network::a_changed_file_is_noticed),
        on_stage("network::no_room_is_told", network::no_room_is_told),
        on_stage(
            "refusals::a_bad_value_is_named_and_the_rest_kept",
            refusals::a_bad_value_is_named_and_the_rest_kept,
        ),
        on_stage("refusals::an_unreachable_address", refusals::an_unreachable_address),
        on_stage("refusals::a_missing_file", refusals::a_missing_file),
        on_stage("refusals::a_page_in_place_of_a_parquet", refusals::a_page_in_place_of_a_parquet),
        on_stage("refusals::a_truncated_parquet", refusals::a_truncated_parquet),
        on_stage("refusals::an_answer_without_an_end", refusals::an_answer_without_an_end),
        on_stage(
            "refusals::a_part_that_was_not_asked_for",
            refusals::a_part_that_was_not_asked_for,
        ),
        on_stage("refusals::more_pictures_than_fit", refusals::more_pictures_than_fit),
        on_stage("refusals::a_network_too_large_to_keep", refusals::a_network_too_large_to_keep),
        on_stage("refusals::thousands_of_bad_settings", refusals::thousands_of_bad_settings),
        on_stage("refusals::opened_pictures_are_let_go", refusals::opened_pictures_are_let_go),
        on_stage("trust::nobody_else_is_asked", trust::nobody_else_is_asked),
        on_stage("trust::foreign_scripts_do_not_run", trust::foreign_scripts_do_not_run),
        on_stage(
            "trust::the_second_visit_needs_no_network",
            trust::the_second_visit_needs_no_network,
        ),
        on_stage("trust::a_newer_version_is_announced", trust::a_newer_version_is_announced),
        on_stage("trust::the_page_can_be_installed", trust::the_page_can_be_installed),
        on_stage("runs::a_crashed_tab_goes_on", runs::a_crashed_tab_goes_on),
        on_stage(
            "runs::a_paused_run_goes_on_after_a_reload",
            runs::a_paused_run_goes_on_after_a_reload,
        ),
        on_stage(
            "runs::a_cut_save_gives_way_to_the_older",
            runs::a_cut_save_gives_way_to_the_older,
        ),
        on_stage("runs::a_full_storage_is_told", runs::a_full_storage_is_told),
        on_stage("runs::a_full_list_is_told", runs::a_full_list_is_told),
        on_stage("slots::two_tabs_keep_a_run_each", slots::two_tabs_keep_a_run_each),
        on_stage(
            "slots::the_oldest_run_makes_room_and_is_told",
            slots::the_oldest_run_makes_room_and_is_told,
        ),
        on_stage(
            "slots::two_copies_of_the_page_share_nothing",
            slots::two_copies_of_the_page_share_nothing,
        ),
        on_stage(
            "slots::what_an_earlier_version_kept_still_opens",
            slots::what_an_earlier_version_kept_still_opens,
        ),
        on_stage(
            "slots::autostart_over_a_paused_run_starts_nothing",
            slots::autostart_over_a_paused_run_starts_nothing,
        ),
        on_stage("slots::autostart_asks_no_other_host", slots::autostart_asks_no_other_host),
        on_stage(
            "slots::a_failed_load_beside_a_run_is_no_end_of_it",
            slots::a_failed_load_beside_a_run_is_no_end_of_it,
        ),
        on_stage("slots::another_engine_is_asked_about", slots::another_engine_is_asked_about),
        on_stage("slots::three_tabs_lose_no_rows", slots::three_tabs_lose_no_rows),
        on_stage("runs::a_broken_engine_is_started_again", runs::a_broken_engine_is_started_again),
        on_stage("runs::runs_and_models_travel_as_files", runs::runs_and_models_travel_as_files),
        on_stage(
            "compare::runs_are_compared_renamed_repeated_and_deleted",
            compare::runs_are_compared_renamed_repeated_and_deleted,
        ),
        on_stage(
            "compare::two_tabs_keep_each_others_runs",
            compare::two_tabs_keep_each_others_runs,
        ),
        on_stage(
            "cuts::a_save_cut_at_every_thousandth_byte",
            cuts::a_save_cut_at_every_thousandth_byte,
        ),
        on_stage(
            "device_loss::a_destroyed_device_and_a_reload_change_nothing",
            device_loss::a_destroyed_device_and_a_reload_change_nothing,
        ),
        on_stage("endurance::a_hundred_epochs", endurance::a_hundred_epochs),
        on_stage("endurance::a_hundred_epochs_on_webgpu", endurance::a_hundred_epochs_on_webgpu),
        on_stage("fit::what_cannot_fit_is_told_before", fit::what_cannot_fit_is_told_before),
        on_stage("guard::a_run_is_guarded_and_steered", guard::a_run_is_guarded_and_steered),
        on_stage(
            "guard::a_tab_in_the_background_trains_on",
            guard::a_tab_in_the_background_trains_on,
        ),
        on_stage("kills::of_the_page", kills::of_the_page),
        on_stage("kills::of_the_worker", kills::of_the_worker),
        on_stage("kills::of_the_gpu_process", kills::of_the_gpu_process),
        on_stage("kills::of_the_browser", kills::of_the_browser),
        on_stage("monkey::monkeys_press_everything", monkey::monkeys_press_everything),
        on_stage("monkey::more_monkeys_press_everything", monkey::more_monkeys_press_everything),
        on_stage(
            "monkey::every_state_is_reached_and_left",
            monkey::every_state_is_reached_and_left,
        ),
        on_stage("projector::the_run_alone_on_one_screen", projector::the_run_alone_on_one_screen),
        on_stage("projector::the_way_in_and_the_way_out", projector::the_way_in_and_the_way_out),
        on_stage(
            "projector::single_steps_are_the_same_run",
            projector::single_steps_are_the_same_run,
        ),
        on_stage("microscope::a_cell_shows_what_it_sees", microscope::a_cell_shows_what_it_sees),
        on_stage(
            "race::a_click_splits_the_run_and_the_skip_is_kept",
            race::a_click_splits_the_run_and_the_skip_is_kept,
        ),
        on_stage(
            "race::the_keyboard_splits_the_run_and_the_cut_is_kept",
            race::the_keyboard_splits_the_run_and_the_cut_is_kept,
        ),
        on_stage(
            "class::two_pages_share_and_the_board_shows_it",
            class::two_pages_share_and_the_board_shows_it,
        ),
        on_stage(
            "class::a_run_is_carried_to_the_board_as_a_code",
            class::a_run_is_carried_to_the_board_as_a_code,
        ),
        on_stage(
            "host_engine::a_page_trains_on_its_host_and_comes_back",
            host_engine::a_page_trains_on_its_host_and_comes_back,
        ),
        on_stage("host_engine::a_run_survives_its_host", host_engine::a_run_survives_its_host),
        on_stage("watch::a_watched_run_is_the_same_run", watch::a_watched_run_is_the_same_run),
        on_stage(
            "watch::pictures_are_pinned_by_pointer_and_keyboard",
            watch::pictures_are_pinned_by_pointer_and_keyboard,
        ),
        on_stage("pytorch::models_go_both_ways", pytorch::models_go_both_ways),
        on_stage("withheld::every_function_in_every_way", withheld::every_function_in_every_way),
        on_stage("withheld::a_gpu_without_a_device", withheld::a_gpu_without_a_device),
        on_stage("withheld::a_storage_that_refuses_once", withheld::a_storage_that_refuses_once),
        on_stage("zoom::by_keyboard_and_by_pointer", zoom::by_keyboard_and_by_pointer),
        on_stage("access::everything_has_a_name", access::everything_has_a_name),
        on_stage(
            "access::an_epoch_is_announced_and_a_batch_is_not",
            access::an_epoch_is_announced_and_a_batch_is_not,
        ),
        on_stage("views::pictures_of_every_view", views::pictures_of_every_view),
        on_stage("views::a_first_visit_on_a_slow_link", views::a_first_visit_on_a_slow_link),
        on_stage("views::axe_finds_nothing_anywhere", views::axe_finds_nothing_anywhere),
        on_stage(
            "sight::a_link_to_a_step_lands_at_its_heading",
            sight::a_link_to_a_step_lands_at_its_heading,
        ),
        on_stage("sight::the_bar_keeps_focus_and_height", sight::the_bar_keeps_focus_and_height),
        on_stage("sight::a_change_is_drawn_whole", sight::a_change_is_drawn_whole),
        on_stage(
            "sight::the_first_screen_shows_what_matters",
            sight::the_first_screen_shows_what_matters,
        ),
        on_stage(
            "sight::bars_and_lines_can_be_told_apart",
            sight::bars_and_lines_can_be_told_apart,
        ),
        on_stage("thread::the_engine_runs_in_a_worker", thread::the_engine_runs_in_a_worker),
    ];
    tests.extend(everywhere::tests());
    lanes::open(&mut arguments, &mut tests);
    everywhere::choose(&mut tests);
    let conclusion = libtest_mimic::run(&arguments, tests);
    table::write();
    durations::print();
    conclusion.exit_code()
}
