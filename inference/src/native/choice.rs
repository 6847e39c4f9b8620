//! Which form speaks on this machine: the faster one, the native one only once it said what the stock one says.
//!
//! Found once, when the session's files are made or when it is asked for, and kept beside them.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::NativeSource;
use crate::graph::agreement::{Agreement, Bounds, Spoken};
use crate::kernels::Isa;
use crate::loading::test_fragment;
use crate::models::DEFAULT_VOICE;
use crate::runtime::Runtime;
use crate::{
    Form, Fragment, Kokoro, Models, ModelsError, SessionError, SessionKind, SessionOptions, Synthesizer,
    Trim, Variant, optimised,
};

/// "When the sun went down behind the hills,"
const CLAUSE: &str = "wˌɛn ðə sˈʌn wˈɛnt dˌWn bəhˈInd ðə hˈɪlz,";
/// Says how the forms are compared; a change in that is another name.
const RECORD: &str = "kokoro-form-1";
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
    /// # Errors
    /// A file is not fetched.
    pub fn choose_form(&self, thorough: bool) -> Result<Chosen, ModelsError> {
        let digest = self.manifest().entry("kokoro")?.sha256;
        let runtime = self.runtime()?;
        let name = record_name(&runtime)?;
        let chosen = match self.compare_forms(&runtime, thorough) {
            Ok(chosen) => chosen,
            Err(error) => {
                self.cache().require(self.manifest().entry("kokoro")?)?;
                let stock = Chosen::without_native(&error)?;
                if let ModelsError::Asset(_) = error {
                    // Not kept: a disk that is full today has room tomorrow.
                    tracing::warn!("{}", stock.reason);
                    return Ok(stock);
                }
                stock
            }
        };
        tracing::info!(form = %chosen.form, isa = chosen.isa, "{}", chosen.reason);
        self.cache().delete_derived(digest, |file| file == name);
        let text = toml::to_string(&chosen).unwrap_or_default();
        self.cache().derive::<ModelsError>(digest, &name, || Ok(text.into_bytes()))?;
        Ok(chosen)
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
