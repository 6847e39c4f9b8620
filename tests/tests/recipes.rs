//! Rendering recipes and texts with characters and emotions, as users of the program meet it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;
use sostenuto_inference::assets::Cache;
use sostenuto_tests::{Program, Ran, Recording, Watchdog, fetched};
use tempfile::TempDir;

const SCRIPT: &str = "We came, we saw it all. And then, after a long while, we went home again.";

/// A folder to work in, and a home whose models are the user's and whose configuration is its own.
struct Desk {
    program: Program,
    folder: TempDir,
    _watchdog: Watchdog,
}

impl Desk {
    fn new() -> Self {
        let (program, folder) = (Program::built().unwrap(), tempfile::tempdir().unwrap());
        let (home, own) = (Cache::of_user().unwrap().folder().to_owned(), folder.path().join("home"));
        fs::create_dir(&own).unwrap();
        for part in ["runtime", "models", "voices", "derived"] {
            if home.join(part).exists() {
                symlink(home.join(part), own.join(part)).unwrap();
            }
        }
        Self { program, folder, _watchdog: Watchdog::over("recipes") }
    }

    fn with_fast_session() -> Option<Self> {
        let all = [fetched("onnxruntime"), fetched("kokoro-distilled-heart")];
        all.iter().all(Option::is_some).then(Self::new)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path().join(name), content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.program.command(self.path());
        command.env("SOSTENUTO_HOME", self.path().join("home")).args(arguments);
        Ran::through(&mut command, b"").unwrap()
    }

    /// Renders with the fast session, and asserts that nothing is said about it.
    fn render(&self, arguments: &[&str]) {
        let ran = self.run(&[&["render", "--session", "fast"], arguments].concat());
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    }

    fn recording(&self, name: &str) -> Recording {
        Recording::read(&self.path().join(name)).unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path().join(name)).unwrap()).unwrap()
    }

    /// Asserts that it is refused in one line that names all of `named`, and that nothing was written.
    fn assert_refused(&self, arguments: &[&str], named: &[&str]) {
        let ran = self.run(&[arguments, &["--out", "refused.wav"]].concat());
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{arguments:?}: {ran:?}");
        let line = ran.only_line().unwrap();
        for name in named {
            assert!(line.contains(name), "{name} is not in: {line}");
        }
        assert!(!self.path().join("refused.wav").exists());
    }
}

