//! The host as a browser meets it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use resnette_static_host::{Running, Site};

fn ask(running: &Running, request: &str) -> String {
    let url = running.url();
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{request}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.to_lowercase()
}

#[test]
fn a_page_is_served_with_its_headers_and_to_this_computer_only() {
    let dist = std::env::temp_dir().join(format!("resnette-host-{}", std::process::id()));
    fs::create_dir_all(&dist).unwrap();
    fs::write(dist.join("index.html"), "<!doctype html>the page").unwrap();
    fs::write(dist.with_extension("secret"), "secret").unwrap();
    let names = vec!["school.test".into()];
    let site = Site { dist: dist.clone(), data: None, port: Some(0), names };
    let running = site.start().unwrap();
    for host in ["localhost", "127.0.0.1:8080", "[::1]", "school.test:80"] {
        let answer = ask(&running, &format!("GET / HTTP/1.1\r\nHost: {host}"));
        assert!(answer.starts_with("http/1.1 200") && answer.ends_with("the page"), "{answer}");
        for header in [
            "x-content-type-options: nosniff",
            "content-security-policy: frame-ancestors 'self'",
            "cross-origin-opener-policy: same-origin",
            "cross-origin-embedder-policy: require-corp",
            "cross-origin-resource-policy: same-origin",
            "cache-control: no-cache",
        ] {
            assert!(answer.contains(header), "{header}: {answer}");
        }
    }
    for host in ["evil.example", "localhost.evil.example", "192.168.0.7:8080"] {
        let answer = ask(&running, &format!("GET / HTTP/1.1\r\nHost: {host}"));
        assert!(answer.starts_with("http/1.1 421") && !answer.contains("the page"), "{answer}");
    }
    assert!(ask(&running, "GET / HTTP/1.0").starts_with("http/1.0 421"));
    let secret = format!("{}.secret", dist.file_name().unwrap().to_str().unwrap());
    for path in [format!("/../{secret}"), format!("/%2e%2e/{secret}"), format!("/..%2f{secret}")] {
        let answer = ask(&running, &format!("GET {path} HTTP/1.1\r\nHost: localhost"));
        assert!(!answer.ends_with("secret"), "{answer}");
    }
    assert_eq!(running.log().len(), 11);
    drop(running);
    fs::remove_dir_all(&dist).unwrap();
    fs::remove_file(dist.with_extension("secret")).unwrap();
}
