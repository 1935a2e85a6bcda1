//! Who is answered at all: pages of this host, asked for under one of its own names.
//!
//! A foreign page can make a browser send requests here, and by a name of its own that leads here
//! (DNS rebinding) even read the answers. Both show in the headers, which no page can choose.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use resnette_class::limits::{ENGINE_PATH, SOCKET_PATH};
use resnette_static_host::headers::HEADERS;

/// The names of this host, with its port, and how its pages are fetched.
#[derive(Debug)]
pub struct Door {
    names: Vec<String>,
    scheme: &'static str,
}

impl Door {
    /// A door for these names, each with its port behind it. `is_https`: for pages that come over
    /// TLS.
    pub fn new(names: impl IntoIterator<Item = String>, is_https: bool) -> Self {
        let mut names: Vec<String> = names.into_iter().collect();
        let (scheme, usual) = if is_https { ("https://", ":443") } else { ("http://", ":80") };
        // Browsers leave out the port that a scheme has anyway.
        let short = |name: &String| name.strip_suffix(usual).map(str::to_owned);
        names.extend(names.iter().filter_map(short).collect::<Vec<_>>());
        Self { names, scheme }
    }

    /// Whether a request with these headers is from a page of this host. `needs_origin`: of a kind
    /// with which browsers always send where it comes from.
    fn lets_in(&self, host: Option<&str>, origin: Option<&str>, needs_origin: bool) -> bool {
        let Some(host) = host else { return false };
        if !self.names.iter().any(|name| name.eq_ignore_ascii_case(host)) {
            return false;
        }
        match origin {
            Some(origin) => origin
                .strip_prefix(self.scheme)
                .is_some_and(|origin| origin.eq_ignore_ascii_case(host)),
            None => !needs_origin,
        }
    }
}

/// Refuses what is from elsewhere, with nothing in the answer, and sends [`HEADERS`] with every
/// answer that has none of its own.
pub(crate) async fn door(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let needs_origin = !matches!(*request.method(), Method::GET | Method::HEAD)
        || [SOCKET_PATH, ENGINE_PATH].contains(&request.uri().path().trim_start_matches('/'));
    let lets_in = match (text(&request, HOST), text(&request, ORIGIN)) {
        (Ok(host), Ok(origin)) => door.lets_in(host, origin, needs_origin),
        _ => false,
    };
    let mut response = match lets_in {
        true => next.run(request).await,
        false => StatusCode::MISDIRECTED_REQUEST.into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The text of a header, of which there is one or none; an error if there are several or it is no
/// text.
fn text(request: &Request, name: HeaderName) -> Result<Option<&str>, ()> {
    let mut values = request.headers().get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_host_are_let_in() {
        let door = Door::new(["127.0.0.1:8080".into(), "192.168.0.7:8080".into()], false);
        let own = Some("192.168.0.7:8080");
        assert!(door.lets_in(own, None, false));
        assert!(door.lets_in(own, Some("http://192.168.0.7:8080"), true));
        assert!(!door.lets_in(own, None, true), "no browser opens a socket without an origin");
        for origin in [
            "null",
            "",
            "http://127.0.0.1:8080",
            "https://192.168.0.7:8080",
            "http://192.168.0.7",
            "http://192.168.0.7:8080.evil.example",
            "http://evil.example",
        ] {
            assert!(!door.lets_in(own, Some(origin), false), "{origin}");
        }
        for host in ["", "evil.example", "evil.example:8080", "127.0.0.1", "127.0.0.1:80", "[::1]"]
        {
            let origin = format!("http://{host}");
            assert!(!door.lets_in(Some(host), Some(&origin), false), "{host}");
        }
        assert!(!door.lets_in(None, None, false));
    }

    #[test]
    fn the_usual_port_may_be_left_out() {
        let door = Door::new(["127.0.0.1:80".into()], false);
        assert!(door.lets_in(Some("127.0.0.1"), Some("http://127.0.0.1"), true));
        assert!(door.lets_in(Some("127.0.0.1:80"), None, false));
        let door = Door::new(["class.example:443".into()], true);
        assert!(door.lets_in(Some("class.example"), Some("https://class.example"), true));
        assert!(!door.lets_in(Some("class.example"), Some("http://class.example"), true));
        let door = Door::new(["class.example:80".into()], true);
        assert!(!door.lets_in(Some("class.example"), None, false), "80 is not the port of https");
    }
}