fn recipe(script: &str, rest: &str) -> String {
    format!(r#"{{ "audio_track": {{ "script": "{script}", {rest} }}, "seed": 7 }}"#)
}

#[test]
fn a_recipe_gives_the_same_file_each_time_and_marks_inside_it() {
    let Some(desk) = Desk::with_fast_session() else { return };
    desk.write("r.json", &recipe(SCRIPT, r#""voice_id": "narrator", "speed": 1.1, "emotion": "excited""#));
    for out in ["one.wav", "two.wav"] {
        desk.render(&["--recipe", "r.json", "--out", out, "--marks", "m.json"]);
    }
    let bytes = |name: &str| fs::read(desk.path().join(name)).unwrap();
    assert_eq!(bytes("one.wav"), bytes("two.wav"));
    desk.render(&["--recipe", "r.json", "--seed", "8", "--out", "other.wav"]);
    assert_ne!(bytes("one.wav"), bytes("other.wav"));

    let samples = desk.recording("one.wav").samples.len() as u64;
    let marks = desk.json("m.json");
    let marks = marks["marks"].as_array().unwrap();
    let mut last = 0;
    for mark in marks {
        let (start, end) = (mark["start_sample"].as_u64().unwrap(), mark["end_sample"].as_u64().unwrap());
        assert!(last <= start && start < end && end <= samples, "{mark} of {samples}");
        last = start;
    }
    let words: Vec<_> = marks.iter().filter(|mark| mark["kind"] == "word").collect();
    let text = |mark: &Value| {
        let at = |end: &str| mark[end].as_u64().unwrap() as usize;
        SCRIPT[at("start_byte")..at("end_byte")].to_owned()
    };
    let said: Vec<_> = words.iter().map(|mark| text(mark)).collect();
    assert_eq!(said.join(" "), SCRIPT.replace([',', '.'], ""));
    let sentences: Vec<_> = marks.iter().filter(|mark| mark["kind"] == "sentence").map(text).collect();
    assert_eq!(sentences.join(" "), SCRIPT);
}

#[test]
fn what_takes_too_long_ends_at_a_word_and_says_so() {
    let Some(desk) = Desk::with_fast_session() else { return };
    desk.write("r.json", &recipe(SCRIPT, r#""voice_id": "af_heart""#));
    let arguments =
        ["render", "--session", "fast", "--recipe", "r.json", "--out", "x.wav", "--marks", "m.json"];
    let ran = desk.run(&[&arguments[..], &["--max-duration", "1.5"]].concat());
    assert_eq!((ran.status, ran.out.as_str()), (Some(0), ""));
    let line = ran.only_line().unwrap();
    assert!(line.contains("1.5 s") && line.contains("end of a word"), "{line}");
    let samples = desk.recording("x.wav").samples.len() as u64;
    let marks = desk.json("m.json");
    let last = marks["marks"].as_array().unwrap().iter().rfind(|mark| mark["kind"] == "word").unwrap();
    assert_eq!(last["end_sample"].as_u64(), Some(samples));
    assert!((12_000..=36_000).contains(&samples), "{samples}");
}

#[test]
fn a_recipe_is_never_longer_than_45_seconds_unless_told_otherwise() {
    let Some(desk) = Desk::with_fast_session() else { return };
    desk.write("r.json", &recipe(&format!("{SCRIPT} ").repeat(12), r#""voice_id": "af_heart""#));
    let ran = desk.run(&["render", "--session", "fast", "--recipe", "r.json", "--out", "x.wav"]);
    assert!(ran.only_line().unwrap().contains("45 s"), "{}", ran.err);
    let seconds = desk.recording("x.wav").seconds();
    assert!((40.0..=45.0).contains(&seconds), "{seconds} s");
    desk.render(&["--recipe", "r.json", "--max-duration", "600", "--out", "whole.wav"]);
    assert!(desk.recording("whole.wav").seconds() > 45.0);
}

#[test]
fn a_recipe_that_is_none_is_told_with_its_key() {
    let desk = Desk::new();
    let cases: [(String, &[&str]); 8] = [
        (
            recipe("Hi.", r#""voice_id": "af_heart", "pace": 2"#),
            &["r.json", "audio_track", "`pace`", "`speed`"],
        ),
        (recipe("Hi.", r#""emotion": "sad""#), &["r.json", "audio_track", "`voice_id`"]),
        (
            recipe("Hi.", r#""voice_id": "af_heart", "speed": 9"#),
            &["r.json", "audio_track.speed", "0.5 to 2"],
        ),
        (recipe("Hi.", r#""voice_id": 3"#), &["r.json", "audio_track.voice_id", "string"]),
        (r#"{ "audio_track": "Hi." }"#.into(), &["r.json", "audio_track"]),
        ("no json".into(), &["r.json", "line 1"]),
        (recipe("Hi.", r#""voice_id": "nobody""#), &["'nobody'", "sostenuto voices"]),
        (recipe("Hi.", r#""voice_id": "af_heart", "emotion": "grumpy""#), &["'grumpy'", "neutral"]),
    ];
    for (json, named) in cases {
        desk.write("r.json", &json);
        desk.assert_refused(&["render", "--recipe", "r.json"], named);
    }
    desk.assert_refused(&["render", "--recipe", "missing.json"], &["missing.json"]);
    desk.assert_refused(&["render", "--recipe", "r.json", "--voice", "af_sky"], &["--recipe", "--voice"]);
    desk.assert_refused(&["render", "Hi.", "--max-duration", "0"], &["seconds above 0"]);
}

#[test]
fn a_speaker_that_cannot_be_is_told_in_one_line() {
    let desk = Desk::new();
    desk.write("cast.yaml", "ann: { voice: af_sky, shout: 2 }\n");
    desk.write("moods.yaml", "grim:\n  tempo: slow\n");
    let cases: [(&[&str], &[&str]); 11] = [
        (&["--voice", "af_sky+af_nobody"], &["'af_nobody'", "af_sky", "sostenuto voices"]),
        (&["--voice", "af_sky(0)+af_nova"], &["above 0", "character 8"]),
        (&["--voice", "af_sky+"], &["a voice's name", "character 8", "the end"]),
        (&["--voice", "af_sky", "--character", "giant"], &["--voice", "--character"]),
        (&["--character", "nobody"], &["'nobody'", "sostenuto voices"]),
        (&["--emotion", "grumpy"], &["'grumpy'", "excited"]),
        (&["--pitch", "-1201"], &["-1201", "-1200", "1200"]),
        (&["--energy", "2.1"], &["2.1", "0.5", "2.0"]),
        (&["--voices", "cast.yaml"], &["cast.yaml", "ann", "`shout`", "prosody", "line 1"]),
        (&["--emotions", "moods.yaml"], &["moods.yaml", "grim.tempo", "line 2"]),
        (&["--voices", "missing.yaml"], &["missing.yaml"]),
    ];
    for (arguments, named) in cases {
        for command in ["say", "render"] {
            desk.assert_refused(&[&[command, "Hi."], arguments].concat(), named);
        }
    }
    desk.assert_refused(
        &["say", "Hi.", "--session", "fast", "--voice", "af_heart+af_sky"],
        &["af_heart(0.5)+af_sky(0.5)", "fast", "quality"],
    );
}

#[test]
fn ones_own_characters_and_emotions_are_listed_and_speak() {
    let desk = Desk::new();
    desk.write("home/voices.yaml", "ann: { voice: af_heart*1, prosody: { speed: 2 }, emotion: grim }\n");
    desk.write("home/emotions.yaml", "grim: { tempo: 0.75 }\n");
    desk.write("more.yaml", "zoe: { voice: bf_emma + bm_george, language: en-GB }\n");
    let rows = |arguments: &[&str]| {
        let ran = desk.run(&[&["voices"], arguments].concat());
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
        ran.out
    };
    let plain = rows(&["--voices", "more.yaml"]);
    for told in ["ann ", "grim ", "zoe ", "bf_emma(0.5)+bm_george(0.5)", "giant ", "manic ", "af_heart "] {
        assert!(plain.contains(told), "{told} is not in: {plain}");
    }
    let json: Vec<Value> =
        rows(&["--json"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |kind: &str| json.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!(count("voice"), 54);
    assert!(count("character") > 6 && count("emotion") > 7);
    let ann = json.iter().find(|row| row["name"] == "ann").unwrap();
    assert_eq!((&ann["speed"], &ann["emotion"]), (&2.0.into(), &"grim".into()));

    let Some(_) = fetched("onnxruntime").and(fetched("kokoro-distilled-heart")) else { return };
    desk.render(&[SCRIPT, "--character", "ann", "--out", "ann.wav"]);
    desk.render(&[SCRIPT, "--speed", "1.5", "--out", "by-hand.wav"]);
    let bytes = |name: &str| fs::read(desk.path().join(name)).unwrap();
    assert_eq!(bytes("ann.wav"), bytes("by-hand.wav"));
    desk.render(&[
        SCRIPT,
        "--character",
        "ann",
        "--emotion",
        "neutral",
        "--speed",
        "0.75",
        "--out",
        "hand.wav",
    ]);
    assert_eq!(bytes("ann.wav"), bytes("hand.wav"));
}

#[test]
fn what_goes_beyond_the_range_is_kept_inside_it_with_a_line_in_the_log() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let arguments =
        ["render", "Hi.", "--session", "fast", "--emotion", "manic", "--speed", "2", "--out", "a.wav"];
    let ran = desk.run(&arguments);
    assert_eq!(ran.status, Some(0));
    assert!(ran.only_line().unwrap().contains("speed comes to 2.7"), "{}", ran.err);
}

#[test]
fn a_blend_of_one_voice_speaks_on_the_fast_session() {
    let Some(desk) = Desk::with_fast_session() else { return };
    desk.render(&[SCRIPT, "--voice", "af_heart", "--out", "one.wav"]);
    desk.render(&[SCRIPT, "--voice", "af_heart*2 + af_heart(.1)", "--out", "two.wav"]);
    let bytes = |name: &str| fs::read(desk.path().join(name)).unwrap();
    assert_eq!(bytes("one.wav"), bytes("two.wav"));
}

#[test]
fn a_blend_of_two_voices_sounds_like_neither() {
    let needed = ["onnxruntime", "kokoro", "voice/af_sarah", "voice/am_onyx"].map(fetched);
    if needed.iter().any(Option::is_none) {
        return;
    }
    let desk = Desk::new();
    let mut seen = Vec::new();
    for voice in ["af_sarah", "am_onyx", "af_sarah(0.3)+am_onyx(0.7)"] {
        let ran = desk.run(&["render", "So it is.", "--voice", voice, "--out", "x.wav"]);
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
        assert!(desk.recording("x.wav").rms() > 0.005, "{voice}");
        seen.push(fs::read(desk.path().join("x.wav")).unwrap());
    }
    assert!(seen[2] != seen[0] && seen[2] != seen[1]);
}

#[test]
fn a_voice_pack_of_the_wrong_length_is_named_with_the_length_that_it_should_have() {
    let desk = Desk::new();
    let voices = desk.path().join("home/voices");
    if voices.exists() {
        fs::remove_file(&voices).unwrap();
    }
    fs::create_dir(&voices).unwrap();
    fs::write(voices.join("af_sky.bin"), [0; 1_000]).unwrap();
    for command in ["say", "render"] {
        let arguments = [command, "Hi.", "--session", "quality", "--voice", "af_sky"];
        desk.assert_refused(&arguments, &["af_sky.bin", "1000 bytes", "522240"]);
    }
}

#[test]
fn nothing_to_say_makes_no_file() {
    let desk = Desk::new();
    desk.write("r.json", &recipe(" ", r#""voice_id": "af_heart""#));
    for arguments in
        [["render", " "].as_slice(), &["render", "--recipe", "r.json"], &["render", "--phonemes", ""]]
    {
        let ran = desk.run(&[arguments, &["--out", "x.wav"]].concat());
        assert_eq!(ran.status, Some(0));
        assert!(ran.only_line().unwrap().contains("nothing to say"));
        assert!(!desk.path().join("x.wav").exists());
    }
}
