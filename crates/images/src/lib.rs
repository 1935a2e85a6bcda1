//! From encoded pictures to batches of numbers for a network.
//!
//! A picture passes through these modules in this order:
//!
//! 1. [`load`] finds pictures in files, archives, parquet files or the drawn set and chooses which
//!    of them to use.
//! 2. [`decode`] turns a JPEG, PNG, WebP, GIF or BMP into RGB8 pixels.
//! 3. [`keep`](mod@keep) has it cropped and shrunk ([`resize`]) to what is kept in memory.
//! 4. [`dataset`] holds the training and validation pictures with their labels; of a set that is
//!    streamed ([`stream`]) only their [`outline`]s, and batches have them made again.
//! 5. [`view`] cuts what a batch sees of each picture, [`augment`] draws a random [`projective`]
//!    map and lighting for it, and [`mixup`] a partner to blend it with.
//! 6. [`render`] samples the picture through that map and normalises it ([`normalize`]).
//! 7. [`batch`] puts it all together.
//!
//! Nothing here depends on a tensor library.
//!
//! ```
//! # futures::executor::block_on(async {
//! use resnette_images::batch::{epoch_order, train_batch};
//! use resnette_images::load::{LoadError, SilentObserver, load_drawn};
//! use resnette_spec::RunConfig;
//!
//! let mut config = RunConfig::default();
//! (config.data.train, config.data.valid, config.data.size) = (4, 2, 32);
//! config.recipe.bs = 8;
//!
//! // Four training and two validation pictures of each of the ten classes.
//! let dataset = load_drawn(&config.pictures(), config.seed, &mut SilentObserver).await?;
//! assert_eq!((dataset.train.len(), dataset.valid.len()), (40, 20));
//!
//! // The first batch of the first epoch, shuffled and augmented: NCHW, normalised.
//! let order = epoch_order(dataset.train.len(), config.seed, 0);
//! let batch = train_batch(&dataset, &config, &order, 0, 0, 32);
//! assert_eq!(batch.images.len(), 8 * 3 * 32 * 32);
//! assert_eq!(batch.labels.len(), 8);
//! # Ok::<(), LoadError>(())
//! # })
//! # .unwrap();
//! ```

pub mod augment;
pub mod batch;
pub mod batch_preview;
pub mod cutmix;
pub mod dataset;
pub mod decode;
pub mod erase;
pub mod file_hash;
pub mod fingerprint;
mod hash;
pub mod imagenet;
pub mod keep;
pub mod load;
pub mod mixup;
pub mod normalize;
pub mod outline;
mod parallel;
pub mod problems;
pub mod projective;
pub mod rectangle;
pub mod render;
pub mod report;
pub mod resize;
mod sample;
pub mod stream;
pub mod view;
