//! Who is answered, and with which headers.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// A request that has been answered.
#[derive(Debug, Clone)]
pub struct ServedRequest {
    /// The path, with its query.
    pub path: String,
    /// The value of the `Range` header.
    pub range: Option<String>,
    /// The status of the response.
    pub status: u16,
}

/// A log of requests that a server shares with its owner.
pub type Log<T> = Arc<Mutex<Vec<T>>>;

/// What is sent with every answer.
///
/// - The names of the workers do not change from build to build, so the browser asks again every
///   time whether its copy is still good.
/// - Nothing is taken for another kind of file than it is sent as.
/// - No other site may show the page in a frame and place its own things over the buttons.
/// - The page is isolated from other sites, which browsers demand before they give it threads.
pub const HEADERS: [(HeaderName, &str); 7] = [
    (CACHE_CONTROL, "no-cache"),
    (ACCEPT_RANGES, "bytes"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CONTENT_SECURITY_POLICY, "frame-ancestors 'self'"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What the guard knows.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    /// See [`Site::names`](crate::Site::names).
    pub(crate) names: Arc<[String]>,
    /// Where answered requests are listed.
    pub(crate) log: Log<ServedRequest>,
}

/// Refuses a request for another site, sends [`HEADERS`] with every answer, and logs it.
pub(crate) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let path = request.uri().to_string();
    let range = header(&request, RANGE);
    // HTTP/2 has the name in the address.
    let asked = header(&request, HOST).or_else(|| request.uri().host().map(str::to_owned));
    let is_ours = asked.as_deref().is_some_and(|asked| is_ours(asked, &guard.names));
    let mut response = if is_ours {
        next.run(request).await
    } else {
        let told = "This server shows Resnette on this computer only, under localhost.\n";
        (StatusCode::MISDIRECTED_REQUEST, told).into_response()
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    guard.log.lock().unwrap_or_else(PoisonError::into_inner).push(ServedRequest {
        path,
        range,
        status: response.status().as_u16(),
    });
    response
}

/// The text of a header; `None` if there is none, or if it is no text.
fn header(request: &Request, name: HeaderName) -> Option<String> {
    request.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// Whether a `Host` header names this computer: `localhost`, a loopback address, or one of the
/// `names`, each with or without a port.
fn is_ours(asked: &str, names: &[String]) -> bool {
    let name = match asked.strip_prefix('[') {
        // An IPv6 address stands in brackets.
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => asked.split(':').next().unwrap_or_default(),
    };
    let is_loopback = name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What docs/hosting.md tells others to send is what is sent here. Ranges are not among it:
    /// hosts answer them by themselves.
    #[test]
    fn the_examples_for_hosts_send_the_same() {
        let examples = [
            include_str!("../../../docs/hosting/_headers"),
            include_str!("../../../docs/hosting/nginx.conf"),
            include_str!("../../../docs/hosting/Caddyfile"),
            include_str!("../../../docs/hosting/htaccess"),
        ];
        for (name, value) in HEADERS.into_iter().filter(|(name, _)| *name != ACCEPT_RANGES) {
            for example in examples {
                let has = example.lines().any(|line| {
                    line.to_ascii_lowercase().contains(name.as_str()) && line.contains(value)
                });
                assert!(has, "no {name}: {value} in\n{example}");
            }
            let table = include_str!("../../../docs/hosting.md");
            assert!(
                table.lines().any(|line| {
                    line.to_ascii_lowercase().starts_with(&format!("| `{name}` | `"))
                        && line.contains(&format!("`{value}`"))
                }),
                "{name} is not in the table"
            );
        }
    }

    #[test]
    fn only_this_computer_is_answered() {
        let names = ["school.test".to_owned()];
        for asked in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:80",
            "127.8.9.1",
            "[::1]:8080",
            "School.test",
        ] {
            assert!(is_ours(asked, &names), "{asked}");
        }
        for asked in [
            "",
            "evil.example",
            "localhost.evil.example:8080",
            "127.0.0.1.evil.example",
            "192.168.0.7",
            "[fe80::1]",
            "school.test.evil.example",
        ] {
            assert!(!is_ours(asked, &names), "{asked}");
        }
    }
}
