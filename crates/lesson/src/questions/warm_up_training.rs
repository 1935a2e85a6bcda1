//! Warm-ups from chapter 13: how training behaves.

use crate::demos::Demo;
use crate::question::{Question, QuestionKind, WhereToTry, right, wrong};

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        id: "13-28",
        prompt: "Why are activations near zero a problem?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "Computers cannot divide by zero, so the loss soon stops being a number.",
                    "Nothing is divided by them.",
                ),
                wrong(
                    "They make the picture darker from layer to layer, until nothing can be seen \
                     in it.",
                    "Activations are not pixels.",
                ),
                right(
                    "They do no work: zero times a weight is zero, and later layers get more \
                     zeros.",
                ),
                wrong(
                    "They make the loss negative, and then walking downhill leads away from the \
                     goal.",
                    "Cross entropy is never negative.",
                ),
            ],
        },
        hint: "Look at the gradients of a deep network without skips in the demo “Skip \
               connections”.",
        reason: "A part of the network that gives zero computes nothing, and usually its next \
                 layer has more of them.",
        must_contain: "They compute nothing, and zeros in one layer lead to zeros in the next.",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "13-29",
        prompt: "What are the upsides and downsides of a larger batch?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "More steps per epoch, but noisier gradients: weights change often and in all \
                     directions.",
                    "It is the other way around for both.",
                ),
                right(
                    "Steadier gradients, but fewer steps per epoch in which the weights can \
                     change.",
                ),
                wrong(
                    "Better accuracy in every case, but more memory, which is the only limit.",
                    "Fewer steps can cost accuracy.",
                ),
                wrong(
                    "Neither: the weights come out the same, only the speed changes.",
                    "The weights change once per batch.",
                ),
            ],
        },
        hint: "Change only the batch size in the Train view and compare the epoch tables.",
        reason: "1,000 pictures are 62 full batches of 16, or 15 of 64: steadier steps, but a \
                 quarter of them.",
        must_contain: "Gradients are more accurate; but there are fewer batches per epoch, so \
                       fewer chances to update the weights.",
        where_to_try: WhereToTry::Train,
    },
    Question {
        id: "13-30",
        prompt: "Why not start training with a high learning rate?",
        kind: QuestionKind::Choose {
            options: &[
                right(
                    "Random weights are far from fitting the task; large steps may make training \
                     diverge at once.",
                ),
                wrong(
                    "The first batches hold the hardest pictures, and small steps treat them with \
                     more patience.",
                    "They are shuffled.",
                ),
                wrong(
                    "High rates are slower: a large step takes longer to compute than several \
                     small ones do.",
                    "A step takes the same time at any rate.",
                ),
                wrong(
                    "High rates are never useful; a run goes well if the rate is low from its \
                     beginning to its end.",
                    "In the middle of 1cycle training they are.",
                ),
            ],
        },
        hint: "Set a rate ten times as high in the Train view and look at the first losses.",
        reason: "1cycle starts at 1/25 of the highest rate and warms up over a quarter of the \
                 steps.",
        must_contain: "The initial weights suit no task, so large steps may diverge.",
        where_to_try: WhereToTry::Train,
    },
    Question {
        id: "13-31",
        prompt: "What is 1cycle training? Put the phases of the learning rate in order.",
        kind: QuestionKind::Order {
            steps: &[
                "Start low",
                "Warm up to the highest rate",
                "Anneal down again",
                "End far below the start",
            ],
            initial_order: &[1, 3, 2, 0],
        },
        hint: "The Train view draws the learning rate of the run below the epoch table.",
        reason: "Warm-up lets the weights settle, the high rate trains fast and finds flat \
                 regions, the low end lets it settle in one.",
        must_contain: "A warm-up in which the learning rate grows from low to high, then an \
                       annealing in which it falls again.",
        where_to_try: WhereToTry::Train,
    },
    Question {
        id: "13-33",
        prompt: "Why should the learning rate be low at the end of training?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "To save electricity: towards the end most weights no longer need computing.",
                    "A small step costs as much as a large one.",
                ),
                wrong(
                    "To leave the valley again and look for a deeper one before time is up.",
                    "That is what high rates do.",
                ),
                wrong(
                    "Because the gradient is zero by then, so that a higher rate does nothing.",
                    "It seldom is; batches differ.",
                ),
                right("To settle at the bottom of the valley instead of jumping across it."),
            ],
        },
        hint: "Watch the valid_loss of the last epochs in the Train view: it falls while the rate \
               does.",
        reason: "The book's table shows it: the validation loss wobbles in the middle of the run \
                 and falls at the end.",
        must_contain: "So as not to step over the minimum that was found.",
        where_to_try: WhereToTry::Train,
    },
    Question {
        id: "13-37",
        prompt: "In a plot with the histogram of a layer's activations for each batch, bad \
                 training shows repeated build-up and collapse. What happens there?",
        kind: QuestionKind::Choose {
            options: &[
                right(
                    "Activations start near zero, grow batch by batch, collapse, and training \
                     starts from nearly nothing.",
                ),
                wrong(
                    "The network sees the same pictures in every epoch, so the same histograms \
                     appear again and again.",
                    "It always does.",
                ),
                wrong(
                    "The histogram has too few bars, and activations jump from one of them to the \
                     next and back again.",
                    "More bars would show the same.",
                ),
                wrong(
                    "The validation set is too small, so that its few pictures sway the histogram \
                     from batch to batch.",
                    "The plot shows training batches.",
                ),
            ],
        },
        hint: "Look at train_loss in the Train view with and without a warm-up to a high rate.",
        reason: "Each collapse throws away what was learned. Smooth training fills the histogram \
                 once and stays.",
        must_contain: "Near-zero activations that grow and collapse again and again, as if \
                       training restarted each time.",
        where_to_try: WhereToTry::Train,
    },
    Question {
        id: "13-38",
        prompt: "Which parameters of a batchnorm layer are trained?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "Mean and standard deviation of the batch: two for every channel it sees.",
                    "They are measured, not trained.",
                ),
                wrong(
                    "The running mean and the running variance, which validation makes use of.",
                    "They are kept for validation, not trained.",
                ),
                wrong(
                    "None at all: it only normalises, and leaves the learning to convolutions.",
                    "Then it could not give back the mean and spread that a layer needs.",
                ),
                right(
                    "Gamma, which multiplies, and beta, which is added: one of each per \
                       channel.",
                ),
            ],
        },
        hint: "Move gamma in the demo “Skip connections”.",
        reason: "They let the layer have any mean and spread it needs. Starting the last gamma at \
                 zero is what makes a block the identity.",
        must_contain: "Gamma and beta.",
        where_to_try: WhereToTry::Demo(Demo::SkipConnections),
    },
    Question {
        id: "13-39",
        prompt: "With which statistics does batchnorm normalise?",
        kind: QuestionKind::Choose {
            options: &[
                wrong(
                    "Always with those of the whole data set, which are computed once before the \
                     training begins.",
                    "That is the normalisation of the pictures.",
                ),
                right(
                    "In training with those of the batch, in validation with running averages \
                     kept while training.",
                ),
                wrong(
                    "Always with those of the batch, in training as in validation, whatever else \
                     is in the batch.",
                    "Then the answer for a picture would depend on its neighbours.",
                ),
                wrong(
                    "In training with running averages, in validation with those of the batch \
                     that is at hand.",
                    "The other way around.",
                ),
            ],
        },
        hint: "Predict normalises a single picture, which has no batch, just as validation in the \
               Train view does.",
        reason: "Batches differ, and this noise helps to generalise; a prediction should not \
                 depend on what else is in its batch.",
        must_contain: "Training: mean and standard deviation of the batch; validation: running \
                       statistics collected in training.",
        where_to_try: WhereToTry::Train,
    },
];
