//! Signs between what is reckoned with: `x > 5`, `E = mc²`, `10 × 10 ÷ 2`, `2^10`, `√16`, `5! = 120`.

use crate::normalise::measure;
use crate::normalise::number::{Number, digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity;
use crate::normalise::{Reading, numerals, unit};

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

/// Functions that are written with their short names.
const FUNCTIONS: [(&str, &str); 8] = [
    ("sin", "sine"),
    ("cos", "cosine"),
    ("tan", "tangent"),
    ("log", "log"),
    ("ln", "natural log"),
    ("exp", "exponential"),
    ("sqrt", "square root"),
    ("abs", "absolute value"),
];

const SUPERSCRIPTS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/// Reads a sign, a variable beside a sign, or a power.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if here.is_alphanumeric() || here == '√' {
        return root(place)
            .or_else(|| factorial(place))
            .or_else(|| power(place))
            .or_else(|| call(place))
            .or_else(|| variable(place))
            .or_else(|| across(place))
            .or_else(|| times(place))
            .or_else(|| name(place));
    }
    across(place).or_else(|| operator(place)).or_else(|| compared(place)).or_else(|| name(place))
}

fn is_operator(c: char) -> bool {
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
    if !spaced && (before.ends_with(' ') || after.starts_with(' ')) {
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
        return exponent(place, end);
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
    if is_digit(last) || matches!(last, '%' | '°' | '!') || SUPERSCRIPTS.contains(last) {
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
    let letters = word.trim_start_matches(is_digit).trim_end_matches(|c| SUPERSCRIPTS.contains(c));
    match letters.chars().count() {
        0 => Operand::Number,
        1 => Operand::Variable,
        _ if letters.chars().all(is_product) && letters.chars().count() < 4 && letters.len() < word.len() => {
            Operand::Variable
        }
        _ => Operand::Word,
    }
}

fn is_product(c: char) -> bool {
    matches!(c, 'a'..='h' | 'k' | 'm'..='n' | 'p'..='z') || is_greek(c)
}

fn is_greek(c: char) -> bool {
    NAMES.iter().any(|&(letter, _)| letter == c) && c.is_alphabetic()
}

/// Whether a sign of reckoning stands nearby, so that a hyphen or a stroke is one too.
fn is_reckoned(place: &Place) -> bool {
    let near = |text: &str| text.contains(['=', '×', '÷', '≈', '≤', '≥', '≠', '²', '^']);
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

/// "squared", "cubed", or "to the minus five" for the exponent that begins at `at`.
fn exponent(place: &Place, at: usize) -> Option<Reading> {
    let text = place.from(at);
    let text = text.trim_start_matches(' ');
    let at = at + place.from(at).len() - text.len();
    let bracket = usize::from(text.starts_with(['(', '{']));
    let inner = &text[bracket..];
    let (minus, rest) = match inner.strip_prefix(['-', '−']) {
        Some(rest) => ("minus ", rest),
        None => ("", inner),
    };
    let group = digits(rest);
    let (said, len) = if group.is_empty() {
        let letter = rest.chars().next().filter(|c| c.is_alphabetic())?;
        (spell(letter), letter.len_utf8())
    } else {
        (numerals::cardinal(group), group.len())
    };
    let end = at + text.len() - rest.len() + len;
    let end = if bracket == 1 {
        if !place.from(end).starts_with([')', '}']) {
            return None;
        }
        end + 1
    } else {
        end
    };
    if !place.ends_word(end) {
        return None;
    }
    let words = raised(minus, group, &said);
    let number = place.before().trim_end().ends_with(is_digit);
    Some(match unit::plural_at(place, end).filter(|_| number) {
        Some((end, name)) => Reading { end, words: format!("{words} {name}") },
        None => Reading { end, words },
    })
}

fn raised(minus: &str, group: &str, said: &str) -> String {
    match (minus, group) {
        ("", "2") => "squared".to_owned(),
        ("", "3") => "cubed".to_owned(),
        _ => format!("to the {minus}{said}"),
    }
}

/// A variable or a number with superscript figures: `mc²`, `10⁻⁵`.
fn power(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let base =
        text.find(|c: char| SUPERSCRIPTS.contains(c) || matches!(c, '⁻' | 'ⁿ') || !c.is_alphanumeric())?;
    let raised_to = &text[base..];
    let minus = raised_to.strip_prefix('⁻');
    let figures = minus.unwrap_or(raised_to);
    let mut group = String::new();
    let mut len = 0;
    for c in figures.chars() {
        let Some(figure) = SUPERSCRIPTS.chars().position(|s| s == c) else { break };
        group += &figure.to_string();
        len += c.len_utf8();
    }
    let n = group.is_empty() && figures.starts_with('ⁿ');
    if base == 0 && place.previous() != Some(')') || group.is_empty() && !n {
        return None;
    }
    let end = place.at() + text.len() - figures.len() + if n { 'ⁿ'.len_utf8() } else { len };
    let letters = text[..base].trim_start_matches(is_digit);
    let number = &text[..base - letters.len()];
    let names = letters.chars().count() < 4
        && letters
            .chars()
            .all(|c| is_product(c) || c.is_ascii_uppercase() || c == 'l' || c == 'i' || c == 'j');
    if !names || !place.ends_word(end) || number.len() > 18 {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    if !number.is_empty() {
        words.push(numerals::cardinal(number));
    }
    words.extend(letters.chars().map(spell));
    let said = if n { "N".to_owned() } else { numerals::cardinal(&group) };
    words.push(raised(if minus.is_some() { "minus " } else { "" }, &group, &said));
    if let Some((close, name)) = unit::plural_at(place, end).filter(|_| letters.is_empty()) {
        words.push(name);
        return Some(Reading { end: close, words: words.join(" ") });
    }
    Some(Reading { end, words: words.join(" ") })
}

fn spell(letter: char) -> String {
    NAMES
        .iter()
        .find(|&&(sign, _)| sign == letter)
        .map_or_else(|| letter.to_uppercase().to_string(), |&(_, name)| name.to_owned())
}

/// `f(x)`: "F of X".
fn call(place: &Place) -> Option<Reading> {
    let text = place.rest();
    let mut letters = text.chars();
    if let Some((name, said)) =
        FUNCTIONS.into_iter().find(|(name, _)| text.starts_with(name) && text[name.len()..].starts_with('('))
    {
        let inner = &text[name.len() + 1..];
        let operand = &inner[..inner.find(')')?];
        let words = if operand.chars().count() == 1 {
            spell(operand.chars().next()?)
        } else {
            Number::scan(operand).filter(|number| number.len == operand.len())?.words()
        };
        let end = place.at() + name.len() + operand.len() + 2;
        return place.ends_word(end).then(|| Reading { end, words: format!("{said} of {words}") });
    }
    let function = letters.next().filter(|c| matches!(c, 'f' | 'g' | 'h' | 'P' | 'E'))?;
    let open = letters.next()?;
    let variable = letters.next().filter(|c| c.is_alphabetic())?;
    if open != '(' || letters.next()? != ')' {
        return None;
    }
    let end = place.at() + 3 + variable.len_utf8();
    place
        .ends_word(end)
        .then(|| Reading { end, words: format!("{} of {}", spell(function), spell(variable)) })
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

/// `3x`, `10x faster`, `2×`: "three times"; before a noun "ten X".
fn times(place: &Place) -> Option<Reading> {
    let quantity = quantity::Quantity::scan(place, place.at())?;
    let sign = place.from(quantity.end).chars().next().filter(|c| matches!(c, 'x' | 'X' | '×'))?;
    let end = quantity.end + sign.len_utf8();
    if !place.ends_word(end) {
        return by(place, end, &quantity.words);
    }
    let described = measure::describes(place, end) && !place.next_word(end).ends_with("er");
    let said = if described {
        "X"
    } else if quantity.one {
        "time"
    } else {
        "times"
    };
    Some(Reading { end, words: format!("{} {said}", quantity.words) })
}

/// `3 x 4`, and `3 × 4` before a noun: the sign between two sides.
fn across(place: &Place) -> Option<Reading> {
    let sign = place.here().filter(|c| matches!(c, 'x' | '×'))?;
    let end = place.at() + sign.len_utf8();
    let left = place.before().strip_suffix(' ')?.ends_with(is_digit);
    let side = Number::scan(place.from(end).strip_prefix(' ')?)?;
    let close = end + 1 + side.len;
    let reckoned = place.from(close).trim_start().starts_with(is_operator);
    let sides = !reckoned && (sign == 'x' || measure::noun_after(place, close));
    (left && (sides || sign == 'x'))
        .then(|| Reading { end, words: (if sides { "by" } else { "times" }).to_owned() })
}

/// `4x4`, `2×4`: "four by four".
fn by(place: &Place, at: usize, first: &str) -> Option<Reading> {
    let mut words = first.to_owned();
    let mut at = at;
    loop {
        let side = Number::scan(place.from(at))?;
        words = format!("{words} by {}", side.words());
        at += side.len;
        match place.char_at(at) {
            Some(sign @ ('x' | 'X' | '×')) => at += sign.len_utf8(),
            _ => break,
        }
    }
    place.ends_word(at).then_some(Reading { end: at, words })
}

/// `√16`, `√x`
fn root(place: &Place) -> Option<Reading> {
    let name = match place.here()? {
        '√' => "square",
        '∛' => "cube",
        _ => return None,
    };
    let article = if place.previous_word().eq_ignore_ascii_case("the") { "" } else { "the " };
    let end = place.at() + '√'.len_utf8();
    let rest = place.from(end);
    let variable = rest.chars().next().filter(|c| c.is_alphabetic() && place.ends_word(end + c.len_utf8()));
    let (letter, end) = match variable {
        Some(letter) => (format!(" {}", spell(letter)), end + letter.len_utf8()),
        None => (String::new(), end),
    };
    Some(Reading { end, words: format!("{article}{name} root of{letter}") })
}

/// `5! = 120`
fn factorial(place: &Place) -> Option<Reading> {
    let group = digits(place.rest());
    let at = place.at() + group.len();
    let after = place.from(at).strip_prefix('!')?;
    let reckoned =
        after.trim_start().starts_with(|c: char| is_operator(c) || c == '/') && !after.starts_with('=');
    (!group.is_empty() && group.len() < 16 && reckoned)
        .then(|| Reading { end: at + 1, words: format!("{} factorial", numerals::cardinal(group)) })
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
