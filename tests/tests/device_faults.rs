//! What becomes of speech when its sound device or sound server does not behave: a counted signal through the whole
//! engine and a real sound server without hardware, compared sample by sample with what the server's device played.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use sostenuto_tests::{
    COUNTED_SYMBOL, Counted, Player, SoundServer, Watchdog, count, sound_server, sound_server_with,
};

/// Symbols of an utterance of six seconds.
const SIX_SECONDS: u64 = 60;
/// Samples that may be heard again after a loss: what the server had taken and not played, and a period and a fade on
/// top. The server promises two periods; one that was frozen plays them late.
const REPEATED: u64 = 2_400;
/// A recorder that dies with its server has not written its last block.
const RECORDER_BLOCK: u64 = 240;

fn player(server: &SoundServer, arguments: &[&str]) -> Player {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counting-player"));
    command.args(arguments);
    server.play_here(&mut command);
    Player::start(&mut command).unwrap()
}

fn speak(player: &mut Player, symbols: u64) {
    player.tell(&format!("speak {symbols}")).unwrap();
}

/// Lets so much of the speech be heard.
fn listen(time: Duration) {
    std::thread::sleep(time);
}

fn counters(player: &mut Player) -> Value {
    player.tell("close").unwrap();
    serde_json::from_str(&player.hear("counters").unwrap()).unwrap()
}

/// The speech of `symbols` was heard to its end and in order, without a hole but for the fade-in after each underrun.
fn assert_whole(heard: Counted, symbols: u64, counters: &Value) {
    let underruns = counters["underruns"].as_u64().unwrap();
    println!("{heard:?}, {underruns} underruns");
    assert_eq!(heard.end, symbols * COUNTED_SYMBOL as u64, "{heard:?}");
    assert_eq!(heard.lost, 0, "{heard:?}");
}

fn assert_plays_every_sample(format: &'static str, arguments: &[&str]) {
    let Some(server) = sound_server_with(24_000, 1, format).unwrap() else { return };
    let _watchdog = Watchdog::over("a counted signal");
    let recorder = server.record().unwrap();
    let mut player = player(&server, arguments);
    player.hear("opened 24000 1").unwrap();
    speak(&mut player, SIX_SECONDS);
    player.hear("finished").unwrap();
    let heard = count(&recorder.finish().unwrap());
    let counters = counters(&mut player);
    assert_whole(heard, SIX_SECONDS, &counters);
    assert_eq!(heard.repeated, 0, "{heard:?}");
    // Each frame that is no sample is one of our own gaps, or the server's.
    let gaps = counters["underrun_frames"].as_u64().unwrap();
    if server.underruns().unwrap() == 0 {
        assert_eq!(heard.silent + heard.torn.saturating_sub(120 * heard.breaks), gaps, "{heard:?}");
    }
}

#[test]
fn every_sample_arrives_in_order_on_a_device_of_floats() {
    assert_plays_every_sample("float32le", &[]);
}

#[test]
fn every_sample_arrives_in_order_on_a_device_of_16_bits_and_with_long_periods() {
    assert_plays_every_sample("s16le", &["--period", "960"]);
}

#[test]
fn a_device_is_chosen_by_its_name() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a device chosen by name");
    server.add_device("other").unwrap();
    let recorder = server.record_of("other", 20).unwrap();
    let mut player = player(&server, &["--device", "other"]);
    speak(&mut player, 20);
    player.hear("finished").unwrap();
    let heard = count(&recorder.finish().unwrap());
    assert_whole(heard, 20, &counters(&mut player));
}

#[test]
fn callbacks_that_come_late_lose_nothing() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a late callback");
    let recorder = server.record().unwrap();
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    for _ in 0..3 {
        listen(Duration::from_millis(700));
        player.signal("STOP").unwrap();
        listen(Duration::from_millis(150));
        player.signal("CONT").unwrap();
    }
    player.hear("finished").unwrap();
    let heard = count(&recorder.finish().unwrap());
    assert_whole(heard, SIX_SECONDS, &counters(&mut player));
    // Where the machine stalls on top of it, the device may count as lost for a moment.
    assert!(heard.repeated <= 3 * REPEATED, "{heard:?}");
    assert!(heard.silent > 0, "{heard:?}");
}

