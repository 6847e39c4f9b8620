//! Which form speaks on this machine: the faster one, the native one only once it said what the stock one says.
//!
//! Found once, when the session's files are made or when it is asked for, and kept beside them.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::NativeSource;
use crate::assets::{Cache, Digest};
use crate::graph::agreement::{Agreement, Bounds, Spoken};
use crate::kernels::Isa;
use crate::loading::test_fragment;
use crate::models::DEFAULT_VOICE;
use crate::runtime::Runtime;
use crate::{
    Form, Fragment, Kokoro, Models, ModelsError, SessionError, SessionKind, SessionOptions, SynthesisError,
    Synthesizer, Trim, Variant, optimised,
};

/// "When the sun went down behind the hills,"
const CLAUSE: &str = "wˌɛn ðə sˈʌn wˈɛnt dˌWn bəhˈInd ðə hˈɪlz,";
/// Says how the forms are compared; a change in that is another name.
const RECORD: &str = "kokoro-form-2";
/// The native form may be no further from the stock one than this.
const ALIKE: Bounds = Bounds { durations: 0.0, spectrum: 0.1, signal_to_noise: Some(50.0) };
/// What the stock form takes of the time of the float graph that it is made from, at the least: measured 0.69 on one
/// thread of an AVX-512 machine and 0.65 on two. Where that is too little the stock form is only taken too often.
const FUSED_OF_FLOAT: f64 = 0.65;
/// Rounds of an interleaved comparison.
const ROUNDS: usize = 3;

/// The form that was found to be the fastest on this machine, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// Which one.
    pub form: Form,
    /// The instruction set of the native generator.
    pub isa: String,
    /// How far the native form is from the stock one on a clause, in dB; none where they cannot be compared.
    pub signal_to_noise: Option<f32>,
    /// What the stock form takes for the clause, in seconds.
    pub stock_s: f64,
    /// What the native form takes.
    pub native_s: f64,
    /// Threads that both had.
    pub threads: usize,
    /// Why this one.
    pub reason: String,
}

impl Chosen {
    fn by(agreement: &Agreement, [stock_s, native_s]: [f64; 2], isa: Isa, threads: usize) -> Self {
        let signal_to_noise = agreement.signal_to_noise.map(|ratio| ratio.min(f32::MAX));
        let (form, reason) = if !agreement.within(&ALIKE) {
            let found = signal_to_noise
                .map_or_else(|| "of another length".to_owned(), |ratio| format!("{ratio:.1} dB"));
            (Form::Stock, format!("the native form does not say the same: {found}"))
        } else if native_s < stock_s {
            (Form::Native, format!("it takes {:.2} of the time of the stock form", native_s / stock_s))
        } else {
            (Form::Stock, format!("the native form takes {:.2} of its time", native_s / stock_s))
        };
        Self { form, isa: isa.to_string(), signal_to_noise, stock_s, native_s, threads, reason }
    }

    fn without_native(error: &ModelsError) -> Result<Self, SessionError> {
        Ok(Self {
            form: Form::Stock,
            isa: Isa::chosen()?.to_string(),
            signal_to_noise: None,
            stock_s: f64::NAN,
            native_s: f64::NAN,
            threads: SessionOptions::on_all_cores().threads,
            reason: format!("the native form cannot be had: {error}"),
        })
    }
}

impl Models {
    /// The form that speaks on this machine unless another is asked for; found where that was not done before, which
    /// makes the files of the native form and takes some seconds.
    ///
    /// # Errors
    /// A file is not fetched.
    pub fn form(&self) -> Result<Chosen, ModelsError> {
        match self.recorded_form()? {
            Some(chosen) => Ok(chosen),
            None => self.choose_form(false),
        }
    }

    /// The form that was found before, if one was.
    ///
    /// # Errors
    /// A file is not fetched.
    pub fn recorded_form(&self) -> Result<Option<Chosen>, ModelsError> {
        let digest = self.manifest().entry("kokoro")?.sha256;
        let path = self.cache().derived_path(digest, &record_name(&self.runtime()?)?);
        Ok(std::fs::read_to_string(path).ok().and_then(|text| toml::from_str(&text).ok()))
    }

