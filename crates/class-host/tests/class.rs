//! A class of real sockets: what thirty pages share, what the teacher does, and what becomes of
//! those who do neither.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;

use resnette_class::limits::MAX_MESSAGE_BYTES;
use resnette_class::{ToHost, ToSeat, Token};
use tungstenite::Message;

use crate::support::{Hosted, Socket, hosted, join, run, say, told};

/// Thirty pages share two runs' numbers each, and the board has all of them.
#[test]
fn a_class_of_thirty_is_on_the_board() {
    let class = hosted();
    let mut pages: Vec<Socket> =
        (0..30).map(|number| class.joined(&format!("page {number}"))).collect();
    for (page, seed) in pages.iter_mut().zip(0..) {
        say(page, &run(1, &format!("seed={seed}"), &[0.25, 0.5]));
        say(page, &run(2, &format!("seed={seed}&lr=0.01"), &[0.75]));
    }
    class.wait_view("<td>page 29</td><td>2</td><td>training</td><td>1</td><td>75.0 %</td>");
    let view = class.view();
    assert!(view.contains("Connected: 30."), "{view}");
    for number in 0..30 {
        class.wait_view(&format!("<td>page {number}</td><td>2</td>"));
    }
    assert!(view.contains("Same seed, one other setting"), "{view}");
    assert_eq!(class.file().matches("\r\n").count(), http_lines(&class.file()) + 1 + 90);
    drop(pages);
    class.wait_view("Connected: 0.");
    assert!(class.view().contains("page 29"), "what was shared stays until the seat is needed");
}

/// Lines of an answer's head, with the empty one.
fn http_lines(answer: &str) -> usize {
    answer.split_once("\r\n\r\n").unwrap().0.split("\r\n").count() + 1
}

