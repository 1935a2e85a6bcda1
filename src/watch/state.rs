//! What the page knows of the network of the run while it learns.

use std::rc::Rc;

use resnette_picture::Picture;
use resnette_protocol::watch::{PinnedPicture, Snapshot, Watched, WatchedPoint, Watching};

/// Most epochs that are kept. The oldest go first.
const MAX_EPOCHS: usize = 200;

/// What is watched, and what was told of it.
#[derive(Clone, Debug, Default)]
pub struct WatchState {
    /// Whether the part is open: only then the engine is asked.
    pub open: bool,
    /// What the engine is asked for.
    pub wanted: Watching,
    /// The network as it was told last.
    pub latest: Option<Rc<Snapshot>>,
    /// The network before the first epoch and after every epoch that was watched, oldest first.
    pub epochs: Vec<Rc<Snapshot>>,
    /// The pinned picture.
    pub picture: Option<Rc<PinnedPicture>>,
    /// Why nothing more is told, until the part is opened again.
    pub failure: Option<String>,
    /// Thumbnails of the watched pictures.
    pub thumbnails: Rc<Vec<Picture>>,
    /// Counts the changes.
    changes: u32,
}

/// States of one page are equal if they have changed equally often. The page compares them after
/// every step of a run; to compare hundreds of points of every epoch would cost more than the step.
impl PartialEq for WatchState {
    fn eq(&self, other: &Self) -> bool {
        self.changes == other.changes
    }
}

/// What the reader does.
#[derive(Clone, Debug)]
pub enum WatchAction {
    /// The part is opened or closed.
    Open(bool),
    /// A picture is pinned, by its position in the sample.
    Pin(u32),
    /// The activations of a stage are wanted, by its name.
    ShowStage(String),
}

impl WatchState {
    /// Applies what the reader does.
    pub fn act(&mut self, action: WatchAction) {
        self.changes = self.changes.wrapping_add(1);
        match action {
            WatchAction::Open(open) => {
                self.open = open;
                self.failure = None;
            }
            WatchAction::Pin(position) => self.wanted.pinned = position,
            WatchAction::ShowStage(stage) => self.wanted.stage = Some(stage),
        }
    }

    /// The engine has told something.
    pub fn told(&mut self, watched: Watched) {
        self.changes = self.changes.wrapping_add(1);
        match watched {
            Watched::Network(found) => self.add(*found),
            Watched::Picture(found) => self.picture = Some(Rc::new(*found)),
            Watched::Failed(reason) => self.failure = Some(reason),
        }
    }

    /// Another run begins, perhaps with the same pictures: its table is its own.
    pub fn begin_run(&mut self) {
        self.changes = self.changes.wrapping_add(1);
        self.epochs.clear();
    }

    fn add(&mut self, mut found: Snapshot) {
        let thumbnails = std::mem::take(&mut found.thumbnails);
        // They are told again when the part is opened again, of the same run perhaps.
        if !thumbnails.is_empty() && thumbnails != *self.thumbnails {
            // Nothing of what was told before belongs to these pictures.
            self.epochs.clear();
            self.thumbnails = Rc::new(thumbnails);
        }
        self.failure = None;
        let found = Rc::new(found);
        self.latest = Some(found.clone());
        if found.is_between_epochs {
            // The last look at a run that keeps its best epoch sees that one.
            self.epochs.retain(|old| old.epoch != found.epoch);
            self.epochs.push(found);
            self.epochs.sort_by_key(|found| found.epoch);
            let surplus = self.epochs.len().saturating_sub(MAX_EPOCHS);
            self.epochs.drain(..surplus);
        }
    }

    /// The pinned picture's position in the sample.
    pub fn pinned(&self) -> usize {
        let last = self.thumbnails.len().saturating_sub(1);
        (self.wanted.pinned as usize).min(last)
    }

    /// What was found of the pinned picture, and when: in each of the epochs that were watched.
    pub fn trail(&self) -> impl Iterator<Item = (Option<u32>, &WatchedPoint)> {
        let pinned = self.pinned();
        let rows = self.epochs.iter();
        rows.filter_map(move |found| Some((found.epoch, found.points.get(pinned)?)))
    }

    /// The network that was told of is gone, and another one will be.
    pub fn forget(&mut self) {
        let changes = self.changes.wrapping_add(1);
        *self = Self { open: self.open, wanted: self.wanted.clone(), changes, ..Self::default() };
    }
}

