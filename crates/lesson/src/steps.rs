//! The six steps of the lesson, in the book's order.

use crate::demos::Demo;

/// A step of the lesson: a heading, some prose, demos and questions.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// The step's name in links.
    pub slug: &'static str,
    /// The step's heading.
    pub title: &'static str,
    /// The paragraphs of its prose.
    pub prose: &'static [&'static str],
    /// Its demos, in the order in which they are shown. Each demo belongs to exactly one step.
    pub demos: &'static [Demo],
    /// Ids of its warm-ups: questions from chapter 13 that are shown before the step's own.
    pub warm_ups: &'static [&'static str],
    /// Numbers of its questions from chapter 14.
    pub questions: &'static [u8],
}

/// The step with this name in links, or `None` if there is none.
pub fn by_slug(slug: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.slug == slug)
}

impl Demo {
    /// The step that the demo belongs to.
    pub fn step(self) -> Option<&'static Step> {
        STEPS.iter().find(|step| step.demos.contains(&self))
    }
}

/// The six steps of the lesson, in their order.
pub const STEPS: [Step; 6] = [
    Step {
        slug: "back-to-imagenette",
        title: "Going back to Imagenette",
        prose: &[
            "Imagenette is ten easy classes of ImageNet: a fish, a dog, a church, a parachute and \
             six more. It is small enough to train on during a lesson, and realistic enough that a \
             trick that helps here often helps on all of ImageNet too. Its pictures are colour \
             photographs, so each enters the network as three grids of numbers: red, green and \
             blue.",
            "The digits of chapter 13 were 28 pixels wide. Five stride-2 convolutions shrank the \
             grid to 14, 7, 4, 2 and 1 until a single number per channel was left, and Flatten \
             dropped the two axes of length 1.",
            "Try that on photographs. At 128 pixels five layers leave a grid of 4 × 4, at 224 \
             pixels one of 7 × 7. You can add layers until one cell is left, but how many depends \
             on the picture. Or you can flatten all the cells into one long vector: then the \
             linear layer grows with the picture, and it breaks as soon as the size changes. The \
             demo counts both.",
        ],
        demos: &[Demo::Kernel, Demo::GridToVector],
        warm_ups: &["13-3", "13-4", "13-20", "13-21", "13-5", "13-6", "13-17"],
        questions: &[1],
    },
    Step {
        slug: "grid-to-vector",
        title: "From a grid to one vector",
        prose: &[
            "The way out is to take the mean. After the last convolution each channel holds a grid \
             of activations. Replace every grid by its average, and what remains is one number per \
             channel: a vector whose length depends only on the number of channels. A network made \
             of convolutions and this mean is called fully convolutional, and it accepts pictures \
             of any size.",
            "Average pooling replaces a window of the grid by its mean; max pooling keeps the \
             largest value instead. Usually you choose the window. Adaptive pooling turns that \
             around: you choose the grid you want, and the windows follow from the grid you have. \
             Ask for 1 × 1, and the window is the whole grid.",
            "The mean has a price: it forgets where things were. For “is there a dog in this \
             photo?” that is fine: a dog on the left is still a dog. For reading a line of text it \
             would be a disaster, since the order of the letters is the message. The evidence map \
             shows what went into the mean.",
        ],
        demos: &[Demo::AdaptivePooling, Demo::EvidenceMap],
        warm_ups: &["13-14", "13-13"],
        questions: &[2, 3, 4, 5],
    },
    Step {
        slug: "skip-connections",
        title: "Skip connections",
        prose: &[
            "A deeper network should be at least as good as a shallow one: copy the shallow one, \
             add layers that pass their input on unchanged, and the result is the same. Yet \
             Kaiming He and colleagues found in 2015 that 56 layers without skips did worse than \
             20, and not only on the validation set: on the training set too. Good weights exist; \
             training does not find them.",
            "So make it easy to do nothing. Let each block compute y = x + conv2(conv1(x)). Its \
             convolutions now learn only what is missing, the residual y − x. Start the gamma of \
             the last batchnorm at zero, and the block begins as the identity: the network starts \
             shallow and becomes deep where that helps.",
            "Only equal shapes can be added. Where a block halves the grid, the skip path averages \
             each 2 × 2 square of cells; where it changes the number of channels, a 1 × 1 \
             convolution follows. The demos show gradients, residuals and the loss surface, with \
             and without the path.",
        ],
        demos: &[Demo::SkipConnections, Demo::Residual, Demo::OneByOne, Demo::LossSurface],
        warm_ups: &["13-9", "13-8", "13-38", "13-28"],
        questions: &[6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    },
    Step {
        slug: "state-of-the-art",
        title: "A state-of-the-art ResNet",
        prose: &[
            "The chapter's full ResNet keeps the blocks and changes the beginning. It opens with a \
             stem: three plain 3 × 3 convolutions, the first with stride 2, then a max pool that \
             halves the grid again. Four stages of blocks follow. From each stage to the next the \
             grid halves and the channels double; the mean and one linear layer finish it.",
            "Why no blocks in the stem? Count. Its first convolution has 3 × 3 × 3 × 32 = 864 \
             weights, while one from 256 to 512 channels near the end has 1,179,648. But the stem \
             works on the largest grids. For a picture of 128 pixels its three convolutions make \
             about 117 million multiply-adds with 28,512 weights; the late one makes 19 million \
             with a million weights. Where each weight works so hard, keep layers few and simple.",
            "In the book this network raises the accuracy after five epochs on all of Imagenette \
             from 66 % to 76 %. ImageNet papers often report top-5 accuracy instead: is the right \
             class among the five best guesses?",
        ],
        demos: &[Demo::Work],
        warm_ups: &["13-15", "13-23", "13-24"],
        questions: &[17, 18, 19],
    },
    Step {
        slug: "bottleneck",
        title: "Bottleneck layers",
        prose: &[
            "A basic block has two 3 × 3 convolutions over all its channels. A bottleneck block \
             has three convolutions: a 1 × 1 squeezes the channels to a quarter, a 3 × 3 works on \
             these few, and another 1 × 1 widens them again. As many channels come out as go in; \
             the expensive layer sits at the narrow point.",
            "At 256 channels the basic block's two 3 × 3 convolutions have 1,179,648 weights. The \
             bottleneck's three have 16,384 + 36,864 + 16,384 = 69,632, about seventeen times \
             fewer, and on the same grid the multiply-adds fall by the same factor. The savings \
             can pay for more channels or blocks. ResNet-50, 101 and 152 are built this way; \
             ResNet-18 and 34 use basic blocks.",
            "Fewer multiply-adds do not always mean less time. A GPU likes large, regular work, \
             and many small layers keep it waiting, so the demo times both blocks on your own \
             device. The book notes that bottlenecks tend to do better even in shallow networks; \
             that is why this page trains a small one.",
        ],
        demos: &[Demo::Bottleneck],
        warm_ups: &["13-10"],
        questions: &[20, 21],
    },
    Step {
        slug: "question-what-everyone-knows",
        title: "Question what everyone knows",
        prose: &[
            "Skip connections look obvious today. They were not: it was common knowledge that very \
             deep networks are hard to train, and people looked for better starting weights. The \
             answer came from asking why a deep network should lose to the shallow one that it \
             contains. Much of this chapter is like that: a one-line idea and an experiment that \
             anyone can repeat.",
            "So don't just believe this page; try things on it. No layer depends on the size of \
             the grid, so you can train at 64 pixels, continue at 96 and finish at 128 with the \
             same weights: progressive resizing. Switch on label smoothing, or Mixup, which takes \
             many epochs to pay off. Remove the skips.",
            "Change one thing at a time and keep the seed. Then change only the seed: on all of \
             Imagenette the accuracy moves by a percent or so, on a thousand pictures by several. \
             Smaller gains may be noise. And don't expect the book's numbers from a few hundred \
             pictures.",
        ],
        demos: &[Demo::OneChange],
        warm_ups: &["13-29", "13-30", "13-31", "13-33", "13-37", "13-39"],
        questions: &[22],
    },
];
