//! The program as its users meet it: what it says, where it says it, and how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use sostenuto_tests::{Desk, Ran, Recording};

const TEXT: &str = "The rain in Spain stays mainly in the plain.";

fn say(desk: &Desk, arguments: &[&str], input: &[u8]) -> Ran {
    desk.run(&[&["say", "--session", "fast"], arguments].concat(), input)
}

fn recording(desk: &Desk, name: &str) -> Recording {
    Recording::read(&desk.path().join(name)).unwrap()
}

/// Asserts that it ended with `status`, silent on standard output, with one line that names all of `named`.
fn assert_refused(desk: &Desk, ran: &Ran, status: i32, named: &[&str]) {
    assert_eq!((ran.status, ran.out.as_str()), (Some(status), ""), "{ran:?}");
    let line = ran.only_line().unwrap();
    for name in named {
        assert!(line.contains(name), "{name} is not in: {line}");
    }
    assert!(!desk.path().join("speech.wav").exists());
}

#[test]
fn nothing_to_say_is_no_error_and_makes_no_file() {
    let desk = Desk::new();
    fs::write(desk.path().join("blank.txt"), " \n\t\n").unwrap();
    for arguments in [
        ["say", "", "--out", "a.wav"].as_slice(),
        &["say", "  \n ", "--out", "a.wav"],
        &["say", "--phonemes", " ", "--out", "a.wav"],
        &["say", "--file", "blank.txt", "--out", "a.wav"],
    ] {
        let ran = desk.run(arguments, b"");
        assert_refused(&desk, &ran, 0, &["nothing to say"]);
        assert!(!desk.path().join("a.wav").exists());
    }
}

#[test]
fn what_cannot_be_meant_is_named_in_one_line() {
    let desk = Desk::new();
    fs::write(desk.path().join("latin1.txt"), b"caf\xe9").unwrap();
    fs::create_dir(desk.path().join("folder")).unwrap();
    let cases: [(&[&str], &[&str]); 15] = [
        (&["say", TEXT, "--language", "tlh"], &["tlh", "en-US", "en-GB"]),
        (&["say", TEXT, "--language", "es"], &["'es'", "--features espeak", "GPL-3.0"]),
        (&["say", "--file", "missing.txt"], &["missing.txt"]),
        (&["say", "--file", "folder"], &["folder", "it is a folder"]),
        (&["say", TEXT, "--speed", "0.4"], &["0.4", "0.5", "2.0"]),
        (&["say", TEXT, "--speed", "2.1"], &["2.1", "0.5", "2.0"]),
        (&["say", TEXT, "--speed", "fast"], &["fast", "0.5", "2.0"]),
        (&["say", TEXT, "--volume", "2.1"], &["2.1", "0.0", "2.0"]),
        (&["say", TEXT, "--rate", "0.4"], &["0.4", "0.5", "4.0"]),
        (&["say", TEXT, "--rate", "4.1"], &["4.1", "0.5", "4.0"]),
        (&["say", TEXT, "--resampling", "good"], &["good", "fast", "balanced", "best"]),
        (&["say", TEXT, "--marks", "words.txt"], &["words.txt", ".json", ".srt", ".vtt"]),
        (&["say", TEXT, "--session", "slow"], &["slow", "quality", "fast"]),
        (&["say", "--file", "latin1.txt"], &["latin1.txt", "UTF-8", "byte 3"]),
        (&["say", "--phonemes", "həl❓"], &["❓", "character 4"]),
    ];
    for (arguments, named) in cases {
        let ran = desk.run(&[arguments, &["--out", "a.wav"]].concat(), b"");
        assert_refused(&desk, &ran, 2, named);
        assert!(!desk.path().join("a.wav").exists(), "{arguments:?}");
    }
}

#[test]
fn a_voice_that_is_not_there_is_named_with_some_that_are() {
    let desk = Desk::new();
    let ran = desk.run(&["say", TEXT, "--voice", "af_nobody", "--out", "a.wav"], b"");
    assert_refused(&desk, &ran, 2, &["af_nobody", "sostenuto voices"]);
    let ran = say(&desk, &[TEXT, "--voice", "am_michael", "--out", "a.wav"], b"");
    assert_refused(&desk, &ran, 2, &["am_michael", "af_heart", "quality"]);
}