#[test]
fn speech_goes_on_at_another_rate_when_that_is_what_the_new_server_offers() {
    let Some(mut server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a server with another rate");
    let before = server.record_of(server.device(), 10).unwrap();
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    listen(Duration::from_secs(1));
    server.crash().unwrap();
    let cut = count(&before.outlive().unwrap()).end;
    server.revive(48_000).unwrap();
    let after = server.record_of(server.device(), 10).unwrap();
    server.let_in().unwrap();
    player.hear("finished").unwrap();
    let sounding = after.finish().unwrap().iter().filter(|sample| sample.abs() > 1e-6).count() as u64 / 2;
    let underruns = counters(&mut player)["underruns"].as_u64().unwrap();
    let rest = SIX_SECONDS * COUNTED_SYMBOL as u64 - cut;
    println!("{sounding} samples after {cut}, {underruns} underruns");
    // What fades out after an underrun sounds a little longer than it is.
    assert!(sounding + RECORDER_BLOCK >= rest, "{sounding} of {rest}");
    assert!(sounding <= rest + REPEATED + 240 * underruns, "{sounding} of {rest}");
}

#[test]
fn speech_goes_on_where_it_broke_off_when_the_server_is_killed_and_started_again() {
    let Some(mut server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a killed sound server");
    let before = server.record_of(server.device(), 10).unwrap();
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    listen(Duration::from_millis(1_500));
    server.crash().unwrap();
    let mut recording = before.outlive().unwrap();
    let cut = count(&recording).end;
    server.revive(24_000).unwrap();
    let after = server.record_of(server.device(), 10).unwrap();
    server.let_in().unwrap();
    player.hear("finished").unwrap();
    recording.extend(after.finish().unwrap());
    let heard = count(&recording);
    println!("{heard:?}, broken off at {cut}");
    assert!(cut > 24_000 && cut < SIX_SECONDS * COUNTED_SYMBOL as u64, "{cut}");
    assert_eq!(heard.end, SIX_SECONDS * COUNTED_SYMBOL as u64);
    assert!(heard.lost <= RECORDER_BLOCK, "{heard:?}");
    assert!(heard.repeated <= REPEATED, "{heard:?}");
    assert_eq!(counters(&mut player)["gaps"], 0);
}

#[test]
fn speech_goes_on_when_a_frozen_server_thaws() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a frozen sound server");
    let recorder = server.record().unwrap();
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    listen(Duration::from_secs(1));
    server.signal("STOP").unwrap();
    listen(Duration::from_millis(1_500));
    server.signal("CONT").unwrap();
    player.hear("finished").unwrap();
    let heard = count(&recorder.finish().unwrap());
    let counters = counters(&mut player);
    assert_whole(heard, SIX_SECONDS, &counters);
    assert!(heard.repeated <= REPEATED, "{heard:?}");
}

#[test]
fn a_stop_is_answered_while_the_server_is_frozen_for_good_and_patience_ends_in_an_error() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a server frozen for good");
    let mut player = player(&server, &["--patience", "1500"]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    server.signal("STOP").unwrap();
    listen(Duration::from_millis(600));
    player.tell("stop").unwrap();
    player.hear("stopped").unwrap();
    speak(&mut player, SIX_SECONDS);
    let reason = player.hear("failed").unwrap();
    assert!(reason.starts_with("the sound device was lost: "), "{reason}");
    assert!(reason.contains("within 1.5"), "{reason}");
    player.tell("close").unwrap();
    player.hear("closed").unwrap();
}

#[test]
fn speech_goes_on_when_a_suspended_device_is_resumed() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a suspended device");
    let recorder = server.record().unwrap();
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    listen(Duration::from_secs(1));
    server.command(&["suspend-sink", server.device(), "1"]).unwrap();
    listen(Duration::from_secs(1));
    server.command(&["suspend-sink", server.device(), "0"]).unwrap();
    player.hear("finished").unwrap();
    let heard = count(&recorder.finish().unwrap());
    let counters = counters(&mut player);
    assert_whole(heard, SIX_SECONDS, &counters);
    assert!(heard.repeated <= REPEATED, "{heard:?}");
}

#[test]
fn speech_moves_to_the_other_device_when_its_own_is_taken_away() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a device taken away");
    server.add_device("other").unwrap();
    let other = server.record_of("other", 20).unwrap();
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    listen(Duration::from_secs(1));
    server.remove_device().unwrap();
    player.hear("finished").unwrap();
    let heard = count(&other.finish().unwrap());
    println!("{heard:?}");
    assert_eq!(heard.end, SIX_SECONDS * COUNTED_SYMBOL as u64, "{heard:?}");
    assert!(heard.lost > 0 && heard.exact > 24_000, "{heard:?}");
}

#[test]
fn speech_goes_on_when_the_last_device_is_taken_away_and_another_one_comes() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("the last device taken away");
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    listen(Duration::from_secs(1));
    server.remove_device().unwrap();
    listen(Duration::from_millis(500));
    server.add_device("other").unwrap();
    player.hear("finished").unwrap();
    let stats = counters(&mut player);
    assert_eq!(stats["gaps"], 0);
    assert_eq!(stats["speech_s"], 6.0);
}

#[test]
fn the_default_device_is_followed() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("another default device");
    server.add_device("other").unwrap();
    let other = server.record_of("other", 20).unwrap();
    let mut player = player(&server, &[]);
    speak(&mut player, SIX_SECONDS);
    player.hear("audible").unwrap();
    listen(Duration::from_secs(1));
    server.command(&["set-default-sink", "other"]).unwrap();
    player.hear("finished").unwrap();
    let heard = count(&other.finish().unwrap());
    println!("{heard:?}");
    // What came before is what the first device played.
    let before = heard.lost;
    assert!(before > 0 && heard.exact > 24_000, "{heard:?}");
    assert_eq!(heard.end, SIX_SECONDS * COUNTED_SYMBOL as u64, "{heard:?}");
}

#[test]
fn an_idle_device_is_closed_and_opened_again_for_the_next_utterance() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("an idle device");
    let recorder = server.record().unwrap();
    let mut player = player(&server, &["--idle", "100"]);
    speak(&mut player, 10);
    player.hear("finished").unwrap();
    for _ in 0..500 {
        if server.command(&["list", "short", "sink-inputs"]).unwrap().is_empty() {
            break;
        }
        listen(Duration::from_millis(20));
    }
    assert_eq!(server.command(&["list", "short", "sink-inputs"]).unwrap(), "");
    speak(&mut player, 10);
    player.hear("finished").unwrap();
    let heard = count(&recorder.finish().unwrap());
    let counters = counters(&mut player);
    assert_whole(heard, 20, &counters);
    assert_eq!(heard.repeated, 0, "{heard:?}");
}

#[test]
fn a_device_that_is_not_there_is_refused_with_the_list_of_those_that_are() {
    let Some(server) = sound_server(24_000, 1).unwrap() else { return };
    let _watchdog = Watchdog::over("a device that is not there");
    let mut player = player(&server, &["--device", "nowhere"]);
    let reason = player.hear("refused").unwrap();
    assert!(reason.starts_with("no sound device named 'nowhere'; there is "), "{reason}");
    assert!(reason.contains("sostenuto_test"), "{reason}");
}
