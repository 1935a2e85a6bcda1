//! What every component may do. Each feature adds its own commands in its `commands.rs`.

use yew::prelude::*;

use crate::engine::bridge::Bridge;
use crate::settings::draft::SettingsAction;
use crate::shell::action::Action;
use crate::shell::state::State;

/// What a component may do: change the state and send commands to the worker. It stays the same for
/// as long as the page is open.
#[derive(Clone, PartialEq)]
pub struct Commands {
    /// Dispatches actions to the state.
    pub state: UseReducerDispatcher<State>,
    /// The connection to the worker.
    pub bridge: Bridge,
}

/// The commands, which [`App`](crate::shell::app::App) provides to all components.
#[hook]
pub fn use_commands() -> Commands {
    match use_context::<Commands>() {
        Some(commands) => commands,
        // Only `App` draws components, and it provides the context around all of them.
        None => unreachable!("a component outside of App"),
    }
}

impl Commands {
    /// Changes the state.
    pub fn dispatch(&self, action: Action) {
        self.state.dispatch(action);
    }

    /// Gives a setting this value, as if the reader had typed it and left the field.
    pub fn set(&self, key: &'static str, value: impl Into<String>) {
        self.dispatch(Action::Settings(SettingsAction::Edit(key, value.into())));
        self.dispatch(Action::Settings(SettingsAction::Leave(key)));
    }
}