#[test]
fn text_on_standard_input_that_is_not_utf_8_is_an_error_after_what_was_text() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let ran = say(&desk, &["--out", "a.wav"], b"Good so far. caf\xe9");
    assert_refused(&desk, &ran, 2, &["standard input", "UTF-8", "byte 16"]);
    assert!(recording(&desk, "a.wav").rms() > 0.01);
}

#[test]
fn a_file_that_cannot_be_written_is_named_with_the_cause() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let ran = say(&desk, &[TEXT, "--out", "no/such/folder.wav"], b"");
    assert_refused(&desk, &ran, 1, &["no/such/folder.wav", "No such file"]);
    let ran = say(&desk, &[TEXT, "--out", "a.wav", "--stats", "no/such.json"], b"");
    assert_refused(&desk, &ran, 1, &["no/such.json", "No such file"]);
    let ran = say(&desk, &[TEXT, "--out", "a.wav", "--events", "no/such.jsonl"], b"");
    assert_refused(&desk, &ran, 1, &["no/such.jsonl", "No such file"]);
    if Path::new("/dev/full").exists() {
        let ran = say(&desk, &[TEXT, "--out", "/dev/full"], b"");
        assert_refused(&desk, &ran, 1, &["/dev/full", "No space left"]);
    }
}

#[test]
fn a_blank_standard_input_is_nothing_to_say() {
    let Some(desk) = Desk::with_fast_session() else { return };
    for input in [b"".as_slice(), b" \n\n"] {
        let ran = say(&desk, &["--out", "a.wav"], input);
        assert_refused(&desk, &ran, 0, &["nothing to say"]);
    }
}

#[test]
fn without_assets_it_says_what_to_run() {
    let desk = Desk::new();
    let empty = desk.path().join("empty");
    for session in ["fast", "quality"] {
        let mut command = desk.program.command(desk.path());
        command.args(["say", TEXT, "--session", session, "--out", "a.wav"]).env("SOSTENUTO_HOME", &empty);
        let ran = Ran::through(&mut command, b"").unwrap();
        assert_refused(&desk, &ran, 1, &["sostenuto assets fetch"]);
    }
}

#[test]
fn speech_in_a_file_begins_at_once_and_is_measured() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let ran = say(&desk, &[TEXT, "--out", "x.wav", "--stats", "s.json"], b"");
    assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    let speech = recording(&desk, "x.wav");
    assert!(speech.rms() > 0.01, "{}", speech.rms());
    assert!((1.5..6.0).contains(&speech.seconds()), "{} s", speech.seconds());
    assert!(speech.lead_seconds() <= 0.040, "{} s of silence first", speech.lead_seconds());

    let stats: Value = serde_json::from_slice(&fs::read(desk.path().join("s.json")).unwrap()).unwrap();
    for key in ["ttfa_ms", "process_to_audio_ms", "rtf", "audio_s", "fragments", "peak_rss_mb"] {
        assert!(stats[key].as_f64().unwrap() > 0.0, "{key}: {stats}");
    }
    for stage in ["g2p_ms", "inference_ms", "pump_ms"] {
        assert!(stats["stages"][stage].as_f64().unwrap() > 0.0, "{stage}: {stats}");
    }
    assert_eq!(
        (&stats["underruns"], &stats["policy"], &stats["sessions"][0]["session"]),
        (&0.into(), &"fast".into(), &"fast".into())
    );
    let told = stats["audio_s"].as_f64().unwrap();
    assert!((told - speech.seconds()).abs() < 0.001, "{told} s told, {} s written", speech.seconds());
}

#[test]
fn what_is_heard_is_told_in_lines_of_json() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let text = "We came, <mark name='here'/>we saw. We won.";
    let ran = say(&desk, &["--out", "x.wav", "--events", "-", "--stats", "s.json"], text.as_bytes());
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    assert_eq!(lines.last().unwrap()["event"], "finished");
    assert_eq!((of("audible").len(), of("finished").len()), (1, 1));
    let words: Vec<_> = of("word").iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(words, ["We", "came", "we", "saw", "We", "won"]);
    assert_eq!((of("sentence").len(), of("mark")[0]["name"].as_str()), (2, Some("here")));
    assert!(lines.is_sorted_by(|a, b| a["at_s"].as_f64() <= b["at_s"].as_f64()));
    let stats: Value = serde_json::from_slice(&fs::read(desk.path().join("s.json")).unwrap()).unwrap();
    assert_eq!((&stats["missed_events"], stats["starved_s"].is_f64()), (&0.into(), true));
}

