//! Times of day and of length: `9:05`, `5pm`, `17:45`, `10:15 PM PST`, `3:45 min`.

use crate::normalise::number::{digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::range;
use crate::normalise::{Reading, fraction, numerals};

/// Zones, said by their letters.
const ZONES: [&str; 24] = [
    "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "HST", "GMT", "UTC", "BST", "CET",
    "CEST", "EET", "EEST", "MSK", "IST", "JST", "AEST", "AEDT", "ET", "PT",
];

/// A time on a clock.
struct Clock {
    end: usize,
    words: String,
    /// The full hour, with nothing said of minutes.
    full: bool,
}

/// Reads a time of day, two of them as a range, or a length in minutes and seconds.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let joined = match place.previous() {
        Some('-') => !place.before().trim_end_matches('-').ends_with(char::is_alphabetic),
        Some(c) => matches!(c, ':' | '.' | '$' | '/'),
        None => false,
    };
    if joined || !place.here().is_some_and(is_digit) {
        return None;
    }
    let first = clock(place, place.at());
    if let Some(reading) = span(place, first.as_ref()) {
        return Some(reading);
    }
    let first = first.or_else(|| verse(place))?;
    let length = length(place, &first);
    if length.is_some() {
        return length;
    }
    Some(with_zone(place, first))
}

/// The time at `at`: `9:05`, `9:05:30`, `9:05pm`, `5 p.m.`
fn clock(place: &Place, at: usize) -> Option<Clock> {
    let text = place.from(at);
    let hours = digits(text);
    let hour: u16 = hours.parse().ok().filter(|hour| hours.len() <= 2 && *hour <= 24)?;
    let rest = &text[hours.len()..];
    let dotted = rest.starts_with('.');
    let minutes = rest.strip_prefix([':', '.']).map(digits).filter(|m| m.len() == 2 && *m < "60");
    let mut end = at + hours.len() + minutes.map_or(0, |m| m.len() + 1);
    let seconds = minutes
        .and_then(|_| place.from(end).strip_prefix(':'))
        .map(digits)
        .filter(|s| s.len() == 2 && *s < "60" && !dotted);
    end += seconds.map_or(0, |s| s.len() + 1);
    let half = half_at(place, end).filter(|_| hour <= 12 || minutes.is_some());
    if minutes.is_none() && half.is_none() || dotted && half.is_none() {
        return None;
    }
    let full = minutes.is_none_or(|m| m == "00") && seconds.is_none();
    let mut words = numerals::cardinal(hours);
    if let Some(minutes) = minutes.filter(|_| !full) {
        words = format!("{words} {}", minute(minutes, seconds.is_some()));
    }
    if let Some(seconds) = seconds {
        words = format!("{words} {}", minute(seconds, true));
    }
    match half {
        Some((said, close)) => {
            words = format!("{words} {said}");
            end = close;
        }
        None if full && hour == 0 => "midnight".clone_into(&mut words),
        None if full && hour <= 12 => {
            if !matches!(place.next_word(end), "noon" | "midnight") {
                words += " o'clock";
            }
            end = past_o_clock(place, end);
        }
        None if full => words += " hundred",
        None => {}
    }
    let goes_on = place.from(end).starts_with([':', '.']) && place.from(end + 1).starts_with(is_digit);
    (place.ends_word(end) && !goes_on).then_some(Clock { end, words, full: full && half.is_none() })
}

fn past_o_clock(place: &Place, end: usize) -> usize {
    [" o'clock", " o’clock"]
        .into_iter()
        .find(|said| place.from(end).starts_with(said))
        .map_or(end, |said| end + said.len())
}

fn minute(digits: &str, seconds: bool) -> String {
    match digits.strip_prefix('0') {
        Some("0") if seconds => "zero".to_owned(),
        Some(ones) => format!("oh {}", numerals::cardinal(ones)),
        None => numerals::cardinal(digits),
    }
}

/// `Psalm 23:4`: chapter and verse, which no clock and no ratio took.
fn verse(place: &Place) -> Option<Clock> {
    let chapter = digits(place.rest());
    let verse = digits(place.from(place.at() + chapter.len()).strip_prefix(':')?);
    let end = place.at() + chapter.len() + 1 + verse.len();
    let words = format!("{} {}", numerals::cardinal(chapter), numerals::cardinal(verse));
    let book = fraction::BOOKS.contains(&place.previous_word());
    (book && (1..=3).contains(&verse.len()) && place.ends_word(end)).then_some(Clock {
        end,
        words,
        full: false,
    })
}

/// `am`, `PM`, `p.m.` at `at` or behind a space: its letters, and where it ends.
fn half_at(place: &Place, at: usize) -> Option<(&'static str, usize)> {
    let text = place.from(at);
    let space = usize::from(text.starts_with(' '));
    let text = &text[space..];
    let said = match text.chars().next()? {
        'a' | 'A' => "A M",
        'p' | 'P' => "P M",
        _ => return None,
    };
    let written = ["m", "M", ".m.", ".M.", ". m.", ".m", ".M"].into_iter().find(|rest| {
        text[1..].starts_with(rest) && !text[1 + rest.len()..].starts_with(char::is_alphanumeric)
    })?;
    let end = at + space + 1 + written.len();
    // "I am": a bare word in small letters is one only behind a number, which the caller saw.
    let end = if written.ends_with('.') && place.ends_sentence(end) { end - 1 } else { end };
    Some((said, end))
}

