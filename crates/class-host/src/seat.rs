//! The socket of one student's page.
//!
//! Nothing is answered before the first frame has brought the class's token, and what is wrong ends
//! the connection without a word.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use resnette_class::{Join, ToHost, ToSeat, read, write};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::class::{Class, new_token};
use crate::rate::Rate;
use crate::socket;

/// The most sockets that have not sent a token yet.
pub const MAX_WAITING: usize = 64;
/// How long a page may take to accept a message.
const SENT_WITHIN: Duration = Duration::from_secs(10);
/// How often a page is asked whether it is still there.
pub(crate) const ASK_EVERY: Duration = Duration::from_secs(20);
/// How long a page may say nothing at all, not even to that.
pub(crate) const SILENT_FOR: Duration = Duration::from_secs(70);

/// Opens the socket of a page that joins.
pub(crate) async fn take_seat(
    State(class): State<Arc<Class>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    socket::open(class, upgrade, async |socket, class, join| attend(socket, &class, join).await)
}

/// Passes messages between a page and the board until one of them has had enough.
async fn attend(mut socket: WebSocket, class: &Class, join: Join) {
    let Ok(key) = new_token() else { return };
    let taken = class.board().join(join, key);
    let mut taken = match taken {
        Ok(taken) => taken,
        Err(refusal) => {
            tell(&mut socket, &ToSeat::Refused(refusal)).await;
            return;
        }
    };
    let mut rate = Rate::new(Instant::now());
    let mut heard = Instant::now();
    let mut asks = interval(ASK_EVERY);
    asks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            told = taken.told.recv() => {
                let Some(message) = told else { break };
                if !tell(&mut socket, &message).await {
                    break;
                }
            }
            frame = socket.recv() => {
                let Some(Ok(frame)) = frame else { break };
                heard = Instant::now();
                if !rate.allows(heard) || !hear(class, taken.id, taken.connection, frame) {
                    break;
                }
            }
            _ = asks.tick() => {
                let ping = Message::Ping(Default::default());
                if heard.elapsed() > SILENT_FOR || !send(&mut socket, ping).await {
                    break;
                }
            }
        }
    }
    class.board().end(taken.id, taken.connection);
}

/// Takes a frame, and returns whether the connection may go on.
fn hear(class: &Class, id: u32, connection: u32, frame: Message) -> bool {
    match frame {
        Message::Binary(bytes) => match read::<ToHost>(&bytes) {
            Ok(message) => class.board().hear(id, connection, message),
            Err(_) => false,
        },
        Message::Ping(_) | Message::Pong(_) => true,
        Message::Text(_) | Message::Close(_) => false,
    }
}

/// Sends a message, and returns whether the page has taken it.
async fn tell(socket: &mut WebSocket, message: &ToSeat) -> bool {
    match write(message) {
        Ok(bytes) => send(socket, Message::Binary(bytes.into())).await,
        Err(_) => false,
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SENT_WITHIN, socket.send(message)).await, Ok(Ok(())))
}
