//! The fragments of a stream that were given out and are not yet counted among the audio that waits in playback.
//! Pure.

use std::collections::VecDeque;

use sostenuto_playback::{Epoch, Tag};

/// One of them.
#[derive(Clone, Debug)]
struct Fragment {
    tag: Tag,
    session: usize,
    /// Seconds of audio and pause, predicted until it was spoken.
    seconds: f64,
    /// Chunks that its session has room for on its account.
    reserved: u64,
    /// Once it was spoken: the chunks sent by its session until then.
    sent: Option<u64>,
    /// Playback does not wait for it.
    given_up: bool,
    /// It is handed out while it is being spoken.
    streams: bool,
}

/// A fragment that playback has not got in whole, as far as the outlook needs to know it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flying {
    /// Who speaks it, by its number; `None` once it was spoken.
    pub session: Option<usize>,
    /// Seconds of audio and pause, predicted until it was spoken.
    pub seconds: f64,
    /// Seconds of it that playback has got, where it streams; what comes whole counts once it is there.
    pub got: f64,
}

/// What is ahead of a listener besides what waits in playback, in order.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    fragments: VecDeque<Fragment>,
    /// What playback has got of the epoch before these: the epoch, and seconds.
    settled: (Epoch, f64),
    /// What playback has got of the epoch by its own count, in seconds.
    taken: f64,
}

impl InFlight {
    /// `session` begins the fragment `tag`, predicted to last `seconds`, for which it has room for `reserved` chunks.
    /// It comes after all that were begun before.
    pub fn begin(&mut self, tag: Tag, session: usize, seconds: f64, reserved: u64) {
        let fragment =
            Fragment { tag, session, seconds, reserved, sent: None, given_up: false, streams: false };
        self.fragments.push_back(fragment);
    }

    /// The fragment `tag` is handed out while it is being spoken.
    pub fn stream(&mut self, tag: Tag) {
        for fragment in self.of(tag) {
            fragment.streams = true;
        }
    }

    /// Who has the fragment `tag`, and room for how many chunks, while it is being spoken.
    pub fn reservation(&self, tag: Tag) -> Option<(usize, u64)> {
        let fragment = self.fragments.iter().find(|f| f.tag == tag && f.sent.is_none())?;
        Some((fragment.session, fragment.reserved))
    }

    /// The fragment `tag` lasts `seconds`, and its session has sent `sent` chunks with it.
    pub fn end(&mut self, tag: Tag, seconds: f64, sent: u64) {
        for fragment in self.of(tag) {
            (fragment.seconds, fragment.sent) = (seconds, Some(sent));
        }
    }

    /// `session` speaks the fragment `tag` now.
    pub fn hand_over(&mut self, tag: Tag, session: usize, reserved: u64) {
        for fragment in self.of(tag) {
            (fragment.session, fragment.reserved, fragment.streams) = (session, reserved, false);
        }
    }

    /// A gap takes the place of the fragment `tag`, whose session still has its room.
    pub fn give_up_on(&mut self, tag: Tag) {
        for fragment in self.of(tag) {
            (fragment.seconds, fragment.given_up) = (0.0, true);
        }
    }

    /// Forgets what playback counts, `is_taken` telling whether it has taken a session's chunks up to a number, and
    /// what was spoken before `epoch`.
    ///
    /// What playback has taken before its turn has come is not counted there: it waits for the fragment before it,
    /// and stays here as long as that does.
    pub fn settle(&mut self, epoch: Epoch, is_taken: impl Fn(usize, u64) -> bool) {
        let mut waits = false;
        let mut settled = if self.settled.0 == epoch { self.settled.1 } else { 0.0 };
        self.fragments.retain(|f| {
            if f.tag.epoch != epoch {
                return f.sent.is_none();
            }
            waits |= !f.given_up && !f.sent.is_some_and(|sent| is_taken(f.session, sent));
            let stays = waits || f.sent.is_none();
            settled += if stays { 0.0 } else { f.seconds };
            stays
        });
        self.settled = (epoch, settled);
    }

    /// Seconds of `epoch` that playback had got when it was last [settled](Self::settle): those before the fragments of
    /// [`flying`](Self::flying).
    pub fn settled(&self, epoch: Epoch) -> f64 {
        if self.settled.0 == epoch { self.settled.1 } else { 0.0 }
    }

    /// Takes note that playback has got `taken` seconds of `epoch` by its own count. Where nothing is on its way there,
    /// that is what it has got: of what broke off only playback knows how long it was.
    pub fn correct(&mut self, epoch: Epoch, taken: f64) {
        self.taken = taken;
        let none = self.fragments.iter().all(|f| f.tag.epoch != epoch);
        if none && self.settled.0 == epoch && self.settled.1 > 0.0 {
            self.settled.1 = taken;
        }
    }

