//! Abbreviations, read by what stands around them: `Dr. Smith` and `Elm Dr.`, `No. 5` and `No.`.

use crate::normalise::Reading;
use crate::normalise::abbreviation_table::{QUARTERS, SAINTS, STREETS, TABLE, WRITTEN, When};
use crate::normalise::place::Place;

/// Reads an abbreviation.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let begins = place.previous().is_none_or(|c| {
        c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '\'' | '—' | '–' | '/' | '*')
    });
    if !begins || !place.here()?.is_ascii_alphabetic() {
        return None;
    }
    let rest = place.rest();
    let len = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let word = &rest[..len];
    written(place, rest).or_else(|| {
        let around = Around::new(place, word)?;
        around
            .doctor()
            .or_else(|| around.saint())
            .or_else(|| around.mount())
            .or_else(|| around.edition())
            .or_else(|| around.quarter())
            .or_else(|| around.table())
    })
}

/// What is written with stops or slashes inside.
fn written(place: &Place, rest: &str) -> Option<Reading> {
    let (form, words) = WRITTEN.iter().find(|(form, _)| rest.starts_with(form) || is_large(rest, form))?;
    let after = &rest[form.len()..];
    let next = after.chars().next();
    let whole = match form.chars().next_back() {
        // "Ph.D.'s" ends in a sound.
        Some('.') => !after.starts_with(['s', '\'', '’']),
        Some('/') => next.is_some_and(|c| c.is_whitespace() || c.is_alphabetic()) && *form != "w/o",
        _ => !next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '\'' | '’')),
    };
    if !whole || *form == "v." && !is_case(place, after) {
        return None;
    }
    let title = form.ends_with('.')
        && words.ends_with(|c: char| c.is_lowercase())
        && words.starts_with(char::is_uppercase);
    if title && !follows_large(after) {
        return None;
    }
    let mut words = (*words).to_owned();
    let mut end = place.at() + form.len();
    if form.ends_with('.') && ends_text(after) {
        end -= 1;
    }
    if rest.starts_with(|c: char| c.is_ascii_uppercase())
        && words.starts_with(|c: char| c.is_ascii_lowercase())
    {
        words = large(&words);
    }
    Some(Reading { end, words })
}

/// Whether `text` begins with `form`, its first letter large at the beginning of a sentence.
fn is_large(text: &str, form: &str) -> bool {
    let mut form = form.chars();
    let mut letters = text.chars();
    let first = form.next().filter(char::is_ascii_lowercase);
    first.is_some()
        && letters.next() == first.map(|c| c.to_ascii_uppercase())
        && letters.as_str().starts_with(form.as_str())
}

/// Whether two names stand against each other, as in `Roe v. Wade`.
fn is_case(place: &Place, after: &str) -> bool {
    place.previous_word().starts_with(char::is_uppercase) && follows_large(after)
}

fn follows_large(after: &str) -> bool {
    after.strip_prefix(' ').is_some_and(|after| after.starts_with(char::is_uppercase))
}

/// Whether nothing but closing marks follows a stop, so that it is the sentence's too.
fn ends_text(after: &str) -> bool {
    after.len() <= 8 && after.chars().all(|c| c.is_whitespace() || matches!(c, '"' | '”' | '’' | '\'' | '»'))
}

/// `words` with its first letter large.
fn large(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// A word that may be an abbreviation, and what stands around it.
struct Around<'a> {
    place: &'a Place<'a>,
    word: &'a str,
    lower: String,
    /// Whether a stop follows that is not one of several.
    stop: bool,
    /// What follows the word and its stop.
    after: &'a str,
    /// The word before, without white space between.
    before: &'a str,
}

impl<'a> Around<'a> {
    fn new(place: &'a Place<'a>, word: &'a str) -> Option<Self> {
        /// The longest abbreviation.
        const LONGEST: usize = 8;
        let after = &place.rest()[word.len()..];
        let stop = after.starts_with('.') && !after.starts_with("..");
        let whole = !after.starts_with(|c: char| {
            c.is_alphanumeric() || matches!(c, '\'' | '’' | '_' | '-' | '@' | '/' | '&')
        });
        let after = if stop { &after[1..] } else { after };
        (whole
            && word.len() <= LONGEST
            && !(stop && after.starts_with(|c: char| c.is_alphabetic() || matches!(c, '@' | '/'))))
        .then(|| Self {
            place,
            word,
            lower: word.to_ascii_lowercase(),
            stop,
            after,
            before: place.previous_word(),
        })
    }

