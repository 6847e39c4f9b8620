//! Downloads that go on where they broke off (RFC 9110, section 14: range requests).

use std::time::Duration;

use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use ureq::http::{HeaderName, Response};
use ureq::{Agent, Body};

use super::error::Failure;
use super::partial::Partial;
use super::{Progress, SourceError};

/// How long a server may keep a fetch waiting before the next source is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To find the host, and again to connect to it.
    pub connect: Duration,
    /// Between one piece of the answer and the next.
    pub read: Duration,
}

impl Default for Timeouts {
    /// 3 s to connect, 20 s between two reads.
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), read: Duration::from_secs(20) }
    }
}

/// Brings the rest of `partial` from `url`.
///
/// A connection that breaks off is opened again as long as each brings something more and the server honours ranges.
pub(super) fn download(
    url: &str,
    timeouts: Timeouts,
    partial: &mut Partial<'_>,
    progress: &mut dyn Progress,
) -> Result<(), Failure> {
    let agent: Agent = Agent::config_builder()
        .https_only(url.starts_with("https://"))
        .http_status_as_error(false)
        .timeout_resolve(Some(timeouts.connect))
        .timeout_connect(Some(timeouts.connect))
        .timeout_per_read(Some(timeouts.read))
        .timeout_per_write(Some(timeouts.read))
        .build()
        .into();
    while partial.len() < partial.entry().bytes {
        let before = partial.len();
        let mut request = agent.get(url);
        if before > 0 {
            request = request.header(RANGE, format!("bytes={before}-"));
        }
        let response = request.call().map_err(|error| partial.broken(error.to_string()))?;
        let ranges = match answer(&response, before, partial.entry().bytes)? {
            Answer::Rest => true,
            Answer::Whole => {
                partial.restart()?;
                before == 0
            }
            Answer::NotThis => {
                partial.restart()?;
                continue;
            }
        };
        match partial.append(response.into_body().into_reader(), progress) {
            Ok(()) if partial.len() < partial.entry().bytes && !(ranges && partial.len() > before) => {
                return Err(partial.broken("the transfer ended early".to_owned()).into());
            }
            Err(Failure::Source(SourceError::Transfer { .. })) if ranges && partial.len() > before => {}
            other => other?,
        }
    }
    Ok(())
}

enum Answer {
    /// The body goes on where the partial ends.
    Rest,
    /// The body is the whole file.
    Whole,
    /// The server has no such range: ask for the whole file.
    NotThis,
}

fn answer(response: &Response<Body>, from: u64, bytes: u64) -> Result<Answer, SourceError> {
    let fits = |got: Option<u64>, answer| match got {
        Some(got) if got != bytes => Err(SourceError::WrongSize { expected: bytes, got }),
        _ => Ok(answer),
    };
    match response.status().as_u16() {
        200 => fits(header(response, &CONTENT_LENGTH).and_then(|length| length.parse().ok()), Answer::Whole),
        206 if from > 0 => match header(response, &CONTENT_RANGE).and_then(parse_range) {
            Some(range) if range.first == from => fits(range.of, Answer::Rest),
            _ => Ok(Answer::NotThis),
        },
        416 if from > 0 => Ok(Answer::NotThis),
        status => Err(SourceError::Status(status)),
    }
}

fn header<'r>(response: &'r Response<Body>, name: &HeaderName) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

#[derive(Debug, PartialEq, Eq)]
struct ContentRange {
    first: u64,
    of: Option<u64>,
}

/// `bytes 5-9/10`, or `bytes 5-9/*` where the length is not known.
fn parse_range(text: &str) -> Option<ContentRange> {
    let (range, of) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _last) = range.split_once('-')?;
    let of = if of == "*" { None } else { Some(of.parse().ok()?) };
    Some(ContentRange { first: first.parse().ok()?, of })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_content_ranges() {
        assert_eq!(parse_range("bytes 5-9/10"), Some(ContentRange { first: 5, of: Some(10) }));
        assert_eq!(parse_range("bytes 5-9/*"), Some(ContentRange { first: 5, of: None }));
        for odd in ["bytes */10", "5-9/10", "bytes 5-9", "bytes 5-9/ten", ""] {
            assert_eq!(parse_range(odd), None, "{odd}");
        }
    }
}
