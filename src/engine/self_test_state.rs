//! The state of the self test, and what it says.

use resnette_protocol::engine::SelfTest;

/// The state of the self test.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum SelfTestState {
    /// Nobody asked for it, or the engine that was tested is gone.
    #[default]
    Unasked,
    /// It was requested and is under way.
    Waiting,
    /// It has ended with this result.
    Made(SelfTest),
}

impl SelfTestState {
    /// The state as a sentence.
    pub fn words(&self) -> String {
        match self {
            Self::Unasked => {
                "Four training steps of a tiny network, compared with what PyTorch found. On \
                 WebGPU the first time takes up to a minute."
                    .into()
            }
            Self::Waiting => "Checking …".into(),
            Self::Made(test) if test.passed() => {
                format!(
                    "This engine computes what PyTorch computes: the largest relative difference \
                     is {:.0e}.",
                    test.gap
                )
            }
            Self::Made(test) => format!(
                "This engine computes something else than PyTorch: the largest relative difference \
                 is {:.0e}, and {:.0e} is allowed. Choose the CPU engine under “Data and engine”, \
                 and tell us browser and graphics card.",
                test.gap, test.allowed
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_engine_is_told_from_a_right_one() {
        let words = |gap| SelfTestState::Made(SelfTest { gap, allowed: 1e-3 }).words();
        assert!(words(2e-6).contains("what PyTorch computes") && words(2e-6).contains("2e-6"));
        assert!(
            words(0.5).contains("something else")
                && words(f64::INFINITY).contains("something else")
        );
        assert!(words(f64::NAN).contains("something else"));
    }
}
