//! Signs between what is reckoned with: `x > 5`, `E = mc²`, `10 × 10 ÷ 2`, `2^10`, `√16`, `5! = 120`.

use crate::normalise::measure;
use crate::normalise::number::{digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::{Reading, numerals, power, product};

/// Signs that are said wherever they stand between two operands, longer ones first.
const OPERATORS: [(&str, &str); 42] = [
    ("<=", "is less than or equal to"),
    (">=", "is greater than or equal to"),
    ("!=", "is not equal to"),
    ("==", "equals"),
    ("->", "to"),
    ("=>", "to"),
    ("+/-", "plus or minus"),
    ("=", "equals"),
    ("<", "is less than"),
    (">", "is greater than"),
    ("+", "plus"),
    ("-", "minus"),
    ("−", "minus"),
    ("–", "minus"),
    ("*", "times"),
    ("/", "divided by"),
    ("^", "to the power of"),
    ("×", "times"),
    ("⋅", "times"),
    ("·", "times"),
    ("÷", "divided by"),
    ("±", "plus or minus"),
    ("≤", "is less than or equal to"),
    ("≥", "is greater than or equal to"),
    ("≠", "is not equal to"),
    ("≈", "is approximately"),
    ("≡", "is equivalent to"),
    ("≪", "is much less than"),
    ("≫", "is much greater than"),
    ("∝", "is proportional to"),
    ("∈", "is in"),
    ("∉", "is not in"),
    ("⊂", "is a subset of"),
    ("⊆", "is a subset of"),
    ("∪", "union"),
    ("∩", "intersection"),
    ("→", "to"),
    ("⇒", "implies"),
    ("⇔", "if and only if"),
    ("↔", "to and from"),
    ("∧", "and"),
    ("∨", "or"),
];

/// Signs with a name of their own, whatever stands around them.
const NAMES: [(char, &str); 42] = [
    ('∞', "infinity"),
    ('√', "the square root of"),
    ('∛', "the cube root of"),
    ('∑', "the sum of"),
    ('∏', "the product of"),
    ('∫', "the integral of"),
    ('∂', "partial"),
    ('∇', "nabla"),
    ('∀', "for all"),
    ('∃', "there exists"),
    ('∅', "the empty set"),
    ('∴', "therefore"),
    ('∵', "because"),
    ('¬', "not"),
    ('∆', "delta"),
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('κ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('µ', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('φ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Δ', "delta"),
    ('Σ', "sigma"),
    ('Ω', "omega"),
    ('Φ', "phi"),
    ('Γ', "gamma"),
];

/// Reads a sign, a variable beside a sign, or a power.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if here.is_alphanumeric() || here == '√' {
        return power::root(place)
            .or_else(|| power::factorial(place))
            .or_else(|| power::raised_to(place))
            .or_else(|| power::call(place))
            .or_else(|| variable(place))
            .or_else(|| product::across(place))
            .or_else(|| product::times(place))
            .or_else(|| name(place));
    }
    product::across(place).or_else(|| operator(place)).or_else(|| compared(place)).or_else(|| name(place))
}

pub(super) fn is_operator(c: char) -> bool {
    matches!(
        c,
        '=' | '<'
            | '>'
            | '+'
            | '−'
            | '×'
            | '÷'
            | '±'
            | '≤'
            | '≥'
            | '≠'
            | '≈'
            | '^'
            | '*'
            | '→'
            | '∈'
            | '∝'
            | '≡'
    )
}

/// The sign at `at`, its words, and its bytes.
fn operator_at(text: &str) -> Option<(&'static str, &'static str)> {
    OPERATORS.into_iter().find(|(sign, _)| text.starts_with(sign))
}

