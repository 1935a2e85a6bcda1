#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;

/// Sends a plain request, as a browser would. Returns the status, the head and the body of the
/// response.
fn get(url: &str, range: Option<&str>) -> (u16, String, Vec<u8>) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let range = range.map_or(String::new(), |range| format!("Range: {range}\r\n"));
    let mut line = TcpStream::connect(host).unwrap();
    write!(line, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n{range}Connection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    // An error here means that the connection was cut, which some tests want.
    let _ = line.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    (head[9..12].parse().unwrap(), head, answer[end + 4..].to_vec())
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
}

/// A server that deletes its folder when it is dropped.
struct Sample(Hub, PathBuf);

impl std::ops::Deref for Sample {
    type Target = Hub;

    fn deref(&self) -> &Hub {
        &self.0
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.1).unwrap();
    }
}

/// A server with one file of 100,000 bytes, and the content of that file.
fn hub(name: &str, faults: Faults) -> (Sample, Vec<u8>) {
    let folder = std::env::temp_dir().join(format!("resnette-hub-{}-{name}", std::process::id()));
    std::fs::create_dir_all(folder.join("train")).unwrap();
    let bytes: Vec<u8> = (0..100_000_u32).map(|place| (place % 251) as u8).collect();
    std::fs::write(folder.join("train/0000.parquet"), &bytes).unwrap();
    (Sample(Hub::start(&folder, faults).unwrap(), folder), bytes)
}

fn follow(hub: &Hub, range: Option<&str>) -> (u16, String, Vec<u8>) {
    let (status, head, _) = get(&format!("{}/train/0000.parquet", hub.base()), range);
    assert_eq!(status, 302);
    let location = header(&head, "location").unwrap();
    assert!(!location.starts_with(&hub.resolver.url()), "the store is another origin");
    // `header` lowers the case; the signature's name is the only part with capitals.
    get(
        &location
            .replace("x-amz-expires", "X-Amz-Expires")
            .replace("x-amz-signature", "X-Amz-Signature"),
        range,
    )
}

#[test]
fn a_part_comes_through_the_redirect_and_is_counted() {
    let (hub, bytes) = hub("part", Faults::default());
    let (status, head, body) = follow(&hub, Some("bytes=1000-20999"));
    assert_eq!((status, body.len()), (206, 20_000));
    assert!(body == bytes[1000..21_000]);
    assert_eq!(header(&head, "content-range").as_deref(), Some("bytes 1000-20999/100000"));
    assert_eq!(header(&head, "access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(hub.bytes_by_file()["train/0000.parquet"], 20_000);
    assert_eq!(follow(&hub, Some("bytes=100000-")).0, 416);
    assert_eq!(
        hub.log().iter().map(|asked| asked.status).collect::<Vec<_>>(),
        [302, 206, 302, 416]
    );
}

#[test]
fn faults_come_as_requested() {
    let (hub, bytes) = hub(
        "faults",
        Faults { busy: 1, retry_after: 7, cuts: 1, cut_after: 30_000, ..Faults::default() },
    );
    let (status, head, _) = get(&format!("{}/train/0000.parquet", hub.base()), None);
    assert_eq!((status, header(&head, "retry-after").as_deref()), (429, Some("7")));
    let cut = follow(&hub, None).2;
    assert_eq!(cut.len(), 30_000);
    assert!(bytes.starts_with(&cut));
    assert!(follow(&hub, None).2 == bytes, "whole the second time");
    hub.set_faults(Faults { whole_files: true, ..Faults::default() });
    assert_eq!(follow(&hub, Some("bytes=0-9")).0, 200);
    hub.set_faults(Faults { expired: true, ..Faults::default() });
    assert_eq!(follow(&hub, None).0, 403);
}

#[test]
fn another_version_of_a_file_has_another_tag() {
    let (hub, mut bytes) = hub("tag", Faults::default());
    let tag = || header(&follow(&hub, Some("bytes=0-9")).1, "etag").unwrap();
    let first = tag();
    assert_eq!(tag(), first);
    bytes[5] ^= 1;
    std::fs::write(hub.1.join("train/0000.parquet"), &bytes).unwrap();
    assert_ne!(tag(), first);
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let (hub, _) = hub("outside", Faults::default());
    assert_eq!(get(&format!("{}/../Cargo.toml", hub.base()), None).0, 404);
    assert_eq!(get(&format!("{}/train/none.parquet", hub.base()), None).0, 404);
}

#[test]
fn ranges_are_read_as_the_standard_has_them() {
    assert_eq!(parse_range("bytes=0-0", 10), Some((0, 1)));
    assert_eq!(parse_range("bytes=5-99", 10), Some((5, 10)));
    assert_eq!(parse_range("bytes=-3", 10), Some((7, 10)));
    assert_eq!(parse_range("bytes=9-8", 10), None);
    assert_eq!(parse_range("bytes=x-", 10), None);
    assert_eq!(parse_range("bytes=0-18446744073709551615", 10), Some((0, 10)));
}