/// `9-5pm`, `9am-5pm`, `9:00-17:00`
fn span(place: &Place, first: Option<&Clock>) -> Option<Reading> {
    let bare = digits(place.rest());
    let (start, words) = match first {
        Some(clock) => (clock.end, clock.words.clone()),
        None if bare.len() <= 2 && bare.parse::<u8>().is_ok_and(|hour| (1..=12).contains(&hour)) => {
            (place.at() + bare.len(), numerals::cardinal(bare))
        }
        None => return None,
    };
    let len = range(place.from(start))?;
    let second = clock(place, start + len)?;
    let second = with_zone(place, second);
    Some(Reading { end: second.end, words: format!("{words} to {}", second.words) })
}

/// `3:45 min`, `1:30 hours`: a length, not a time of day.
fn length(place: &Place, clock: &Clock) -> Option<Reading> {
    let text = place.rest();
    let (big, small) = match place.next_word(clock.end) {
        "min" | "mins" | "minutes" => ("minute", "second"),
        "hr" | "hrs" | "hours" | "h" => ("hour", "minute"),
        _ => return None,
    };
    let (first, second) = text.split_once(':')?;
    let (first, second) = (digits(first), digits(second));
    if place.at() + first.len() + 1 + second.len() != clock.end && !clock.full {
        return None;
    }
    let part = |digits: &str, name: &str| {
        let count = numerals::cardinal(digits);
        if count == "one" { format!("one {name}") } else { format!("{count} {name}s") }
    };
    let mut words = part(first, big);
    if second != "00" {
        words = format!("{words} {}", part(second, small));
    }
    let end = place.at() + first.len() + 1 + second.len();
    let end = end + (place.from(end).find(place.next_word(end)).unwrap_or(0)) + place.next_word(end).len();
    Some(Reading { end: place.past_stop(end), words })
}

/// Adds the letters of a zone behind the time.
fn with_zone(place: &Place, clock: Clock) -> Reading {
    let text = place.from(clock.end);
    let zone = text.strip_prefix(' ').and_then(|rest| {
        ZONES.into_iter().find(|zone| {
            rest.strip_prefix(zone).is_some_and(|after| !after.starts_with(char::is_alphanumeric))
        })
    });
    let mut words = clock.words;
    let mut end = clock.end;
    if let Some(zone) = zone {
        for letter in zone.chars() {
            words.push(' ');
            words.push(letter);
        }
        end += 1 + zone.len();
    }
    Reading { end, words }
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn times_are_read_as_said() {
        assert_said(&[
            ("Meet at 9:30am.", "Meet at nine thirty A M."),
            ("Meet at 9:30 a.m. today.", "Meet at nine thirty A M today."),
            ("Meet at 5 p.m.", "Meet at five P M."),
            ("Meet at 5 PM, please.", "Meet at five P M, please."),
            ("Meet at 5:00 PM.", "Meet at five P M."),
            ("Meet at 5:00.", "Meet at five o'clock."),
            ("Meet at 10:10.", "Meet at ten ten."),
            ("Meet at 00:30.", "Meet at zero thirty."),
            ("Meet at 00:00.", "Meet at midnight."),
            ("Meet at 09:05.", "Meet at nine oh five."),
            ("Meet at 17:00.", "Meet at seventeen hundred."),
            ("Meet at 23:59.", "Meet at twenty three fifty nine."),
            ("Meet at 7:30:15.", "Meet at seven thirty fifteen."),
            ("Meet at 7:05:09.", "Meet at seven oh five oh nine."),
            ("Meet at 8:15 EST.", "Meet at eight fifteen E S T."),
            ("Meet at 14:00 UTC.", "Meet at fourteen hundred U T C."),
            ("Open 9am-5pm.", "Open nine A M to five P M."),
            ("Open 9-5pm.", "Open nine to five P M."),
            ("Open 9–11 a.m. today.", "Open nine to eleven A M today."),
            ("Open 9:00-17:00 daily.", "Open nine o'clock to seventeen hundred daily."),
            ("A 9-5 job.", "A nine to five job."),
            ("It took 3:45 min.", "It took three minutes forty five seconds."),
            ("It took 1:30 hours.", "It took one hour thirty minutes."),
            ("Meet at noon.", "Meet at noon."),
            ("See you at 9.", "See you at nine."),
            ("Read John 3:16 now.", "Read John three sixteen now."),
            ("At 6.30pm we eat.", "At six thirty P M we eat."),
            ("Meet at 1:05 pm sharp.", "Meet at one oh five P M sharp."),
            ("Meet at 12:00 noon.", "Meet at twelve noon."),
            ("Open noon-1pm.", "Open noon-one P M."),
        ]);
    }
}
