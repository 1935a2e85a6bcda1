//! What is shared of the run that the page shows.

use resnette_class::{SharedRun, Status};
use resnette_spec::write_run;

use crate::run::state::{Phase, Run, Then};

/// Numbers the runs of a page, as the class tells them apart.
#[derive(Clone, Debug, Default)]
pub struct RunNumbers {
    number: u32,
    settings: String,
    rows: usize,
    begins: bool,
}

impl RunNumbers {
    /// Looks at the run whenever it has changed, and returns its number. A run is another one when
    /// it is asked for, has other settings, or has lost epochs.
    pub fn see(&mut self, run: &Run) -> u32 {
        let (begins, settings) = (begins(run), write_run(&run.config));
        let rows = if begins { 0 } else { run.rows.len() };
        let is_other = self.number == 0
            || (begins && !self.begins)
            || settings != self.settings
            || rows < self.rows;
        self.number += u32::from(is_other);
        (self.settings, self.rows, self.begins) = (settings, rows, begins);
        self.number
    }
}

/// Whether the table is still that of the run before.
fn begins(run: &Run) -> bool {
    matches!(run.phase, Phase::Loading { then: Then::Train | Then::Continue })
        || matches!(run.phase, Phase::Stopped { before_start: true })
}

/// What is shared of a run; `None` as long as there is none.
pub fn shared(run: &Run, number: u32) -> Option<SharedRun> {
    let status = match run.phase {
        Phase::Ready if run.rows.is_empty() => return None,
        Phase::Ready | Phase::Stopped { .. } => Status::Stopped,
        Phase::Loading { .. } | Phase::Compiling => Status::Loading,
        Phase::Training => Status::Training,
        Phase::Paused => Status::Paused,
        Phase::Done => Status::Done,
        Phase::Failed { .. } => Status::Failed,
    };
    let rows = if begins(run) { &[][..] } else { &run.rows[..] };
    Some(SharedRun::of(number, &run.config, run.tuned.is_some(), status, rows))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_protocol::Event;
    use resnette_protocol::run::RunShape;
    use resnette_spec::RunConfig;

    use super::*;
    use crate::run::state::tests::{row, started};

    #[test]
    fn only_a_run_is_shared_and_each_has_a_number() {
        let mut numbers = RunNumbers::default();
        assert_eq!(shared(&Run::default(), 1), None);
        let mut run = started();
        assert_eq!(numbers.see(&run), 1);
        run.on_event(row(0, 1.0));
        assert_eq!(numbers.see(&run), 1);
        let told = shared(&run, 1).unwrap();
        assert_eq!((told.rows.len(), told.check()), (1, Ok(())));
        run.on_event(Event::Done);
        assert_eq!((numbers.see(&run), shared(&run, 1).unwrap().status), (1, Status::Done));
        // The same settings again: another run, which has no epochs yet though the table is shown.
        run.ask_train(RunConfig::default(), None);
        assert_eq!(numbers.see(&run), 2);
        let told = shared(&run, 2).unwrap();
        assert_eq!((told.rows.len(), told.status), (0, Status::Loading));
        run.on_event(Event::Started(RunShape::default()));
        assert_eq!(numbers.see(&run), 2);
    }
}
