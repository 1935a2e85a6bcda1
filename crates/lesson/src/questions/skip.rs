//! Questions 6 to 11: what a skip connection is and why it helps.

use crate::demos::Demo;
use crate::question::{Question, QuestionKind, RubricPoint, WhereToTry, right, wrong};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        id: "6",
        prompt: "What is a skip connection?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "Layers that are left out at random while training, so that the network is \
                     shallower.",
                    "Nothing is left out: both paths are computed every time.",
                ),
                wrong(
                    "Putting the channels of a block's input next to those of its output.",
                    "That is concatenation, as in a DenseNet; the number of channels would grow.",
                ),
                wrong(
                    "A larger stride, so that the kernel skips over every other pixel of the grid.",
                    "Stride is how far a kernel moves, not a path around the block.",
                ),
                right("Adding the block's input to what its convolutions made: x + convs(x)."),
            ],
        },
        hint: "In the demo “Skip connections” switch the path off and on: what do the bars of the \
               sum lose, and which arcs disappear from the network?",
        reason: "The input goes around the convolutions and is added to their result, so the block \
                 can also pass it on unchanged.",
        must_contain: "The block's input is added to the block's output: x + convs(x).",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "7",
        prompt: "Why do skip connections let us train deeper networks? Give at least two reasons.",
        kind: QuestionKind::Free {
            model_answer: "With the last gamma at zero each block starts as the identity, so a \
                           deeper network starts no worse than a shallow one. The gradient \
                           reaches the early layers directly along the skip path, instead of \
                           through every convolution. The loss surface is smoother, so steps \
                           downhill keep leading downhill. Without skips deeper networks had a \
                           higher error even on the training set: it was training that failed, \
                           and skips make it easier.",
            points: &[
                RubricPoint {
                    text: "A block starts as the identity (last gamma 0), so extra depth starts \
                           no worse.",
                    keywords: &[
                        &["identit"],
                        &["gamma", "zero"],
                        &["gamma", "0="],
                        &["unchanged", "start"],
                        &["nothing", "start"],
                    ],
                },
                RubricPoint {
                    text: "Gradients reach the early layers directly.",
                    keywords: &[&["gradient"], &["backprop"], &["vanish"]],
                },
                RubricPoint {
                    text: "The loss surface is smoother.",
                    keywords: &[&["smooth"], &["surface"], &["landscape"]],
                },
                RubricPoint {
                    text: "Without them deeper networks were worse even on the training set.",
                    keywords: &[
                        &["train", "error"],
                        &["train", "set"],
                        &["train", "loss"],
                        &["training", "worse"],
                        &["optimi"],
                    ],
                },
            ],
        },
        hint: "Look at the gradient of the first layers in the demo “Skip connections”, with and \
               without skips.",
        reason: "Each reason can be seen on this page: gamma, the gradient by layer, the loss \
                 surface, and the training loss of a deep network without skips.",
        must_contain: "With the last gamma at 0 a block starts as the identity, so extra depth \
                       starts no worse; gradients reach early layers directly; the loss surface \
                       is smoother; deeper networks lost even on training error without skips.",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "8",
        prompt: "The book reprints a figure that compares a network of 20 layers with one of 56. \
                 What does it show, and how did it lead to skip connections?",
        kind: QuestionKind::Free {
            model_answer: "The 56-layer network has a higher error than the 20-layer one, on the \
                           training set as well as on the test set, so this is not overfitting. \
                           Yet 56 layers could copy the 20 and let the other 36 pass their input \
                           on unchanged: a solution at least as good exists. Training does not \
                           find it, so the problem is optimisation. Hence make the identity easy \
                           to reach, by adding each block's input to its output.",
            points: &[
                RubricPoint {
                    text: "56 layers do worse than 20, on training and test data.",
                    keywords: &[
                        &["56", "worse"],
                        &["56", "higher"],
                        &["56", "more", "error"],
                        &["deep", "worse"],
                        &["deep", "higher"],
                    ],
                },
                RubricPoint {
                    text: "It is not overfitting, since the training error is worse too.",
                    keywords: &[
                        &["overfit"],
                        &["training", "error"],
                        &["training", "set"],
                        &["train", "too"],
                        &["train", "as", "well"],
                    ],
                },
                RubricPoint {
                    text: "The deeper network could copy the shallow one and add identity layers.",
                    keywords: &[&["copy"], &["copies"], &["identit"], &["unchanged"]],
                },
                RubricPoint {
                    text: "So optimisation is the problem: make the identity easy.",
                    keywords: &[&["optimi"], &["find"], &["easy"], &["easier"]],
                },
            ],
        },
        hint: "Repeat the figure in the demo “Skip connections”: train a deep and a shallow \
               network without skips and compare training losses.",
        reason: "The argument is the point: a better solution exists by construction, so \
                 something about the search must change.",
        must_contain: "56 layers are worse than 20 on training and test data; but a 56-layer \
                       network could copy the 20-layer one plus identity layers, so optimisation \
                       is the problem; make the identity easy.",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "9",
        prompt: "What is an identity mapping? If f is an identity mapping, what is f(−3)?",
        kind: QuestionKind::Number {
            value: -3.0,
            tolerance: 0.0,
            units: &[],
            mistakes: &[
                (0.0, "That is a ReLU, or a layer whose weights are all zero."),
                (3.0, "That is the absolute value."),
                (1.0, "An identity matrix has ones in it, but multiplying by it changes nothing."),
            ],
        },
        hint: "Set gamma to 0 in the demo “Skip connections” and compare what goes in with what \
               comes out.",
        reason: "It returns its input unchanged. A block that does so can be added to a network \
                 without making it worse.",
        must_contain: "A function that returns its input unchanged.",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "10",
        prompt: "Leaving out batchnorm and ReLU, which equation describes a ResNet block with two \
                 convolutions?",
        kind: QuestionKind::Choose {
            options: &[
                wrong("y = conv2(conv1(x))", "That is a plain block: it has no skip."),
                wrong(
                    "y = conv2(x + conv1(x))",
                    "Here only one convolution is skipped, and x goes through the other.",
                ),
                right("y = x + conv2(conv1(x))"),
                wrong("y = x · conv2(conv1(x))", "The paths are added, not multiplied."),
            ],
        },
        hint: "In the demo “Residual” the input and what was added stand side by side; where do \
               they meet?",
        reason: "Both convolutions are on one path, the input on the other, and they meet in a \
                 sum.",
        must_contain: "y = x + conv2(conv1(x)).",
        where_to_try: WhereToTry::Demo(Demo::Residual),
    },
    Question {
        id: "11",
        prompt: "What do ResNets have to do with residuals? At one pixel a block receives x = 0.8, \
                 and the desired output is y = 1. What number do its convolutions have to produce?",
        kind: QuestionKind::Number {
            value: 0.2,
            tolerance: 1e-6,
            units: &[],
            mistakes: &[
                (1.0, "That would be right without the skip; here x is added afterwards."),
                (1.8, "That is x + y; solve x + convs(x) = y."),
                (-0.2, "The other way around: desired output minus input."),
                (0.8, "That is the input, and the skip brings it anyway."),
            ],
        },
        hint: "In the demo “Residual” the first picture of a row and the second add up to the \
               third. What has to be added here?",
        reason: "y − x = 0.2, the residual: the convolutions learn only the difference between \
                 what is desired and what is already there.",
        must_contain: "The convolutions learn y − x, the difference between the desired output and \
                       the input: the residual.",
        where_to_try: WhereToTry::Demo(Demo::Residual),
    },
];
