//! The socket of a page whose runs the host trains: bytes in, bytes out, the token before all else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use resnette_class::{EngineAnswer, EngineJoin, write};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::class::{Class, new_token};
use crate::engine_line::SeatEngine;
use crate::seat::{ASK_EVERY, SILENT_FOR};
use crate::socket;

/// How long a page may take to accept a message. A saved run may have some megabytes.
const SENT_WITHIN: Duration = Duration::from_secs(60);

/// Opens the socket of a page whose runs the host trains, if there is an engine.
pub(crate) async fn take_engine_seat(
    State(class): State<Arc<Class>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(engine) = class.engine.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    socket::open(class, upgrade, async move |socket, _, join| {
        attend(socket, &*engine, &join).await;
    })
}

/// Passes bytes between a page and the engine until one of them has had enough.
async fn attend(mut socket: WebSocket, engine: &dyn SeatEngine, join: &EngineJoin) {
    let Ok(new_key) = new_token() else { return };
    let (answer, line) = match engine.take_seat(join, new_key) {
        Ok((key, line)) => (EngineAnswer::Joined(key), Some(line)),
        Err(refusal) => (EngineAnswer::Refused(refusal), None),
    };
    let Ok(answer) = write(&answer) else { return };
    if !send(&mut socket, Message::Binary(answer.into())).await {
        return;
    }
    let Some(mut line) = line else { return };
    let mut heard = Instant::now();
    let mut asks = interval(ASK_EVERY);
    asks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            event = line.event() => {
                let Some(event) = event else { break };
                if !send(&mut socket, Message::Binary(event.into())).await {
                    break;
                }
            }
            frame = socket.recv() => {
                let Some(Ok(frame)) = frame else { break };
                heard = Instant::now();
                match frame {
                    // Who sends faster than the engine gives turns is not read any further.
                    Message::Binary(request) => {
                        if !line.ask(request.to_vec()).await {
                            break;
                        }
                    }
                    Message::Ping(_) | Message::Pong(_) => {}
                    Message::Text(_) | Message::Close(_) => break,
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
}

async fn send(socket: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SENT_WITHIN, socket.send(message)).await, Ok(Ok(())))
}