#[test]
fn the_same_text_and_seed_give_the_same_file_and_another_seed_another() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let text = "We came, we saw. And then, after a while, we went home again.";
    for (name, seed) in [("one.wav", "7"), ("two.wav", "7"), ("other.wav", "8")] {
        assert_eq!(say(&desk, &[text, "--seed", seed, "--out", name], b"").status, Some(0));
    }
    let bytes = |name: &str| fs::read(desk.path().join(name)).unwrap();
    assert_eq!(bytes("one.wav"), bytes("two.wav"));
    assert_ne!(bytes("one.wav"), bytes("other.wav"));
}

#[test]
fn twice_the_speed_is_about_half_the_time() {
    let Some(desk) = Desk::with_fast_session() else { return };
    for speed in ["1", "2"] {
        let name = format!("{speed}.wav");
        assert_eq!(say(&desk, &[TEXT, "--speed", speed, "--out", &name], b"").status, Some(0));
    }
    let ratio = recording(&desk, "2.wav").seconds() / recording(&desk, "1.wav").seconds();
    assert!((0.4..0.62).contains(&ratio), "{ratio}");
}

#[test]
fn at_a_rate_of_two_speech_lasts_half_as_long_and_marks_stay_at_their_words() {
    /// The longest period that is left out at once, in seconds.
    const PERIOD: f64 = 0.015;
    let Some(desk) = Desk::with_fast_session() else { return };
    let text = "We came, we saw it all. And then, after a while, we went home.";
    let spoken = ["1", "2", "0.5"].map(|rate| {
        let (wav, json) = (format!("{rate}.wav"), format!("{rate}.json"));
        let ran = say(&desk, &[text, "--rate", rate, "--out", &wav, "--marks", &json], b"");
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
        let sheet: Value = serde_json::from_slice(&fs::read(desk.path().join(json)).unwrap()).unwrap();
        let marks = sheet["marks"].as_array().unwrap().clone();
        (rate.parse::<f64>().unwrap(), recording(&desk, &wav), marks)
    });
    let (_, normal, marks) = &spoken[0];
    let level = |recording: &Recording, mark: &Value| {
        let at = |name: &str| mark[name].as_u64().unwrap() as usize;
        let samples = &recording.samples[at("start_sample")..at("end_sample")];
        (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).sqrt()
    };
    for (rate, recording, scaled) in &spoken[1..] {
        let late = recording.seconds() - normal.seconds() / rate;
        assert!(late.abs() <= PERIOD, "{late} s at {rate}");
        assert_eq!((scaled.len(), marks.len() >= 16), (marks.len(), true));
        for (mark, whole) in scaled.iter().zip(marks) {
            assert_eq!((&mark["kind"], &mark["text"]), (&whole["kind"], &whole["text"]));
            for side in ["start_s", "end_s"] {
                let late = mark[side].as_f64().unwrap() - whole[side].as_f64().unwrap() / rate;
                assert!(late.abs() <= 2.0 * PERIOD, "{side} of {mark} late by {late} s at {rate}");
            }
            let louder = level(recording, mark) / level(normal, whole);
            assert!((0.6..1.6).contains(&louder), "{mark} is {louder} times as loud at {rate}");
        }
    }
}

#[test]
fn a_file_and_standard_input_say_the_same_as_an_argument() {
    let Some(desk) = Desk::with_fast_session() else { return };
    fs::write(desk.path().join("text.txt"), TEXT).unwrap();
    let ways: [(&str, &[&str], &[u8]); 4] = [
        ("argument.wav", &[TEXT], b""),
        ("file.wav", &["--file", "text.txt"], b""),
        ("dash.wav", &["--file", "-"], TEXT.as_bytes()),
        ("stdin.wav", &[], TEXT.as_bytes()),
    ];
    for (name, arguments, input) in ways {
        let ran = say(&desk, &[arguments, &["--out", name]].concat(), input);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""), "{name}");
    }
    let bytes = |name: &str| fs::read(desk.path().join(name)).unwrap();
    for (name, _, _) in &ways[1..] {
        assert!(bytes(name) == bytes("argument.wav"), "{name}");
    }
}

