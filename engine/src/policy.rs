//! Which session speaks a fragment. Pure: no clock, no thread, no model.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use sostenuto_inference::SessionKind;

/// A fragment is given to the quality session only if it is predicted to be done so long before its listener runs
/// dry, in seconds: sooner than it would be taken away from it.
const MARGIN: f64 = 0.35;
/// What it takes to end a running inference and to wake an ordinary thread, in seconds.
pub(crate) const TAKE_OVER: f64 = 0.2;
/// An opening is in time if it begins to sound within so many seconds: as soon as a person would answer.
pub const PROMPT: f64 = 0.3;
/// While an opening fragment is being spoken, one that is needed only so much later, in seconds, waits for it.
const LOOK_AHEAD: f64 = 0.5;

/// Which sessions speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// The quality session alone.
    Quality,
    /// The fast session alone.
    Fast,
    /// The fast session opens, and speaks whatever the quality session cannot finish in time; the quality session
    /// speaks the rest, and opens itself where it streams and is prompt. Without a listener who waits, as on a
    /// freewheel sink, that is everything.
    #[default]
    Hybrid,
    /// All sessions are alike and share the work.
    Twin,
}

/// Not a policy's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown session policy '{0}'; choose quality, fast, hybrid or twin")]
pub struct UnknownPolicy(String);

impl Policy {
    /// The sessions that it needs, the first to speak first.
    pub const fn kinds(self) -> &'static [SessionKind] {
        match self {
            Self::Quality => &[SessionKind::Quality],
            Self::Fast => &[SessionKind::Fast],
            Self::Hybrid => &[SessionKind::Fast, SessionKind::Quality],
            Self::Twin => &[SessionKind::Quality, SessionKind::Quality],
        }
    }
}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, UnknownPolicy> {
        match name {
            "quality" => Ok(Self::Quality),
            "fast" => Ok(Self::Fast),
            "hybrid" => Ok(Self::Hybrid),
            "twin" => Ok(Self::Twin),
            other => Err(UnknownPolicy(other.to_string())),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quality => "quality",
            Self::Fast => "fast",
            Self::Hybrid => "hybrid",
            Self::Twin => "twin",
        })
    }
}

/// What is known of a session at the moment of a decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospect {
    /// The model it runs.
    pub kind: SessionKind,
    /// Whether it speaks the fragment's voice, as far as is known.
    pub speaks: bool,
    /// Seconds until it is free, 0 when it is; `None` while it is still being loaded.
    pub free_in: Option<f64>,
    /// Seconds that the fragment takes it, as promised by its cost model: until all of it may be heard without a break,
    /// which is much sooner than it is done where the session streams.
    pub promise: f64,
    /// Whether it hands out the fragment while it speaks it.
    pub streams: bool,
}

/// What a fragment needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Need {
    /// Whether it is the first of its utterance.
    pub opening: bool,
    /// Seconds until its listener runs dry; infinite where nobody waits.
    pub deadline: f64,
    /// The session that spoke the fragment before, where no pause parts the two: a change would be heard.
    pub tied: Option<usize>,
    /// Whether an opening fragment is being spoken, to which all cores belong.
    pub yields: bool,
}

/// What becomes of a fragment now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Assignment {
    /// This session speaks it.
    Now(usize),
    /// It waits. Ask again when a session is free or ready, and at the latest after so many seconds.
    Later(f64),
    /// No session speaks its voice, nor will one.
    Nobody,
}

