//! The C library, behind the one lock of this process. All unsafe code of espeak-ng is here.
//!
//! espeak-ng keeps its state in global variables: two threads in it at once crash the process, and so does a text
//! when no voice is set. Nothing outside this file can reach it, and everything in this file holds the lock.
//! Starting it sets the process's `LC_CTYPE` to UTF-8, which Rust's standard library does not look at.

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use espeak_rs_sys as sys;

use super::data;
use super::error::EspeakError;

/// `ENS_OK` of `espeak_ng.h`.
const OK: sys::espeak_ng_STATUS = 0;
/// `ENOUTPUT_MODE_SYNCHRONOUS` of `espeak_ng.h`: no thread, no sound device.
const SYNCHRONOUS: sys::espeak_ng_OUTPUT_MODE = 1;
/// `espeakCHARS_UTF8` of `speak_lib.h`.
const UTF8: i32 = 1;
/// IPA (bit 1) with `^` (bits 8 to 23) as the tie (bit 7) within a sound of several letters.
const IPA_TIED: i32 = ('^' as i32) << 8 | 0x82;

/// The library, started.
struct Library {
    data: PathBuf,
    voice: Option<&'static CStr>,
}

static LIBRARY: Mutex<Option<Library>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<Library>> {
    // Nothing in here panics half way through a call of the library.
    LIBRARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the library, once, and makes sure that it has `voice`.
pub(super) fn start(given: Option<&Path>, voice: &'static CStr) -> Result<(), EspeakError> {
    let mut library = lock();
    let library = match library.as_mut() {
        Some(running) => {
            // Only what the caller says is compared: what else may be found has not changed since.
            let asked = given.map(|given| data::find(Some(given))).transpose()?.flatten();
            if asked.is_some_and(|asked| asked != running.data) {
                return Err(EspeakError::OtherData { running: running.data.clone() });
            }
            running
        }
        None => library.insert(Library::start(data::find(given)?)?),
    };
    if library.choose(voice) {
        return Ok(());
    }
    let voice = voice.to_str().unwrap_or_default();
    Err(EspeakError::NoVoice { voice, path: library.data.clone() })
}

/// The sounds of every text in `voice`, as espeak-ng writes them; nothing where it was not started with that voice.
pub(super) fn translate(voice: &'static CStr, texts: &[CString]) -> Vec<String> {
    let mut library = lock();
    let ready = library.as_mut().and_then(|library| library.choose(voice).then_some(library));
    let Some(library) = ready else { return vec![String::new(); texts.len()] };
    texts.iter().map(|text| library.translate(text)).collect()
}

impl Library {
    /// Reads the data in `folder`, or where the library was built; to be called once, under the lock.
    fn start(folder: Option<PathBuf>) -> Result<Self, EspeakError> {
        let path = folder.as_ref().map(|folder| CString::new(folder.to_string_lossy().as_bytes()));
        let path = path.transpose().unwrap_or_default();
        let mut context: sys::espeak_ng_ERROR_CONTEXT = ptr::null_mut();
        // SAFETY: the caller holds the lock, so no other thread is in the library. `path` is null or a C string that
        // lives until the end of this function; the library copies it, and build.rs has seen to it that the path that is
        // compiled in fits where it is copied to. `context` is null, as the library wants it, and
        // is given back to it once.
        let status = unsafe {
            sys::espeak_ng_InitializePath(path.as_deref().map_or(ptr::null(), CStr::as_ptr));
            let status = sys::espeak_ng_Initialize(&raw mut context);
            sys::espeak_ng_ClearErrorContext(&raw mut context);
            status
        };
        let data = current_data();
        if let Some(folder) = folder.filter(|folder| *folder != data) {
            // Its name is too long for the library, or not UTF-8; the library has looked elsewhere then.
            return Err(EspeakError::Refused { path: folder });
        }
        if data::complete(&data).is_none() {
            return Err(EspeakError::NoData { looked_in: data });
        }
        if status != OK {
            return Err(EspeakError::Refused { path: data });
        }
        // SAFETY: under the lock, and initialised above. A null device is the default one, which is not opened in
        // this mode.
        let status = unsafe { sys::espeak_ng_InitializeOutput(SYNCHRONOUS, 0, ptr::null()) };
        if status == OK { Ok(Self { data, voice: None }) } else { Err(EspeakError::Refused { path: data }) }
    }

    /// Whether `voice` is set now.
    fn choose(&mut self, voice: &'static CStr) -> bool {
        if self.voice == Some(voice) {
            return true;
        }
        self.voice = None;
        // SAFETY: a `Library` exists only under the lock and once the library is initialised; `voice` is a C string.
        if unsafe { sys::espeak_ng_SetVoiceByName(voice.as_ptr()) } == OK {
            self.voice = Some(voice);
        }
        self.voice.is_some()
    }

    /// The sounds of `text`, its clauses apart by spaces; nothing before a voice is chosen.
    fn translate(&mut self, text: &CStr) -> String {
        let mut out = String::new();
        if self.voice.is_none() {
            return out;
        }
        let mut rest: *const c_void = text.as_ptr().cast();
        // Every call takes a byte at least, so there are no more clauses than bytes.
        for _ in 0..=text.count_bytes() {
            if rest.is_null() {
                break;
            }
            // SAFETY: a `Library` exists only under the lock and once the library is initialised, and a voice is set.
            // `rest` points into `text`, which ends with a NUL and outlives the call; the library moves it on, and
            // sets it to null at the end of the text.
            let clause: *const c_char = unsafe { sys::espeak_TextToPhonemes(&raw mut rest, UTF8, IPA_TIED) };
            if clause.is_null() {
                break;
            }
            // SAFETY: not null, and a C string in the library's own memory that stays as it is until the next call,
            // which the lock keeps away; it is copied before.
            let clause = unsafe { CStr::from_ptr(clause) }.to_string_lossy();
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&clause);
        }
        out
    }
}

/// The folder that the library looks into; to be called under the lock, once the path is initialised.
fn current_data() -> PathBuf {
    let mut path: *const c_char = ptr::null();
    // SAFETY: under the lock. The library writes a pointer to its own array of characters, in which its path ends with
    // a NUL; it is copied before the lock is given back.
    let path = unsafe {
        sys::espeak_Info(&raw mut path);
        if path.is_null() { c"" } else { CStr::from_ptr(path) }
    };
    PathBuf::from(path.to_string_lossy().into_owned())
}
