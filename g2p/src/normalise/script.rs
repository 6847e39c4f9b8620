//! What English cannot read: the letters of other scripts, and signs without a name.

use crate::latin;
use crate::normalise::Rule;
use crate::normalise::rewriting::{Rewriting, Rewritten};
use crate::symbol_names;

#[rustfmt::skip]
const GREEK: &[(char, &str)] = &[
    ('α', "alpha"), ('β', "beta"), ('γ', "gamma"), ('δ', "delta"), ('ε', "epsilon"), ('ζ', "zeta"), ('η', "eta"), ('θ', "theta"),
    ('ι', "iota"), ('κ', "kappa"), ('λ', "lambda"), ('μ', "mu"), ('ν', "nu"), ('ξ', "xi"), ('ο', "omicron"), ('π', "pi"), ('ρ', "rho"),
    ('σ', "sigma"), ('ς', "sigma"), ('τ', "tau"), ('υ', "upsilon"), ('φ', "phi"), ('χ', "chi"), ('ψ', "psi"), ('ω', "omega"),
];

/// Names Greek letters that stand alone, and leaves out what has no English reading; returns how many characters.
pub(super) fn route(text: &str) -> (Rewritten, usize) {
    let mut rewriting = Rewriting::default();
    let mut dropped = 0;
    let mut before = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let after = characters.peek().map_or(' ', |&(_, c)| c);
        let source = at..at + c.len_utf8();
        let alone = !is_foreign(before) && !is_foreign(after);
        match greek(c).filter(|_| alone) {
            Some(name) => rewriting.replace(name, source, Rule::Symbol),
            None if is_foreign(c) || !is_readable(c) => {
                dropped += 1;
                rewriting.leave_out(source);
            }
            None => rewriting.copy(c, at),
        }
        before = c;
    }
    (rewriting.finish(), dropped)
}

fn greek(letter: char) -> Option<&'static str> {
    let small = letter.to_lowercase().next()?;
    GREEK.iter().find(|&&(known, _)| known == small).map(|&(_, name)| name)
}

/// A letter of another script; the sign for "micro" is none.
fn is_foreign(c: char) -> bool {
    c.is_alphabetic() && !c.is_ascii() && !latin::is_latin(c) && !is_sign(c)
}

/// Letters that are signs: micro, ordinals, superscripts.
fn is_sign(c: char) -> bool {
    matches!(c, 'µ' | 'ª' | 'º' | 'ⁿ' | 'ⁱ' | '\u{2090}'..='\u{209c}')
}

/// Letters, digits and marks of English text, and the signs that have a name or a class.
fn is_readable(c: char) -> bool {
    latin::is_latin(c)
        || symbol_names::name(c).is_some()
        || matches!(
            c,
            '\0'..='\u{ff}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2070}'..='\u{209c}'
                | '\u{20a0}'..='\u{20cf}' | '\u{2100}'..='\u{22ff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_scripts_are_left_out_and_counted() {
        for (text, expected, left_out) in [
            ("plain, naïve Łódź", "plain, naïve Łódź", 0),
            ("Say 東京 and go", "Say  and go", 2),
            ("a東b", "a b", 1),
            ("Здравствуй, мир.", ", .", 13),
            ("The Greek letter α and β.", "The Greek letter alpha and beta.", 0),
            ("α-helix, ΔT, 2π", "alpha-helix, delta T, 2 pi", 0),
            ("λόγος", "", 5),
            ("안녕하세요", "", 5),
            ("नमस्ते", "", 6),
            ("5 µm, 3ª", "5 µm, 3ª", 0),
            ("x ≤ 3 ± 2", "x ≤ 3 ± 2", 0),
            ("┌──┐", "", 4),
            ("ΑΒΓ", "", 3),
            ("Ω", "omega", 0),
            ("π-meson, Σ and μ", "pi-meson, sigma and mu", 0),
            ("مرحبا to all", " to all", 5),
            ("שלום", "", 4),
            ("สวัสดี", "", 6),
            ("Привет, Anna", ", Anna", 6),
            ("Dvořák, Ångström, São Paulo", "Dvořák, Ångström, São Paulo", 0),
            ("Nguyễn and İstanbul", "Nguyễn and İstanbul", 0),
            ("ªº ²³ ½", "ªº ²³ ½", 0),
            ("€ £ ¥ ₹", "€ £ ¥ ₹", 0),
            ("“quotes” … — –", "“quotes” … — –", 0),
            ("\u{e000}private", "private", 1),
            ("١٢٣", "", 3),
        ] {
            let (routed, dropped) = route(text);
            assert_eq!((routed.text.as_str(), dropped), (expected, left_out), "{text}");
        }
    }
}
