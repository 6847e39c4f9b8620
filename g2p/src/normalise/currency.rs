//! Sums of money: `$3.2 billion`, `€9.99`, `20€`, `50p`, `$5/month`, `USD 20`.

use crate::normalise::measure::{self, Noun};
use crate::normalise::number::{digits, is_digit};
use crate::normalise::place::Place;
use crate::normalise::quantity::{Quantity, range};
use crate::normalise::{Reading, numerals, unit};

/// One currency: how it is written, what it is called, and its hundredth part (none where it has none).
struct Currency {
    written: &'static [&'static str],
    one: &'static str,
    many: &'static str,
    part: Option<(&'static str, &'static str)>,
}

const fn currency(
    written: &'static [&'static str],
    one: &'static str,
    many: &'static str,
    part: Option<(&'static str, &'static str)>,
) -> Currency {
    Currency { written, one, many, part }
}

const CENTS: Option<(&str, &str)> = Some(("cent", "cents"));

/// Longer signs before those that they begin with.
const CURRENCIES: [Currency; 25] = [
    currency(&["US$", "USD"], "U S dollar", "U S dollars", CENTS),
    currency(&["A$", "AU$", "AUD"], "Australian dollar", "Australian dollars", CENTS),
    currency(&["C$", "CA$", "CAD"], "Canadian dollar", "Canadian dollars", CENTS),
    currency(&["NZ$", "NZD"], "New Zealand dollar", "New Zealand dollars", CENTS),
    currency(&["HK$", "HKD"], "Hong Kong dollar", "Hong Kong dollars", CENTS),
    currency(&["S$", "SGD"], "Singapore dollar", "Singapore dollars", CENTS),
    currency(&["R$", "BRL"], "real", "reals", CENTS),
    currency(&["$"], "dollar", "dollars", CENTS),
    currency(&["£", "GBP"], "pound", "pounds", Some(("penny", "pence"))),
    currency(&["€", "EUR"], "euro", "euros", CENTS),
    currency(&["¥", "JPY"], "yen", "yen", None),
    currency(&["CNY", "RMB"], "yuan", "yuan", None),
    currency(&["₹", "INR", "Rs.", "Rs"], "rupee", "rupees", Some(("paisa", "paise"))),
    currency(&["₽", "RUB"], "ruble", "rubles", Some(("kopeck", "kopecks"))),
    currency(&["₩", "KRW"], "won", "won", None),
    currency(&["₿", "BTC"], "bitcoin", "bitcoins", None),
    currency(&["₺", "TRY"], "lira", "lira", None),
    currency(&["₴", "UAH"], "hryvnia", "hryvnias", None),
    currency(&["₪", "ILS"], "shekel", "shekels", None),
    currency(&["CHF"], "Swiss franc", "Swiss francs", Some(("centime", "centimes"))),
    currency(&["SEK"], "Swedish krona", "Swedish kronor", None),
    currency(&["NOK"], "Norwegian krone", "Norwegian kroner", None),
    currency(&["DKK"], "Danish krone", "Danish kroner", None),
    currency(&["PLN"], "zloty", "zlotys", None),
    currency(&["MXN"], "Mexican peso", "Mexican pesos", None),
];

const PENNIES: [(&str, &str, &str); 2] = [("¢", "cent", "cents"), ("p", "penny", "pence")];

/// How many lines a picture has, which is no sum of pence.
const LINES: [u32; 9] = [144, 240, 360, 480, 576, 720, 1080, 1440, 2160];

const MAGNITUDES: [(&str, &str); 18] = [
    ("k", "thousand"),
    ("K", "thousand"),
    ("MM", "million"),
    ("mn", "million"),
    ("mln", "million"),
    ("m", "million"),
    ("M", "million"),
    ("bn", "billion"),
    ("BN", "billion"),
    ("b", "billion"),
    ("B", "billion"),
    ("trn", "trillion"),
    ("tn", "trillion"),
    ("T", "trillion"),
    ("hundred", "hundred"),
    ("thousand", "thousand"),
    ("million", "million"),
    ("billion", "billion"),
];