#[test]
fn given_phonemes_are_spoken_as_they_are() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let ran = say(&desk, &["--phonemes", "həlˈO wˈɜɹld.", "--out", "x.wav", "--float"], b"");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert!(recording(&desk, "x.wav").rms() > 0.01);
}

#[test]
fn lines_of_text_become_lines_of_json_whose_spans_lead_back() {
    let desk = Desk::new();
    let lines = ["The naïve café, 3 times.", "", "Second line: “quoted” — done!"];
    let ran = desk.run(&["phonemize"], lines.join("\n").as_bytes());
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let read: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), lines.len());
    for (json, line) in read.iter().zip(lines) {
        assert_eq!(json["text"], line);
        let phonemes = json["phonemes"].as_str().unwrap();
        let span = |range: &Value| {
            range["start"].as_u64().unwrap() as usize..range["end"].as_u64().unwrap() as usize
        };
        let mut end = 0;
        for word in json["words"].as_array().unwrap() {
            let source = span(&word["source"]);
            assert!(source.start >= end && !line[source.clone()].trim().is_empty(), "{word} of {line}");
            assert!(!phonemes[span(&word["phonemes"])].contains(' '), "{word} of {line}");
            end = source.end;
        }
    }
    assert_eq!(read[1]["phonemes"], "");
    assert!(read[0]["words"].as_array().unwrap().len() >= 5);
}

#[test]
fn text_is_read_as_a_person_would_unless_it_is_to_be_read_raw() {
    let desk = Desk::new();
    let phonemes = |arguments: &[&str]| {
        let ran = desk.run(&[&["phonemize"], arguments].concat(), b"");
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
        let line: Value = serde_json::from_str(&ran.out).unwrap();
        line["phonemes"].as_str().unwrap().to_owned()
    };
    let said = phonemes(&["It is 5 km to St. Louis"]);
    assert_eq!(said, phonemes(&["It is five kilometers to Saint Louis"]));
    assert_ne!(said, phonemes(&["It is 5 km to St. Louis", "--raw"]));
    assert_ne!(phonemes(&["Nice 🎉 work"]), phonemes(&["Nice 🎉 work", "--emoji", "dropped"]));
    fs::write(desk.path().join("words.toml"), "[en]\nzorbly = \"zˈɔɹbli\"\n").unwrap();
    assert_eq!(phonemes(&["Zorbly", "--lexicon", "words.toml"]), "zˈɔɹbli");
    assert_eq!(phonemes(&["[Zorbly](/zˈO/) is it"]), phonemes(&["[Zorbly](/zˈO/) is it", "--raw"]));
}

#[test]
fn every_word_can_be_explained() {
    let desk = Desk::new();
    fs::write(desk.path().join("words.toml"), "[en-US]\nzorbly = \"zˈɔɹbli\"\n").unwrap();
    let text = "Dr. Zorbly ate [two](/tˈu/) xoblets.";
    let table = desk.run(&["phonemize", text, "--lexicon", "words.toml", "--explain"], b"");
    assert_eq!((table.status, table.err.as_str()), (Some(0), ""));
    let rows: Vec<&str> = table.out.lines().filter(|line| !line.is_empty()).collect();
    for (row, told) in rows.iter().zip([
        ["Dr.", "Doctor", "abbreviation, lexicon"],
        ["Zorbly", "zˈɔɹbli", "user-lexicon"],
        ["ate", "ate", "lexicon"],
        ["two", "tˈu", "given"],
        ["xoblets", "xoblets", ""],
    ]) {
        assert!(told.iter().all(|told| row.contains(told)), "{row:?} should tell {told:?}");
    }
    assert_eq!(rows.len(), 5);
    let json = desk.run(&["phonemize", text, "--explain=json"], b"");
    let line: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(line["explanation"].as_array().unwrap().len(), 5);
    assert_eq!(line["explanation"][0]["rule"], "abbreviation");
}

