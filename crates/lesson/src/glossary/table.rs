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
    term("Accuracy", &[], "The share of validation pictures for which the first guess is right."),
    term(
        "Activation",
        &["activations"],
        "A number that a layer computes from its input; a grid of them is what the next layer \
         sees.",
    ),
    term(
        "Adam",
        &["mom", "momentum"],
        "The rule by which weights are updated: along a running mean of the gradients (momentum), \
         with a step size of its own for each weight.",
    ),
    term(
        "Adaptive pooling",
        &[],
        "Pooling to a grid of a chosen size, whatever the size of the input grid.",
    ),
    term(
        "Augmentation",
        &[],
        "Small random changes to training pictures (crop, flip, rotation, brightness), so that no \
         two epochs are alike.",
    ),
    term(
        "Batch",
        &["bs", "batches", "batch size"],
        "The pictures that are processed together before each update of the weights.",
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
        "Brings every channel of a batch to mean 0 and standard deviation 1, then scales it by \
         gamma and shifts it by beta, both learned.",
    ),
    term(
        "Block",
        &["plain", "basic", "two convolutions"],
        "A few convolutions that belong together. A basic block has two 3×3 convolutions and a \
         skip connection; a plain block is the same without the skip.",
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
        "A table of the validation pictures: a row for each true class, a column for each \
         predicted class.",
    ),
    term(
        "Convolution",
        &[],
        "One kernel slid over a grid; at each place the products of kernel and pixels are added up \
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
        "The part that does the computing, on the graphics card (WebGPU) or on the processor \
         (CPU). It runs in a worker, so the page stays responsive.",
    ),
    term("Epoch", &["epochs"], "One pass through all training pictures."),
    term(
        "Evidence map",
        &["heat map", "Grad-CAM"],
        "Which parts of the picture count for or against a class: the score of each cell of a \
         grid, laid over the picture. Blue is for, orange against.",
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
        "Continuing to train a network that was trained on other pictures, with a new head for \
         your classes.",
    ),
    term(
        "Fully convolutional",
        &["fcn"],
        "A network made of convolutions, whose last grid is averaged: it accepts pictures of any \
         size.",
    ),
    term(
        "Gradient",
        &["gradients"],
        "For each weight, how the loss changes with it; a step goes the opposite way.",
    ),
    term(
        "Grid",
        &["grids"],
        "Numbers in rows and columns: what is left of the picture in one channel of a layer.",
    ),
    term(
        "Head",
        &[],
        "The end of the network: averages each channel of the last grid to one number and computes \
         a score for each class from these.",
    ),
    term(
        "Identity",
        &["noop"],
        "A function that returns its input unchanged. A block starts as one if its last gamma is \
         0.",
    ),
    term(
        "Imagenette",
        &["photos"],
        "Ten easy-to-distinguish ImageNet classes: tench (a fish), English springer (a dog), \
         cassette player and seven more.",
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
        "Asks for a little less than certainty: for example, 0.9 for the right class, with 0.1 \
         shared by the rest.",
    ),
    term(
        "Layers",
        &["Blocks in each stage", "layer"],
        "The operations that a network consists of, one after another. In a link, the number of \
         blocks in each stage.",
    ),
    term(
        "Learning rate",
        &["lr"],
        "How far each step goes. Too low, and the network learns slowly; too high, and it does not \
         learn at all.",
    ),
    term(
        "Learning rate finder",
        &["Which learning rate?", "suggested rates"],
        "A short trial in which the rate grows at every step: the curve of the loss suggests which \
         rates are good.",
    ),
    term(
        "Logit",
        &["score", "scores"],
        "The score of a class, before softmax turns it into a probability.",
    ),
    term(
        "Loss surface",
        &["surface"],
        "The loss around the trained weights, along two directions: smooth or rugged.",
    ),
    term(
        "Mixup",
        &[],
        "Trains on blends of two pictures with both their labels. Helps in long runs, and makes \
         train_loss higher than valid_loss.",
    ),
    term(
        "Multiply-adds",
        &["work", "the work"],
        "How many products a network computes and adds up for one picture: the work. Parameters \
         are how many numbers it learns.",
    ),
    term(
        "Overfitting",
        &[],
        "Learning the training pictures by heart: train_loss keeps falling while valid_loss rises.",
    ),
    term(
        "Padding",
        &[],
        "Rows and columns of zeros around a grid, so that the kernel can be centred on its edge.",
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
        "Reduces each window of a grid to one number, its maximum or its mean.",
    ),
    term(
        "Precision and recall",
        &["precision", "recall"],
        "Precision: of the pictures predicted as a class, the share that belong to it. Recall: of \
         the pictures in a class, the share predicted correctly.",
    ),
    term(
        "Probability",
        &["softmax", "Predictions"],
        "What softmax turns the scores into: positive numbers that add up to 1. High probability \
         doesn't mean correct.",
    ),
    term(
        "Progressive resizing",
        &["Sizes to start with", "grow"],
        "Small pictures in the first epochs, larger ones later, so that early training is cheap.",
    ),
    term(
        "Receptive field",
        &["one cell sees"],
        "The pixels of the picture that one number of a layer depends on.",
    ),
    term("ReLU", &[], "Turns negative numbers into 0 and leaves the others unchanged."),
    term("Residual", &["residuals"], "What a block adds to its input: y − x."),
    term(
        "ResNet",
        &["Skeleton", "net"],
        "A network of blocks with skip connections: stem, stages, head.",
    ),
    term(
        "Schedule",
        &["One cycle", "1cycle", "flat-cos"],
        "How the learning rate changes during the run: up and down again (one cycle), or flat and \
         then down along a cosine.",
    ),
    term(
        "Seed",
        &[],
        "Where the random numbers start: the same seed and settings give the same \
                       run.",
    ),
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
        "The path that takes a block’s input around its convolutions, to be added to their output.",
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
        "Blocks that work on grids of one size. Each stage after the first halves the grid and \
         doubles the channels.",
    ),
    term(
        "Stem",
        &[],
        "The first few convolutions, before the blocks. They work on the largest \
                       grids.",
    ),
    term("Step", &["steps"], "One update of all weights, after one batch or several."),
    term("Stride", &[], "How many pixels the kernel moves at a time; stride 2 halves the grid."),
    term(
        "Tensor",
        &["vector"],
        "Numbers arranged along any number of axes: a vector has one, a grid two, a batch of \
         pictures four.",
    ),
    term("Time", &[], "How long an epoch took, in minutes and seconds, including validation."),
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
