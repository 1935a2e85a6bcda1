//! Questions 1 to 5: from a grid to one vector.

use crate::demos::Demo;
use crate::question::{Question, QuestionKind, WhereToTry, right, wrong};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        id: "1",
        prompt: "Chapter 13's digit networks ended with one vector per picture. How did they get \
                 there, and why does that fail for Imagenette?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "They averaged every channel over the whole grid; a photograph has too much \
                     detail for a mean to keep.",
                    "Averaging is what chapter 14 does. Chapter 13 had no pooling.",
                ),
                wrong(
                    "They flattened the 28 × 28 pixels at once; a photograph has three colours, \
                     and these cannot be flattened together.",
                    "Three channels can be flattened like one, and chapter 13 flattened only at \
                     its very end.",
                ),
                right(
                    "Stride-2 convolutions shrank the grid to 1 × 1; a larger picture needs more, \
                     or a huge flattened vector tied to one size.",
                ),
                wrong(
                    "They kept the largest activation of each channel; a photograph shows several \
                     things, of which only one could be the largest.",
                    "That would be max pooling, and chapter 13's network had none.",
                ),
            ],
        },
        hint: "In the demo “Grid to vector” send a picture of 64 pixels and then one of 224 \
               through the same layers, and compare the last grids.",
        reason: "28 pixels become 14, 7, 4, 2, 1 in five layers; 128 pixels would take seven, and \
                 after five there are still 4 × 4 cells. Flattening them takes 16 times as many \
                 weights, which fit no other picture size.",
        must_contain: "Stride-2 convolutions until the grid is 1 × 1, then Flatten; larger \
                       pictures would need many more stride-2 layers (or a huge flattened \
                       matrix), and only one picture size would fit.",
        where_to_try: WhereToTry::Demo(Demo::GridToVector),
    },
    Question {
        id: "2",
        prompt: "Chapter 14 averages the activations over the whole grid instead. A batch of 64 \
                 pictures leaves the last convolution as 64 × 256 × 4 × 4. What shape does the \
                 mean over the grid pass to the linear layer?",
        kind: QuestionKind::Shape {
            shape: &[64, 256],
            mistakes: &[
                (
                    &[64, 256, 1, 1],
                    "That still has the two axes of length 1; a mean over axes 2 and 3 drops them.",
                ),
                (&[256], "That is one picture's vector; the batch has 64 of them."),
                (&[64, 4096], "That is flattening: 256 × 4 × 4 numbers per picture."),
                (
                    &[64, 4, 4],
                    "That averages over the channels; average over the grid, channel by channel.",
                ),
                (
                    &[64, 16],
                    "That averages over the channels; average over the grid, channel by channel.",
                ),
            ],
        },
        hint: "The demo “Grid to vector” shows the vector of the average head; change the picture \
               size and see that its length stays the same.",
        reason: "One mean per channel: 256 numbers per picture, whatever the grid was. At 224 \
                 pixels the grid is 7 × 7, and the answer is the same.",
        must_contain: "The activations are averaged over the whole grid (a fully convolutional \
                       network): a vector as long as there are channels, for any picture size.",
        where_to_try: WhereToTry::Demo(Demo::GridToVector),
    },
    Question {
        id: "3",
        prompt: "What is adaptive pooling?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "Pooling whose windows are learned, together with the weights, while the \
                     network trains.",
                    "Pooling has nothing to learn; its windows are computed.",
                ),
                right(
                    "Pooling where you choose the output grid; the windows follow from the grid \
                     that goes in.",
                ),
                wrong(
                    "Pooling that takes the mean or the maximum of each window, whichever of the \
                     two is larger.",
                    "The maximum is never smaller. It is one or the other.",
                ),
                wrong(
                    "Resizing every picture to one size, so that the network always sees the same \
                     grid.",
                    "The pictures keep their size.",
                ),
            ],
        },
        hint: "In the demo “Adaptive pooling” keep the output grid and change the input grid: the \
               windows change, the output size does not.",
        reason: "Window i of n starts at floor(i · in / n) and ends before ceil((i + 1) · in / \
                 n). With n = 1 it is the whole grid, so any size fits.",
        must_contain: "Pooling whose windows follow from the chosen output grid (here 1 × 1), so \
                       that any input size fits.",
        where_to_try: WhereToTry::Demo(Demo::AdaptivePooling),
    },
    Question {
        id: "4",
        prompt: "What does average pooling do? A window holds the values 1, 3, 5 and 7: which \
                 number takes its place?",
        kind: QuestionKind::Number {
            value: 4.0,
            tolerance: 0.0,
            units: &[],
            mistakes: &[
                (7.0, "That is max pooling: the largest value."),
                (16.0, "That is the sum; divide it by the number of cells."),
            ],
        },
        hint: "Type these four numbers into a 2 × 2 grid in the demo “Adaptive pooling”, ask for \
               1 × 1, and compare both results.",
        reason: "(1 + 3 + 5 + 7) / 4 = 4. Average pooling puts the mean of each window in its \
                 place; max pooling would have kept the 7.",
        must_contain: "Each window (or the whole grid) is replaced by its mean; max pooling would \
                       keep its largest value.",
        where_to_try: WhereToTry::Demo(Demo::AdaptivePooling),
    },
    Question {
        id: "5",
        prompt: "Why does a Flatten follow the adaptive average pooling layer?",
        kind: QuestionKind::Choose {
            options: &[
                right(
                    "It drops the two axes of length 1: N × C × 1 × 1 becomes the N × C that a \
                     linear layer wants.",
                ),
                wrong(
                    "It averages what the pooling left over, so that each channel ends as a \
                     single number for the linear layer.",
                    "After pooling to 1 × 1 nothing is left to average.",
                ),
                wrong(
                    "Without it the network would accept one picture size only, since a linear \
                     layer has a fixed number of weights.",
                    "The pooling already took care of that; Flatten alone would tie the network \
                     to one size.",
                ),
                wrong(
                    "It joins the pictures of a batch into one long vector, because a linear \
                     layer reads one vector at a time.",
                    "The batch axis stays: each picture keeps its own vector.",
                ),
            ],
        },
        hint: "Ask the demo “Adaptive pooling” for a 1 × 1 grid: it is still a grid, with one row \
               and one column.",
        reason: "Pooling keeps all four axes, even where two of them have shrunk to 1. A mean \
                 over axes 2 and 3 would have dropped them by itself.",
        must_contain: "The output is N × C × 1 × 1, the linear layer needs N × C; Flatten drops \
                       the unit axes.",
        where_to_try: WhereToTry::Demo(Demo::AdaptivePooling),
    },
];