    fn is_large(&self) -> bool {
        self.word.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// The word after, with its stop skipped.
    fn next(&self) -> &'a str {
        self.place.next_word(self.place.at() + self.word.len() + usize::from(self.stop))
    }

    fn after_name(&self) -> bool {
        self.before.starts_with(char::is_uppercase)
    }

    /// Whether the word before is a number with an ending, as in `42nd St.`
    fn after_ordinal(&self) -> bool {
        let digits = self.before.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        !digits.is_empty() && digits.len() < self.before.len() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    /// Whether a number stands before the name before, as in `12 Elm Dr.`
    fn in_address(&self) -> bool {
        let before = self.place.before().trim_end();
        let mut words = before.rsplit(' ').skip(1).take(3);
        words.any(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))
    }

    fn reading(&self, words: &str) -> Reading {
        let written = self.word.len() + usize::from(self.stop && !ends_text(self.after));
        let words = if self.is_large() { large(words) } else { words.to_owned() };
        Reading { end: self.place.at() + written, words }
    }

    fn doctor(&self) -> Option<Reading> {
        if self.word != "Dr" {
            return None;
        }
        let named = follows_large(self.after);
        let street = self.after_name() && (self.in_address() || !named && self.stop);
        (named || self.stop || street).then(|| self.reading(if street { "Drive" } else { "Doctor" }))
    }

    fn saint(&self) -> Option<Reading> {
        if self.word != "St" && self.word != "Ste" {
            return None;
        }
        let named = follows_large(self.after);
        let saint = SAINTS.contains(&self.next().trim_end_matches("'s").trim_end_matches("’s"));
        let in_street = self.after_name() || self.after_ordinal();
        let street = in_street && (!named || !saint || self.after_ordinal() || self.in_address());
        if self.word == "Ste" {
            return (named && saint && self.stop).then(|| self.reading("Saint"));
        }
        if street && (self.stop || self.in_address() || self.after_name() && !named) {
            return Some(self.reading("Street"));
        }
        (named && (self.stop || saint)).then(|| self.reading("Saint"))
    }

    fn mount(&self) -> Option<Reading> {
        let words = match self.word {
            "Mt" => "Mount",
            "Mts" => return (self.stop && self.after_name()).then(|| self.reading("Mountains")),
            "Ft" if !self.before.ends_with(|c: char| c.is_ascii_digit()) => "Fort",
            _ => return None,
        };
        (follows_large(self.after) && (self.stop || self.word == "Mt")).then(|| self.reading(words))
    }

    /// `2nd ed.`, `rev. ed.`, `(ed.)`.
    fn edition(&self) -> Option<Reading> {
        if self.lower != "ed" || !self.stop {
            return None;
        }
        let counted = self.after_ordinal()
            || matches!(
                self.before,
                "rev" | "first" | "second" | "third" | "fourth" | "fifth" | "new" | "revised" | "latest"
            );
        let words = if counted || self.place.before().ends_with("rev. ") {
            "edition"
        } else if self.after.starts_with(')') {
            "editor"
        } else {
            return None;
        };
        Some(self.reading(words))
    }

    /// `123 N. Main St.`, `K St. NW`.
    fn quarter(&self) -> Option<Reading> {
        let (_, words) = QUARTERS.iter().find(|(quarter, _)| *quarter == self.word)?;
        let numbered = !self.before.is_empty() && self.before.bytes().all(|b| b.is_ascii_digit());
        let mut words_after =
            self.after.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(4);
        let street = words_after.any(|word| STREETS.contains(&word));
        let before = self.place.before().trim_end().trim_end_matches('.');
        let behind =
            self.word.len() == 2 && before.rsplit(' ').next().is_some_and(|word| STREETS.contains(&word));
        let large = follows_large(self.after)
            || numbered && self.after.trim_start().starts_with(|c: char| c.is_ascii_digit());
        (street && large && (self.stop || numbered) || behind).then(|| self.reading(words))
    }

    fn table(&self) -> Option<Reading> {
        TABLE
            .iter()
            .filter(|(known, ..)| *known == self.lower)
            .find_map(|&(known, words, when)| self.fits(known, when).then(|| self.reading(words)))
    }

