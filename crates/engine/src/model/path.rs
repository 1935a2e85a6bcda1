//! Where a visitor is in a network, as a saved file spells it.

/// The names of the modules around a parameter.
#[derive(Clone, Debug, Default)]
pub struct Path(Vec<String>);

impl Path {
    /// Goes into a module. Burn counts the variant of an enum as a module of its own; a saved file
    /// knows nothing of it.
    pub fn enter(&mut self, name: &str, container: &str) {
        if !is_enum(container) {
            self.0.push(name.into());
        }
    }

    /// Comes out again.
    pub fn exit(&mut self, container: &str) {
        if !is_enum(container) {
            self.0.pop();
        }
    }

    /// `stages.0.1.convs.2.norm.weight`
    pub fn name(&self) -> String {
        self.0.join(".")
    }
}

fn is_enum(container: &str) -> bool {
    container.starts_with("Enum:")
}
