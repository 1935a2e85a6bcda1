//! The lesson's experiments: against PyTorch, and against the network itself.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use resnette_engine::experiments::block_gradients::input_gradients;
use resnette_engine::experiments::gamma::distances_from_identity;
use resnette_engine::experiments::look::look;
use resnette_engine::experiments::stage_evidence::{earlier_stage, last_stage, scores_from};
use resnette_engine::experiments::surface::LossPlane;
use resnette_engine::experiments::variants::{STEPS, config, pictures};
use resnette_engine::experiments::{ExperimentRunner, InspectedModel};
use resnette_engine::model::ResNet;
use resnette_engine::model::weights::read_weights;
use resnette_engine::train::loss::{soft_cross_entropy, targets};
use resnette_picture::drawn::draw;
use resnette_protocol::lesson::{Event, Request, SURFACE, Task, Variant};
use resnette_spec::architecture::Architecture;
use resnette_spec::random::{Purpose, stream};

use super::fixture::{Case, json, reals};
use super::networks::{Batches, network, plan};
use super::tolerance::Engine;

/// Within 1e-3.
#[test]
fn arriving_gradients_are_pytorchs() {
    let device = Engine::start().device.autodiff();
    let batches = Batches::load(&device);
    let wanted = json("lesson");
    for name in ["resnet_plain", "resnet_basic", "resnet_bottleneck"] {
        let case = Case::load(name);
        let model = network(&case, &case.part("before"), &device);
        let smoothing = case.info["smoothing"].as_f64().unwrap();
        let labels =
            targets(&batches.labels[0], case.number("classes") as usize, smoothing, None, &device);
        let found: Vec<f32> =
            input_gradients(&model, batches.images[0].clone(), labels).into_data().iter().collect();
        let wanted = reals(&wanted[name]["rms"]);
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (block, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            assert!(
                (f64::from(*found) / wanted - 1.0).abs() < 1e-3,
                "{name}, block {block}: {found}, {wanted}"
            );
        }
    }
}

fn inspected() -> InspectedModel {
    let net = config(Variant::Skip, 3).net;
    let model = ResNet::new(
        &Architecture::new(&net, 10),
        stream(3, Purpose::Init, 0),
        &Engine::start().device,
    );
    InspectedModel {
        model,
        net,
        classes: (0..10).map(|class| format!("class {class}")).collect(),
        name: "untrained".into(),
    }
}

#[test]
fn the_mean_of_the_evidence_is_the_score() {
    let engine = Engine::start();
    let inspected = inspected();
    let values: Vec<f32> =
        (0..3 * 96 * 96).map(|index| (index * 31 % 97) as f32 / 48.0 - 1.0).collect();
    let images = Tensor::<4>::from_data(TensorData::new(values, [1, 3, 96, 96]), &engine.device);
    let features = inspected.model.features(images.clone());
    let means = last_stage(&inspected.model, features).unwrap().mean_dim(1).into_data();
    let scores = inspected.model.forward(images).into_data();
    for (mean, score) in means.iter::<f32>().zip(scores.iter::<f32>()) {
        assert!((mean - score).abs() < 1e-4 * score.abs().max(1.0), "{mean} {score}");
    }
}

/// From every stage on the folded layers compute what the network's own compute, the contributions
/// of the last grid are the head's (without its bias), and those of an earlier one say how the
/// score changes with a cell.
#[test]
fn evidence_in_an_earlier_grid_is_what_a_cell_contributes() {
    let device = Engine::start().device;
    let images = Batches::load(&device).images[0].clone().narrow(0, 0, 1);
    for name in ["resnet_plain", "resnet_basic", "resnet_bottleneck"] {
        let case = Case::load(name);
        let plan = plan(&case);
        let model = network(&case, &case.part("before"), &device);
        let numbers = |tensor: Tensor<2>| -> Vec<f32> { tensor.into_data().iter().collect() };
        let wanted = numbers(model.forward(images.clone()));
        let largest = wanted.iter().fold(0f32, |most, score| most.max(score.abs()));
        let close = |found: f32, wanted: f32, what: &str| {
            assert!((found - wanted).abs() < 1e-3 * largest, "{name}, {what}: {found}, {wanted}");
        };
        let mut output = model.stem(images.clone());
        for (stage, blocks) in model.stages.iter().enumerate() {
            output = blocks.iter().fold(output, |x, block| block.forward(x));
            let scores = |from: Tensor<4>| -> Vec<f32> {
                numbers(scores_from(&model, &plan, from.autodiff(), stage).inner())
            };
            for (found, wanted) in scores(output.clone()).iter().zip(&wanted) {
                close(*found, *wanted, &format!("stage {stage}"));
            }
            let classes = [1, 0];
            let found = earlier_stage(&model, &plan, output.clone(), stage, &classes).unwrap();
            let cells = found.dims()[1];
            let found = numbers(found);
            if stage + 1 == model.stages.len() {
                let head = numbers(last_stage(&model, output.clone()).unwrap());
                let bias: Vec<f32> =
                    model.head.bias.as_ref().unwrap().val().into_data().iter().collect();
                for (row, class) in classes.into_iter().enumerate() {
                    for cell in 0..cells {
                        let own = head[class * cells + cell] - bias[class];
                        close(found[row * cells + cell], own, "the head's own");
                    }
                }
            }
            // A thousandth more of one cell changes the score by a thousandth of its contribution.
            let [_, channels, h, w] = output.dims();
            let (row, column) = (h / 2, w / 3);
            let step = 1e-3;
            let cell = output.clone().slice([0..1, 0..channels, row..row + 1, column..column + 1]);
            let more = output.clone().slice_assign(
                [0..1, 0..channels, row..row + 1, column..column + 1],
                cell * (1.0 + step),
            );
            let change = (scores(more)[1] - scores(output.clone())[1]) / step;
            let contribution = found[row * w + column] / cells as f32;
            assert!(
                (change - contribution).abs() < 0.02 * contribution.abs().max(largest),
                "{name}, stage {stage}: {change}, {contribution}"
            );
        }
    }
}

