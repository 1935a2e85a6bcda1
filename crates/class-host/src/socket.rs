//! A page's socket, which nobody attends to before its first message has brought the class's token.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use resnette_class::limits::{MAX_MESSAGE_BYTES, MAX_REQUEST_BYTES};
use resnette_class::{EngineJoin, Join, ToHost, Token, read};
use subtle::ConstantTimeEq;
use tokio::time::timeout;

use crate::class::Class;

/// How long a page may take to say who it is.
const FIRST_WITHIN: Duration = Duration::from_secs(5);

/// What a page says first.
pub(crate) trait FirstMessage: Sized + Send + 'static {
    /// The longest message that the page may send later, in bytes.
    const MAX_BYTES: usize;

    /// Reads the message; `None` if it is another one.
    fn read(bytes: &[u8]) -> Option<Self>;

    /// The token that it brings.
    fn token(&self) -> &Token;
}

impl FirstMessage for Join {
    const MAX_BYTES: usize = MAX_MESSAGE_BYTES;

    fn read(bytes: &[u8]) -> Option<Self> {
        match read(bytes) {
            Ok(ToHost::Join(join)) => Some(join),
            _ => None,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }
}

impl FirstMessage for EngineJoin {
    const MAX_BYTES: usize = MAX_REQUEST_BYTES;

    fn read(bytes: &[u8]) -> Option<Self> {
        read(bytes).ok()
    }

    fn token(&self) -> &Token {
        &self.token
    }
}

/// Opens a socket, unless too many are waiting to say who they are. What is wrong ends it without a
/// word.
pub(crate) fn open<First, Attending>(
    class: Arc<Class>,
    upgrade: WebSocketUpgrade,
    attend: impl FnOnce(WebSocket, Arc<Class>, First) -> Attending + Send + 'static,
) -> Response
where
    First: FirstMessage,
    Attending: Future<Output = ()> + Send,
{
    let Ok(place) = class.waiting.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade
        .max_message_size(First::MAX_BYTES)
        .max_frame_size(First::MAX_BYTES)
        .read_buffer_size(MAX_MESSAGE_BYTES)
        .on_upgrade(move |mut socket| async move {
            let first = timeout(FIRST_WITHIN, first_message::<First>(&mut socket)).await;
            if let Ok(Some(first)) = first
                && bool::from(first.token().0[..].ct_eq(&class.join_token.0[..]))
            {
                drop(place);
                attend(socket, class, first).await;
            }
        })
}

async fn first_message<First: FirstMessage>(socket: &mut WebSocket) -> Option<First> {
    let Message::Binary(bytes) = socket.recv().await?.ok()? else { return None };
    First::read(&bytes)
}