    fn fits(&self, known: &str, when: When) -> bool {
        // At the end of a sentence, "Max." is a name and "a min." a moment.
        let at_end = ends_text(self.after) && (self.is_large() || known == "min");
        let named = follows_large(self.after);
        let capitals = self.word.len() > 1 && self.word.bytes().all(|b| b.is_ascii_uppercase());
        let street = self.is_large() && (self.after_name() || self.after_ordinal());
        match when {
            When::Always => !capitals,
            When::LargeStop => self.stop && self.word.starts_with(|c: char| c.is_ascii_uppercase()),
            // "3 min." is a unit.
            When::Stop => {
                let unit = known == "min" && self.before.ends_with(|c: char| c.is_ascii_digit());
                self.stop && !capitals && !at_end && !unit
            }
            When::Title => self.is_large() && self.stop && (named && self.before_name() || self.is_paired()),
            When::OpenTitle => self.is_large() && !capitals && (named || self.is_paired()),
            When::Number => {
                // One letter is an abbreviation only in small letters and before digits.
                let letter = self.word.len() == 1 && self.is_large() || known == "c" || known == "l";
                self.stop
                    && if letter || known == "p" {
                        self.before_digit() && !self.is_large()
                    } else {
                        self.before_number()
                    }
            }
            When::State => self.stop && self.is_large() && self.place.before().trim_end().ends_with(','),
            When::Street => self.stop && street,
            When::OpenStreet => street && !capitals,
            When::Firm => self.stop && self.is_large() && (self.after_name() || self.after_mark()),
            When::OpenFirm => self.is_large() && !capitals && (self.after_name() || self.after_mark()),
        }
    }

    /// A name with a mark before: `Smith, Jr.` and `Smith & Co.`
    fn after_mark(&self) -> bool {
        let before = self.place.before().trim_end();
        before.ends_with('&') || before.ends_with(',') || before.ends_with(" and")
    }

    /// `Mr. and Mrs. Jones`.
    fn is_paired(&self) -> bool {
        self.after
            .strip_prefix(" and ")
            .or_else(|| self.after.strip_prefix(" & "))
            .is_some_and(|after| after.starts_with(char::is_uppercase))
    }

    /// Whether more than a letter follows, or an initial: "Gen. Z" is no general.
    fn before_name(&self) -> bool {
        let next = self.next();
        let initial = next.chars().count() == 1 && self.after.trim_start()[next.len()..].starts_with('.');
        initial || next.chars().nth(1).is_some_and(|c| c.is_lowercase() || matches!(c, '\'' | '’'))
    }

