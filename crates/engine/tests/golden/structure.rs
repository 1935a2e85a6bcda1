//! Plans, real networks and PyTorch's key lists: one and the same.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use resnette_engine::model::ResNet;
use resnette_spec::architecture::Architecture;
use resnette_spec::presets::NETWORKS;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::read_run;

use super::fixture::{integers, json};

/// Building ResNet-101 takes seconds and adds nothing to ResNet-50.
const MOST_PARAMETERS: u64 = 30_000_000;

fn named(name: &str) -> &'static str {
    NETWORKS.iter().find(|preset| preset.name == name).unwrap().settings
}

#[derive(Default)]
struct Shapes {
    path: Vec<String>,
    found: Vec<(String, Vec<usize>)>,
}

impl ModuleVisitor for Shapes {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push((self.path.join("."), param.val().dims().to_vec()));
    }
}

/// Names and shapes in the order of their names, from a real network.
fn shapes(plan: &Architecture) -> Vec<(String, Vec<usize>)> {
    let mut shapes = Shapes::default();
    ResNet::new(plan, stream(0, Purpose::Init, 0), &Device::flex()).visit(&mut shapes);
    shapes.found.sort();
    shapes.found
}

fn count<'a>(tensors: impl Iterator<Item = &'a (String, Vec<usize>)>) -> u64 {
    tensors.map(|(_, shape)| shape.iter().product::<usize>() as u64).sum()
}

#[test]
fn plans_count_what_real_networks_have() {
    let mut built = 0;
    for preset in NETWORKS {
        let plan = Architecture::new(&read_run(preset.settings).0.net, 10);
        if plan.parameters() > MOST_PARAMETERS {
            continue;
        }
        built += 1;
        let tensors = shapes(&plan);
        assert_eq!(
            count(tensors.iter().filter(|(name, _)| !name.contains("running_"))),
            plan.parameters(),
            "{}",
            preset.name
        );
        // Row by row too: a parameter in the wrong layer would not change the sum.
        for row in plan.rows(64) {
            let prefix = format!("{}.", row.name);
            let own = tensors
                .iter()
                .filter(|(name, _)| name.starts_with(&prefix) && !name.contains("running_"));
            assert_eq!(count(own), row.parameters, "{}, {}", preset.name, row.name);
        }
    }
    assert_eq!(built, 7);
}

#[test]
fn names_and_shapes_are_pytorchs() {
    let info = json("networks");
    let cases = [
        ("fcn", named("Fully convolutional")),
        ("fcn_res1", named("ResBlock ×1")),
        ("fcn_res2", named("ResBlock ×2")),
        ("resnet_basic_2222", named("ResNet-18")),
        ("resnet_bottleneck_3463_x4", named("ResNet-50")),
        (
            "resnet_bottleneck_2222_x1",
            "layers=2,2,2,2&block=bottleneck&expansion=1&width=64&stem=32,32,64",
        ),
        ("reference_bottleneck_2222_x1", named("Tab-sized")),
        (
            "reference_bottleneck_1111_x4",
            "layers=1,1,1,1&block=bottleneck&expansion=4&width=32&stem=16,16,32",
        ),
    ];
    assert_eq!(info.as_object().unwrap().len(), cases.len());
    for (name, settings) in cases {
        let (run, problems) = read_run(settings);
        assert_eq!(problems, [], "{name}");
        let plan = Architecture::new(&run.net, 10);
        assert_eq!(plan.parameters(), info[name]["parameters"].as_u64().unwrap(), "{name}");
        let shape = |value: &serde_json::Value| {
            integers(value).into_iter().map(|side| side as usize).collect::<Vec<_>>()
        };
        let wanted = info[name]["tensors"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), shape(value)));
        let mut wanted: Vec<_> = wanted.collect();
        wanted.sort();
        let found = shapes(&plan);
        assert_eq!(found, wanted, "{name}");
        // What gets weight decay is what has a rank above 1.
        let trained = found.iter().filter(|(name, _)| !name.contains("running_"));
        let (decayed, spared): (Vec<_>, Vec<_>) = trained.partition(|(_, shape)| shape.len() > 1);
        let wanted = |key: &str| info[name][key].as_u64().unwrap() as usize;
        assert_eq!(
            (decayed.len(), spared.len()),
            (wanted("decayed"), wanted("not_decayed")),
            "{name}"
        );
    }
}