/// A sign between two operands, with spaces on both sides or on none.
fn operator(place: &Place) -> Option<Reading> {
    let (sign, words) = operator_at(place.rest())?;
    let end = place.at() + sign.len();
    let before = place.before();
    let after = place.from(end);
    let spaced = before.ends_with(' ') && after.starts_with(' ');
    if !spaced && (before.ends_with(' ') || after.starts_with([' ', '+'])) {
        return None;
    }
    let left = operand_before(before.trim_end())?;
    if left == Operand::Word && measure::is_no_noun(place.previous_word()) {
        return None;
    }
    let right = operand_after(after.trim_start())?;
    let sure = match sign {
        "=" | "==" | "!=" | "<=" | ">=" => spaced || left.reckons() && right.reckons(),
        "<" | ">" | "+" => left.reckons() && right.reckons() || spaced && (left.reckons() || right.reckons()),
        "-" if !spaced && is_less_one(before) => right == Operand::Number,
        "-" | "–" => left.reckons() && right.reckons() && is_reckoned(place),
        "/" if !spaced && before.ends_with('1') && matches!(after.as_bytes(), [b'x'..=b'z' | b'n', ..]) => {
            right == Operand::Variable && left == Operand::Number
        }
        "/" => {
            spaced && left == Operand::Number && right == Operand::Number
                || left.reckons()
                    && right.reckons()
                    && (left, right) != (Operand::Number, Operand::Number)
                    && is_reckoned(place)
        }
        "*" | "^" | "·" | "∧" | "∨" => left.reckons() && right.reckons(),
        "->" | "=>" => spaced,
        _ => true,
    };
    if !sure {
        return None;
    }
    if sign == "^" {
        return power::exponent(place, end);
    }
    if sign == "/" && (left == Operand::Variable || right == Operand::Variable) {
        return Some(Reading { end, words: "over".to_owned() });
    }
    Some(Reading { end, words: words.to_owned() })
}

/// Whether `text` ends in a small letter by itself, or with its factor: the `n` of `n-1` and `2n-1`.
fn is_less_one(text: &str) -> bool {
    let Some(rest) = text.strip_suffix(|c: char| c.is_ascii_lowercase()) else { return false };
    !rest
        .trim_end_matches(is_digit)
        .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '\'' | '’'))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    Number,
    Variable,
    Word,
}

impl Operand {
    fn reckons(self) -> bool {
        self != Self::Word
    }
}

/// What ends with `text`; `None` where nothing can be reckoned with.
fn operand_before(text: &str) -> Option<Operand> {
    let last = text.chars().next_back()?;
    if is_digit(last) || matches!(last, '%' | '°' | '!') || power::SUPERSCRIPTS.contains(last) {
        let word = last == '!' && !text.trim_end_matches('!').ends_with(is_digit);
        return (!word).then_some(Operand::Number);
    }
    if matches!(last, ')' | ']' | '|' | '∞') {
        return Some(Operand::Variable);
    }
    if !last.is_alphanumeric() {
        return None;
    }
    let start = text.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |at| text.ceil_char_boundary(at + 1));
    Some(kind(&text[start..]))
}

/// What begins with `text`.
fn operand_after(text: &str) -> Option<Operand> {
    let signed = text.strip_prefix(['-', '−', '+', '±']).unwrap_or(text);
    let first = signed.chars().next()?;
    if is_digit(first)
        || first == '.' && signed[1..].starts_with(is_digit)
        || matches!(first, '$' | '£' | '€')
    {
        return Some(Operand::Number);
    }
    if matches!(first, '(' | '[' | '|' | '√' | '∞' | '∑' | '∫') {
        return Some(Operand::Variable);
    }
    if !first.is_alphanumeric() {
        return None;
    }
    let end = signed.find(|c: char| !c.is_alphanumeric()).unwrap_or(signed.len());
    Some(kind(&signed[..end]))
}

fn kind(word: &str) -> Operand {
    let letters = word.trim_start_matches(is_digit).trim_end_matches(|c| power::SUPERSCRIPTS.contains(c));
    match letters.chars().count() {
        0 => Operand::Number,
        1 => Operand::Variable,
        _ if letters.chars().all(is_product) && letters.chars().count() < 4 && letters.len() < word.len() => {
            Operand::Variable
        }
        _ => Operand::Word,
    }
}

