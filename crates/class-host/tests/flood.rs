//! A full class under load: what a seat costs the network, and forty pages of which two do
//! everything that no page of ours does.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use resnette_class::{ToHost, ToSeat, Token, write};
use resnette_class_host::board::MAX_SEATS;
use tungstenite::Message;

use crate::support::{Hosted, Socket, hosted, join, run, say, told};

/// The most bytes that a page sends for an epoch of a lesson's run.
const KILOBYTE: usize = 1_024;

/// The settings of a lesson's run with this seed.
fn settings(seed: usize) -> String {
    format!("source=drawn&train=100&valid=30&size=48&layers=1,1,1,1&epochs=10&bs=32&seed={seed}")
}

/// Accuracies of a run that ends with `last`.
fn accuracies(epochs: usize, last: f32) -> Vec<f32> {
    (1..=epochs).map(|epoch| last * epoch as f32 / epochs as f32).collect()
}

/// Thirty pages tell ten epochs each, a kilobyte an epoch at most, and the board has each as soon
/// as it was told.
#[test]
fn thirty_seats_take_a_kilobyte_a_step() {
    let class = hosted();
    let mut pages: Vec<Socket> =
        (0..30).map(|number| class.joined(&format!("page {number}"))).collect();
    for epochs in 1..=10 {
        let start = Instant::now();
        for (seed, page) in pages.iter_mut().enumerate() {
            let message = run(1, &settings(seed), &accuracies(epochs, 0.5));
            let length = write(&message).unwrap().len();
            assert!(length <= KILOBYTE, "{length} bytes for epoch {epochs}");
            say(page, &message);
        }
        for number in 0..30 {
            let row = format!("<td>page {number}</td><td>1</td><td>training</td><td>{epochs}</td>");
            class.wait_view(&row);
        }
        // The board asks once a second: nobody would see a host that takes longer.
        assert!(start.elapsed() < Duration::from_secs(10), "epoch {epochs}: {:?}", start.elapsed());
    }
    // All of them get what the teacher sends, in its order.
    for command in ["{\"propose\":\"source=drawn&epochs=3\"}", "\"start\"", "\"stop\""] {
        assert!(class.command(command).starts_with("HTTP/1.1 204"), "{command}");
    }
    for page in &mut pages {
        assert!(matches!(told(page), Some(ToSeat::Experiment { number: 1, .. })));
        assert_eq!(
            [told(page), told(page)],
            [Some(ToSeat::Start { number: 1, start: 1 }), Some(ToSeat::Stop(1))]
        );
    }
}

/// A socket with a seat, if there is one just now.
fn seat(class: &Hosted) -> Option<Socket> {
    let name = class.name();
    let mut socket = class.open(&name, Some(&format!("http://{name}")))?;
    let bytes = write(&join(class.join_token(), "flood")).unwrap();
    socket.send(Message::Binary(bytes.into())).ok()?;
    matches!(told(&mut socket), Some(ToSeat::Joined(_))).then_some(socket)
}

/// Sends messages as fast as they go until the host has had enough.
fn flood(socket: &mut Socket, messages: &AtomicU32) {
    let bytes = write(&run(1, "seed=1", &accuracies(100, 1.0))).unwrap();
    for _ in 0..10_000 {
        if socket.send(Message::Binary(bytes.clone().into())).is_err() {
            return;
        }
        messages.fetch_add(1, Ordering::Relaxed);
    }
}

/// Announces a gigabyte and sends it until the host has had enough; returns how much it took.
fn gigabyte(socket: &mut Socket) -> usize {
    let head = [&[0x82_u8, 0xff][..], &(1_u64 << 30).to_be_bytes(), &[0; 4]].concat();
    let part = vec![0_u8; 1 << 16];
    let stream = socket.get_mut();
    let mut sent = 0;
    let mut ok = stream.write_all(&head).is_ok();
    while ok && sent < 1 << 30 {
        ok = stream.write_all(&part).is_ok();
        sent += part.len();
    }
    sent
}