    fn before_digit(&self) -> bool {
        self.after.trim_start_matches([' ', '#']).starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether digits or a Roman numeral follow.
    fn before_number(&self) -> bool {
        let next = self.next();
        let roman = !next.is_empty() && next.bytes().all(|b| matches!(b, b'I' | b'V' | b'X' | b'L' | b'C'));
        self.before_digit() || roman && self.lower != "no" && self.after.starts_with(' ')
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::said;

    #[test]
    fn titles_and_names() {
        for (text, expected) in [
            ("Dr. Smith lives on Main St. today.", "Doctor Smith lives on Main Street today."),
            ("Mr. and Mrs. Jones arrived.", "Mister and Missus Jones arrived."),
            ("Ms. Lee met Mx. Ray.", "Ms Lee met Mix Ray."),
            ("Prof. Dr. Braun spoke.", "Professor Doctor Braun spoke."),
            ("Lt. Col. Jones saluted.", "Lieutenant Colonel Jones saluted."),
            ("Gen. Lee and Sgt. Pepper", "General Lee and Sergeant Pepper"),
            ("Capt. Cook, Adm. Nelson, Maj. Tom", "Captain Cook, Admiral Nelson, Major Tom"),
            (
                "Sen. Warren and Rep. Ryan met Gov. Brown.",
                "Senator Warren and Representative Ryan met Governor Brown.",
            ),
            ("Rev. King and Fr. Brown", "Reverend King and Father Brown"),
            ("the Hon. Jane Doe, Esq.", "the Honorable Jane Doe, Esquire."),
            ("Pres. Lincoln", "President Lincoln"),
            ("Martin Luther King Jr. spoke.", "Martin Luther King Junior spoke."),
            ("Sammy Davis, Jr.", "Sammy Davis, Junior."),
            ("John Smith Sr. left.", "John Smith Senior left."),
            ("Dr Smith and Mr Jones", "Doctor Smith and Mister Jones"),
            ("I saw Dr. Who.", "I saw Doctor Who."),
            ("Thank you, Dr. J. Watson.", "Thank you, Doctor J Watson."),
            ("She has a Ph.D. in maths.", "She has a P.H.D in maths."),
            ("He holds a B.Sc. and an M.D.", "He holds a B.S.C and an M.D."),
            ("two PhDs", "two PhDs"),
            ("two Ph.D.s met", "two PhDs met"),
            ("Sec. Clinton met Sr. Engineer Bo", "Secretary Clinton met Senior Engineer Bo"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn places() {
        for (text, expected) in [
            ("St. Louis is hot.", "Saint Louis is hot."),
            ("East St. Louis", "East Saint Louis"),
            ("St. Paul's Cathedral", "Saint Paul's Cathedral"),
            ("St Andrews is cold.", "Saint Andrews is cold."),
            ("on Main St. and Park Ave.", "on Main Street and Park Avenue."),
            ("Sunset Blvd. is long.", "Sunset Boulevard is long."),
            ("Abbey Rd. and Penny Ln.", "Abbey Road and Penny Lane."),
            ("He lives on Elm Dr. now.", "He lives on Elm Drive now."),
            ("Mt. Everest is high.", "Mount Everest is high."),
            ("Ft. Worth, Texas", "Fort Worth, Texas"),
            ("Times Sq. at night", "Times Square at night"),
            ("N. Main St. is closed.", "North Main Street is closed."),
            ("Baker St is nice.", "Baker Street is nice."),
            ("Pennsylvania Ave. NW", "Pennsylvania Avenue Northwest"),
            ("in St. Paul, Minn., today", "in Saint Paul, Minnesota, today"),
            ("Miami, Fla.", "Miami, Florida."),
            ("at 12 Elm Dr, Springfield", "at twelve Elm Drive, Springfield"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn before_numbers() {
        for (text, expected) in [
            ("No. 5 is alive.", "Number five is alive."),
            ("see no. 5", "see number five"),
            ("Nos. 3 and 4", "Numbers three and four"),
            ("See Fig. 3 and Figs. 4", "See Figure three and Figures four"),
            ("Eq. 2, Sec. 4, Ch. 7", "Equation two, Section four, Chapter seven"),
            ("Vol. 2, p. 5", "Volume two, page five"),
            ("on pp. 12 ff.", "on pages twelve and following."),
            ("ext. 5", "extension five"),
            ("Apt. 4", "Apartment four"),
            ("No.5 and Fig.3", "Number five and Figure three"),
            ("Sec. II of Art. IV", "Section two of Article four"),
            ("Sec. 2 of Art. 4", "Section two of Article four"),
            ("the no. of people", "the number of people"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn words() {
        for (text, expected) in [
            ("apples, pears, etc.", "apples, pears, et cetera."),
            ("apples, etc., are fruit", "apples, et cetera, are fruit"),
            ("fruit, e.g. apples", "fruit, for example apples"),
            ("E.g. this", "For example this"),
            ("that is, i.e., so", "that is, that is, so"),
            ("Smith et al. found it.", "Smith et al found it."),
            ("cats vs. dogs", "cats versus dogs"),
            ("cats vs dogs", "cats versus dogs"),
            ("Roe v. Wade", "Roe versus Wade"),
            ("cf. above", "compare above"),
            ("approx. ten", "approximately ten"),
            ("the dept. of state", "the department of state"),
            ("Acme Inc. grew.", "Acme Incorporated grew."),
            ("Foo Ltd. and Bar Corp.", "Foo Limited and Bar Corporation."),
            ("Smith & Co. of London", "Smith and Company of London"),
            ("Warner Bros. films", "Warner Brothers films"),
            ("John, a.k.a. Jack", "John, also known as Jack"),
            ("coffee w/ milk", "coffee with milk"),
            ("coffee w/o milk b/c why", "coffee without milk because why"),
            ("max. speed", "maximum speed"),
            ("avg. temp. today", "average temperature today"),
            ("misc. items", "miscellaneous items"),
            ("attn. Bob", "attention Bob"),
            ("TL;DR it works", "T.L.D.R it works"),
            ("P.S. I love you.", "P.S I love you."),
            ("N/A", "N.A"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn words_that_look_like_abbreviations_are_left_alone() {
        for text in [
            "No. I will not.",
            "He said no.",
            "Gen. Z is young.",
            "The fig. tree",
            "I sat.",
            "a max of two",
            "The art. of war",
            "the corp was small",
            "an inc of it",
            "He ran the co-op.",
            "Fred is ill.",
            "a rep of mine",
            "the col was steep",
            "Ed. is my friend",
            "the ref blew",
            "a sec later",
            "I met Max.",
            "Wait a min.",
            "He saw Art.",
        ] {
            assert_eq!(said(text), text);
        }
    }
}
