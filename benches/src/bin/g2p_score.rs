//! Scores text processing against reference readings, and times it.
//!
//! ```sh
//! cargo run --release -p sostenuto-benches --bin g2p_score -- [FOLDER] [--failures]
//! ```
//!
//! FOLDER holds `corpus.jsonl` (sentences with the phonemes of the reference implementation of misaki),
//! `hard.jsonl` (what a person would say) and `multilingual.jsonl`; a file that is not there is passed over.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use sostenuto_engine::g2p::vocabulary::token_id;
use sostenuto_engine::g2p::{FrontEnd, Language, Phonemizer, Reader, transcribe};
use sostenuto_engine::inference::Models;
use sostenuto_engine::inference::assets::Cache;
use sostenuto_engine::{Readers, ReadingOptions, UnknownWords, peak_rss_mb};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/g2p");
const ENGLISH: [Language; 2] = [Language::EnUs, Language::EnGb];

#[derive(Deserialize)]
struct Sentence {
    text: String,
    #[serde(rename = "en-US")]
    american: String,
    #[serde(rename = "en-GB")]
    british: String,
}

#[derive(Deserialize)]
struct Hard {
    id: String,
    category: String,
    text: String,
    spoken: Option<String>,
}

#[derive(Deserialize)]
struct Foreign {
    text: String,
    language: String,
    phonemes: String,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let failures = arguments.iter().any(|argument| argument == "--failures");
    let folder = arguments.iter().find(|argument| !argument.starts_with("--"));
    let folder = folder.map_or_else(|| PathBuf::from(FOLDER), PathBuf::from);

    let corpus: Vec<Sentence> = rows(&folder.join("corpus.jsonl"))?;
    let texts: Vec<&str> = corpus.iter().map(|sentence| sentence.text.as_str()).collect();
    // First, while this program has loaded nothing else: it tells its peak of memory.
    sentences(&texts)?;
    prose(&texts)?;
    nasty()?;
    for unknown_words in unknown_words() {
        for language in ENGLISH {
            agreement(&corpus, language, unknown_words, failures)?;
        }
    }
    let hard: Vec<Hard> = rows(&folder.join("hard.jsonl"))?;
    for language in ENGLISH {
        as_spoken(&hard, language, failures)?;
    }
    multilingual(&rows(&folder.join("multilingual.jsonl"))?, failures)
}

/// The rows of a file of JSON lines; none where there is no such file.
fn rows<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>> {
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("{} is not there: passed over", path.display());
        return Ok(Vec::new());
    };
    Ok(text.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}

/// What may sound unknown words in this build.
fn unknown_words() -> Vec<UnknownWords> {
    let mut all = vec![UnknownWords::Net];
    if cfg!(feature = "espeak") {
        all.push(UnknownWords::Espeak);
    }
    all
}

/// A reader as the program makes it, but without a cache between the rounds.
fn reader(language: Language, options: ReadingOptions) -> Result<Reader> {
    let readers = Readers::new(Models::new(Cache::of_user()?)?, options);
    Ok(readers.reader(language)?.without_cache())
}

/// How far raw phonemes agree with the reference.
fn agreement(
    corpus: &[Sentence],
    language: Language,
    unknown_words: UnknownWords,
    failures: bool,
) -> Result<()> {
    let reader = reader(language, ReadingOptions { raw: true, unknown_words, ..ReadingOptions::default() })?;
    let (mut errors, mut symbols, mut exact) = (0, 0, 0);
    for sentence in corpus {
        let expected = if language == Language::EnUs { &sentence.american } else { &sentence.british };
        let said = reader.phonemize(&sentence.text).phonemes;
        let wrong = strsim::levenshtein(&said, expected);
        errors += wrong;
        symbols += expected.chars().count();
        exact += usize::from(wrong == 0);
        if failures && wrong > 0 {
            println!("  {}\n    expected {expected}\n    said     {said}", sentence.text);
        }
    }
    if symbols > 0 {
        println!(
            "corpus {language}, raw, unknown words by {unknown_words:?}: {:.3} % phoneme errors, {exact} of {} sentences exact",
            100.0 * errors as f64 / symbols as f64,
            corpus.len(),
        );
    }
    Ok(())
}

/// How many hard texts sound as what a person would say.
fn as_spoken(hard: &[Hard], language: Language, failures: bool) -> Result<()> {
    let reader: Arc<dyn Phonemizer> = Arc::new(reader(language, ReadingOptions::default())?);
    let mut classes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for Hard { id, category, text, spoken } in hard {
        let Some(spoken) = spoken else { continue };
        let said = transcribe(&reader, text).phonemes;
        let right = match spoken.strip_prefix("ipa:") {
            // The set has one reading for both dialects, which is that of American English.
            Some(_) if language != Language::EnUs => continue,
            Some(sound) => said.contains(sound),
            None => sounds(&said) == sounds(&transcribe(&reader, spoken).phonemes),
        };
        let (rights, all) = classes.entry(category).or_default();
        *rights += usize::from(right);
        *all += 1;
        if failures && !right {
            println!("  {id} {text:?} sounds {said}, should be {spoken:?}");
        }
    }
    let (rights, all) = classes.values().fold((0, 0), |(r, a), &(rights, all)| (r + rights, a + all));
    if all > 0 {
        let share = 100.0 * rights as f64 / all as f64;
        let classes: Vec<String> = classes.iter().map(|(class, (r, a))| format!("{class} {r}/{a}")).collect();
        println!("hard {language}: {rights} of {all} as spoken ({share:.1} %): {}", classes.join(", "));
    }
    Ok(())
}

