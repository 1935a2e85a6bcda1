//! Commands that start and end the experiments of the lesson.

use resnette_protocol::{Command, lesson};
use resnette_spec::Backend;

use crate::lesson::state::LessonAction;
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
}
