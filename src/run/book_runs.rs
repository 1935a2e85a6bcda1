//! The book's own results, to compare with the reader's.

/// A run that is printed in the chapter.
pub struct BookRun {
    /// The network.
    pub name: &'static str,
    /// The data set and the size of its pictures.
    pub data: &'static str,
    /// How it was trained.
    pub recipe: &'static str,
    /// The printed `train_loss`, `valid_loss` and `accuracy`, one row for each epoch.
    pub rows: &'static [[f64; 3]],
}

/// Runs 4 and 5 of the notebook `14_resnet.ipynb` (fastai/fastbook), the two that train the
/// chapter's `ResNet`.
pub const RUNS: [BookRun; 2] = [
    BookRun {
        name: "ResNet, layers [2, 2, 2, 2], basic blocks",
        data: "the book, full set, 128 px",
        recipe: "fit_one_cycle(5, 3e-3), batches of 128, 12 to 13 s an epoch on the authors' GPU",
        rows: &[
            [1.673882, 1.828394, 0.413758],
            [1.331675, 1.572685, 0.518217],
            [1.087224, 1.086102, 0.650701],
            [0.900428, 0.968219, 0.684331],
            [0.760280, 0.782558, 0.757197],
        ],
    },
    BookRun {
        name: "ResNet-50, bottleneck blocks, layers [3, 4, 6, 3]",
        data: "the book, full set, 224 px",
        recipe: "fit_one_cycle(20, 3e-3), 31 to 33 s an epoch on the authors' GPU",
        rows: &[
            [1.613448, 1.473355, 0.514140],
            [1.359604, 2.050794, 0.397452],
            [1.253112, 4.511735, 0.387006],
            [1.133450, 2.575221, 0.396178],
            [1.054752, 1.264525, 0.613758],
            [0.927930, 2.670484, 0.422675],
            [0.838268, 1.724588, 0.528662],
            [0.748289, 1.180668, 0.666497],
            [0.688637, 1.245039, 0.650446],
            [0.645530, 1.053691, 0.674904],
            [0.593401, 1.180786, 0.676433],
            [0.536634, 0.879937, 0.713885],
            [0.479208, 0.798356, 0.741656],
            [0.440071, 0.600644, 0.806879],
            [0.402952, 0.450296, 0.858599],
            [0.359117, 0.486126, 0.846369],
            [0.313642, 0.442215, 0.861911],
            [0.294050, 0.485967, 0.853503],
            [0.270583, 0.408566, 0.875924],
            [0.266003, 0.411752, 0.872611],
        ],
    },
];