    /// The fragments of `epoch` that playback waits for, in order.
    pub fn flying(&self, epoch: Epoch) -> impl Iterator<Item = Flying> + '_ {
        let waited_for = self.fragments.iter().filter(move |f| f.tag.epoch == epoch && !f.given_up);
        waited_for.map(move |f| Flying {
            session: f.sent.is_none().then_some(f.session),
            seconds: f.seconds,
            got: self.got(epoch, f.tag),
        })
    }

    /// Seconds of the fragment `tag` that playback has got, where it streams: only of the first in order, for what comes
    /// after it waits for its turn.
    fn got(&self, epoch: Epoch, tag: Tag) -> f64 {
        let first = self.fragments.iter().find(|f| f.tag.epoch == epoch);
        let streams = first.filter(|f| f.streams && !f.given_up && f.tag == tag);
        streams.map_or(0.0, |f| (self.taken - self.settled(epoch)).clamp(0.0, f.seconds.max(0.0)))
    }

    /// Whether playback waits for a fragment of `epoch`, so that whatever is sent now waits with it.
    pub fn is_awaited(&self, epoch: Epoch) -> bool {
        self.flying(epoch).next().is_some()
    }

    /// Seconds of `epoch` that playback has not got.
    pub fn seconds(&self, epoch: Epoch) -> f64 {
        let fragments = self.fragments.iter().filter(|f| f.tag.epoch == epoch);
        fragments.map(|f| f.seconds - self.got(epoch, f.tag)).sum()
    }

    /// Seconds that come before the fragment `tag` and that playback has not got.
    pub fn seconds_before(&self, tag: Tag) -> f64 {
        let before = self.fragments.iter().filter(|f| f.tag.epoch == tag.epoch && f.tag.seq < tag.seq);
        before.map(|f| f.seconds - self.got(tag.epoch, f.tag)).sum()
    }

    /// Whether a fragment of `epoch` is still being spoken.
    pub fn is_speaking(&self, epoch: Epoch) -> bool {
        self.fragments.iter().any(|f| f.tag.epoch == epoch && f.sent.is_none() && !f.given_up)
    }

    fn of(&mut self, tag: Tag) -> impl Iterator<Item = &mut Fragment> {
        self.fragments.iter_mut().filter(move |f| f.tag == tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sostenuto_playback::StreamId;

    fn tag(seq: u64) -> Tag {
        Tag { stream: StreamId(0), epoch: Epoch(0), seq }
    }

    /// A fragment of 3 s that is being spoken and one of 2 s after it, that was spoken by another session.
    fn one_done_early() -> InFlight {
        let mut in_flight = InFlight::default();
        in_flight.begin(tag(0), 0, 3.0, 2);
        in_flight.begin(tag(1), 1, 1.5, 2);
        in_flight.end(tag(1), 2.0, 2);
        in_flight
    }

    #[test]
    fn what_is_done_early_is_ahead_until_what_is_before_it_has_been_taken() {
        let mut in_flight = one_done_early();
        in_flight.settle(Epoch(0), |_, _| true);
        assert_eq!(in_flight.seconds(Epoch(0)), 5.0);
        in_flight.end(tag(0), 3.5, 2);
        in_flight.settle(Epoch(0), |session, _| session == 1);
        assert_eq!(in_flight.seconds(Epoch(0)), 5.5);
        in_flight.settle(Epoch(0), |_, _| true);
        assert_eq!(in_flight.seconds(Epoch(0)), 0.0);
    }

    #[test]
    fn what_playback_has_got_is_counted_by_epoch_and_put_right_once_nothing_is_on_its_way() {
        let mut in_flight = one_done_early();
        let flying: Vec<_> = in_flight.flying(Epoch(0)).collect();
        assert_eq!(flying[0], Flying { session: Some(0), seconds: 3.0, got: 0.0 });
        assert_eq!(flying[1], Flying { session: None, seconds: 2.0, got: 0.0 });
        in_flight.end(tag(0), 3.5, 2);
        in_flight.correct(Epoch(0), 9.0);
        in_flight.settle(Epoch(0), |_, _| true);
        assert_eq!((in_flight.settled(Epoch(0)), in_flight.settled(Epoch(1))), (5.5, 0.0));
        in_flight.correct(Epoch(0), 5.25);
        assert_eq!(in_flight.settled(Epoch(0)), 5.25);
        in_flight.settle(Epoch(1), |_, _| true);
        assert_eq!(in_flight.settled(Epoch(1)), 0.0);
    }

    #[test]
    fn what_is_done_early_does_not_make_what_is_before_it_less_urgent() {
        let in_flight = one_done_early();
        assert_eq!((in_flight.seconds_before(tag(0)), in_flight.seconds_before(tag(1))), (0.0, 3.0));
    }

    #[test]
    fn what_playback_has_got_of_a_fragment_that_streams_does_not_count_twice() {
        let mut in_flight = one_done_early();
        in_flight.correct(Epoch(0), 1.0);
        assert_eq!(in_flight.seconds(Epoch(0)), 5.0, "what comes whole is not there in part");
        in_flight.stream(tag(0));
        assert_eq!((in_flight.seconds(Epoch(0)), in_flight.seconds_before(tag(1))), (4.0, 2.0));
        assert_eq!(in_flight.flying(Epoch(0)).map(|f| f.got).collect::<Vec<_>>(), [1.0, 0.0]);
        in_flight.correct(Epoch(0), 9.0);
        assert_eq!(in_flight.seconds(Epoch(0)), 2.0, "it was longer than predicted");
        in_flight.hand_over(tag(0), 1, 2);
        assert_eq!(in_flight.seconds(Epoch(0)), 5.0);
    }

    #[test]
    fn nothing_waits_for_a_fragment_that_was_given_up_and_its_room_is_kept() {
        let mut in_flight = one_done_early();
        in_flight.give_up_on(tag(0));
        in_flight.settle(Epoch(0), |_, _| true);
        assert_eq!((in_flight.seconds(Epoch(0)), in_flight.is_speaking(Epoch(0))), (0.0, false));
        assert_eq!(in_flight.reservation(tag(0)), Some((0, 2)));
    }

    #[test]
    fn what_was_stopped_is_not_ahead_and_its_room_is_kept_until_it_ends() {
        let mut in_flight = one_done_early();
        in_flight.settle(Epoch(1), |_, _| false);
        assert_eq!(in_flight.seconds(Epoch(1)), 0.0);
        assert_eq!((in_flight.reservation(tag(0)), in_flight.reservation(tag(1))), (Some((0, 2)), None));
    }
}