/// What is left of phonemes without stress and punctuation.
fn sounds(phonemes: &str) -> String {
    let kept: String =
        phonemes.chars().filter(|&c| (c.is_alphabetic() || c == ' ') && !matches!(c, 'ˈ' | 'ˌ')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many sentences of other languages have exactly the phonemes of the reference.
fn multilingual(rows: &[Foreign], failures: bool) -> Result<()> {
    if !cfg!(feature = "espeak") {
        println!("multilingual: built without espeak, passed over");
        return Ok(());
    }
    let mut readers: BTreeMap<&str, Arc<dyn Phonemizer>> = BTreeMap::new();
    let mut exact = 0;
    for Foreign { text, language, phonemes } in rows {
        if !readers.contains_key(language.as_str()) {
            readers.insert(language, Arc::new(reader(language.parse()?, ReadingOptions::default())?));
        }
        let said = transcribe(&readers[language.as_str()], text).phonemes;
        // The reference writes symbols that the models do not have.
        let phonemes: String = phonemes.chars().filter(|&symbol| token_id(symbol).is_some()).collect();
        exact += usize::from(said == phonemes);
        if failures && said != phonemes {
            println!("  {language} {text}\n    expected {phonemes}\n    said     {said}");
        }
    }
    println!("multilingual: {exact} of {} identical, symbols outside the vocabulary aside", rows.len());
    Ok(())
}

/// Times every sentence by itself, warm: read once before, but not out of the cache.
fn sentences(texts: &[&str]) -> Result<()> {
    let started = Instant::now();
    let reader = reader(Language::EnUs, ReadingOptions::default())?;
    let load = started.elapsed();
    let started = Instant::now();
    reader.phonemize("The first words.");
    println!("load: {}, the first sentence then {}", ms(load), ms(started.elapsed()));
    for text in texts {
        reader.phonemize(text);
    }
    let mut times: Vec<Duration> = texts
        .iter()
        .map(|text| {
            let started = Instant::now();
            reader.phonemize(text);
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |share: f64| times.get((share * times.len() as f64) as usize).copied().unwrap_or_default();
    let words: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    println!(
        "sentences, warm, mean {:.1} words: p50 {}, p99 {}, max {}",
        words as f64 / texts.len().max(1) as f64,
        ms(at(0.5)),
        ms(at(0.99)),
        ms(times.last().copied().unwrap_or_default()),
    );
    Ok(())
}

/// Reads a megabyte of prose as a stream, piece by piece.
fn prose(texts: &[&str]) -> Result<()> {
    const BYTES: usize = 1_000_000;
    if texts.is_empty() {
        return Ok(());
    }
    let reader = reader(Language::EnUs, ReadingOptions::default())?;
    let mut front_end = FrontEnd::new(Arc::new(reader));
    let started = Instant::now();
    let (mut bytes, mut tokens) = (0, 0);
    for text in texts.iter().cycle() {
        front_end.push(text);
        front_end.push(" ");
        bytes += text.len() + 1;
        while let Some(clause) = front_end.next_clause() {
            tokens += clause.tokens();
        }
        if bytes >= BYTES {
            break;
        }
    }
    let peak = peak_rss_mb().map_or_else(|| "unknown".to_owned(), |peak| format!("{peak:.0} MB"));
    println!(
        "{bytes} bytes of prose, streamed: {} for {tokens} tokens; peak memory of this program {peak}",
        ms(started.elapsed())
    );
    Ok(())
}

/// Reads what is built to be slow: 10,000 characters without a space, and emoji.
fn nasty() -> Result<()> {
    let reader: Arc<dyn Phonemizer> = Arc::new(reader(Language::EnUs, ReadingOptions::default())?);
    transcribe(&reader, "Warm words, 12 of them.");
    let pieces = [
        "a",
        "a-",
        "aB",
        "a/",
        "a1",
        "x=",
        "[",
        "](/",
        "'",
        "(",
        "\"",
        "$",
        "_",
        ":",
        ".",
        "1,",
        "1-",
        "1.",
        "1:",
        "http://a.b/",
        "a@b.",
        "a.b",
        "#a",
        "@a",
        "C:\\",
        "\u{301}",
        "é",
        "한",
        "🎉",
        "👨\u{200d}👩\u{200d}👧",
        "🇺🇸",
        "1/2",
        "XIV",
        "é-ing",
        "A.",
        "mc²",
        "5'",
        "Dr.",
        "*",
        "`",
        "&amp;",
        "<b>",
        "%",
        "ab_",
        "::",
    ];
    let time = |piece: &&str| {
        let text: String = piece.chars().cycle().take(10_000).collect();
        let started = Instant::now();
        transcribe(&reader, &text);
        (started.elapsed(), (*piece).to_owned())
    };
    let mut times: Vec<(Duration, String)> = pieces.iter().map(time).collect();
    times.extend(
        [("printable", '!'..='~'), ("Latin", '!'..='ɏ')]
            .map(|(name, characters)| scrambled(&reader, name, &characters)),
    );
    times.sort_unstable_by(|a, b| b.cmp(a));
    let worst: Vec<String> =
        times.iter().take(3).map(|(time, piece)| format!("{} for {piece:?}", ms(*time))).collect();
    println!("10,000 characters without a space, {} kinds: at most {}", times.len(), worst.join(", "));
    Ok(())
}

/// Times 10,000 characters in no order, the same in every run.
fn scrambled(
    reader: &Arc<dyn Phonemizer>,
    name: &str,
    characters: &RangeInclusive<char>,
) -> (Duration, String) {
    let all: Vec<char> = characters.clone().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let mut state = 1_u64;
    let mut next = || {
        // Knuth's multiplier for a linear congruential generator (MMIX).
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all[(state >> 33) as usize % all.len()]
    };
    let text: String = (0..10_000).map(|_| next()).collect();
    let started = Instant::now();
    transcribe(reader, &text);
    (started.elapsed(), format!("{name} characters in no order"))
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