/// Nouns that a sum describes even without an article: `$20 bills`.
const PRICED: &[&str] = &[
    "salary",
    "loan",
    "grant",
    "prize",
    "budget",
    "investment",
    "contract",
    "donation",
    "fund",
    "bonus",
    "reward",
    "discount",
    "coupon",
    "card",
    "bill",
    "bills",
    "note",
    "notes",
    "coin",
    "coins",
    "banknote",
    "banknotes",
    "ticket",
    "tickets",
    "fee",
    "fees",
    "fine",
    "fines",
    "gift",
    "voucher",
    "vouchers",
    "stamp",
    "stamps",
    "check",
    "checks",
    "cheque",
    "cheques",
    "question",
    "tip",
    "tips",
    "deal",
    "deals",
];

/// Reads a sum of money.
pub(super) fn read(place: &Place) -> Option<Reading> {
    let here = place.here()?;
    if is_digit(here) || here == '.' {
        return after(place);
    }
    before(place)
}

/// The currency whose sign or code stands at `at`, and where that ends.
fn sign_at(place: &Place, at: usize) -> Option<(&'static Currency, usize)> {
    let text = place.from(at);
    CURRENCIES.iter().find_map(|currency| {
        let written = currency.written.iter().find(|written| text.starts_with(**written))?;
        Some((currency, at + written.len()))
    })
}

/// A sum with the sign or code before it, and the sign of the sum before or behind that.
fn before(place: &Place) -> Option<Reading> {
    let (sign, len) = crate::normalise::quantity::sign(place, place.at()).unwrap_or_default();
    let (currency, mut at) = sign_at(place, place.at() + len)?;
    let is_code = place.char_before(at).is_some_and(char::is_alphabetic);
    if place.char_at(at) == Some(' ') {
        at += 1;
    } else if is_code && place.char_before(at) != Some('.') {
        return None;
    }
    let mut sum = sum(place, currency, at)?;
    if !sign.is_empty() {
        sum.words = format!("{sign} {}", sum.words);
    }
    Some(sum)
}

/// A sum with the sign, the code or a penny sign behind it.
fn after(place: &Place) -> Option<Reading> {
    let quantity = Quantity::scan(place, place.at())?;
    let (amount, end) = with_magnitude(place, &quantity);
    let spaced = usize::from(place.char_at(end) == Some(' '));
    if let Some((currency, close)) = sign_at(place, end + spaced) {
        let is_code =
            currency.written.iter().any(|w| place.from(end + spaced).starts_with(w) && w.is_ascii())
                && place.char_before(close) != Some('$');
        let belongs_ahead = place.char_at(close).is_some_and(is_digit);
        let whole_code = !is_code || place.ends_word(close);
        if !belongs_ahead && whole_code && (spaced == 0 || place.ends_word(close)) {
            let words = spell(place, currency, &quantity, amount.as_deref(), close);
            return Some(per(place, Reading { end: close, words }));
        }
    }
    let (written, one, many) =
        PENNIES.into_iter().find(|(written, ..)| place.from(quantity.end).starts_with(written))?;
    let close = quantity.end + written.len();
    let value = quantity.plain.as_ref().and_then(crate::normalise::number::Number::value);
    if written == "p" && value.is_none_or(|value| LINES.contains(&value) || value > 999)
        || !place.ends_word(close)
    {
        return None;
    }
    // "A five cent coin", but "a fifty pence coin".
    let described = written == "¢" && describes(place, close);
    let name = Noun::new(one, many).form(quantity.one || described).to_owned();
    Some(per(place, Reading { end: close, words: format!("{} {name}", quantity.words) }))
}