/// Whoever has not the class's token hears nothing, and the class does not notice.
#[test]
fn nothing_is_answered_before_the_token() {
    let class = hosted();
    let mut ada = class.joined("Ada");
    say(&mut ada, &run(1, "seed=1", &[0.5]));
    class.wait_view("<td>Ada</td>");
    let before = class.view();
    let right = class.join_token();
    let mut nearly = right;
    nearly.0[15] ^= 1;
    let firsts: Vec<Message> = [
        join(nearly, "Eve"),
        join(Token([0; 16]), "Eve"),
        run(1, "seed=1", &[0.5]),
        ToHost::Leave,
        ToHost::Ready(1),
    ]
    .iter()
    .map(|message| Message::Binary(resnette_class::write(message).unwrap().into()))
    .chain([
        Message::text("join"),
        Message::binary(Vec::new()),
        Message::binary(vec![0xff; 200]),
        Message::Ping(Default::default()),
    ])
    .collect();
    for first in firsts {
        let mut eve = class.socket();
        eve.send(first.clone()).unwrap();
        assert_eq!(told(&mut eve), None, "{first:?}");
    }
    // Half a join: the connection ends when its time is over.
    let mut slow = class.socket();
    slow.get_mut().write_all(&[0x82, 0x80 | 40, 0, 0, 0, 0, 0]).unwrap();
    assert_eq!(told(&mut slow), None);
    assert_eq!(body(&class.view()), body(&before));
    say(&mut ada, &run(1, "seed=1", &[0.5, 0.75]));
    class.wait_view("75.0 %");
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// Requests of other pages, or for another name, are refused with nothing in the answer, whatever
/// they bring.
#[test]
fn foreign_pages_and_names_are_refused() {
    let class = hosted();
    let name = class.name();
    let port = name.split_once(':').unwrap().1;
    let own = format!("http://{name}");
    for (host, origin) in [
        (name.as_str(), Some("http://evil.example")),
        (name.as_str(), Some("null")),
        (name.as_str(), Some(format!("http://localhost:{port}").as_str())),
        (name.as_str(), None),
        ("evil.example", Some(own.as_str())),
        (
            format!("evil.example:{port}").as_str(),
            Some(format!("http://evil.example:{port}").as_str()),
        ),
    ] {
        assert!(class.open(host, origin).is_none(), "{host} {origin:?}");
    }
    let bearer = format!("Authorization: Bearer {}\r\n", class.teacher_token());
    for (path, more) in [("/", ""), ("/board", ""), ("/board/view", bearer.as_str())] {
        for head in [
            format!("Host: evil.example\r\n{more}"),
            format!("Host: evil.example:{port}\r\n{more}"),
            format!("Host: {name}\r\nHost: evil.example\r\n{more}"),
            format!("Host: {name}\r\nOrigin: http://evil.example\r\n{more}"),
        ] {
            let answer =
                class.ask_as(&format!("GET {path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n"));
            // Two hosts are refused by the HTTP library already, or by the door.
            assert!(answer.starts_with("HTTP/1.1 4"), "{head}: {answer}");
            assert_eq!(body(&answer), "", "{head}");
        }
    }
    let command = format!(
        "POST /board/command HTTP/1.1\r\nHost: {name}\r\n{bearer}Content-Length: 8\r\n\
         Connection: close\r\n\r\n\"delete\""
    );
    assert!(class.ask_as(&command).starts_with("HTTP/1.1 421"), "a command without an origin");
    assert!(class.ask("GET", "/", "", "").ends_with("the page"));
    assert!(class.ask("GET", "/../Cargo.toml", "", "").starts_with("HTTP/1.1 4"));
}

/// A seat that floods, sends what is none of its business, or announces more than is taken, is let
/// go alone.
#[test]
fn a_seat_that_misbehaves_is_let_go_alone() {
    let class = hosted();
    let mut ada = class.joined("Ada");
    let bad_run = {
        let ToHost::Share(mut bad) = run(1, "seed=1", &[0.5]) else { unreachable!() };
        bad.settings = "lr=fast".into();
        ToHost::Share(bad)
    };
    for (name, message) in [
        ("again", join(class.join_token(), "again")),
        ("settings", bad_run),
        ("leaves", ToHost::Leave),
    ] {
        let mut page = class.joined(name);
        say(&mut page, &message);
        assert_eq!(told(&mut page), None, "{name}");
    }
    // Frames by hand: final and binary, masked by nothing.
    let gigabyte = [&[0x82_u8, 0xff][..], &(1_u64 << 30).to_be_bytes(), &[0; 4]].concat();
    let cut = [0x82, 0x80 | 100, 0, 0, 0, 0, 1, 2, 3].to_vec();
    let unmasked = vec![0x82, 1, 0];
    let reserved = vec![0x8f, 0x80, 0, 0, 0, 0];
    for (name, bytes) in [("gigabyte", gigabyte), ("unmasked", unmasked), ("reserved", reserved)] {
        let mut page = class.joined(name);
        page.get_mut().write_all(&bytes).unwrap();
        assert_eq!(told(&mut page), None, "{name}");
    }
    // A message in parts that has no end.
    let mut page = class.joined("endless");
    let part = |opcode: u8| {
        let length = (MAX_MESSAGE_BYTES as u16 / 2).to_be_bytes();
        let mut part = [&[opcode, 0x80 | 126][..], &length, &[0; 4]].concat();
        part.resize(part.len() + MAX_MESSAGE_BYTES / 2, 0);
        part
    };
    for opcode in [0x02, 0x00, 0x00] {
        // The host may have ended the connection by now.
        let _ = page.get_mut().write_all(&part(opcode));
    }
    assert_eq!(told(&mut page), None, "endless");
    // A frame that is cut off by the end of its connection.
    let mut page = class.joined("cut");
    page.get_mut().write_all(&cut).unwrap();
    drop(page);
    let mut page = class.joined("flood");
    let flood = resnette_class::write(&run(1, "seed=1", &[0.5])).unwrap();
    for _ in 0..200 {
        if page.send(Message::Binary(flood.clone().into())).is_err() {
            break;
        }
    }
    assert_eq!(told(&mut page), None, "flood");
    class.wait_view("Connected: 1.");
    say(&mut ada, &run(1, "seed=1", &[0.875]));
    class.wait_view("87.5 %");
    assert!(class.command("{\"propose\":\"source=drawn&seed=3\"}").starts_with("HTTP/1.1 204"));
    assert!(matches!(told(&mut ada), Some(ToSeat::Experiment { number: 1, .. })));
}

/// Sockets that say nothing take no seat, and do not keep others out for longer than their time.
#[test]
fn silent_sockets_are_few_and_end() {
    let class = hosted();
    let mut ada = class.joined("Ada");
    let name = class.name();
    let origin = format!("http://{name}");
    let silent: Vec<Socket> = (0..64).map(|_| class.socket()).collect();
    assert!(class.open(&name, Some(&origin)).is_none(), "one too many");
    say(&mut ada, &run(1, "seed=1", &[0.5]));
    class.wait_view("Connected: 1.");
    for mut socket in silent {
        assert_eq!(told(&mut socket), None);
    }
    class.joined("Bo");
}

/// The teacher proposes, starts, stops, hides and deletes; nobody else does.
#[test]
fn the_teacher_alone_commands() {
    let class = hosted();
    let mut pages = [class.joined("Ada"), class.joined("Rude")];
    let refused = |answer: String| {
        assert!(answer.starts_with("HTTP/1.1 401") && body(&answer).is_empty(), "{answer}");
    };
    let wrong = format!("Authorization: Bearer {}\r\n", class.join_token().text());
    for headers in ["", "Authorization: Bearer \r\n", wrong.as_str()] {
        refused(class.ask("POST", "/board/command", headers, "\"delete\""));
        refused(class.ask("GET", "/board/view", headers, ""));
        refused(class.ask("GET", "/board/runs.csv", headers, ""));
    }
    for (command, status) in [
        ("\"explode\"".to_owned(), "400"),
        ("{\"propose\":\"#source=url&data=http://evil.example\"}".to_owned(), "422"),
        (format!("{{\"propose\":\"{}\"}}", "a".repeat(5_000)), "413"),
    ] {
        let answer = class.command(&command);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    for command in [
        "{\"propose\":\"http://localhost:8080/#source=drawn&epochs=3\"}",
        "\"start\"",
        "\"stop\"",
        "{\"hide\":2}",
        "\"delete\"",
    ] {
        let answer = class.command(command);
        assert!(answer.starts_with("HTTP/1.1 204"), "{command}: {answer}");
        if command == "\"start\"" {
            say(&mut pages[0], &ToHost::Ready(1));
            class.wait_view("Experiment 1: started; ready for it: 1.");
        }
        if command.contains("hide") {
            say(&mut pages[1], &run(1, "seed=1", &[0.5]));
            class.wait_view("<td>Seat 2</td>");
            assert!(!class.view().contains("Rude") && !class.file().contains("Rude"));
        }
    }
    for (index, page) in pages.iter_mut().enumerate() {
        let Some(ToSeat::Experiment { number: 1, settings }) = told(page) else {
            unreachable!("the experiment comes first")
        };
        assert!(settings.contains("epochs=3"), "{settings}");
        let start = ToSeat::Start { number: 1, start: 1 };
        assert_eq!([told(page), told(page)], [Some(start), Some(ToSeat::Stop(1))]);
        if index == 1 {
            assert_eq!(told(page), Some(ToSeat::Hidden(true)));
        }
        assert_eq!(told(page), Some(ToSeat::Deleted));
    }
    assert!(!class.view().contains("50.0 %") && !class.view().contains("Experiment"));
}

/// The board's page says nothing by itself, and lets no script run but its own.
#[test]
fn the_boards_page_is_empty_and_has_a_policy() {
    let class: Hosted = hosted();
    let _ada = class.joined("Ada");
    for path in ["/board", "/board/board.js", "/board/board.css"] {
        let answer = class.ask("GET", path, "", "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        let lower = answer.to_ascii_lowercase();
        assert!(lower.contains("content-security-policy: default-src 'none'; script-src 'self'"));
        assert!(!answer.contains("Ada") && !answer.contains(&class.join_token().text()));
    }
    let view = class.view().to_ascii_lowercase();
    assert!(view.contains("cache-control: no-cache") && view.contains("nosniff"), "{view}");
    assert_eq!(view.matches("content-security-policy").count(), 1, "{view}");
}
