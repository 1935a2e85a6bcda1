//! Twenty steps of Adam under one-cycle, compared on the way.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};
use futures::executor::block_on;
use resnette_engine::model::weights::{Array, Weights, read_weights};
use resnette_engine::train::adam::Adam;
use resnette_spec::{Schedule, schedule};

use super::fixture::{Case, download, single};
use super::tolerance::Engine;

pub const STEPS: usize = 20;
const LR: f64 = 3e-3;
const WD: f64 = 0.01;

/// Trains `module`, which has the fixture's first weights. `forward(module, step)` gives output and
/// loss.
///
/// Compares: losses of all steps; output, every gradient and running statistics of the first;
/// weights and running statistics after every step that the fixture keeps.
pub fn train<M: Module>(
    engine: &Engine,
    case: &Case,
    mut module: M,
    forward: impl Fn(&M, usize) -> (Array, Tensor<1>),
) -> M {
    let losses = case.numbers("losses");
    assert_eq!(losses.len(), STEPS);
    let mut adam = Adam::new(WD);
    let mut kept = 0;
    for (step, &wanted) in losses.iter().enumerate() {
        let (output, loss) = forward(&module, step);
        engine.compare_loss(case, step, f64::from(download(loss.clone()).values[0]), wanted);
        let mut grads = loss.backward();
        if step == 0 {
            engine.compare(
                case,
                "output",
                &single("output", output),
                &single("output", case.one("output").clone()),
            );
            engine.compare(case, "grad", &gradients(&module, &grads), &case.part("grad"));
            engine.compare(case, "running", &running(&read(&module)), &case.part("running"));
        }
        let hyper = schedule::at(Schedule::OneCycle, LR, step as f64 / STEPS as f64);
        module = adam.step(module, &mut grads, hyper, |_| 1.0);
        let group = format!("step{}", step + 1);
        let wanted = case.part(&group);
        if !wanted.is_empty() {
            kept += 1;
            let found = read(&module);
            engine.compare(case, &group, &parameters(&found), &parameters(&wanted));
            engine.compare(case, &format!("{group}.running"), &running(&found), &running(&wanted));
        }
    }
    assert!(kept > 0, "{} keeps no weights after a step", case.name);
    module
}

/// The output in evaluation mode, which must be PyTorch's, and must not be what biased running
/// variances would give.
pub fn compare_evaluation(engine: &Engine, case: &Case, output: Array) {
    let found = single("output", output);
    engine.compare(case, "eval_output", &found, &single("output", case.one("eval_output").clone()));
    let biased = single("output", case.one("eval_output_biased").clone());
    assert!(
        engine.differs(case, "eval_output", &found, &biased).is_err(),
        "{}: this test cannot tell biased variances",
        case.name
    );
}

pub fn read<M: Module>(module: &M) -> Weights {
    block_on(read_weights(module)).unwrap()
}

pub fn running(weights: &Weights) -> Weights {
    weights
        .iter()
        .filter(|(name, _)| name.contains("running_"))
        .map(|(name, array)| (name.clone(), array.clone()))
        .collect()
}

pub fn parameters(weights: &Weights) -> Weights {
    weights
        .iter()
        .filter(|(name, _)| !name.contains("running_"))
        .map(|(name, array)| (name.clone(), array.clone()))
        .collect()
}

/// Every gradient by the name of its parameter.
pub fn gradients<M: Module>(module: &M, grads: &Gradients) -> Weights {
    let mut reader = Reader { grads, path: Vec::new(), found: Weights::new() };
    module.visit(&mut reader);
    reader.found
}

struct Reader<'a> {
    grads: &'a Gradients,
    path: Vec<String>,
    found: Weights,
}

impl ModuleVisitor for Reader<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = param.val().grad(self.grads) {
            self.found.insert(self.path.join("."), download(grad));
        }
    }
}