/// When a network is looked at, in words that go on a sentence.
pub fn moment(found: &Snapshot) -> String {
    match (found.epoch, found.is_between_epochs) {
        (None, true) => "before the first epoch".into(),
        (Some(epoch), true) => format!("after epoch {epoch}"),
        (None, false) => "during epoch 0".into(),
        (Some(epoch), false) => format!("during epoch {}", epoch + 1),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A picture of this class at a place, with its guesses.
    pub fn point(x: f32, y: f32, truth: u32, guesses: &[(u32, f32)]) -> WatchedPoint {
        WatchedPoint { x, y, truth, guesses: guesses.to_vec() }
    }

    const EPOCHS: [Option<u32>; 3] = [None, Some(0), Some(1)];

    fn found(epoch: Option<u32>, thumbnails: usize) -> Watched {
        let picture = Picture { width: 1, height: 1, rgb: vec![0; 3] };
        Watched::Network(Box::new(Snapshot {
            epoch,
            is_between_epochs: true,
            points: vec![point(0.0, 0.0, 1, &[(1, 0.5)]), point(1.0, 0.0, 2, &[(1, 0.75)])],
            thumbnails: vec![picture; thumbnails],
            ..Snapshot::default()
        }))
    }

    #[test]
    fn a_run_has_a_row_for_every_epoch_that_was_watched() {
        let mut state = WatchState::default();
        for epoch in [None, Some(0), Some(1), Some(1)] {
            state.told(found(epoch, if epoch.is_none() { 2 } else { 0 }));
        }
        state.act(WatchAction::Pin(1));
        let rows: Vec<_> = state.trail().map(|(epoch, point)| (epoch, point.truth)).collect();
        assert_eq!(rows, [(None, 2), (Some(0), 2), (Some(1), 2)]);
        // In the middle of an epoch there is no row for it.
        let Watched::Network(mut middle) = found(Some(1), 0) else { panic!("a network") };
        middle.is_between_epochs = false;
        assert_eq!(moment(&middle), "during epoch 2");
        state.told(Watched::Network(middle));
        assert_eq!((state.epochs.len(), state.trail().count()), (3, 3));
        // Another run begins, with the same pictures.
        state.begin_run();
        state.told(found(None, 2));
        assert_eq!(state.epochs.len(), 1);
        for epoch in 0..300 {
            state.told(found(Some(epoch), 0));
        }
        assert_eq!((state.epochs.len(), state.epochs[0].epoch), (MAX_EPOCHS, Some(100)));
    }

    /// The engine tells the pictures again to a part that is opened again, and rows stay.
    #[test]
    fn rows_stay_while_the_pictures_are_the_same() {
        let mut state = WatchState::default();
        for (epoch, thumbnails) in [(None, 2), (Some(0), 0), (Some(1), 0)] {
            state.told(found(epoch, thumbnails));
        }
        state.act(WatchAction::Open(false));
        state.act(WatchAction::Open(true));
        state.told(found(Some(1), 2));
        assert_eq!(state.trail().map(|(epoch, _)| epoch).collect::<Vec<_>>(), EPOCHS);
        // Other pictures are another set's.
        state.told(found(Some(1), 1));
        assert_eq!((state.epochs.len(), state.thumbnails.len()), (1, 1));
    }

    /// The last look at a run that keeps its best epoch sees that one: it replaces the row of that
    /// epoch, and those behind it stay.
    #[test]
    fn the_best_epoch_replaces_its_own_row_alone() {
        let mut state = WatchState::default();
        for epoch in [None, Some(0), Some(1), Some(0)] {
            state.told(found(epoch, if epoch.is_none() { 2 } else { 0 }));
        }
        assert_eq!(state.trail().map(|(epoch, _)| epoch).collect::<Vec<_>>(), EPOCHS);
        assert_eq!(state.latest.and_then(|found| found.epoch), Some(0));
    }

    #[test]
    fn a_failed_look_is_told_until_the_part_is_opened_again() {
        let mut state = WatchState::default();
        state.act(WatchAction::Open(true));
        state.told(found(None, 2));
        state.told(Watched::Failed("the device was lost".into()));
        assert_eq!(state.failure.as_deref(), Some("the device was lost"));
        assert_eq!((state.open, state.epochs.len()), (true, 1), "what was told is kept");
        state.act(WatchAction::Open(false));
        state.act(WatchAction::Open(true));
        assert_eq!(state.failure, None);
    }

    #[test]
    fn what_was_watched_goes_with_the_engine_and_what_is_wanted_stays() {
        let mut state = WatchState::default();
        state.act(WatchAction::Open(true));
        state.act(WatchAction::ShowStage("stages.1".into()));
        state.act(WatchAction::Pin(7));
        state.told(found(None, 2));
        assert_eq!(state.pinned(), 1, "there are only two pictures");
        let before = state.clone();
        state.forget();
        assert!(state != before && state.latest.is_none() && state.epochs.is_empty());
        let wanted = Watching { pinned: 7, stage: Some("stages.1".into()) };
        assert_eq!((state.open, &state.wanted), (true, &wanted));
    }
}