#[test]
fn an_earlier_stage_has_more_cells_and_fewer_classes() {
    let engine = Engine::start();
    let found = futures::executor::block_on(look(
        &inspected(),
        &draw(1, 0, 1, 128),
        96,
        0,
        0,
        &engine.device,
    ))
    .unwrap();
    assert_eq!((found.stage, found.stages, found.grid), (0, 3, [24, 24]));
    assert_eq!(found.classes.len(), 3);
    assert!(found.classes.iter().all(|class| class.cells.len() == 24 * 24));
    assert!(found.classes.iter().flat_map(|class| &class.cells).any(|cell| *cell != 0.0));
}

#[test]
fn a_look_adds_up() {
    let engine = Engine::start();
    let picture = draw(1, 0, 1, 128);
    let found =
        futures::executor::block_on(look(&inspected(), &picture, 96, 99, 99, &engine.device))
            .unwrap();
    assert_eq!((found.stage, found.stages, found.classes.len()), (2, 3, 10));
    assert_eq!(
        (found.grid, found.block.block, found.block.blocks, found.block.shape),
        ([6, 6], 26, 27, [32, 6, 6])
    );
    for class in &found.classes {
        let mean = class.cells.iter().sum::<f32>() / class.cells.len() as f32;
        assert!((mean - class.score).abs() < 1e-4 * class.score.abs().max(1.0));
    }
    assert!(found.classes.windows(2).all(|pair| pair[0].score >= pair[1].score));
    for channel in &found.block.channels {
        for ((input, added), output) in
            channel.input.iter().zip(&channel.added).zip(&channel.output)
        {
            assert!(((input + added).max(0.0) - output).abs() < 1e-5);
        }
    }
    let broken = resnette_picture::Picture { width: 9, height: 9, rgb: vec![0; 5] };
    let refused =
        futures::executor::block_on(look(&inspected(), &broken, 96, 0, 0, &engine.device));
    assert!(refused.unwrap_err().to_string().contains("243"));
}

#[test]
fn gamma_zero_is_the_identity_but_for_beta() {
    let device = Engine::start().device.autodiff();
    let inspected = inspected();
    let model =
        ResNet::new(&Architecture::new(&inspected.net, 10), stream(3, Purpose::Init, 0), &device);
    let values: Vec<f32> = (0..4 * 8 * 36).map(|index| (index * 31 % 97) as f32 / 48.0).collect();
    let input = Tensor::<4>::from_data(TensorData::new(values, [4, 8, 6, 6]), &device);
    let found =
        futures::executor::block_on(distances_from_identity(&model.stages[0][0], input)).unwrap();
    assert!(found[0].gamma == 0.0 && found[0].distance < 0.002, "{:?}", found[0]);
    assert!(
        found.last().unwrap().gamma == 1.0 && found.last().unwrap().distance > 0.2,
        "{:?}",
        found.last()
    );
    assert!(found.windows(2).all(|pair| pair[0].distance < pair[1].distance));
}

#[test]
fn the_middle_of_the_plane_is_the_networks_own_loss() {
    let engine = Engine::start();
    let device = engine.device.clone().autodiff();
    let plan = Architecture::new(&config(Variant::Shallow, 3).net, 10);
    let model = ResNet::new(&plan, stream(3, Purpose::Init, 0), &device);
    let set = futures::executor::block_on(pictures(3)).unwrap();
    let batch = resnette_images::batch::valid_batch(&set, 10, 0, 32);
    let images = Tensor::<4>::from_data(TensorData::new(batch.images, [10, 3, 32, 32]), &device);
    let wanted = targets(&batch.labels, 10, 0.0, None, &device);
    let plane = futures::executor::block_on(LossPlane::new(plan, &model.valid(), 3)).unwrap();
    let at = |along| {
        futures::executor::block_on(plane.loss(along, images.clone(), wanted.clone(), &device))
            .unwrap()
    };
    let before = futures::executor::block_on(read_weights(&model)).unwrap();
    let middle = at([0.0, 0.0]);
    let (right, left) = (at([0.5, 0.0]), at([-0.5, 0.0]));
    assert_eq!(
        futures::executor::block_on(read_weights(&model)).unwrap(),
        before,
        "looking changed the network"
    );
    let own = soft_cross_entropy(model.forward(images.clone()), wanted.clone())
        .into_data()
        .iter::<f32>()
        .next()
        .unwrap();
    assert!((middle - own).abs() < 1e-5 * own, "{middle} {own}");
    assert!(right.is_finite() && left.is_finite() && right != middle && left != right);
}