pub(super) fn is_product(c: char) -> bool {
    matches!(c, 'a'..='h' | 'k' | 'm'..='n' | 'p'..='z') || is_greek(c)
}

fn is_greek(c: char) -> bool {
    NAMES.iter().any(|&(letter, _)| letter == c) && c.is_alphabetic()
}

/// Whether a sign of reckoning stands nearby, so that a hyphen or a stroke is one too.
fn is_reckoned(place: &Place) -> bool {
    // Most texts have none of them, and bytes tell that faster than characters.
    let may = |byte: u8| matches!(byte, b'=' | b'^') || !byte.is_ascii();
    let near =
        |text: &str| text.bytes().any(may) && text.contains(['=', '×', '÷', '≈', '≤', '≥', '≠', '²', '^']);
    near(place.rest()) || near(place.before())
}

/// `> 5`, `<10%` without anything before: "more than five".
fn compared(place: &Place) -> Option<Reading> {
    let (sign, words) = [
        ("<=", "at most"),
        (">=", "at least"),
        ("≤", "at most"),
        ("≥", "at least"),
        ("<", "less than"),
        (">", "more than"),
        ("≈", "about"),
        ("~", "about"),
        ("≪", "much less than"),
        ("≫", "much more than"),
        ("=", "equals"),
    ]
    .into_iter()
    .find(|(sign, _)| place.rest().starts_with(sign))?;
    let end = place.at() + sign.len();
    let after = place.from(end).trim_start_matches(' ');
    let number = after.trim_start_matches(['-', '−', '.', '$', '£', '€', '+']).starts_with(is_digit);
    let opens = place.previous().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | ','));
    let only = place.before().trim().is_empty() && sign == ">" && place.from(end).starts_with(' ');
    (number && opens && !only).then(|| Reading { end, words: words.to_owned() })
}

pub(super) fn spell(letter: char) -> String {
    NAMES
        .iter()
        .find(|&&(sign, _)| sign == letter)
        .map_or_else(|| letter.to_uppercase().to_string(), |&(_, name)| name.to_owned())
}

/// A letter beside a sign, also behind its factor: `x` in `x > 5`, `2x` in `2x + 3`.
fn variable(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let factor = digits(text);
    let len = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let letters = &text[factor.len()..len];
    let count = letters.chars().count();
    let end = place.at() + len;
    let single = count == 1 && (letters.is_ascii() || letters.chars().all(is_greek));
    let change = count == 2 && letters.starts_with(['Δ', 'δ', '∆']) && factor.is_empty();
    let product = change
        || (2..4).contains(&count)
            && letters.contains(is_greek)
            && letters.chars().all(is_product)
            && !factor.is_empty();
    if !(single || product) || factor.len() > 15 || !place.ends_word(end) {
        return None;
    }
    let reckoned = beside_operator(place, end);
    let greek = letters.contains(is_greek);
    if !(reckoned || greek && !factor.is_empty() || change) {
        return None;
    }
    let said: Vec<String> = letters.chars().map(spell).collect();
    let words = if factor.is_empty() {
        said.join(" ")
    } else {
        format!("{} {}", numerals::cardinal(factor), said.join(" "))
    };
    Some(Reading { end, words })
}

/// Whether a sign that will be said stands right before the place or right behind `end`.
fn beside_operator(place: &Place, end: usize) -> bool {
    let says = |at: usize| {
        let mut there = *place;
        there.go(at);
        operator(&there).is_some()
    };
    let gap = usize::from(place.from(end).starts_with(' '));
    if says(end + gap) {
        return true;
    }
    let before = place.before().trim_end_matches(' ');
    let spaces = place.before().len() - before.len();
    spaces < 2
        && OPERATORS
            .into_iter()
            .find(|(sign, _)| before.ends_with(sign))
            .is_some_and(|(sign, _)| says(place.at() - spaces - sign.len()))
}

