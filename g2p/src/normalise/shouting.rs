//! Words in capitals that are words and no acronyms: `PLEASE STOP SHOUTING AT ME`.

use crate::normalise::Reading;
use crate::normalise::place::Place;
use crate::normalise::spelling;

/// Words that are shouted and never acronyms.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "ABOUT", "ABSOLUTELY", "AFTER", "AGAIN", "ALERT", "ALL", "ALREADY", "ALSO", "ALWAYS", "AND", "ANNOUNCEMENT", "ANY", "ANYONE", "ANYTHING", "ARE",
    "ASK", "AT", "ATTENTION", "AWAY", "BACK", "BAD", "BECAUSE", "BEEN", "BEFORE", "BEST", "BETTER", "BIG", "BOTH", "BREAKING", "BUT", "BUY", "BY", "CALL",
    "CAME", "CAUTION", "CHAPTER", "CLOSED", "COME", "CONTENTS", "COULD", "DANGER", "DAY", "DEAR", "DEFINITELY", "DELETE", "DID", "DO", "DOES", "DONE", "DOWN", "EACH",
    "ENTER", "EVEN", "EVER", "EVERY", "EVERYONE", "EVERYTHING", "EXACTLY", "EXIT", "EXTREMELY", "FINALLY", "FIRE", "FIRST", "FOR", "FREE", "FROM",
    "FULL", "GET", "GIVE", "GO", "GOING", "GOOD", "GREAT", "HAD", "HAPPY", "HAS", "HATE", "HAVE", "HE", "HELLO", "HELP", "HER", "HERE", "HEY", "HIM", "HIS",
    "HOME", "HOW", "HUGE", "IF", "IMPORTANT", "IN", "INTO", "IS", "ITS", "JUST", "KEEP", "KNOW", "LAST", "LEAVE", "LET", "LIKE", "LISTEN",
    "LITERALLY", "LOOK", "LOVE", "MADE", "MAKE", "MANY", "ME", "MORE", "MOST", "MUCH", "MUST", "MY", "NEED", "NEVER", "NEW", "NEWS", "NEXT", "NO", "NOBODY",
    "NOR", "NOT", "NOTE", "NOTHING", "NOTICE", "NOW", "OF", "OFF", "OLD", "ON", "ONCE", "ONE", "ONLY", "OPEN", "OTHER", "OUR", "OUT", "OVER",
    "PEOPLE", "PLEASE", "PUT", "QUIET", "READ", "REALLY", "RIGHT", "RUN", "SAID", "SALE", "SAME", "SAVE", "SAY", "SEE", "SHE", "SHOULD", "SHOUTING",
    "SILENCE", "SO", "SOLD", "SOME", "SOON", "SORRY", "START", "STILL", "STOP", "SUCH", "TAKE", "TELL", "THAN", "THANK", "THANKS", "THAT",
    "THE", "THEIR", "THEM", "THEN", "THERE", "THESE", "THEY", "THINGS", "THINK", "THIS", "THOSE", "TIME", "TO", "TODAY", "TOGETHER", "TOMORROW", "TOO", "TOTALLY", "TWO", "UNDER",
    "UNTIL", "UP", "URGENT", "USE", "VERY", "WAIT", "WANT", "WARNING", "WAS", "WATCH", "WAY", "WE", "WELCOME", "WERE", "WHAT", "WHEN", "WHERE", "WHICH",
    "WHY", "WILL", "WITH", "WITHOUT", "WORK", "WORLD", "WORST", "WOULD", "WRONG", "YEAR", "YES", "YOU", "YOUR",
];

/// Words that are acronyms as well: words only among others that are shouted.
const EITHER: &[&str] = &["AIDS", "AM", "AN", "AS", "BE", "CAN", "ICE", "IT", "MAY", "OR", "US", "WHO"];

/// After these, `US` is a pronoun.
#[rustfmt::skip]
const BEFORE_US: &[&str] = &[
    "ABOUT", "ALL", "AMONG", "ASK", "BETWEEN", "BOTH", "BY", "CALL", "CONTACT", "FOLLOW", "FOR", "FROM", "GAVE", "GIVE", "HELP", "JOIN", "LET", "LIKE", "LOVES", "MADE",
    "OF", "SAVE", "SEND", "SHOW", "TELL", "TO", "TOLD", "WITH", "WITHOUT",
];

/// Before these, `IT` is a department.
const AFTER_IT: &[&str] =
    &["DEPARTMENT", "TEAM", "SUPPORT", "STAFF", "MANAGER", "GUY", "SECURITY", "INDUSTRY", "SERVICES"];

/// Writes a word in capitals in small letters.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let rest = place.rest();
    if !rest.starts_with(|c: char| c.is_uppercase())
        || place.previous().is_some_and(|c| matches!(c, '\'' | '’' | '.' | '&' | '_' | '/' | '$'))
    {
        return None;
    }
    let word = word(rest);
    let after = rest[word.len()..].chars().next();
    if !is_shouted(word)
        || after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '&' | '_' | '/'))
        || is_dotted(&rest[word.len()..])
    {
        return None;
    }
    let lower = match kind(word) {
        Kind::Word => true,
        Kind::Acronym => false,
        Kind::Either => is_among_shouted(place, word) && !stays(place, word),
        Kind::Unknown => is_among_shouted(place, word),
    };
    lower.then(|| Reading { end: place.at() + word.len(), words: word.to_lowercase() })
}

/// What a word in capitals is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A word beyond doubt.
    Word,
    Acronym,
    /// A word or an acronym.
    Either,
    /// A word, if those around it are shouted too.
    Unknown,
}

