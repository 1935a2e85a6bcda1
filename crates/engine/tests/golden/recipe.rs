//! Schedules, the running loss and the learning-rate search: plain numbers.

use resnette_lesson::grid::Grid;
use resnette_lesson::pooling::{adaptive_average, adaptive_maximum, adaptive_windows};
use resnette_spec::epoch::EpochRow;
use resnette_spec::lr_curve::LrSearch;
use resnette_spec::smooth::SmoothedLoss;
use resnette_spec::{Schedule, read_run, schedule};

use super::fixture::{integers, json, reals, tensors};

fn close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= 1e-12 * wanted.abs() + 1e-18
}

#[test]
fn one_cycle_at_all_stored_shares() {
    let info = json("schedules");
    let cycle = &info["one_cycle"];
    let lr = cycle["lr_max"].as_f64().unwrap();
    let shares = reals(&info["pct"]);
    assert_eq!(shares, [0.0, 0.1, 0.25, 0.5, 0.75, 1.0]);
    for ((pct, wanted), mom) in
        shares.into_iter().zip(reals(&cycle["lr"])).zip(reals(&cycle["mom"]))
    {
        let found = schedule::at(Schedule::OneCycle, lr, pct);
        assert!(close(found.lr, wanted) && close(found.mom, mom), "{pct}: {found:?}");
    }
    let steps = &info["one_cycle_20_steps"];
    for (step, (wanted, mom)) in
        reals(&steps["lr"]).into_iter().zip(reals(&steps["mom"])).enumerate()
    {
        let found = schedule::at(Schedule::OneCycle, lr, step as f64 / 20.0);
        assert!(close(found.lr, wanted) && close(found.mom, mom), "step {step}: {found:?}");
    }
}

#[test]
fn flat_cosine_at_all_stored_shares() {
    let info = json("schedules");
    let lr = info["flat_cos"]["lr"].as_f64().unwrap();
    for (pct, wanted) in reals(&info["pct"]).into_iter().zip(reals(&info["flat_cos"]["lrs"])) {
        let found = schedule::at(Schedule::FlatCos, lr, pct);
        assert!(close(found.lr, wanted), "{pct}: {found:?} {wanted}");
        assert_eq!(found.mom, 0.9);
    }
}

#[test]
fn train_loss_is_the_debiased_average() {
    let info = json("train_loss");
    let mut smooth = SmoothedLoss::default();
    for (loss, wanted) in reals(&info["losses"]).into_iter().zip(reals(&info["train_loss"])) {
        let found = smooth.push(loss);
        assert!(close(found, wanted), "{found} {wanted}");
    }
}

#[test]
fn the_best_epoch_and_the_early_end_are_fastais() {
    let info = json("tracking");
    let cases = info["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4 * 2 * 3);
    for case in cases {
        let (monitor, values) = (case["monitor"].as_str().unwrap(), reals(&case["values"]));
        let rows: Vec<EpochRow> = values
            .iter()
            .zip(0..)
            .map(|(&value, epoch)| match monitor {
                "accuracy" => EpochRow { epoch, accuracy: value as f32, ..EpochRow::default() },
                _ => EpochRow { epoch, valid_loss: value as f32, ..EpochRow::default() },
            })
            .collect();
        let settings = format!("save={monitor}&stop={monitor}&min_delta={}", case["min_delta"]);
        let (run, problems) = read_run(&settings);
        assert_eq!(problems, []);
        let saved: Vec<u32> =
            (1..=rows.len()).filter_map(|to| run.recipe.best_epoch(&rows[..to])).collect();
        assert_eq!(saved, integers(&case["saved"]), "{settings} {values:?}");
        for (patience, wanted) in case["stopped"].as_object().unwrap() {
            let run = read_run(&format!("{settings}&patience={patience}")).0;
            let found = (1..=rows.len()).find(|&to| run.recipe.stops_early(&rows[..to]));
            let found = found.unwrap_or(rows.len()) as u64;
            assert_eq!(Some(found), wanted.as_u64(), "{settings}, {patience}: {values:?}");
        }
    }
}

#[test]
fn searches_stop_and_suggest_as_fastai() {
    let info = json("lr_find");
    let cases = info.as_object().unwrap();
    assert_eq!(cases.len(), 5);
    for (name, case) in cases {
        let raw = reals(&case["raw"]);
        let mut search = LrSearch::default();
        for (step, &loss) in raw.iter().enumerate() {
            assert_eq!(search.push(loss), step + 1 < raw.len(), "{name}: step {step}");
        }
        for ((point, lr), smooth) in
            search.points().iter().zip(reals(&case["lrs"])).zip(reals(&case["smoothed"]))
        {
            assert!(
                (point.lr / lr - 1.0).abs() < 1e-12 && (point.smooth / smooth - 1.0).abs() < 1e-12,
                "{name}: {point:?}"
            );
        }
        let used = case["used_from"].as_u64().unwrap() as usize
            ..case["used_to"].as_u64().unwrap() as usize;
        assert_eq!(search.trimmed(), &search.points()[used], "{name}");
        let (found, wanted) = (search.suggest().unwrap(), &case["suggestion"]);
        for (method, lr) in [
            ("valley", found.valley),
            ("minimum", found.minimum),
            ("steep", found.steep),
            ("slide", found.slide),
        ] {
            let wanted = wanted[method].as_f64().unwrap();
            assert!((lr / wanted - 1.0).abs() < 1e-9, "{name}, {method}: {lr} instead of {wanted}");
        }
    }
}

#[test]
fn adaptive_windows_are_pytorchs() {
    let info = json("adaptive_pool");
    let windows = info["windows"].as_object().unwrap();
    assert_eq!(windows.len(), 256);
    for (name, wanted) in windows {
        let (input, output) = name.split_once("->").unwrap();
        let found = adaptive_windows(input.parse().unwrap(), output.parse().unwrap());
        let wanted = wanted
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| integers(pair)[0] as usize..integers(pair)[1] as usize);
        assert_eq!(found, wanted.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn adaptive_pooling_of_grids_is_pytorchs() {
    let (info, tensors) = (json("adaptive_pool"), tensors("adaptive_pool"));
    for case in info["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let size = |key: &str| {
            integers(&case[key]).into_iter().map(|side| side as usize).collect::<Vec<_>>()
        };
        let (input, output) = (size("input"), size("output"));
        let planes = |kind: &str, size: &[usize]| {
            let array = &tensors[&format!("{name}.{kind}")];
            assert_eq!(array.shape, [2, 3, size[0], size[1]]);
            array.values.chunks_exact(size[0] * size[1]).map(<[f32]>::to_vec).collect::<Vec<_>>()
        };
        let wanted = planes("avg", &output).into_iter().zip(planes("max", &output));
        for (plane, (average, maximum)) in planes("input", &input).into_iter().zip(wanted) {
            let grid = Grid::new(input[0], input[1], plane).unwrap();
            let found = adaptive_average(&grid, output[0], output[1]).unwrap();
            assert!(
                found.values().iter().zip(&average).all(|(a, b)| (a - b).abs() < 1e-6),
                "{name}"
            );
            assert_eq!(
                adaptive_maximum(&grid, output[0], output[1]).unwrap().values(),
                maximum,
                "{name}"
            );
        }
    }
}
