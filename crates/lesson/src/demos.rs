//! The demos of the lesson as one table. The page draws them.

use serde::{Deserialize, Serialize};

/// A demo of the lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Demo {
    /// A 3 × 3 kernel applied at a pixel.
    Kernel,
    /// The shapes after each stride-2 layer for a chosen picture size, and both kinds of heads.
    GridToVector,
    /// Adaptive pooling from any grid to any grid, with average and maximum side by side.
    AdaptivePooling,
    /// The evidence for a class in each cell of the last grid, for the reader's own picture, and
    /// its mean.
    EvidenceMap,
    /// Networks of the same depth with and without skip connections, and how gamma moves a block
    /// away from the identity.
    SkipConnections,
    /// What a block adds to its input, for a real picture.
    Residual,
    /// A 1 × 1 convolution as a dot product across the channels.
    OneByOne,
    /// The loss on a plane around the weights, with and without skip connections.
    LossSurface,
    /// The parameters and multiply-adds of each part of a network.
    Work,
    /// The parameters, multiply-adds and milliseconds of a basic and a bottleneck block.
    Bottleneck,
    /// A network at several picture sizes, and runs that differ in one setting.
    OneChange,
}

/// What the page shows around a demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// The demo that this describes.
    pub demo: Demo,
    /// The demo's name in links.
    pub slug: &'static str,
    /// The demo's heading, by which hints refer to it.
    pub title: &'static str,
    /// A sentence that says what to try first.
    pub invitation: &'static str,
}

/// All demos, in the order of the steps, which is also the order of [`Demo`]'s variants.
pub const DEMOS: &[Description; 11] = &[
    Description {
        demo: Demo::Kernel,
        slug: "kernel",
        title: "Kernel at a pixel",
        invitation: "Move the kernel over the grid and watch nine products become one number.",
    },
    Description {
        demo: Demo::GridToVector,
        slug: "grid-to-vector-demo",
        title: "Grid to vector",
        invitation: "Choose a picture size and follow the grid. Then change the size and see \
                     which head still fits.",
    },
    Description {
        demo: Demo::AdaptivePooling,
        slug: "adaptive-pooling",
        title: "Adaptive pooling",
        invitation: "Choose an input grid and an output grid. Change a number and see which \
                     windows contain it.",
    },
    Description {
        demo: Demo::EvidenceMap,
        slug: "evidence-map",
        title: "Evidence map",
        invitation: "Each cell of the last grid votes for or against a class, and the score is the \
                     mean of the votes. Earlier grids show more detail.",
    },
    Description {
        demo: Demo::SkipConnections,
        slug: "skip-connections-demo",
        title: "Skip connections",
        invitation: "Train networks of the same depth with and without skips. Then move gamma from \
                     0 to 1.",
    },
    Description {
        demo: Demo::Residual,
        slug: "residual",
        title: "Residual",
        invitation: "Choose a block to see its input, what it added, and its output.",
    },
    Description {
        demo: Demo::OneByOne,
        slug: "one-by-one",
        title: "1×1 convolution",
        invitation: "Choose a pixel and change a filter's weights: the new channel is a dot \
                     product.",
    },
    Description {
        demo: Demo::LossSurface,
        slug: "loss-surface",
        title: "Loss surface",
        invitation: "Step away from the trained weights in two random directions and measure the \
                     loss.",
    },
    Description {
        demo: Demo::Work,
        slug: "where-the-work-is",
        title: "Where the work is",
        invitation: "Choose a network and a picture size, and see which part holds the weights \
                     and which does the work.",
    },
    Description {
        demo: Demo::Bottleneck,
        slug: "bottleneck-demo",
        title: "Bottleneck",
        invitation: "Change the number of channels and compare what the two blocks cost.",
    },
    Description {
        demo: Demo::OneChange,
        slug: "one-change",
        title: "One change at a time",
        invitation: "See what the picture size changes in a network. Then change one setting of \
                     the run and nothing else.",
    },
];

// A demo finds its row by its place.
const _: () = {
    let mut row = 0;
    while row < DEMOS.len() {
        assert!(DEMOS[row].demo as usize == row, "DEMOS is in the order of the variants");
        row += 1;
    }
};

impl Demo {
    /// All demos, in the order of the steps.
    pub const ALL: [Demo; DEMOS.len()] = {
        let mut all = [Demo::Kernel; DEMOS.len()];
        let mut row = 0;
        while row < DEMOS.len() {
            all[row] = DEMOS[row].demo;
            row += 1;
        }
        all
    };

    /// The demo's row in [`DEMOS`].
    pub fn description(self) -> &'static Description {
        &DEMOS[self as usize]
    }

    /// The demo's heading, by which hints refer to it.
    pub fn title(self) -> &'static str {
        self.description().title
    }

    /// The demo's name in links.
    pub fn slug(self) -> &'static str {
        self.description().slug
    }

    /// A sentence that says what to try first.
    pub fn invitation(self) -> &'static str {
        self.description().invitation
    }
}