/// The sum whose amount stands at `at`.
fn sum(place: &Place, currency: &Currency, at: usize) -> Option<Reading> {
    let mut quantity = Quantity::scan(place, at)?;
    if let Some(len) = range(place.from(at + (quantity.end - at))) {
        // `$5-$10` carries its sign twice; the range proper was seen already.
        if place.from(quantity.end + len).is_empty() {
            return None;
        }
    }
    let (mut magnitude, mut end) = with_magnitude(place, &quantity);
    let dash =
        place.from(end).chars().next().filter(|c| matches!(c, '-' | '–' | '—')).map_or(0, char::len_utf8);
    if dash > 0
        && let Some((again, second)) = sign_at(place, end + dash)
        && again.one == currency.one
        && let Some(upper) = Quantity::scan(place, second)
    {
        let lower = magnitude
            .as_deref()
            .map_or_else(|| quantity.words.clone(), |m| format!("{} {m}", quantity.words));
        quantity = Quantity {
            end: upper.end,
            words: format!("{lower} to {}", upper.words),
            one: false,
            plain: None,
        };
        (magnitude, end) = with_magnitude(place, &quantity);
    } else if dash > 0
        && let Some(upper) = Quantity::scan(place, end + dash)
        && magnitude.is_some()
    {
        let lower = format!("{} {}", quantity.words, magnitude.as_deref().unwrap_or_default());
        quantity = Quantity {
            end: upper.end,
            words: format!("{lower} to {}", upper.words),
            one: false,
            plain: None,
        };
        (magnitude, end) = with_magnitude(place, &quantity);
    }
    let close = if place.char_at(end) == Some('+') && place.ends_word(end + 1) {
        magnitude = Some(magnitude.map_or_else(|| "plus".to_owned(), |m| m + " plus"));
        end + 1
    } else {
        end
    };
    let dollars = currency.written.contains(&"$");
    let code = place.from(close).strip_prefix(' ').and_then(|_| sign_at(place, close + 1));
    if let Some((named, code)) = code.filter(|(named, code)| {
        dollars && named.many.ends_with("dollars") && !named.written.contains(&"$") && place.ends_word(*code)
    }) {
        return Some(Reading {
            end: code,
            words: spell(place, named, &quantity, magnitude.as_deref(), code),
        });
    }
    let words = spell(place, currency, &quantity, magnitude.as_deref(), close);
    Some(per(place, Reading { end: close, words }))
}

/// The power of ten behind a quantity, and where it ends.
fn with_magnitude(place: &Place, quantity: &Quantity) -> (Option<String>, usize) {
    let text = place.from(quantity.end);
    let rest = text.trim_start_matches([' ', '-']);
    let space = text.len() - rest.len();
    let letters = &rest[..rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())];
    let found = MAGNITUDES
        .into_iter()
        .chain([("trillion", "trillion")])
        .find(|(written, _)| {
            *written == letters
                && (space == 0
                    || space == 1 && (letters.len() > 1 && letters != "MM" || matches!(letters, "M" | "B")))
        })
        .filter(|_| place.ends_word(quantity.end + space + letters.len()));
    match found {
        Some((_, said)) => (Some(said.to_owned()), quantity.end + space + letters.len()),
        None => (None, quantity.end),
    }
}

/// "five million dollars", "one dollar and five cents", before a noun "five dollar".
fn spell(
    place: &Place,
    currency: &Currency,
    quantity: &Quantity,
    magnitude: Option<&str>,
    end: usize,
) -> String {
    let described = describes(place, end);
    let name = Noun::new(currency.one, currency.many);
    if magnitude.is_none()
        && let Some(number) = &quantity.plain
        && let Some(fraction) = number.fraction.as_deref().filter(|fraction| fraction.len() == 2)
        && let Some((one, many)) = currency.part
    {
        let whole = numerals::cardinal(&number.whole);
        let whole_name = name.form(number.whole == "1" || described);
        let part = (fraction != "00").then(|| {
            let part_name = if fraction == "01" || described && one == "cent" { one } else { many };
            format!("{} {part_name}", numerals::cardinal(fraction))
        });
        return match part {
            Some(part) if number.whole.trim_start_matches('0').is_empty() => part,
            Some(part) => format!("{whole} {whole_name} and {part}"),
            None => format!("{whole} {whole_name}"),
        };
    }
    let one = quantity.one && magnitude.is_none();
    let magnitude = magnitude.map(|m| format!(" {m}")).unwrap_or_default();
    format!("{}{magnitude} {}", quantity.words, name.form(one || described))
}