fn kind(word: &str) -> Kind {
    let (base, ending) = word.split_once(['\'', '’']).unwrap_or((word, ""));
    if matches!(ending, "T" | "LL" | "RE" | "VE" | "M" | "D") || WORDS.contains(&base) {
        Kind::Word
    } else if EITHER.contains(&base) {
        if ending.is_empty() || base == "IT" || base == "WHO" { Kind::Either } else { Kind::Acronym }
    } else if base.len() < 3
        || base.is_ascii() && (spelling::is_acronym(base) || !spelling::is_speakable(base))
    {
        Kind::Acronym
    } else {
        Kind::Unknown
    }
}

/// The word that `text` begins with, apostrophes within it included.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’'))).unwrap_or(text.len());
    text[..end].trim_end_matches(['\'', '’'])
}

/// Two letters or more, all of them capitals.
fn is_shouted(word: &str) -> bool {
    word.chars().nth(1).is_some() && word.chars().all(|c| c.is_uppercase() || matches!(c, '\'' | '’'))
}

/// Whether a stop and a letter follow, as inside an initialism or a name with dots.
fn is_dotted(after: &str) -> bool {
    after.strip_prefix('.').is_some_and(|after| after.starts_with(char::is_alphanumeric))
}

/// Whether the words around are shouted too, and at least one of them is a word beyond doubt.
fn is_among_shouted(place: &Place, this: &str) -> bool {
    let after = &place.rest()[this.len()..];
    let (mut shouted, mut certain, mut likely) =
        (1, 0, usize::from(kind(this) == Kind::Unknown && this.len() > 4));
    let mut all = true;
    let (mut near_before, mut near_after) = (true, true);
    let words = |text| {
        str::split(text, |c: char| !(c.is_alphabetic() || matches!(c, '\'' | '’')))
            .filter(|word| word.chars().any(char::is_alphabetic))
    };
    let mut look = |word: &str, near: &mut bool, run: &mut bool| {
        let single = word.chars().nth(1).is_none();
        if single && word.chars().all(char::is_uppercase) {
            return;
        }
        if !is_shouted(word) {
            all = false;
            *near = false;
            return;
        }
        shouted += 1;
        let kind = kind(word);
        likely += usize::from(kind == Kind::Unknown && word.len() > 4);
        certain += usize::from(kind == Kind::Word);
        *run |= *near && kind == Kind::Word;
    };
    let mut in_run = false;
    for word in words(place.before()).collect::<Vec<_>>().into_iter().rev() {
        look(word, &mut near_before, &mut in_run);
    }
    for word in words(after) {
        look(word, &mut near_after, &mut in_run);
    }
    in_run || all && (certain > 0 || likely > 1 && 2 * likely >= shouted || shouted == 1 && likely == 1)
}

/// Whether `word`, which may be a word or an acronym, is an acronym among shouted words.
fn stays(place: &Place, word: &str) -> bool {
    let before = place.previous_word();
    let next = place.next_word(place.at() + word.len());
    match word {
        "US" => !BEFORE_US.contains(&before),
        "IT" => AFTER_IT.contains(&next) || before == "THE" || before == "OUR",
        "WHO" => before == "THE",
        "AM" => before.ends_with(|c: char| c.is_ascii_digit()),
        "ICE" | "AIDS" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn shouted_words_are_words() {
        for (text, expected) in [
            ("PLEASE STOP SHOUTING AT ME.", "please stop shouting at me."),
            ("NASA SAID THE FBI WAS RIGHT.", "NASA said the FBI was right."),
            ("GIVE IT TO US NOW!", "give it to us now!"),
            ("THE US ARMY IS HERE.", "the US army is here."),
            ("THE IT DEPARTMENT CALLED.", "the IT department called."),
            ("I AM NOT HAPPY.", "I am not happy."),
            ("this is VERY bad", "this is very bad"),
            ("STOP it", "stop it"),
            ("You are ALWAYS late.", "You are always late."),
            ("I said NO.", "I said no."),
            ("DON'T touch that", "don't touch that"),
            ("I CAN'T AND I WON'T.", "I can't and I won't."),
            ("he said DO NOT ENTER loudly", "he said do not enter loudly"),
            ("The sign reads KEEP OUT.", "The sign reads keep out."),
            ("TABLE OF CONTENTS", "table of contents"),
            ("INTRODUCTION", "introduction"),
            ("WARNING: HIGH VOLTAGE", "warning: high voltage"),
            ("BREAKING NEWS: FED RAISES RATES", "breaking news: fed raises rates"),
            ("US SENATE PASSES BILL", "US senate passes bill"),
            ("WHO ARE YOU?", "who are you?"),
            ("THE WHO REPORT IS OUT", "the WHO report is out"),
            ("WHAT IS IT?", "what is it?"),
            ("THIS IS FROM IBM AND NATO.", "this is from IBM and NATO."),
            ("HAPPY BIRTHDAY, MY FRIEND!", "happy birthday, my friend!"),
            ("LET US GO", "let us go"),
            ("A REAL-TIME SYSTEM FOR ALL", "A real-time system for all"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn acronyms_stay() {
        for text in [
            "UNESCO, OPEC, AIDS, SCUBA, NATO.",
            "SQL, GUI, JPEG, PNG and GIF.",
            "The FBI and the CIA.",
            "NASA",
            "UNICEF",
            "He works in IT.",
            "The US and the UK",
            "a WHO report",
            "the RAM and the ROM",
            "ASAP",
            "RSVP",
            "The LLM and RAG",
            "An MRI, a UFO and an X-ray.",
            "The CEOs own CDs and PDFs.",
            "OK",
            "NASA and ESA",
            "A TV",
            "the ICE agents",
        ] {
            assert_eq!(said(text), text);
        }
    }
}
