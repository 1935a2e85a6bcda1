//! Questions 12 to 16: the skip path, the 1 × 1 convolution on it, and the loss surface.

use crate::demos::Demo;
use crate::question::{Question, QuestionKind, RubricPoint, WhereToTry, right, wrong};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        id: "12",
        prompt: "A block has stride 2 and more filters than input channels, so its input no longer \
                 has the shape of its output. Put in order what happens on the skip path and at \
                 the end of the block.",
        kind: QuestionKind::Order {
            steps: &[
                "Average-pool the input by 2: half the rows and columns",
                "1 × 1 convolution: as many channels as there are filters",
                "Add the output of the block's convolutions",
                "ReLU",
            ],
            initial_order: &[3, 1, 2, 0],
        },
        hint: "The marks on the arcs in the demo “Skip connections” are in the order of the path; \
               the ReLU comes after the two paths meet.",
        reason: "Pooling first leaves the 1 × 1 convolution only a quarter of the cells. Both \
                 shapes are then equal and can be added; the book's ReLU comes after the sum.",
        must_contain: "Average-pool by 2 on the skip path for stride 2; a 1 × 1 convolution to \
                       change the number of channels; first the pool, then the 1 × 1.",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "13",
        prompt: "Express a 1 × 1 convolution as a dot product: at one pixel the three channels \
                 hold (1, 2, 3), and a filter has the weights (0.5, −1, 2). What number does it \
                 give there?",
        kind: QuestionKind::Number {
            value: 4.5,
            tolerance: 0.0,
            units: &[],
            mistakes: &[
                (8.5, "Mind the sign: 2 × (−1) = −2."),
                (9.0, "That multiplies the two sums; multiply channel by channel, then add."),
                (1.5, "That is the sum of the weights; each is multiplied by its channel first."),
                (6.0, "That is the sum of the channels, or only the last product."),
            ],
        },
        hint: "Type these numbers into the demo “1×1 convolution” and read the products.",
        reason: "1 × 0.5 + 2 × (−1) + 3 × 2 = 4.5: the pixel's vector across the channels times \
                 the filter's vector of weights.",
        must_contain: "At each pixel, the dot product of its channel vector with each filter's \
                       weight vector.",
        where_to_try: WhereToTry::Demo(Demo::OneByOne),
    },
    Question {
        id: "14",
        prompt: "Run a 1 × 1 convolution with 16 filters over a colour picture of shape 3 × 128 × \
                 128. What is the shape of the output?",
        kind: QuestionKind::Shape {
            shape: &[16, 128, 128],
            mistakes: &[
                (&[3, 128, 128], "Height and width are right; how many filters are there?"),
                (&[128, 128, 16], "The numbers are right; channels come first here (CHW)."),
                (&[16, 1, 1], "1 × 1 is the kernel, not the grid that comes out."),
                (&[16, 3, 1, 1], "That is the shape of the weights."),
                (&[48, 128, 128], "Each filter sums over the three channels and gives one."),
                (&[19, 128, 128], "The old channels are used up, not kept."),
                (&[16, 3, 128, 128], "Each filter sums over the three channels and gives one."),
            ],
        },
        hint: "Run it on your own picture in the demo “1×1 convolution” and compare the shape \
               before and after.",
        reason: "Height and width stay the same, since each pixel is treated by itself; there are \
                 as many new channels as filters.",
        must_contain: "Height and width are unchanged; the number of channels becomes the number \
                       of filters.",
        where_to_try: WhereToTry::Demo(Demo::OneByOne),
    },
    Question {
        id: "15",
        prompt: "The block uses a function called noop where the skip path needs nothing. What \
                 does noop return?",
        kind: QuestionKind::Choose {
            options: &[
                wrong("Nothing: None.", "Then there would be nothing to add."),
                right("Its input, unchanged."),
                wrong("Zeros of the input's shape.", "Adding zeros would take the skip away."),
                wrong("The input after a ReLU.", "That would be an operation."),
            ],
        },
        hint: "Look at the arcs in the demo “Skip connections”: an arc without a mark is nothing \
               but noop.",
        reason: "No operation: x goes in and x comes out. It is the identity mapping as a \
                 function.",
        must_contain: "Its input.",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "16",
        prompt: "Explain the book's figure of two loss surfaces, with and without skip \
                 connections.",
        kind: QuestionKind::Free {
            model_answer: "Each surface is a two-dimensional slice of the loss around the trained \
                           weights: you move away from them in two directions and plot the loss as \
                           height. Without skip connections the surface is jagged, with many peaks \
                           and valleys where training gets stuck. With them it is smooth and falls \
                           towards one broad valley, so following the slope works.",
            points: &[
                RubricPoint {
                    text: "Height is the loss; the ground is two directions in the space of \
                           weights.",
                    keywords: &[
                        &["loss", "weight"],
                        &["slice"],
                        &["direction"],
                        &["loss", "parameter"],
                    ],
                },
                RubricPoint {
                    text: "Without skips: jagged, many peaks and valleys.",
                    keywords: &[
                        &["jagged"],
                        &["bump"],
                        &["rough"],
                        &["peak"],
                        &["chaotic"],
                        &["rugged"],
                        &["many", "minim"],
                        &["hill"],
                    ],
                },
                RubricPoint {
                    text: "With skips: smooth.",
                    keywords: &[&["smooth"], &["flat"], &["bowl"], &["convex"]],
                },
                RubricPoint {
                    text: "On a smooth surface following the slope works: easier training.",
                    keywords: &[
                        &["easier"],
                        &["easy"],
                        &["slope"],
                        &["descent"],
                        &["downhill"],
                        &["train"],
                        &["optimi"],
                    ],
                },
            ],
        },
        hint: "Compute both in the demo “Loss surface” and look along a line through the middle.",
        reason: "It is a slice through a space with millions of axes, so it shows a tendency, not \
                 the whole surface.",
        must_contain: "A two-dimensional slice of the loss around the weights: jagged without \
                       skips, smooth with them.",
        where_to_try: WhereToTry::Demo(Demo::LossSurface),
    },
];
