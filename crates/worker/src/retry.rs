//! When a server that refused wants to be asked again.

use std::time::{Duration, UNIX_EPOCH};

use httpdate::parse_http_date;

/// Longer times are told as this one, a day: nobody waits for them with the page open, and whoever
/// gets them reads a number of seconds.
const LONGEST: u64 = 24 * 60 * 60;

/// What a refusing answer says about time, as its headers have it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a> {
    /// `Retry-After`: seconds, or a date.
    pub retry_after: Option<&'a str>,
    /// `RateLimit`, which Hugging Face sends (`"api";r=0;t=55`).
    pub rate_limit: Option<&'a str>,
    /// `Date`: the server's own clock.
    pub date: Option<&'a str>,
}

/// Seconds, from `Retry-After` or else from `RateLimit`; a day at most.
///
/// A date is counted from the server's clock where the answer tells it, since a reader's may be
/// wrong by hours; else from `now`, the time since 1970. A date that has gone by says nothing of
/// when: the page's own growing waits are kinder than asking again at once.
pub fn seconds(headers: Headers, now: Duration) -> Option<u32> {
    let Headers { retry_after, rate_limit, date } = headers;
    let after = |text: &str| {
        number(text).or_else(|| {
            time(text)?
                .checked_sub(date.and_then(time).unwrap_or(now))
                .filter(|left| !left.is_zero())
                .map(rounded_up)
        })
    };
    let reset = |text: &str| {
        text.split([';', ',']).find_map(|part| number(part.trim().strip_prefix("t=")?))
    };
    let seconds = retry_after.and_then(after).or_else(|| rate_limit.and_then(reset))?;
    u32::try_from(seconds.min(LONGEST)).ok()
}

/// Digits and nothing else. Too many for a number are a long time all the same.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A date in any of HTTP's three spellings, since 1970; the crate refuses what is before.
fn time(text: &str) -> Option<Duration> {
    parse_http_date(text.trim()).ok()?.duration_since(UNIX_EPOCH).ok()
}

/// Our clock has fractions and a server's date has none: half a second early is refused again.
fn rounded_up(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 1994-11-06 08:49:37 UTC, HTTP's own example.
    const NOW: Duration = Duration::from_secs(784_111_777);

    fn after(retry_after: &str) -> Option<u32> {
        seconds(Headers { retry_after: Some(retry_after), ..Headers::default() }, NOW)
    }

    #[test]
    fn both_headers_are_understood() {
        let told =
            |retry_after, rate_limit| seconds(Headers { retry_after, rate_limit, date: None }, NOW);
        assert_eq!(told(Some(" 12 "), None), Some(12));
        assert_eq!(told(Some("3"), Some("\"resolvers\";r=0;t=55")), Some(3));
        assert_eq!(told(None, Some("\"resolvers\";r=0; t=55")), Some(55));
        assert_eq!(told(Some("soon"), Some("t=55")), Some(55));
        for nonsense in
            ["", "soon", "-1", "+1", "1.5", "Sun, 06 Nov 1994", "Wed, 99 Oct 2015 07:28:00 GMT"]
        {
            assert_eq!(told(Some(nonsense), Some("r=0;t=")), None, "{nonsense}");
        }
    }

    #[test]
    fn a_date_is_counted_from_now() {
        for spelling in [
            " Sun, 06 Nov 1994 08:50:00 GMT ",
            "Sunday, 06-Nov-94 08:50:00 GMT",
            "Sun Nov  6 08:50:00 1994",
        ] {
            assert_eq!(after(spelling), Some(23), "{spelling}");
        }
        let half_past = seconds(
            Headers { retry_after: Some("Sun, 06 Nov 1994 08:50:00 GMT"), ..Headers::default() },
            NOW + Duration::from_millis(500),
        );
        assert_eq!(half_past, Some(23), "not too early");
    }

    #[test]
    fn a_date_gone_by_says_nothing() {
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), None);
        assert_eq!(after("Thu, 01 Jan 1970 00:00:00 GMT"), None);
        // Then the other header has a say.
        let both = Headers {
            retry_after: Some("Sun, 06 Nov 1994 08:49:00 GMT"),
            rate_limit: Some("t=9"),
            date: None,
        };
        assert_eq!(seconds(both, NOW), Some(9));
    }

    #[test]
    fn the_servers_clock_is_asked_before_ours() {
        let told = |date| {
            seconds(
                Headers {
                    retry_after: Some("Wed, 21 Oct 2015 07:28:00 GMT"),
                    rate_limit: None,
                    date,
                },
                NOW,
            )
        };
        assert_eq!(told(Some("Wed, 21 Oct 2015 07:27:50 GMT")), Some(10));
        assert_eq!(told(Some("yesterday")), Some(86_400), "twenty years from a wrong clock");
    }

    #[test]
    fn long_times_end_at_a_day() {
        for long in
            ["86401", "4294967296", "99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"]
        {
            assert_eq!(after(long), Some(86_400), "{long}");
        }
        assert_eq!(
            seconds(Headers { rate_limit: Some("t=4294967296"), ..Headers::default() }, NOW),
            Some(86_400)
        );
    }

    proptest! {
        #[test]
        fn no_header_is_too_strange(after in "\\PC{0,40}", limit in "\\PC{0,40}", date in "\\PC{0,40}", now in any::<u64>()) {
            let headers = Headers { retry_after: Some(&after), rate_limit: Some(&limit), date: Some(&date) };
            let told = seconds(headers, Duration::from_secs(now));
            prop_assert!(told.is_none_or(|told| told <= 86_400));
        }
    }
}