/// Decides about the fragment that is next on a stream.
pub fn assign(policy: Policy, need: &Need, sessions: &[Prospect]) -> Assignment {
    let usable = |kind: Option<SessionKind>| {
        let fits = move |s: &Prospect| s.speaks && kind.is_none_or(|kind| s.kind == kind);
        sessions.iter().enumerate().filter(move |(_, s)| fits(s))
    };
    if let Some(tied) = need.tied
        && let Some(session) = sessions.get(tied).filter(|s| s.speaks && s.free_in.is_some())
    {
        return at(tied, session);
    }
    match policy {
        Policy::Quality => soonest(need, usable(Some(SessionKind::Quality))),
        Policy::Fast => soonest(need, usable(Some(SessionKind::Fast))),
        Policy::Twin => soonest(need, usable(None)),
        Policy::Hybrid => {
            let quality = soonest(need, usable(Some(SessionKind::Quality)));
            let Some((fast, session)) = usable(Some(SessionKind::Fast)).find(|(_, s)| s.free_in.is_some())
            else {
                // It may be a voice without a twin, or the fast session may still be coming.
                return if quality == Assignment::Nobody { soonest(need, usable(None)) } else { quality };
            };
            if quality == Assignment::Nobody {
                return at(fast, session);
            }
            if need.deadline.is_infinite() {
                return quality;
            }
            if need.opening {
                let prompt = |s: &Prospect| s.streams && s.free_in == Some(0.0) && s.promise <= PROMPT;
                let better = usable(Some(SessionKind::Quality)).find(|(_, s)| prompt(s));
                return better.map_or_else(|| at(fast, session), |(better, session)| at(better, session));
            }
            let finish = usable(Some(SessionKind::Quality))
                .filter_map(|(_, s)| Some(s.free_in? + s.promise))
                .min_by(f64::total_cmp);
            match finish {
                Some(finish) if need.deadline - finish >= MARGIN => match quality {
                    Assignment::Later(within) => {
                        Assignment::Later(within.min(need.deadline - finish - MARGIN))
                    }
                    other => other,
                },
                Some(_) => at(fast, session),
                // It is still being loaded: it gets the fragment if it is there before the fast session must begin.
                None => {
                    let latest = need.deadline - session.promise - LOOK_AHEAD;
                    if latest > 0.0 { Assignment::Later(latest) } else { at(fast, session) }
                }
            }
        }
    }
}

/// After how many seconds a fragment is taken away from the session that has it and given to another, which takes
/// `promise` seconds for it: the last moment at which its listener, who needs it `deadline` seconds from now, does not
/// notice.
pub fn take_over_in(deadline: f64, promise: f64) -> f64 {
    deadline - promise - TAKE_OVER
}

/// Gives the fragment to the session that is done with it first.
fn soonest<'a>(need: &Need, sessions: impl Iterator<Item = (usize, &'a Prospect)>) -> Assignment {
    let finish = |s: &Prospect| s.free_in.map_or(f64::INFINITY, |free_in| free_in + s.promise);
    let Some((index, session)) = sessions.min_by(|a, b| finish(a.1).total_cmp(&finish(b.1))) else {
        return Assignment::Nobody;
    };
    let spare = need.deadline - finish(session) - LOOK_AHEAD;
    if need.yields && !need.opening && spare > 0.0 {
        return Assignment::Later(spare);
    }
    at(index, session)
}

