//! Questions 17 to 22: top-5, the stem, the bottleneck and progressive resizing.

use crate::demos::Demo;
use crate::question::{Question, QuestionKind, RubricPoint, WhereToTry, right, wrong};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        id: "17",
        prompt: "When does top-5 accuracy say more than top-1?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "When there are few, clearly different classes, as in Imagenette: five guesses \
                     nearly always include the right class.",
                    "Five guesses are half of ten classes: pure chance would be right half the \
                     time.",
                ),
                wrong(
                    "When a batch holds more than five pictures, since then five of them can be \
                     right at the same time.",
                    "Both count picture by picture; batches play no part.",
                ),
                right(
                    "When classes are many, similar or ambiguous, or labels are doubtful: a second \
                     guess may be just as good.",
                ),
                wrong(
                    "When the training loss has stopped falling: a more forgiving measure still \
                     shows some progress.",
                    "Both are measured on the validation set, whenever you like.",
                ),
            ],
        },
        hint: "Train a little in the Train view, then look at the confusion matrix: which classes \
               are confused with each other?",
        reason: "ImageNet has 1,000 classes, many of them dog breeds, and one label for each \
                 picture, even if it shows several things. A network whose second guess is the \
                 label was not wrong in any way that matters.",
        must_contain: "With many, similar or ambiguous classes, noisy labels, or several objects \
                       in a picture.",
        where_to_try: WhereToTry::Train,
    },
    Question {
        id: "18",
        prompt: "What is the stem of a convolutional network?",
        kind: QuestionKind::Choose {
            options: &[
                right("Its first few layers, built differently from the body that follows."),
                wrong(
                    "The skip paths, taken together, which run beside all blocks of the body.",
                    "They run along the whole body; the stem is a part at one end.",
                ),
                wrong(
                    "The pooling and the linear layer at the end, which make the scores.",
                    "That end is called the head.",
                ),
                wrong(
                    "The one convolution that every block repeats on its way to the head.",
                    "The stem comes once, before all blocks.",
                ),
            ],
        },
        hint: "In the demo “Where the work is” read the parts from the top: what comes before the \
               stages?",
        reason: "The chapter's stem is three plain 3 × 3 convolutions and a max pool; then come \
                 the stages of blocks.",
        must_contain: "The first few layers, built differently from the body.",
        where_to_try: WhereToTry::Demo(Demo::Work),
    },
    Question {
        id: "19",
        prompt: "Why is the stem made of plain convolutions and not of ResNet blocks?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "Most weights are in the stem, and blocks would add more of them than such \
                     early layers can ever learn to use.",
                    "Count them: 864 in the first convolution, 1,179,648 in a late one.",
                ),
                wrong(
                    "A sum cannot follow a max pool, since pooling halves the grid and both paths \
                     of a block need one shape.",
                    "It can: the pool stands before the first block, and shapes are all that \
                     matters to a sum.",
                ),
                wrong(
                    "The first layers learn nothing but edges and colours, so they need no \
                     gradient and no path for one.",
                    "Edges and colours have to be learned too, and these layers need their \
                     gradients like all others.",
                ),
                right(
                    "Each weight of an early layer works at thousands of places: even a few cost \
                     much, so the stem is kept small.",
                ),
            ],
        },
        hint: "In the demo “Where the work is” compare how much work each parameter of the stem \
               does with the same figure for the last stage.",
        reason: "At 128 pixels each weight of the stem is used at 64 × 64 = 4,096 places, each \
                 weight of the convolution from 256 to 512 channels at 4 × 4 = 16. So the stem \
                 does 17 % of ResNet-18's work with 0.3 % of its parameters, and still 8 % in \
                 ResNet-50.",
        must_contain: "Early layers work on large grids with almost no parameters (864 weights in \
                       the first convolution, 1,179,648 in a 3 × 3 from 256 to 512 channels), so \
                       each of their weights is expensive: keep them few and simple. The book says \
                       that most of the computing is there; counted exactly, the stem has 17 % of \
                       it in ResNet-18 and 8 % in ResNet-50.",
        where_to_try: WhereToTry::Demo(Demo::Work),
    },
    Question {
        id: "20",
        prompt: "How does a bottleneck block differ from a basic one, which has two 3 × 3 \
                 convolutions? Put its parts in order.",
        kind: QuestionKind::Order {
            steps: &[
                "1 × 1 convolution: a quarter of the channels",
                "3 × 3 convolution on these few channels",
                "1 × 1 convolution: all channels again",
                "Add the input that came along the skip path",
            ],
            initial_order: &[1, 3, 0, 2],
        },
        hint: "The block drawn in the demo “Bottleneck” is narrow in the middle: which convolution \
               is there?",
        reason: "Squeeze, work, widen, add. The basic block has two 3 × 3 convolutions over all \
                 channels instead of the first three steps.",
        must_contain: "1 × 1 down, 3 × 3, 1 × 1 up, instead of two 3 × 3.",
        where_to_try: WhereToTry::Demo(Demo::Bottleneck),
    },
    Question {
        id: "21",
        prompt: "Why is a bottleneck block faster? Count: two 3 × 3 convolutions at 256 channels \
                 have 1,179,648 weights. How many weights do the three convolutions 256 → 64 → 64 \
                 → 256 of a bottleneck have?",
        kind: QuestionKind::Number {
            value: 69_632.0,
            tolerance: 0.01,
            units: &["weight", "weights", "parameter", "parameters"],
            mistakes: &[
                (1_179_648.0, "That is the basic block."),
                (
                    36_864.0,
                    "That is the 3 × 3 alone: 9 × 64 × 64. The two 1 × 1 convolutions are \
                     missing.",
                ),
                (53_248.0, "One of the two 1 × 1 convolutions is missing."),
                (32_768.0, "Those are the two 1 × 1 alone; the 3 × 3 is missing."),
                (
                    331_776.0,
                    "Only the middle one has nine weights for each pair of channels; the other \
                     two are 1 × 1.",
                ),
                (70_400.0, "Leave the batchnorms out."),
            ],
        },
        hint: "Set 256 channels in the demo “Bottleneck” and read the weights of each convolution.",
        reason: "256 × 64 + 9 × 64 × 64 + 64 × 256 = 69,632, a seventeenth. The 1 × 1 \
                 convolutions are cheap and the 3 × 3 sees a quarter of the channels, so there is \
                 time for more filters.",
        must_contain: "1 × 1 convolutions are much cheaper, and the 3 × 3 sees a quarter of the \
                       channels: more filters for the same time.",
        where_to_try: WhereToTry::Demo(Demo::Bottleneck),
    },
    Question {
        id: "22",
        prompt: "How do fully convolutional networks, and networks with adaptive pooling in \
                 general, make progressive resizing possible?",
        kind: QuestionKind::Free {
            model_answer: "A convolution slides its weights over a grid of any size, and adaptive \
                           pooling turns whatever grid comes out into 1 × 1, so the linear layer \
                           always gets one number per channel. No layer's weights depend on the \
                           picture size. The same weights can therefore be trained on small \
                           pictures first and on larger ones afterwards.",
            points: &[
                RubricPoint {
                    text: "Convolutions work on a grid of any size.",
                    keywords: &[
                        &["convolution", "any"],
                        &["conv", "every"],
                        &["slide"],
                        &["any", "size"],
                        &["different", "size"],
                    ],
                },
                RubricPoint {
                    text: "Adaptive pooling always leaves 1 × 1, so the head gets one number per \
                           channel.",
                    keywords: &[&["pool"], &["averag"], &["mean="]],
                },
                RubricPoint {
                    text: "No weights depend on the picture size.",
                    keywords: &[
                        &["weight", "depend"],
                        &["weight", "same"],
                        &["weight", "fit"],
                        &["parameter", "depend"],
                        &["parameter", "same"],
                    ],
                },
                RubricPoint {
                    text: "So the same weights are trained on small pictures first, on larger \
                           ones later.",
                    keywords: &[
                        &["small", "larg"],
                        &["small", "big"],
                        &["first", "then"],
                        &["64", "128"],
                        &["increas"],
                    ],
                },
            ],
        },
        hint: "In the demo “One change at a time” read the table of sizes: which columns change \
               with the picture, and which stay the same?",
        reason: "Train at 64 pixels, go on at 96 and 128: early epochs are cheap, and the larger \
                 pictures act as a kind of augmentation.",
        must_contain: "No layer depends on the grid size, so the same weights accept 64, 96 and \
                       128 pixels in turn.",
        where_to_try: WhereToTry::Demo(Demo::OneChange),
    },
];
