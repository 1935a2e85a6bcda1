//! `resnette summary`: prints a network layer by layer.

use std::fmt::Write;

use resnette_spec::RunConfig;
use resnette_spec::architecture::Architecture;

/// Renders a network as a table with one row for each layer, as fastai's `learn.summary()` does.
pub fn render(config: &RunConfig) -> String {
    let plan = Architecture::new(&config.net, 10);
    let size = config.data.size;
    let mut out = format!(
        "{:<24} {:<36} {:>16} {:>12} {:>14}\n",
        "layer", "kind", "output", "parameters", "multiply-adds"
    );
    for row in plan.rows(size) {
        let [c, h, w] = row.shape;
        let _ = writeln!(
            out,
            "{:<24} {:<36} {:>16} {:>12} {:>14}",
            row.name,
            row.kind,
            format!("{c}×{h}×{w}"),
            row.parameters,
            row.multiply_adds
        );
    }
    let memory = plan.training_bytes(size, config.recipe.bs) as f64 / 1e6;
    let _ = writeln!(
        out,
        "\n{} parameters, {:.1} million multiply-adds a picture of {size} px, about {memory:.0} MB \
         for a step of {}",
        plan.parameters(),
        plan.multiply_adds(size) as f64 / 1e6,
        config.recipe.bs
    );
    out
}