/// A whole experiment, from request to end.
fn run(runner: &mut ExperimentRunner, request: Request) -> Vec<Event> {
    let mut events = runner.request(request, None);
    while runner.is_busy() {
        events.extend(futures::executor::block_on(runner.tick()));
    }
    events
}

#[test]
fn a_race_reports_everything_and_the_skips_win() {
    let mut runner = ExperimentRunner::new(Engine::start().device);
    let began = std::time::Instant::now();
    let events = run(&mut runner, Request::Race { seed: 1 });
    println!("race: {:.1} s for {STEPS} steps each", began.elapsed().as_secs_f32());
    assert_eq!(events.last(), Some(&Event::Finished(Task::Race)));
    let gradients = |wanted| {
        let found = events.iter().find_map(|event| match event {
            Event::Gradients(variant, sizes) if *variant == wanted => Some(sizes.clone()),
            _ => None,
        });
        found.unwrap()
    };
    let spread = |sizes: &[f32]| {
        let (low, high) = sizes
            .iter()
            .fold((f32::INFINITY, 0.0f32), |(low, high), &size| (low.min(size), high.max(size)));
        high / low
    };
    let (deep, skip) = (gradients(Variant::Deep), gradients(Variant::Skip));
    println!("deep {deep:?}\nskip {skip:?}");
    assert_eq!((deep.len(), skip.len(), gradients(Variant::Shallow).len()), (27, 27, 9));
    assert!(spread(&deep) > 3.0 * spread(&skip), "{} {}", spread(&deep), spread(&skip));
    let losses = |wanted| -> Vec<f32> {
        let all = events.iter().filter_map(|event| match event {
            Event::Losses { variant, losses, .. } if *variant == wanted => Some(losses.clone()),
            _ => None,
        });
        all.flatten().collect()
    };
    let end = |losses: &[f32]| losses[losses.len() - 10..].iter().sum::<f32>() / 10.0;
    for variant in Variant::ALL {
        let losses = losses(variant);
        assert_eq!(losses.len(), STEPS as usize);
        println!("{}: {:.3} to {:.3}", variant.name(), losses[0], end(&losses));
    }
    assert!(end(&losses(Variant::Skip)) < end(&losses(Variant::Deep)));
    let progress: Vec<f32> = events
        .iter()
        .filter_map(|event| if let Event::Progress(_, share) = event { Some(*share) } else { None })
        .collect();
    assert!(progress.windows(2).all(|pair| pair[0] <= pair[1]) && progress.last().unwrap() > &0.97);

    // The trained networks are kept: the surface and the look need no second training.
    let began = std::time::Instant::now();
    let events = run(&mut runner, Request::Surface { seed: 1 });
    println!("surface: {:.1} s", began.elapsed().as_secs_f32());
    assert!(events.iter().all(|event| !matches!(event, Event::Losses { .. })));
    let rows = events.iter().filter(
        |event| matches!(event, Event::Heights { losses, .. } if losses.len() == SURFACE as usize),
    );
    assert_eq!(rows.count(), 2 * SURFACE as usize);
    let began = std::time::Instant::now();
    let events = run(
        &mut runner,
        Request::Look { picture: draw(1, 3, 1, 128), size: 128, stage: 9, block: 8, seed: 1 },
    );
    println!("look: {:.1} s", began.elapsed().as_secs_f32());
    let looked = events
        .iter()
        .find_map(|event| if let Event::Looked(look) = event { Some(look) } else { None })
        .unwrap();
    println!(
        "{:?}",
        looked.classes.iter().map(|class| (&class.class, class.score)).collect::<Vec<_>>()
    );
    assert_eq!(looked.grid, [8, 8]);
}

#[test]
fn a_new_request_ends_the_old_one() {
    let mut runner = ExperimentRunner::new(Engine::start().device);
    runner.request(Request::Race { seed: 1 }, None);
    futures::executor::block_on(runner.tick());
    assert_eq!(runner.request(Request::Cancel, None), [Event::Cancelled(Task::Race)]);
    assert!(!runner.is_busy());
    let events = run(&mut runner, Request::Clock { channels: 32, side: 8 });
    let Some(Event::Clocked(clock)) =
        events.iter().find(|event| matches!(event, Event::Clocked(_)))
    else {
        panic!("{events:?}")
    };
    assert!(clock.basic > 0.0 && clock.bottleneck > 0.0 && clock.batch == 8, "{clock:?}");
}
