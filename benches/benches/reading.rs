//! What stage 1 costs for one sentence: normalised alone, read whole, and read again out of the cache.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use sostenuto_engine::g2p::{English, FragmentCache, Language, Normaliser, Phonemizer, Reader};

const SENTENCE: &str = "Dr. Smith read 3 books on Main St. at 9:05, and paid $4.50 for them all.";

fn reading(c: &mut Criterion) {
    let reader = Reader::new(Arc::new(English::load(Language::EnUs))).with_normaliser(Normaliser::default());
    let remembering = reader.clone().with_cache(Arc::new(FragmentCache::new(FragmentCache::DEFAULT_BYTES)));
    reader.warm();
    let mut group = c.benchmark_group("one sentence");
    group.bench_function("normalise", |b| b.iter(|| Normaliser::default().normalise(black_box(SENTENCE))));
    group.bench_function("read", |b| b.iter(|| reader.phonemize(black_box(SENTENCE))));
    group.bench_function("read again", |b| b.iter(|| remembering.phonemize(black_box(SENTENCE))));
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
