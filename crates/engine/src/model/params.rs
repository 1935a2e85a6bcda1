//! The one walk over the parameters of a network.
//!
//! Burn hands a visitor tensors without their names and tells it when it enters and leaves a
//! module. Here each tensor comes with its name, as a saved file spells it:
//! `stages.0.1.convs.2.norm.weight`. What is not trained is visited too
//! ([`is_trained`](resnette_spec::architecture::is_trained)); it has no gradient.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};

/// What is done with each parameter of a network.
pub trait ParamVisitor {
    /// Sees a parameter or a running statistic.
    fn visit<const D: usize>(&mut self, name: &str, tensor: Tensor<D>);
}

/// How each parameter of a network is replaced.
pub trait ParamMapper {
    /// Returns the tensor that takes the place of this parameter or running statistic.
    fn map<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> Tensor<D>;
}

/// Visits all parameters and running statistics, in the order of the modules' fields.
pub fn visit_params<M: Module>(module: &M, visitor: &mut impl ParamVisitor) {
    module.visit(&mut Walk { path: Vec::new(), inner: visitor });
}

/// Replaces all parameters and running statistics, in the order of the modules' fields.
pub fn map_params<M: Module>(module: M, mapper: &mut impl ParamMapper) -> M {
    module.map(&mut Walk { path: Vec::new(), inner: mapper })
}

/// A parameter out of its module, flattened and not tracked by autodiff.
pub struct FlatParam {
    /// Name, as a saved file spells it.
    pub name: String,
    /// Shape in the module.
    pub shape: Vec<usize>,
    /// The numbers, `[elements]`.
    pub tensor: Tensor<1>,
}

/// All parameters and running statistics, flattened.
pub fn flat_params<M: Module>(module: &M) -> Vec<FlatParam> {
    let mut collector = ParamCollector(Vec::new());
    visit_params(module, &mut collector);
    collector.0
}

/// The gradients of all parameters that have one, by name, flattened to `[elements]`.
pub fn flat_gradients<M: Module>(module: &M, grads: &Gradients) -> Vec<(String, Tensor<1>)> {
    let mut collector = GradientCollector { grads, found: Vec::new() };
    visit_params(module, &mut collector);
    collector.found
}

struct ParamCollector(Vec<FlatParam>);

impl ParamVisitor for ParamCollector {
    fn visit<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) {
        let tensor = tensor.without_autodiff();
        let shape = tensor.dims();
        let tensor = tensor.reshape([shape.iter().product::<usize>()]);
        self.0.push(FlatParam { name: name.into(), shape: shape.to_vec(), tensor });
    }
}

struct GradientCollector<'a> {
    grads: &'a Gradients,
    found: Vec<(String, Tensor<1>)>,
}

impl ParamVisitor for GradientCollector<'_> {
    fn visit<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) {
        if let Some(grad) = tensor.grad(self.grads) {
            let length = [grad.dims().iter().product::<usize>()];
            self.found.push((name.into(), grad.reshape(length)));
        }
    }
}

/// Follows Burn through the modules and keeps the names of those around the current parameter.
struct Walk<'a, T> {
    path: Vec<String>,
    inner: &'a mut T,
}

impl<T> Walk<'_, T> {
    fn enter(&mut self, name: &str, container: &str) {
        if !is_enum(container) {
            self.path.push(name.into());
        }
    }

    fn exit(&mut self, container: &str) {
        if !is_enum(container) {
            self.path.pop();
        }
    }
}

/// Burn counts the variant of an enum as a module of its own; a saved file has no name for it.
fn is_enum(container: &str) -> bool {
    container.starts_with("Enum:")
}

impl<V: ParamVisitor> ModuleVisitor for Walk<'_, V> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.inner.visit(&self.path.join("."), param.val());
    }
}

impl<P: ParamMapper> ModuleMapper for Walk<'_, P> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        param.map(|tensor| self.inner.map(&name, tensor))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;

    use super::*;
    use crate::model::{Network, ResNet};

    struct Doubler(Vec<String>);

    impl ParamMapper for Doubler {
        fn map<const D: usize>(&mut self, name: &str, tensor: Tensor<D>) -> Tensor<D> {
            self.0.push(name.into());
            tensor.mul_scalar(2.0)
        }
    }

    #[test]
    fn visiting_and_mapping_go_the_same_way_and_skip_the_enum() {
        let net = read_run("layers=1,1&expansion=1&width=4&stem=2").0.net;
        let architecture = Architecture::new(&net, 3);
        let rng = stream(1, Purpose::Init, 0);
        let network = Network::Chapter(ResNet::new(&architecture, rng, &Device::flex()));
        let before = flat_params(&network);
        let mut doubler = Doubler(Vec::new());
        let network = map_params(network, &mut doubler);
        let after = flat_params(&network);
        assert_eq!(before.len(), after.len());
        for ((before, after), mapped) in before.iter().zip(&after).zip(&doubler.0) {
            assert_eq!((&before.name, &before.shape), (&after.name, &after.shape));
            assert_eq!(&before.name, mapped);
            let change = (after.tensor.clone() - before.tensor.clone().mul_scalar(2.0)).abs();
            assert_eq!(change.max().into_scalar::<f32>(), 0.0, "{mapped}");
        }
        let mut names: Vec<String> = after.into_iter().map(|param| param.name).collect();
        names.sort();
        let wanted: Vec<String> = architecture.tensors().into_keys().collect();
        assert_eq!(names, wanted);
    }
}