/// A sign by its name; a Greek letter only where it stands alone.
fn name(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    let &(_, words) = NAMES.iter().find(|&&(sign, _)| sign == here)?;
    let end = place.at() + here.len_utf8();
    let alone = !here.is_alphabetic() || place.ends_word(end);
    let twice = words.starts_with("the ") && place.previous_word().eq_ignore_ascii_case("the");
    let words = if twice { &words[4..] } else { words };
    alone.then(|| Reading { end, words: words.to_owned() })
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn what_is_reckoned_is_read_as_said() {
        assert_said(&[
            ("2 + 2 = 4.", "two plus two equals four."),
            ("2+2=4.", "two plus two equals four."),
            ("10 - 3 = 7.", "ten minus three equals seven."),
            ("7 − 2 = 5.", "seven minus two equals five."),
            ("3 × 4 = 12.", "three times four equals twelve."),
            ("12 ÷ 4 = 3.", "twelve divided by four equals three."),
            ("10 / 2 = 5.", "ten divided by two equals five."),
            ("3 * 4 = 12.", "three times four equals twelve."),
            ("If x ≥ 5 stop.", "If X is greater than or equal to five stop."),
            ("If n <= 10 stop.", "If N is less than or equal to ten stop."),
            ("If a ≠ b stop.", "If A is not equal to B stop."),
            ("Here x^2 grows.", "Here X squared grows."),
            ("Here x^n grows.", "Here X to the N grows."),
            ("It is 2^10 bytes.", "It is two to the ten bytes."),
            ("It is 10⁶ times.", "It is ten to the six times."),
            ("It is 10⁻⁵ now.", "It is ten to the minus five now."),
            ("a² + b² = c².", "A squared plus B squared equals C squared."),
            ("Solve 2x + 3 = 7.", "Solve two X plus three equals seven."),
            ("y = f(x) holds.", "Y equals F of X holds."),
            ("√16 = 4.", "the square root of sixteen equals four."),
            ("π ≈ 3.14.", "pi is approximately three point one four."),
            ("5! = 120.", "five factorial equals one hundred twenty."),
            ("It has 5!", "It has five!"),
            ("It is 5 ± 2 now.", "It is five plus or minus two now."),
            ("Go A → B.", "Go A to B."),
            ("For < 5% of it.", "For less than five percent of it."),
            ("Over >50 people.", "Over more than fifty people."),
            ("Up to ∞ and back.", "Up to infinity and back."),
            ("The letter α.", "The letter alpha."),
            ("It is 3x as big.", "It is three times as big."),
            ("It is 10x faster.", "It is ten times faster."),
            ("A 4x4 car.", "A four by four car."),
            ("Buy a 2×4 now.", "Buy a two by four now."),
            ("A <b>bold</b> word.", "A bold word."),
            ("and/or, C++, A/B.", "and or, C plus plus, A B."),
            ("F = ma here.", "F equals ma here."),
            ("p < 0.05 counts.", "P is less than zero point zero five counts."),
            ("From 0 to n-1 it runs.", "From zero to N minus one it runs."),
            ("Take sin(x) here.", "Take sine of X here."),
            ("It is 2πr long.", "It is two pi R long."),
            ("It is 10⁻³ m long.", "It is ten to the minus three meters long."),
            ("It is 3 × 10^8 m/s here.", "It is three times ten to the eight meters per second here."),
            ("The C++17 and C++ way.", "The C plus plus seventeen and C plus plus way."),
            ("They said > to go.", "They said > to go."),
            ("A 3 × 3 grid.", "A three by three grid."),
            ("Make it 5 x 5 now.", "Make it five by five now."),
            ("So 2 x 4 = 8.", "So two times four equals eight."),
            ("It is (a + b)² then.", "It is (A plus B) squared then."),
            ("It is Δx here.", "It is delta X here."),
            ("It is 1/x here.", "It is one over X here."),
        ]);
    }
}
