//! `resnette host` as a program: it prints the links of a class, and answers this computer alone.
#![cfg(feature = "host")]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use support::{Folder, PROGRAM, refused};

#[test]
fn a_class_has_two_links_and_a_page() {
    let folder = Folder::new("host");
    for name in ["index.html", "worker_cpu.js"] {
        fs::write(folder.file(name), "the page").unwrap();
    }
    let page = folder.file("");
    let mut host = Command::new(PROGRAM)
        .args(["host", "--page", &page, "--port", "0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(host.stderr.take().unwrap()).lines().map(Result::unwrap);
    let links: Vec<String> = lines
        .filter_map(|line| Some(format!("http://{}", line.split_once("http://")?.1)))
        .take(2)
        .collect();
    let [board, join] = &links[..] else { unreachable!("{links:?}") };
    let (address, rest) = board.trim_start_matches("http://").split_once('/').unwrap();
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    });
    // Ended before anything is judged, or a failure would leave it behind.
    host.kill().unwrap();
    host.wait().unwrap();
    assert!(asked.unwrap().ends_with("the page"));
    assert!(address.starts_with("127.0.0.1:"), "{board}");
    let (token, other) = (rest.strip_prefix("board#"), join.split_once("/#join="));
    let (token, other) = (token.unwrap(), other.unwrap().1);
    assert!(token.len() == 32 && other.len() == 32 && token != other, "{links:?}");
}

/// The join link of a class that is kept is the same after the program was killed, and the program
/// says where it is kept.
#[test]
fn a_kept_class_has_the_same_join_link() {
    let folder = Folder::new("host-keep");
    for name in ["index.html", "worker_cpu.js"] {
        fs::write(folder.file(name), "the page").unwrap();
    }
    let (page, file) = (folder.file(""), folder.file("class.sqlite"));
    let told = || {
        let mut host = Command::new(PROGRAM)
            .args(["host", "--page", &page, "--port", "0", "--keep", &file])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = Vec::new();
        for line in BufReader::new(host.stderr.take().unwrap()).lines().map(Result::unwrap) {
            let is_last = line.contains("Ctrl-C");
            lines.push(line);
            if is_last {
                break;
            }
        }
        host.kill().unwrap();
        host.wait().unwrap();
        lines.join("\n")
    };
    let token = |told: &str, before: &str| {
        told.split_once(before).map(|(_, rest)| rest[..32].to_owned()).unwrap()
    };
    let (first, second) = (told(), told());
    assert!(first.contains("class.sqlite") && first.contains("Delete all"), "{first}");
    assert_eq!(token(&first, "#join="), token(&second, "#join="));
    assert_ne!(token(&first, "/board#"), token(&second, "/board#"));
}

/// A host that trains says so, or why this build does not.
#[test]
fn a_host_that_trains_says_so() {
    let folder = Folder::new("host-trains");
    for name in ["index.html", "worker_cpu.js"] {
        fs::write(folder.file(name), "the page").unwrap();
    }
    let mut host = Command::new(PROGRAM)
        .args(["host", "--page", &folder.file(""), "--port", "0", "--train"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A release aborts where it would have to end one seat.
    let wanted = ["(backend=host)", "--profile host"];
    let mut lines = BufReader::new(host.stderr.take().unwrap()).lines().map(Result::unwrap);
    let told = lines.any(|line| wanted.iter().any(|words| line.contains(words)));
    host.kill().unwrap();
    host.wait().unwrap();
    assert!(told, "none of {wanted:?} was told");
}

#[test]
fn a_class_needs_a_page_and_an_address_needs_a_network() {
    let folder = Folder::new("host-empty");
    assert!(refused(&["host", "--page", &folder.file("")]).contains("holds no built page"));
    assert!(refused(&["host", "--address", "192.0.2.7"]).contains("--lan"));
    for name in ["index.html", "worker_cpu.js"] {
        fs::write(folder.file(name), "the page").unwrap();
    }
    let page = folder.file("");
    // What a class is to be kept in, and a certificate, are looked at before anything is served.
    let foreign = folder.file("index.html");
    let told = refused(&["host", "--page", &page, "--port", "0", "--keep", &foreign]);
    assert!(told.contains("was not written by `resnette host --keep`"), "{told}");
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "the page");
    let told = refused(&["host", "--page", &page, "--port", "0", "--tls", &foreign, &foreign]);
    assert!(told.contains("has no certificate in PEM form"), "{told}");
    let told = refused(&["host", "--page", &page, "--tls", &foreign]);
    assert!(told.contains("CERT"), "{told}");
    let told = refused(&["host", "--page", &page, "--port", "0", "--name", "http://a/"]);
    assert!(told.contains("is no name of a computer"), "{told}");
    // Pictures for the class are of no use to a host that does not train.
    assert!(refused(&["host", "--data", &folder.file("")]).contains("--train"));
}