/// A frame that ends with its connection, in the middle.
fn cut(socket: &mut Socket) {
    let bytes = write(&run(1, "seed=1", &[1.0])).unwrap();
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let frame = [&[0x82_u8, 0x80 | 126][..], &length, &[0; 4], &bytes[..bytes.len() / 2]].concat();
    let _ = socket.get_mut().write_all(&frame);
}

/// Guesses tokens, as the class's and as the teacher's, and comes from other pages.
fn guess(class: &Hosted, number: u8) {
    let token = Token([number; 16]);
    let mut socket = class.socket();
    let _ = socket.send(Message::Binary(write(&join(token, "guess")).unwrap().into()));
    assert_eq!(told(&mut socket), None, "a guessed token");
    let bearer = format!("Authorization: Bearer {}\r\n", token.text());
    for answer in [
        class.ask("POST", "/board/command", &bearer, "\"delete\""),
        class.ask("GET", "/board/view", &bearer, ""),
    ] {
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
    for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
        assert!(class.open(&class.name(), Some(origin)).is_none(), "{origin}");
    }
}

/// Forty pages, of which two flood, cut frames, send a gigabyte, guess tokens and come from other
/// pages: for the other thirty-eight nothing changes. None of them is disconnected, each of their
/// epochs is on the board, and each hears the teacher.
#[test]
fn two_of_forty_change_nothing_for_the_others() {
    let class = hosted();
    let names: Vec<String> = (0..MAX_SEATS - 2).map(|number| format!("page {number}")).collect();
    let mut pages: Vec<Socket> = names.iter().map(|name| class.joined(name)).collect();
    let (over, messages, taken) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    let start = Instant::now();
    scope(|both| {
        for first in [1_u8, 128] {
            let (class, over, messages, taken) = (&class, &over, &messages, &taken);
            both.spawn(move || {
                let mut number = first;
                // A test that has failed does not wait for them for ever.
                while !over.load(Ordering::Relaxed) && start.elapsed() < Duration::from_secs(90) {
                    for misbehave in 0..3 {
                        // The seats of both may still be held by connections that have just ended.
                        let Some(mut socket) = seat(class) else { continue };
                        taken.fetch_add(1, Ordering::Relaxed);
                        match misbehave {
                            0 => flood(&mut socket, messages),
                            1 => {
                                // Far from all of it; what the system buffers is sent, not taken.
                                let sent = gigabyte(&mut socket);
                                assert!(sent < 1 << 29, "the host took {sent} bytes");
                            }
                            _ => cut(&mut socket),
                        }
                    }
                    guess(class, number);
                    number = number.wrapping_add(1);
                }
            });
        }
        for epochs in 1..=6 {
            for (seed, page) in pages.iter_mut().enumerate() {
                say(page, &run(1, &settings(seed), &accuracies(epochs, 0.5)));
            }
            for name in &names {
                let row = format!("<td>{name}</td><td>1</td><td>training</td><td>{epochs}</td>");
                class.wait_view(&row);
            }
            sleep(Duration::from_millis(300));
        }
        over.store(true, Ordering::Relaxed);
    });
    assert!(messages.load(Ordering::Relaxed) > 20 && taken.load(Ordering::Relaxed) >= 3);
    class.wait_view(&format!("Connected: {}.", names.len()));
    assert!(class.command("{\"propose\":\"source=drawn&seed=3\"}").starts_with("HTTP/1.1 204"));
    for (seed, (page, name)) in pages.iter_mut().zip(&names).enumerate() {
        assert!(matches!(told(page), Some(ToSeat::Experiment { number: 1, .. })), "{name}");
        say(page, &ToHost::Ready(1));
        say(page, &run(1, &settings(seed), &accuracies(7, 0.875)));
        class.wait_view(&format!("<td>{name}</td><td>1</td><td>training</td><td>7</td><td>87.5 %"));
    }
    class.wait_view(&format!("ready for it: {}.", names.len()));
}
