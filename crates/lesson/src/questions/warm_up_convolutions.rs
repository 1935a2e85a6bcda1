//! Warm-ups from chapter 13: what a convolution is and what it costs.

use crate::demos::Demo;
use crate::question::{Question, QuestionKind, WhereToTry, right, wrong};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        id: "13-3",
        prompt: "A 3 × 3 kernel with the rows (−1, −1, −1), (0, 0, 0), (1, 1, 1) is placed on the \
                 values (1, 2, 3), (4, 5, 6), (7, 8, 9). What number does it give?",
        kind: QuestionKind::Number {
            value: 18.0,
            tolerance: 0.0,
            units: &[],
            mistakes: &[
                (-18.0, "The signs are reversed: the bottom row counts as positive."),
                (30.0, "The top row counts as negative."),
                (6.0, "That takes the right column minus the left one; this kernel compares rows."),
            ],
        },
        hint: "The demo “Kernel at a pixel” starts with this kernel: each weight times the number \
               under it, then the sum of the nine products.",
        reason: "−1 − 2 − 3 + 0 + 7 + 8 + 9 = 18: nine products and their sum. It is large where \
                 the picture gets lighter from top to bottom.",
        must_contain: "The sum of the products of each weight with the pixel under it.",
        where_to_try: WhereToTry::Demo(Demo::Kernel),
    },
    Question {
        id: "13-4",
        prompt: "What number does any kernel without bias give on a 3 × 3 patch of zeros?",
        kind: QuestionKind::Number {
            value: 0.0,
            tolerance: 0.0,
            units: &[],
            mistakes: &[(9.0, "Nine products, but each of them is zero.")],
        },
        hint: "Change the weights in the demo “Kernel at a pixel” and look at the nine products: \
               what would zeros under them make of any weight?",
        reason: "Every product has a factor zero.",
        must_contain: "Zero.",
        where_to_try: WhereToTry::Demo(Demo::Kernel),
    },
    Question {
        id: "13-5",
        prompt: "A 3 × 3 convolution with stride 1 shrinks 28 × 28 to 26 × 26 unless there is \
                 padding. What grid comes out with a padding of one pixel?",
        kind: QuestionKind::Shape {
            shape: &[28, 28],
            mistakes: &[
                (&[26, 26], "That is without padding."),
                (
                    &[30, 30],
                    "That is the padded grid; the kernel's middle does not reach its border.",
                ),
                (&[27, 27], "Padding is added on both sides."),
            ],
        },
        hint: "Put the kernel on a corner in the demo “Kernel at a pixel”: what does it read \
               outside?",
        reason: "One row or column of zeros on each side makes 30, and 3 × 3 takes 2 away again: \
                 the grid keeps its size.",
        must_contain: "Pixels (mostly zeros) added around the picture, so that the kernel can be \
                       placed at its edge and the size is kept.",
        where_to_try: WhereToTry::Demo(Demo::Kernel),
    },
    Question {
        id: "13-6",
        prompt: "A 3 × 3 convolution with padding 1 and stride 2 runs over 28 × 28. What grid \
                 comes out?",
        kind: QuestionKind::Shape {
            shape: &[14, 14],
            mistakes: &[
                (&[13, 13], "That is without padding."),
                (&[28, 28], "That is stride 1."),
                (&[7, 7], "That takes two such layers."),
                (&[26, 26], "That is stride 1 without padding."),
            ],
        },
        hint: "The demo “Grid to vector” applies exactly this layer again and again.",
        reason: "The stride is the step of the kernel. With steps of 2 it lands on every other row \
                 and column: half of each, rounded up.",
        must_contain: "How far the kernel moves at each step; stride 2 halves the grid.",
        where_to_try: WhereToTry::Demo(Demo::GridToVector),
    },
    Question {
        id: "13-8",
        prompt: "PyTorch's 2-D convolution takes pictures of shape 64 × 3 × 128 × 128 to 16 \
                 channels with a 3 × 3 kernel. What shape do its weights have?",
        kind: QuestionKind::Shape {
            shape: &[16, 3, 3, 3],
            mistakes: &[
                (&[3, 16, 3, 3], "Channels out come first."),
                (&[16, 3, 3], "Each filter needs a 3 × 3 for every channel that comes in."),
                (&[64, 16, 3, 3], "The same weights serve all 64 pictures."),
                (
                    &[3, 3, 3, 16],
                    "The numbers are right; PyTorch has the channels first, out before in.",
                ),
            ],
        },
        hint: "In the demo “1×1 convolution” a filter has one weight for each channel; a 3 × 3 \
               filter has nine.",
        reason: "Filters, channels in, rows, columns: 16 × 3 × 3 × 3 = 432 weights. The input is \
                 batch, channels, rows, columns.",
        must_contain: "Input: batch × channels in × height × width; weight: channels out × \
                       channels in × kernel height × kernel width.",
        where_to_try: WhereToTry::Demo(Demo::OneByOne),
    },
    Question {
        id: "13-9",
        prompt: "What is a channel?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "One picture of the batch, with all of its colours, rows and columns.",
                    "That is an item on the batch axis.",
                ),
                right("One grid of a layer: a colour of the picture, or the output of one filter."),
                wrong(
                    "One row of the picture, read from the left edge to the right edge.",
                    "Rows and columns are the grid's own axes.",
                ),
                wrong(
                    "The way from one layer to the next, along which the activations go.",
                    "Layers hand on all their channels together.",
                ),
            ],
        },
        hint: "The demo “1×1 convolution” draws each channel as its own grid.",
        reason: "A colour picture has three; each filter makes one more grid, which the next \
                 layer reads as a channel.",
        must_contain: "One grid on the axis of colours or filters: the number of activations per \
                       cell after a convolution.",
        where_to_try: WhereToTry::Demo(Demo::OneByOne),
    },
    Question {
        id: "13-10",
        prompt: "How is a convolution related to a matrix multiplication?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "Not at all: a convolution is not linear, since it multiplies pixels by \
                     weights and adds them up.",
                    "Products and sums are linear; the ReLU afterwards is not.",
                ),
                wrong(
                    "It is one with a random matrix, drawn once at the start and never changed by \
                     training.",
                    "Its weights are learned, like all others.",
                ),
                wrong(
                    "It works as one only if the picture is square, since both sides of a matrix \
                     have to fit.",
                    "The shape does not matter: unroll the picture into a vector.",
                ),
                right(
                    "It is one with a special matrix: mostly zeros, and the same few weights in \
                     every row.",
                ),
            ],
        },
        hint: "For 1 × 1 kernels the demo “1×1 convolution” shows it: the same small matrix at \
               every pixel.",
        reason: "The zeros are fixed, because a kernel sees few pixels; the weights repeat, \
                 because the same kernel is used everywhere.",
        must_contain: "A convolution is a matrix product with two restrictions: many entries are \
                       fixed at zero, and some weights are shared.",
        where_to_try: WhereToTry::Demo(Demo::OneByOne),
    },
    Question {
        id: "13-13",
        prompt: "The digit network of chapter 13 ends as 64 × 2 × 1 × 1 for a batch of 64 \
                 pictures. What shape does Flatten turn it into?",
        kind: QuestionKind::Shape {
            shape: &[64, 2],
            mistakes: &[
                (&[128], "The batch axis is kept."),
                (&[2], "The batch axis is kept."),
                (&[2, 64], "The batch comes first."),
            ],
        },
        hint: "Ask the demo “Adaptive pooling” for 1 × 1: what still keeps the result from being a \
               vector?",
        reason: "It drops the axes of length 1, so that the loss gets one row of scores for each \
                 picture. It comes last.",
        must_contain: "It removes the unit axes; needed at the end of the network, because the \
                       loss wants batch × classes.",
        where_to_try: WhereToTry::Demo(Demo::AdaptivePooling),
    },
    Question {
        id: "13-14",
        prompt: "What does NCHW mean? Put the axes in this order.",
        kind: QuestionKind::Order {
            steps: &["Pictures in the batch", "Channels", "Rows (height)", "Columns (width)"],
            initial_order: &[2, 0, 3, 1],
        },
        hint: "The demo “Grid to vector” writes every shape in this order.",
        reason: "N pictures, C channels, H rows, W columns: PyTorch's order, and Burn's. Averages \
                 over the grid are over axes 2 and 3.",
        must_contain: "The order of axes: batch, channels, height, width.",
        where_to_try: WhereToTry::Demo(Demo::GridToVector),
    },
    Question {
        id: "13-15",
        prompt: "Chapter 13 counts 7*7*(1168-16) multiplications in the third layer of its digit \
                 network, which takes 8 channels to 16. What are the three numbers?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "7 × 7 is the kernel, 1168 the pixels under it, less 16 that lie at the \
                     border.",
                    "The kernel is 3 × 3.",
                ),
                wrong(
                    "7 × 7 cells, times 1168 activations, less 16 channels that are kept as they \
                     are.",
                    "8 × 16 × 9 = 1152: what is this a count of?",
                ),
                right(
                    "7 × 7 cells, 1168 parameters, less 16 biases: those are added, not \
                     multiplied.",
                ),
                wrong(
                    "7 layers squared, 1168 parameters, less 16 that belong to the batchnorm \
                     layers.",
                    "This network has five layers and no batchnorm.",
                ),
            ],
        },
        hint: "In the demo “Bottleneck” multiply-adds are weights times cells; find both here.",
        reason: "Each of the 8 × 16 × 9 = 1152 weights is used at each cell. The book takes the 7 \
                 × 7 cells that come in; with stride 2 the kernel lands on only 4 × 4 of them, so \
                 an exact count, like this page's, gives 18,432.",
        must_contain: "1168 parameters less 16 biases are the weights; each is multiplied at each \
                       of the 7 × 7 cells.",
        where_to_try: WhereToTry::Demo(Demo::Bottleneck),
    },
    Question {
        id: "13-17",
        prompt: "How large is the receptive field of an activation after two 3 × 3 convolutions \
                 with stride 2: how many pixels of the picture can change it? Give rows × columns.",
        kind: QuestionKind::Shape {
            shape: &[7, 7],
            mistakes: &[
                (&[3, 3], "That is after one of them."),
                (
                    &[5, 5],
                    "That would be with stride 1: steps of the second layer are two pixels here.",
                ),
                (&[6, 6], "The kernels overlap by one row and column."),
                (&[9, 9], "The kernels overlap."),
                (&[7], "Give rows × columns."),
            ],
        },
        hint: "Choose an activation in the demo “Grid to vector” and see how many pixels it \
               covers.",
        reason: "It sees 3 × 3 cells of the layer before. Their middles are two pixels apart and \
                 each sees 3 × 3: 3 + 2 + 2 = 7.",
        must_contain: "7 × 7: 3 × 3 cells, two pixels apart, each seeing 3 × 3.",
        where_to_try: WhereToTry::Demo(Demo::GridToVector),
    },
    Question {
        id: "13-20",
        prompt: "What shape does a colour picture of 128 × 128 pixels have in PyTorch?",
        kind: QuestionKind::Shape {
            shape: &[3, 128, 128],
            mistakes: &[
                (&[128, 128, 3], "The numbers are right; the channels come first."),
                (&[128, 128], "That is a grey picture; red, green and blue have a grid each."),
                (&[1, 128, 128], "That is a grey picture; red, green and blue have a grid each."),
                (&[1, 3, 128, 128], "That is a batch of one picture."),
            ],
        },
        hint: "The first shape in the demo “Grid to vector” is the picture's own.",
        reason: "Three channels, red, green and blue, of 128 rows and 128 columns.",
        must_contain: "A rank-3 tensor: channels (red, green, blue), rows, columns.",
        where_to_try: WhereToTry::Demo(Demo::GridToVector),
    },
    Question {
        id: "13-21",
        prompt: "How does a convolution work on a colour picture?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "It turns the picture grey first, so that one kernel with one grid of weights \
                     is enough.",
                    "Colour is kept: each channel has its own weights.",
                ),
                right(
                    "Each filter has a kernel per channel; the results are added up to one number \
                     per place.",
                ),
                wrong(
                    "Each filter makes three grids, one for each colour, and the next layer reads \
                     all of them.",
                    "A filter makes one grid; it adds over the channels.",
                ),
                wrong(
                    "One filter reads red, one green and one blue; no filter ever sees more than \
                     one colour.",
                    "Every filter sees all three.",
                ),
            ],
        },
        hint: "The demo “1×1 convolution” is this with the smallest kernel: one product for each \
               channel, then the sum.",
        reason: "A 3 × 3 filter over three channels has 27 weights and gives the sum of 27 \
                 products, plus a bias where there is one.",
        must_contain: "A kernel for each channel; products are summed over the channels, one grid \
                       for each filter.",
        where_to_try: WhereToTry::Demo(Demo::OneByOne),
    },
    Question {
        id: "13-23",
        prompt: "Why are the filters doubled after each stride-2 convolution?",
        kind: QuestionKind::Choose {
            options: &[
                right(
                    "A quarter of the cells is left; more channels make up for that, so later \
                     layers have enough to work with.",
                ),
                wrong(
                    "Otherwise the shapes would not fit the skip path, which hands on twice as \
                     many channels as came in.",
                    "Digit networks double too, and have no skips.",
                ),
                wrong(
                    "It makes later layers faster, because many small grids can be computed at \
                     the same time.",
                    "More filters make them slower; the smaller grid makes them faster.",
                ),
                wrong(
                    "So that each pixel has its own filter: as the grid shrinks there are filters \
                     enough for all of them.",
                    "A filter is shared by all pixels.",
                ),
            ],
        },
        hint: "In the demo “Where the work is” compare the grids, the channels and the \
               multiply-adds of ResNet-18, stage by stage.",
        reason: "Half the rows, half the columns, twice the channels in and out: the work stays \
                 the same, and there is room for richer features.",
        must_contain: "Stride 2 leaves a quarter of the activations; doubling the filters keeps \
                       the capacity (and the work) from falling with depth.",
        where_to_try: WhereToTry::Demo(Demo::Work),
    },
    Question {
        id: "13-24",
        prompt: "Chapter 13's later digit network has a 5 × 5 kernel in its first layer, with 8 \
                 filters. Why not 3 × 3?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "A larger kernel needs fewer weights, since it fits in fewer places on the \
                     grid.",
                    "It needs 25 per filter instead of 9.",
                ),
                wrong(
                    "3 × 3 kernels cannot have stride 2: they would skip every other pixel of the \
                     digit.",
                    "All later layers of that network do.",
                ),
                right(
                    "Eight filters on nine pixels hardly summarise anything; on 25 pixels they \
                     have to.",
                ),
                wrong(
                    "The digits are wider than three pixels, and a filter has to see a whole \
                     digit at once.",
                    "They are wider than five pixels too; deeper layers see more.",
                ),
            ],
        },
        hint: "The demo “Kernel at a pixel” shows how few numbers a 3 × 3 kernel reads.",
        reason: "Nine numbers in and eight out is nearly a copy. A layer that has to sum up many \
                 numbers in a few must find features.",
        must_contain: "With 3 × 3 = 9 inputs and 8 outputs the layer would learn little; 5 × 5 = \
                       25 inputs make it learn features.",
        where_to_try: WhereToTry::Demo(Demo::Kernel),
    },
];