fn at(index: usize, session: &Prospect) -> Assignment {
    match session.free_in {
        Some(free_in) if free_in <= 0.0 => Assignment::Now(index),
        Some(free_in) => Assignment::Later(free_in),
        None => Assignment::Later(f64::INFINITY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Assignment::{Later, Nobody, Now};

    const FAST: usize = 0;
    const QUALITY: usize = 1;

    fn fast() -> Prospect {
        Prospect { kind: SessionKind::Fast, speaks: true, free_in: Some(0.0), promise: 0.03, streams: false }
    }

    fn quality() -> Prospect {
        Prospect {
            kind: SessionKind::Quality,
            speaks: true,
            free_in: Some(0.0),
            promise: 1.5,
            streams: false,
        }
    }

    fn need(deadline: f64) -> Need {
        Need { opening: false, deadline, tied: None, yields: false }
    }

    fn opening() -> Need {
        Need { opening: true, ..need(0.0) }
    }

    fn hybrid(need: Need, sessions: [Prospect; 2]) -> Assignment {
        assign(Policy::Hybrid, &need, &sessions)
    }

    #[test]
    fn the_fast_session_opens() {
        assert_eq!(hybrid(opening(), [fast(), quality()]), Now(FAST));
    }

    #[test]
    fn a_quality_session_that_streams_opens_where_it_is_free_and_prompt() {
        let streaming = |promise| Prospect { streams: true, promise, ..quality() };
        assert_eq!(hybrid(opening(), [fast(), streaming(PROMPT)]), Now(QUALITY));
        assert_eq!(hybrid(opening(), [fast(), streaming(PROMPT + 0.01)]), Now(FAST));
        let busy = Prospect { free_in: Some(0.01), ..streaming(0.1) };
        assert_eq!(hybrid(opening(), [fast(), busy]), Now(FAST));
        assert_eq!(hybrid(opening(), [fast(), Prospect { promise: 0.1, ..quality() }]), Now(FAST));
    }

    #[test]
    fn the_quality_session_speaks_what_it_can_finish_in_time() {
        assert_eq!(hybrid(need(1.9), [fast(), quality()]), Now(QUALITY));
        assert_eq!(hybrid(need(1.5), [fast(), quality()]), Now(FAST));
    }

    #[test]
    fn a_busy_quality_session_is_waited_for_as_long_as_there_is_slack() {
        let busy = Prospect { free_in: Some(1.0), ..quality() };
        let Later(within) = hybrid(need(3.0), [fast(), busy]) else { panic!("not later") };
        assert!((within - 0.15).abs() < 1e-9, "{within}");
        assert_eq!(hybrid(need(2.5), [fast(), busy]), Now(FAST));
    }

    #[test]
    fn a_quality_session_that_is_still_loading_leaves_the_fast_one_to_speak_at_the_last_moment() {
        let coming = Prospect { free_in: None, ..quality() };
        assert_eq!(hybrid(opening(), [fast(), coming]), Now(FAST));
        assert_eq!(hybrid(need(0.4), [fast(), coming]), Now(FAST));
        assert!(matches!(hybrid(need(3.0), [fast(), coming]), Later(within) if within < 3.0));
    }

    #[test]
    fn where_nobody_waits_the_quality_session_speaks_everything() {
        let need = Need { opening: true, ..need(f64::INFINITY) };
        assert_eq!(hybrid(need, [fast(), quality()]), Now(QUALITY));
        let coming = Prospect { free_in: None, ..quality() };
        assert_eq!(hybrid(need, [fast(), coming]), Later(f64::INFINITY));
    }

    #[test]
    fn a_voice_without_a_twin_is_spoken_by_the_quality_session_and_a_voice_of_nobody_by_nobody() {
        let mute = Prospect { speaks: false, ..fast() };
        assert_eq!(hybrid(opening(), [mute, quality()]), Now(QUALITY));
        assert_eq!(hybrid(opening(), [mute, Prospect { speaks: false, ..quality() }]), Nobody);
        assert_eq!(assign(Policy::Fast, &opening(), &[mute, quality()]), Nobody);
    }

    #[test]
    fn a_quality_session_that_is_gone_leaves_the_fast_one() {
        let gone = Prospect { speaks: false, ..quality() };
        assert_eq!(hybrid(need(f64::INFINITY), [fast(), gone]), Now(FAST));
    }

    #[test]
    fn a_joint_that_is_no_pause_does_not_change_the_session() {
        let tied = Need { tied: Some(FAST), ..need(9.0) };
        assert_eq!(hybrid(tied, [fast(), quality()]), Now(FAST));
        let tied = Need { tied: Some(QUALITY), ..need(0.2) };
        assert_eq!(hybrid(tied, [fast(), quality()]), Now(QUALITY));
    }

    #[test]
    fn twins_share_the_work_and_look_ahead_waits_for_an_opening() {
        let busy = Prospect { free_in: Some(1.0), ..quality() };
        assert_eq!(assign(Policy::Twin, &need(9.0), &[busy, quality()]), Now(1));
        let yielding = Need { yields: true, ..need(9.0) };
        assert!(matches!(assign(Policy::Twin, &yielding, &[busy, quality()]), Later(_)));
        let urgent = Need { yields: true, ..need(1.0) };
        assert_eq!(assign(Policy::Twin, &urgent, &[busy, quality()]), Now(1));
    }

    #[test]
    fn what_keeps_its_promise_is_never_taken_over() {
        let latest = 1.5 + MARGIN;
        assert!(take_over_in(latest, fast().promise) > quality().promise);
    }

    #[test]
    fn a_policy_is_known_by_its_name() {
        for policy in [Policy::Quality, Policy::Fast, Policy::Hybrid, Policy::Twin] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        assert!("both".parse::<Policy>().is_err());
    }
}
