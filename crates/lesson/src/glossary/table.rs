//! The table of the glossary's terms.

use crate::glossary::term::{Term, term};

/// The terms of the glossary, from A to Z.
pub(super) const TERMS: &[Term] = &[
    term(
        "1×1 convolution",
        &["1 × 1"],
        "A convolution whose kernel sees one pixel: each new channel is a dot product across the \
         old ones. It changes the number of channels cheaply.",
    ),
    term("Accuracy", &[], "The share of the validation pictures whose first guess is right."),
    term(
        "Activation",
        &["activations"],
        "A number that a layer computes from its input; a grid of them is what the next layer \
         sees.",
    ),
    term(
        "Adam",
        &["mom", "momentum"],
        "How the weights are changed: along a running mean of the gradients (momentum), each \
         weight with a step of its own size.",
    ),
    term(
        "Adaptive pooling",
        &[],
        "Pooling to a grid of a wanted size, whatever the size of the grid that comes in.",
    ),
    term(
        "Augmentation",
        &[],
        "A small random change to a training picture (crop, flip, turn, light), so that no epoch \
         is like another.",
    ),
    term(
        "Batch",
        &["bs", "batches", "Pictures a batch"],
        "The pictures that are looked at together before the weights are changed once.",
    ),
    term(
        "Batches a step",
        &["gradient accumulation", "accumulate"],
        "Averages the gradients of several batches before a step: the effect of a large batch \
         in little memory.",
    ),
    term(
        "Batch norm",
        &["batchnorm", "gamma", "beta"],
        "Brings every channel of a batch to mean 0 and spread 1, then scales it by gamma and \
         shifts it by beta, both learned.",
    ),
    term(
        "Block",
        &["plain", "basic", "two convolutions"],
        "A few convolutions that belong together. A plain block has no skip connection, a basic \
         one goes round two 3×3 convolutions.",
    ),
    term(
        "Bottleneck",
        &[],
        "A block that narrows the channels with a 1×1 convolution, does the 3×3 there, and widens \
         them again: fewer weights and less work.",
    ),
    term(
        "Channel",
        &["channels", "Channels of the first stage", "width", "Channels of the stem"],
        "One grid of a layer: a picture has three (red, green, blue), a layer as many as it has \
         filters.",
    ),
    term(
        "Confusion matrix",
        &["Most often mixed up"],
        "A table of the validation pictures: a row for what they are, a column for what the \
         network said.",
    ),
    term(
        "Convolution",
        &[],
        "One kernel slid over a grid; at each place the products of kernel and pixels are summed \
         to one new number.",
    ),
    term(
        "Cross-entropy",
        &["loss"],
        "The loss of a guess: the less probability the right class got, the larger it is.",
    ),
    term(
        "Engine",
        &["backend", "WebGPU", "CPU"],
        "What computes: WebGPU on the graphics card, or the processor. It runs in a worker, so \
         that the page stays free.",
    ),
    term("Epoch", &["epochs"], "One pass through all training pictures."),
    term(
        "Evidence map",
        &["heat map", "Grad-CAM"],
        "Where in the picture a class gets its score from: the score of each cell of the last \
         grid, laid over the picture.",
    ),
    term(
        "Expansion",
        &[],
        "How many times more channels the ends of a block have than its middle.",
    ),
    term(
        "Filter",
        &["filters"],
        "The kernels that together make one new channel: one for each channel that comes in.",
    ),
    term(
        "Fine-tuning",
        &["fine-tune", "transfer learning", "pretrained"],
        "Going on with a network that was trained on other pictures, with a new head for the \
         classes at hand.",
    ),
    term(
        "Fully convolutional",
        &["fcn"],
        "A network of convolutions to the end, whose last grid is averaged: it takes pictures of \
         any size.",
    ),
    term(
        "Gradient",
        &["gradients"],
        "For every weight, how the loss would change with it; a step goes the other way.",
    ),
    term(
        "Grid",
        &["grids"],
        "Numbers in rows and columns: what is left of the picture in one channel of a layer.",
    ),
    term(
        "Head",
        &[],
        "The end of the network: averages each channel of the last grid to one number and makes a \
         score for each class of them.",
    ),
    term(
        "Identity",
        &["noop"],
        "What returns its input unchanged. A block starts as one if its last gamma is 0.",
    ),
    term(
        "Imagenette",
        &["photos"],
        "Ten classes of ImageNet that are easy to tell apart: tench, English springer, cassette \
         player and seven more.",
    ),
    term(
        "Kernel",
        &[],
        "The few weights of a convolution that are slid over a grid, most often three by three. \
         Also a program for the graphics card: “Compiling kernels”.",
    ),
    term(
        "Label smoothing",
        &["smoothing"],
        "Asks for a little less than certainty: the right class should get 0.9, the rest share \
         0.1, for example.",
    ),
    term(
        "Layers",
        &["Blocks in each stage", "layer"],
        "What a network is made of, one after the other. In a link, the number of blocks in each \
         stage.",
    ),
    term(
        "Learning rate",
        &["lr"],
        "How far a step goes. Too low learns slowly, too high not at all.",
    ),
    term(
        "Learning rate finder",
        &["Which learning rate?", "suggested rates"],
        "A short trial with a rate that grows at each step: where the loss falls fastest is a \
         good rate.",
    ),
    term(
        "Logit",
        &["score", "scores"],
        "The score of a class before softmax makes a probability of it.",
    ),
    term(
        "Loss surface",
        &["surface"],
        "The loss in the surroundings of the weights, along two directions: smooth or rugged.",
    ),
    term(
        "Mixup",
        &[],
        "Trains on blends of two pictures with both their labels. Helps long runs, and lifts \
         train_loss above valid_loss.",
    ),
    term(
        "Multiply-adds",
        &["work", "the work"],
        "How often a network multiplies and adds for one picture: how much work it is, while \
         parameters are how much it remembers.",
    ),
    term(
        "Overfitting",
        &[],
        "Learning the training pictures by heart: train_loss falls on, valid_loss rises.",
    ),
    term(
        "Padding",
        &[],
        "Rows and columns of zeros round a grid, so that the kernel can stand at the edge.",
    ),
    term(
        "Parameters",
        &["weights"],
        "The numbers that training changes: weights of the convolutions, gammas and betas, the \
         head.",
    ),
    term(
        "Pooling",
        &["max-pool", "average"],
        "Makes one number of each window of a grid, its largest or its mean.",
    ),
    term(
        "Precision and recall",
        &["precision", "recall"],
        "Of the pictures that were called a class, the share that is one; and of those that are \
         one, the share that was called so.",
    ),
    term(
        "Probability",
        &["softmax", "Predictions"],
        "What softmax makes of the scores: positive numbers that sum to 1. No proof of anything.",
    ),
    term(
        "Progressive resizing",
        &["Sizes to start with", "grow"],
        "Small pictures for the first epochs, larger ones after: cheap learning first.",
    ),
    term(
        "Receptive field",
        &["one cell sees"],
        "The pixels of the picture that one number of a layer depends on.",
    ),
    term("ReLU", &[], "Makes negative numbers 0 and leaves the others."),
    term("Residual", &["residuals"], "What a block adds to its input: y − x."),
    term(
        "ResNet",
        &["Skeleton", "net"],
        "A network of blocks with skip connections: stem, stages, head.",
    ),
    term(
        "Schedule",
        &["One cycle", "1cycle", "flat-cos"],
        "How the learning rate moves over the run: up and down again (one cycle), or flat and \
         then down along a cosine.",
    ),
    term("Seed", &[], "Where the random numbers start: the same seed gives the same run."),
    term(
        "Shape",
        &["shapes", "NCHW"],
        "The lengths of a tensor’s axes, for example 3 × 128 × 128; with a batch in front NCHW: \
         pictures, channels, rows, columns.",
    ),
    term(
        "Size",
        &["Size in pixels"],
        "The side of the square that the network sees. Twice the side is four times the work.",
    ),
    term(
        "Skip connection",
        &["skip", "skips", "identity path"],
        "The way of a block’s input round its convolutions, to be added to what they made.",
    ),
    term(
        "Source",
        &["Pictures from", "Address"],
        "Where pictures come from: Hugging Face, an address, your files, your own classes, or \
         drawn by the page.",
    ),
    term(
        "Stage",
        &["stages"],
        "Blocks on grids of one size. Each stage after the first halves the grid and doubles the \
         channels.",
    ),
    term("Stem", &[], "The first plain convolutions, on the largest grid."),
    term("Step", &["steps"], "One change of all weights, after one batch or several."),
    term("Stride", &[], "How many pixels the kernel moves on at a time; stride 2 halves the grid."),
    term(
        "Tensor",
        &["vector"],
        "Numbers in a block with any number of axes: a vector has one, a grid two, a batch of \
         pictures four.",
    ),
    term("Time", &[], "Minutes and seconds of an epoch, validation included."),
    term(
        "Top losses",
        &[],
        "The validation pictures that the network was most wrong about, worst first.",
    ),
    term(
        "Training set",
        &["train_loss", "Training pictures a class"],
        "The pictures that the network learns from. train_loss is a running mean of their loss.",
    ),
    term(
        "Validation set",
        &["valid_loss", "Validation pictures a class"],
        "Pictures that the network never learns from; valid_loss and accuracy are measured on \
         them.",
    ),
    term("Weight decay", &["wd"], "Pulls every weight a little towards 0 at each step."),
];