#[test]
fn what_was_read_is_remembered_from_one_run_to_the_next() {
    let desk = Desk::new();
    let read = || desk.run(&["phonemize", "We met at 9:05.", "--fragment-cache", "seen", "--explain"], b"");
    let (first, second) = (read(), read());
    assert!(!first.out.contains("cached") && second.out.contains("cached"), "{}", second.out);
    fs::write(desk.path().join("seen"), "damaged").unwrap();
    let third = read();
    assert_eq!((third.status, &third.out), (Some(0), &first.out));
}

#[test]
fn a_lexicon_that_cannot_be_used_is_told_with_its_line() {
    let desk = Desk::new();
    fs::write(desk.path().join("wrong.toml"), "[en]\nfine = \"fˈIn\"\nwrong = \"❓\"\n").unwrap();
    let wrong = desk.run(&["phonemize", TEXT, "--lexicon", "wrong.toml"], b"");
    assert_refused(&desk, &wrong, 2, &["line 3", "wrong", "❓"]);
    let missing = desk.run(&["say", TEXT, "--lexicon", "missing.toml", "--out", "a.wav"], b"");
    assert_refused(&desk, &missing, 2, &["missing.toml"]);
}

#[test]
fn a_line_that_is_not_utf_8_is_named_after_the_lines_before_it() {
    let desk = Desk::new();
    let ran = desk.run(&["phonemize"], b"fine\ncaf\xe9\n");
    assert_eq!((ran.status, ran.out.lines().count()), (Some(2), 1));
    assert!(ran.only_line().unwrap().contains("line 2 is not UTF-8"), "{}", ran.err);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let desk = Desk::new();
    let mut command = desk.program.command(desk.path());
    let mut child = command.arg("voices").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = child.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), String::from_utf8_lossy(&ran.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn all_54_voices_are_listed() {
    let desk = Desk::new();
    let plain = desk.run(&["voices"], b"");
    let json = desk.run(&["voices", "--json"], b"");
    for ran in [&plain, &json] {
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    }
    let rows = json.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let voices: Vec<_> = rows.filter(|row| row["kind"] == "voice").collect();
    assert_eq!(voices.len(), 54);
    for voice in voices {
        assert!(plain.out.contains(voice["name"].as_str().unwrap()));
    }
}

#[test]
fn ctrl_c_ends_it_with_130_and_leaves_a_file_that_can_be_played() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let mut command = desk.program.command(desk.path());
    let long = "And then we went on and on, over the hills. ".repeat(30);
    command.args(["say", "--session", "fast", "--sink", "paced", "--out", "x.wav", &long]);
    command.args(["--events", "x.jsonl"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let out = desk.path().join("x.wav");
    // The header is 44 bytes: what follows is sound.
    while fs::metadata(&out).map_or(0, |file| file.len()) < 16_000 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ran = Ran::of(child).unwrap();
    assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (Some(130), "", ""));
    let events = fs::read_to_string(desk.path().join("x.jsonl")).unwrap();
    assert!(events.lines().last().unwrap().contains("\"stopped\""), "{events}");
    let speech = recording(&desk, "x.wav");
    assert!(speech.samples.len() > 7_000, "{} samples", speech.samples.len());
    // All of it would be more than a minute.
    assert!(speech.seconds() < 30.0, "{} s", speech.seconds());
}

#[test]
fn text_that_comes_slowly_is_spoken_when_it_comes() {
    let Some(desk) = Desk::with_fast_session() else { return };
    let mut command = desk.program.command(desk.path());
    command.args(["say", "--session", "fast", "--out", "x.wav"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"The first sentence is here. The second").unwrap();
    // The text is not at its end, and yet the first sentence is in the file.
    while fs::metadata(desk.path().join("x.wav")).map_or(0, |file| file.len()) < 16_000 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    stdin.write_all(b" one follows.").unwrap();
    drop(stdin);
    let ran = Ran::of(child).unwrap();
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert!(recording(&desk, "x.wav").seconds() > 2.0);
}