    /// Finds the form that speaks on this machine, and keeps it: compares the native form with the float graph, and its
    /// time with that of the stock form, which is measured where the comparison is to be `thorough`, and else taken
    /// from the float graph's, so that the stock form's files need not be made.
    ///
    /// Where the two cannot be compared it is the stock form. That is kept too where the reason lasts; one that may pass,
    /// such as too little memory, is told in the log, and the next time they are compared again. So they are where the
    /// cache does not take what was found.
    ///
    /// # Errors
    /// A file is not fetched.
    pub fn choose_form(&self, thorough: bool) -> Result<Chosen, ModelsError> {
        let entry = self.manifest().entry("kokoro")?;
        self.cache().require(entry)?;
        let runtime = self.runtime()?;
        let name = record_name(&runtime)?;
        settle(self.cache(), (entry.sha256, &name), self.compare_forms(&runtime, thorough))
    }

    fn compare_forms(&self, runtime: &Runtime, thorough: bool) -> Result<Chosen, ModelsError> {
        let options = SessionOptions::on_all_cores();
        let source = NativeSource::of(self)?;
        let mut native = source.open(&options)?;
        native.set_trim(Trim::Off);
        let fragment = test_fragment(CLAUSE, &self.quality_voice(DEFAULT_VOICE)?);
        let mut float = Kokoro::load(runtime, &self.graph(Variant::Float)?, options.threads)?;
        float.set_trim(Trim::Off);
        let agreement = Spoken::by(&mut float, &fragment)
            .map_err(SessionError::from)?
            .agreement(&Spoken::by(&mut native, &fragment).map_err(SessionError::from)?);
        let seconds = if thorough {
            drop(float);
            let stock = SessionOptions { form: Some(Form::Stock), ..options };
            let mut stock = self.load(SessionKind::Quality, DEFAULT_VOICE, &stock)?.session;
            race([stock.as_mut(), &mut native], &fragment)?
        } else {
            let [float, native] = race([&mut float, &mut native], &fragment)?;
            [float * FUSED_OF_FLOAT, native]
        };
        Ok(Chosen::by(&agreement, seconds, Isa::chosen().map_err(SessionError::from)?, options.threads))
    }
}

/// The form to speak in after a comparison, kept in the file `name` made from `digest` where it will be the same the next
/// time.
fn settle(
    cache: &Cache,
    (digest, name): (Digest, &str),
    compared: Result<Chosen, ModelsError>,
) -> Result<Chosen, ModelsError> {
    let chosen = match compared {
        Ok(chosen) => chosen,
        Err(error) => {
            let stock = Chosen::without_native(&error)?;
            if !lasts(&error) {
                tracing::warn!("{}; it is tried again the next time", stock.reason);
                return Ok(stock);
            }
            stock
        }
    };
    tracing::info!(form = %chosen.form, isa = chosen.isa, "{}", chosen.reason);
    let text = toml::to_string(&chosen).unwrap_or_default();
    if let Err(error) = cache.renew_derived(digest, name, |_| text.into_bytes()) {
        tracing::warn!("which form is faster is found anew the next time: {error}");
    }
    Ok(chosen)
}

/// Whether the forms can never be compared on this machine: the graph is of another kind, or what was made of it speaks
/// otherwise. Anything else (memory, threads, a disk, a file) may be better the next time.
fn lasts(error: &ModelsError) -> bool {
    matches!(
        error,
        ModelsError::Disagreement { .. }
            | ModelsError::Session(
                SessionError::Graph { .. }
                    | SessionError::OptimisedOtherwise { .. }
                    | SessionError::WarmUp(SynthesisError::NotFinite { .. })
            )
    )
}

