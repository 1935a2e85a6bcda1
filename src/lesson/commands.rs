//! Commands that start and end the experiments of the lesson.

use resnette_protocol::{Command, lesson};
use resnette_spec::Backend;
use wasm_bindgen_futures::spawn_local;

use crate::lesson::state::LessonAction;
use crate::predict::state::{PredictAction, Shipped};
use crate::shell::action::Action;
use crate::shell::commands::Commands;

impl Commands {
    /// Starts an experiment of the lesson on the engine that runs, or else on the CPU.
    /// [`lesson::Request::Cancel`] ends it.
    pub fn experiment(&self, request: lesson::Request) {
        match request.task() {
            Some(task) => {
                self.dispatch(Action::Lesson(LessonAction::Ask(task)));
                self.bridge.send(Command::Lesson(request), Backend::Cpu);
            }
            None => self.bridge.tell(Command::Lesson(request)),
        }
    }

    /// Starts an experiment that looks into a network. If `shipped`, the model that comes with the
    /// page is opened first, as for the first picture in Predict. If it does not come, the lesson's
    /// own network is looked into, and the next look asks for the model again.
    pub fn look(&self, request: lesson::Request, shipped: bool) {
        if !shipped {
            return self.experiment(request);
        }
        if let Some(task) = request.task() {
            self.dispatch(Action::Lesson(LessonAction::Ask(task)));
        }
        let commands = self.clone();
        spawn_local(async move {
            if commands.open_shipped(Backend::Cpu).await.is_err() {
                commands.dispatch(Action::Predict(PredictAction::Shipped(Shipped::Untried)));
            }
            commands.experiment(request);
        });
    }
}
