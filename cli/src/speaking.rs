//! Who speaks, and how: what `say` and `render` have in common.

use std::path::PathBuf;

use sostenuto_engine::cast::{Cast, Part, Role, Who};
use sostenuto_engine::config_folder;
use sostenuto_engine::g2p::{Language, LanguageError};
use sostenuto_engine::inference::{
    DEFAULT_VOICE, ENERGY_RANGE, Models, PITCH_RANGE, Prosody, SPEED_RANGE, Voice,
};

use crate::exit::Failure;

/// Who speaks, and how.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Speaking")]
pub(crate) struct Speaking {
    /// Who speaks: a voice, or a blend such as `af_sarah(0.3)+af_jessica(0.7)`; `sostenuto voices` lists all. `af_heart`
    /// unless given.
    #[arg(long, value_name = "V", conflicts_with = "character")]
    pub(crate) voice: Option<String>,

    /// Who speaks: one of the characters of voices.yaml, with a voice, a language and a prosody of its own.
    #[arg(long, value_name = "NAME")]
    pub(crate) character: Option<String>,

    /// One of the emotions of emotions.yaml; the character's own unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) emotion: Option<String>,

    /// Tempo, 0.5 (slow) to 2.0 (fast); on top of the character's and the emotion's.
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = parse_speed)]
    pub(crate) speed: f32,

    /// Shift of the pitch in cents, -1200 (an octave down) to 1200; on top of the character's and the emotion's.
    #[arg(long, value_name = "CENTS", default_value_t = 0.0, value_parser = parse_pitch, allow_negative_numbers = true)]
    pub(crate) pitch: f32,

    /// Energy, 0.5 (weak) to 2.0 (strong); on top of the character's and the emotion's.
    #[arg(long, value_name = "E", default_value_t = 1.0, value_parser = parse_energy)]
    pub(crate) energy: f32,

    /// How the text is read: en-US or en-GB, and with espeak-ng es, fr-FR, it, pt-BR or hi; as the character or the
    /// voice is, unless given.
    #[arg(long, value_name = "L")]
    pub(crate) language: Option<Language>,

    #[command(flatten)]
    pub(crate) cast: CastFiles,
}

/// Files of characters and emotions, on top of those of the program and of the user's configuration.
#[derive(Debug, clap::Args)]
pub(crate) struct CastFiles {
    /// Read characters from this file too.
    #[arg(long, value_name = "FILE.yaml")]
    pub(crate) voices: Option<PathBuf>,

    /// Read emotions from this file too.
    #[arg(long, value_name = "FILE.yaml")]
    pub(crate) emotions: Option<PathBuf>,
}

/// Who speaks and how, once names have been looked up.
pub(crate) struct Speaker {
    /// The name of a voice, or of a blend of voices.
    pub(crate) voice: String,
    /// How the text is read.
    pub(crate) language: Language,
    /// Character, emotion and what was given by hand, all in one.
    pub(crate) prosody: Prosody,
}

/// The speaker that the arguments ask for.
pub(crate) fn speaker(args: &Speaking, models: &Models) -> Result<Speaker, Failure> {
    let who = match (&args.character, &args.voice) {
        (Some(character), _) => Who::Named(character.clone()),
        (None, Some(voice)) => Who::Voice(voice.clone()),
        (None, None) => Who::Voice(DEFAULT_VOICE.to_owned()),
    };
    speaker_of(&Part { who, emotion: args.emotion.clone(), prosody: by_hand(args) }, args, models)
}

/// What was given by hand.
pub(crate) fn by_hand(args: &Speaking) -> Prosody {
    Prosody { speed: args.speed, pitch_cents: args.pitch, energy: args.energy }
}

/// The speaker of `part`.
pub(crate) fn speaker_of(part: &Part, args: &Speaking, models: &Models) -> Result<Speaker, Failure> {
    let cast = cast(&args.cast)?;
    let Role { voice, language, prosody } =
        cast.role(part, |name| models.has_voice(name)).map_err(Failure::usage)?;
    let voice = voice.to_string();
    let language = match args.language.or(language) {
        Some(language) => language,
        None => own_language(&voice)?,
    };
    Ok(Speaker { voice, language, prosody })
}

/// The characters and emotions of the program, of the user's configuration, and of the files that were named.
pub(crate) fn cast(files: &CastFiles) -> Result<Cast, Failure> {
    let mut cast = Cast::shipped().map_err(Failure::failed)?;
    if let Some(folder) = config_folder() {
        cast.read_folder(&folder).map_err(Failure::usage)?;
    }
    if let Some(path) = &files.voices {
        cast.read_voices(path).map_err(Failure::usage)?;
    }
    if let Some(path) = &files.emotions {
        cast.read_emotions(path).map_err(Failure::usage)?;
    }
    Ok(cast)
}

/// The language that the voice called `name` was recorded in.
pub(crate) fn own_language(name: &str) -> Result<Language, Failure> {
    let voice = Voice::named(name);
    let own = voice.language().unwrap_or("en");
    own.parse().map_err(|error| match error {
        LanguageError::NotBuilt { .. } => Failure::usage(format_args!(
            "voice {name}: {error}, give --language en-US or en-GB, or choose another voice"
        )),
        _ => Failure::usage(format_args!(
            "voice {name} speaks {own}, which cannot be read yet; give --language en-US or en-GB, or choose another voice"
        )),
    })
}

fn parse_speed(text: &str) -> Result<f32, String> {
    let (low, high) = SPEED_RANGE.into_inner();
    number(text, low, high).ok_or_else(|| format!("a speed is a number from {low:.1} to {high:.1}"))
}

fn parse_pitch(text: &str) -> Result<f32, String> {
    let (low, high) = PITCH_RANGE.into_inner();
    number(text, low, high).ok_or_else(|| format!("a pitch is a number of cents from {low} to {high}"))
}

fn parse_energy(text: &str) -> Result<f32, String> {
    let (low, high) = ENERGY_RANGE.into_inner();
    number(text, low, high).ok_or_else(|| format!("an energy is a number from {low:.1} to {high:.1}"))
}

/// Reads a number from `low` to `high`.
pub(crate) fn number(text: &str, low: f32, high: f32) -> Option<f32> {
    text.parse().ok().filter(|value| (low..=high).contains(value))
}