/// What each takes for `fragment` at best, in seconds; they take turns.
fn race(mut sessions: [&mut dyn Synthesizer; 2], fragment: &Fragment) -> Result<[f64; 2], SessionError> {
    let mut best = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (session, best) in sessions.iter_mut().zip(&mut best) {
            let start = Instant::now();
            session.synthesize(fragment, &mut |_: &[f32]| {})?;
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    Ok(best)
}

/// The name of the record, which says all that makes it another one.
fn record_name(runtime: &Runtime) -> Result<String, SessionError> {
    let name = optimised::file_name(RECORD, runtime);
    let isa = Isa::chosen()?;
    let threads = SessionOptions::on_all_cores().threads;
    Ok(format!("{}-{isa}-{threads}.toml", name.trim_end_matches(".ort")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(signal_to_noise: Option<f32>, seconds: [f64; 2]) -> Form {
        let agreement =
            Agreement { durations: 0.0, spectrum: 0.0, signal_to_noise, log_mel: None, log_spectral: None };
        Chosen::by(&agreement, seconds, Isa::Portable, 2).form
    }

    #[test]
    fn the_native_form_speaks_only_where_it_says_the_same_and_is_faster() {
        assert_eq!(chosen(Some(60.0), [1.0, 0.5]), Form::Native);
        assert_eq!(chosen(Some(60.0), [1.0, 1.1]), Form::Stock);
        assert_eq!(chosen(Some(49.0), [1.0, 0.5]), Form::Stock);
        assert_eq!(chosen(None, [1.0, 0.5]), Form::Stock);
        assert_eq!(chosen(Some(f32::INFINITY), [1.0, 0.5]), Form::Native);
    }

    const NAME: &str = "form.toml";

    fn digest() -> Digest {
        Digest::of(&b"a model"[..]).unwrap()
    }

    /// Settles on `compared` in a fresh cache, and tells what was kept.
    fn settled(compared: Result<Chosen, ModelsError>) -> (Chosen, Option<Chosen>) {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        let chosen = settle(&cache, (digest(), NAME), compared).unwrap();
        let kept = std::fs::read_to_string(cache.derived_path(digest(), NAME)).ok();
        (chosen, kept.map(|text| toml::from_str(&text).unwrap()))
    }

    fn compared() -> Chosen {
        let agreement = Agreement {
            durations: 0.0,
            spectrum: 0.0,
            signal_to_noise: Some(60.0),
            log_mel: None,
            log_spectral: None,
        };
        Chosen::by(&agreement, [1.0, 0.25], Isa::best(), 2)
    }

    #[test]
    fn what_was_measured_is_kept() {
        assert_eq!(settled(Ok(compared())), (compared(), Some(compared())));
    }

    #[test]
    fn what_may_be_better_the_next_time_is_not_kept() {
        let path = std::path::PathBuf::from("generator.weights");
        let no_memory = || std::io::Error::from(std::io::ErrorKind::OutOfMemory);
        let passing: [ModelsError; 5] = [
            SessionError::Threads(no_memory()).into(),
            SessionError::Unreadable { path: path.clone(), source: no_memory() }.into(),
            SessionError::WarmUp(SynthesisError::Interrupted).into(),
            SessionError::Weights { path: path.clone(), source: crate::generator::WeightsError::Length }
                .into(),
            crate::assets::AssetError::DiskFull { folder: path, needed: 1 }.into(),
        ];
        for error in passing {
            let told = error.to_string();
            let (chosen, kept) = settled(Err(error));
            assert!(chosen.form == Form::Stock && chosen.reason.contains(&told), "{told}");
            assert_eq!(kept, None, "{told}");
        }
    }

    #[test]
    fn what_cannot_change_on_this_machine_is_kept() {
        let unfit = crate::graph::GraphError::Generator { found: 0 };
        let lasting = [
            SessionError::Graph { path: "float.onnx".into(), source: unfit },
            SessionError::OptimisedOtherwise { session: "quality" },
            SessionError::WarmUp(SynthesisError::NotFinite { session: "quality" }),
        ];
        for error in lasting {
            let told = error.to_string();
            let (chosen, kept) = settled(Err(error.into()));
            let kept = kept.unwrap();
            assert!(kept.form == Form::Stock && kept.reason == chosen.reason, "{told}");
        }
    }

    #[test]
    fn a_choice_that_cannot_be_kept_is_spoken_in_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        // A file where the folder of derived files should be.
        std::fs::write(folder.path().join("derived"), "").unwrap();
        let cache = Cache::at(folder.path()).unwrap();
        assert_eq!(settle(&cache, (digest(), NAME), Ok(compared())).unwrap(), compared());
    }

    #[test]
    fn a_choice_is_read_as_it_was_written() {
        let agreement = Agreement {
            durations: 0.0,
            spectrum: 0.0,
            signal_to_noise: Some(f32::INFINITY),
            log_mel: None,
            log_spectral: None,
        };
        let chosen = Chosen::by(&agreement, [1.0, 0.25], Isa::best(), 2);
        assert_eq!(toml::from_str::<Chosen>(&toml::to_string(&chosen).unwrap()), Ok(chosen));
    }
}
