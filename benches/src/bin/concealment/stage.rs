//! A pump and a renderer on a clock of their own, and chunks that come late where they are told to.

use std::sync::Arc;
use std::time::Duration;

use rtrb::RingBuffer;
use sostenuto_benches::Result;
use sostenuto_engine::playback::{
    Buffer, CHUNK_RATE, Chunk, ChunkRing, Content, Format, Pump, Renderer, SessionId, StreamId, Tag,
    Transport,
};

/// Samples per second of what goes in and what comes out.
pub(crate) const RATE: u32 = CHUNK_RATE;
/// Frames of a call: short, so that a gap ends in the call in which it is to.
const CALL: usize = 120;
const FORMAT: Format = Format { rate: RATE, channels: 1, period: 2 * CALL as u32 };
/// Longest that speech may take beyond its own length and its gaps, in calls, before something is wrong.
const PATIENCE: usize = 1_000;

/// A stretch of time in which nothing comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    /// Samples of the speech that come before it.
    pub(crate) at: usize,
    /// How long the renderer has nothing to play.
    pub(crate) frames: usize,
}

/// What was heard.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// As the renderer played it.
    pub(crate) ours: Vec<f32>,
    /// The same with nothing but silence where the ring was short.
    pub(crate) plain: Vec<f32>,
    /// The frames at which the ring was found short.
    pub(crate) gaps: Vec<usize>,
    /// Frames that the ring could not give, in all.
    pub(crate) inserted: usize,
}

/// Plays `speech` with `gaps`, which come in order.
pub(crate) fn play(speech: &[f32], gaps: &[Gap]) -> Result<Played> {
    let whole = if gaps.is_empty() { Vec::new() } else { play(speech, &[])?.ours };
    let cuts: Vec<usize> = gaps.iter().map(|gap| gap.at.min(speech.len())).chain([speech.len()]).collect();
    let (mut chunks, chunks_out) = RingBuffer::new(cuts.len() + 1);
    let (returns_in, _returns) = RingBuffer::new(cuts.len() + 1);
    let transport = Arc::new(Transport::default());
    let ring = ChunkRing { chunks: chunks_out, returns: returns_in, taken: Arc::default() };
    let (mut pump, mut renderer) = Pump::new(vec![ring], Arc::clone(&transport), FORMAT)?;
    let tag = |seq| Tag { stream: StreamId(0), epoch: transport.epoch(), seq };

    let (mut from, mut now) = (0, Duration::ZERO);
    let mut played = Played::default();
    for (part, &to) in cuts.iter().enumerate() {
        let last = part + 1 == cuts.len();
        let buffer = Buffer { samples: speech[from..to].to_vec(), marks: Vec::new() };
        let (session, content, part_number) = (SessionId(0), Content::Audio, part as u32);
        let chunk = Chunk {
            tag: tag(0),
            session,
            part: part_number,
            last,
            content,
            buffer,
            pause: 0,
            promised: None,
        };
        chunks.push(chunk)?;
        if last {
            let (content, buffer) = (Content::End { utterance: 0 }, Buffer::default());
            chunks.push(Chunk {
                tag: tag(1),
                session,
                part: 0,
                last,
                content,
                buffer,
                pause: 0,
                promised: None,
            })?;
        }
        from = to;
        // To the end of the last part, and of every other to the end of the gap after it.
        let mut owed = gaps.get(part).map_or(usize::MAX, |gap| gap.frames);
        let mut calls = speech.len() / CALL + PATIENCE;
        let mut was_short = false;
        while owed > 0 {
            pump.step(now);
            if last && pump.is_drained() {
                return Ok(played);
            }
            let wanted = owed.min(CALL);
            let short = played.render(&mut renderer, wanted, &whole);
            if short > 0 && !was_short && !last {
                played.gaps.push(played.ours.len() - short);
            }
            was_short = short > 0;
            owed = owed.saturating_sub(if last { 0 } else { short });
            now += Duration::from_secs_f64(wanted as f64 / f64::from(RATE));
            renderer.publish(now);
            calls = calls.checked_sub(1).ok_or("the speech does not come to its end")?;
        }
    }
    Ok(played)
}

impl Played {
    /// Renders `wanted` frames, and says how many of them the ring could not give. `whole` is the speech as it is
    /// played without a gap.
    fn render(&mut self, renderer: &mut Renderer, wanted: usize, whole: &[f32]) -> usize {
        let begin = self.ours.len();
        self.ours.resize(begin + wanted, 0.0);
        let rendered = renderer.render(&mut self.ours[begin..]);
        let from = (begin - self.inserted).min(whole.len());
        let to = (from + rendered.frames).min(whole.len());
        self.plain.extend_from_slice(&whole[from..to]);
        self.plain.resize(begin + wanted, 0.0);
        self.inserted += wanted - rendered.frames;
        wanted - rendered.frames
    }
}