fn describes(place: &Place, end: usize) -> bool {
    let hyphen = place.from(end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    measure::describes(place, end)
        || hyphen
        || PRICED.contains(&place.next_word(end)) && place.char_at(end) == Some(' ')
}

/// Adds what a sum is paid for: `/month`, `/kg`.
fn per(place: &Place, sum: Reading) -> Reading {
    if let Some((end, name)) = unit::per(place, sum.end) {
        return Reading { end, words: format!("{} {name}", sum.words) };
    }
    let digits_follow = !digits(place.from(sum.end)).is_empty();
    let hyphen =
        place.from(sum.end).strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    Reading { end: sum.end + usize::from(hyphen && !digits_follow), words: sum.words }
}

#[cfg(test)]
mod tests {
    use crate::normalise::assert_said;

    #[test]
    fn sums_are_read_as_said() {
        assert_said(&[
            ("It costs $5.", "It costs five dollars."),
            ("It costs $1 today.", "It costs one dollar today."),
            ("It costs $1.01.", "It costs one dollar and one cent."),
            ("It costs $5.00.", "It costs five dollars."),
            ("It costs $0.99.", "It costs ninety nine cents."),
            ("It costs $.99.", "It costs ninety nine cents."),
            ("It costs €9.99.", "It costs nine euros and ninety nine cents."),
            ("It costs £1.50.", "It costs one pound and fifty pence."),
            ("It costs ¥500.", "It costs five hundred yen."),
            ("It costs ₹250.", "It costs two hundred fifty rupees."),
            ("It costs 50p.", "It costs fifty pence."),
            ("It costs 20 €.", "It costs twenty euros."),
            ("It costs A$20.", "It costs twenty Australian dollars."),
            ("It costs US$20.", "It costs twenty U S dollars."),
            ("It costs USD 20.", "It costs twenty U S dollars."),
            ("It costs 20 USD.", "It costs twenty U S dollars."),
            ("It costs 100 EUR now.", "It costs one hundred euros now."),
            ("It costs CHF 30.", "It costs thirty Swiss francs."),
            ("It made $3.2 billion last year.", "It made three point two billion dollars last year."),
            ("It made £5m.", "It made five million pounds."),
            ("It made $1.5K.", "It made one point five thousand dollars."),
            ("It made $2bn in May.", "It made two billion dollars in May."),
            ("It made $1 million.", "It made one million dollars."),
            ("It made $1.2T.", "It made one point two trillion dollars."),
            ("A $3 million house.", "A three million dollar house."),
            ("A $5 bill.", "A five dollar bill."),
            ("Pay in $20 bills.", "Pay in twenty dollar bills."),
            ("A $5-million deal.", "A five million dollar deal."),
            ("The $100 fee is due.", "The one hundred dollar fee is due."),
            ("He lost -$5.", "He lost minus five dollars."),
            ("It is $5-10 each.", "It is five to ten dollars each."),
            ("It is $5-$10 each.", "It is five to ten dollars each."),
            ("It is $5–10 million.", "It is five to ten million dollars."),
            ("It is $5/month.", "It is five dollars per month."),
            ("It is $3.50/kg.", "It is three dollars and fifty cents per kilogram."),
            ("It is $100+ now.", "It is one hundred plus dollars now."),
            ("It costs $5, she said.", "It costs five dollars, she said."),
            ("It was 5¢ then.", "It was five cents then."),
            ("A $1.50 coffee.", "A one dollar and fifty cent coffee."),
            ("It costs $1,000,000.", "It costs one million dollars."),
            ("It costs $20 USD.", "It costs twenty U S dollars."),
            ("It made $2.5 M then.", "It made two point five million dollars then."),
            ("Pay 20 $ now.", "Pay twenty dollars now."),
            ("Run echo $HOME now.", "Run echo $HOME now."),
            ("He paid 5 TRYing.", "He paid five TRYing."),
        ]);
    }
}
