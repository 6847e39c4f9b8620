//! What the device's callback costs: one period through the renderer, beside a plain copy of as many samples.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rtrb::RingBuffer;
use sostenuto_engine::playback::{Format, Renderer, Transport};

const FRAMES: usize = 480;

fn render(c: &mut Criterion) {
    let samples = [0.25f32; FRAMES];
    let mut group = c.benchmark_group("480 frames, stereo");
    group.bench_function("plain copy", |b| {
        let mut out = [0.0f32; 2 * FRAMES];
        b.iter(|| {
            for (frame, &sample) in out.chunks_exact_mut(2).zip(black_box(&samples)) {
                frame.fill(sample);
            }
            black_box(&out);
        });
    });
    group.bench_function("render", |b| {
        let (mut producer, consumer) = RingBuffer::new(FRAMES);
        let format = Format { rate: 48_000, channels: 2, period: FRAMES as u32 };
        let mut renderer = Renderer::new(consumer, Arc::new(Transport::default()), format);
        let mut out = [0.0f32; 2 * FRAMES];
        b.iter_batched_ref(
            || {
                // There is room: the last iteration emptied the ring.
                let _ = producer.push_entire_slice(&samples);
            },
            |()| black_box(renderer.render(&mut out)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
