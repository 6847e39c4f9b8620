//! Once a fragment was spoken, one that is no longer takes no memory from the allocator, on any thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use sostenuto_inference::Interrupt;
use sostenuto_inference::generator::{
    ConvWeights, Generator, GeneratorWeights, Input, Layer, ResidualBlock, SAMPLES_PER_FRAME, Stage,
    Statistics, Tiles,
};
use sostenuto_inference::kernels::Isa;

/// The system's allocator, which counts.
struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`, and `pointer` came from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Numbers between -1 and 1 that look random, times `scale`.
fn numbers(count: usize, scale: f32) -> Vec<f32> {
    let mut state = 0x2545_f491_u32 ^ count as u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state as f32 / u32::MAX as f32 * 2.0 - 1.0) * scale
    };
    (0..count).map(|_| next()).collect()
}

fn conv(inputs: usize, outputs: usize, taps: usize, dilation: usize) -> ConvWeights {
    let scale = 1.0 / ((inputs * taps) as f32).sqrt();
    let weights = numbers(inputs * outputs * taps, scale);
    ConvWeights { weights, bias: vec![0.0; outputs], taps, dilation }
}

fn weights() -> GeneratorWeights {
    let mut style = 0;
    let mut block = |channels: usize, taps: usize| {
        let layers = std::array::from_fn(|layer| {
            let dilation = [1, 1, 3, 1, 5, 1][layer];
            let own =
                Layer { style, alpha: vec![1.0; channels], conv: conv(channels, channels, taps, dilation) };
            style += 2 * channels;
            own
        });
        ResidualBlock { layers }
    };
    let mut stage = |inputs: usize, channels: usize, step: usize, source: (usize, usize)| Stage {
        upsample: conv(inputs, channels, 2 * step, 1),
        source: conv(22, channels, source.0, 1),
        source_block: block(channels, source.1),
        blocks: [3, 7, 11].map(|taps| block(channels, taps)),
    };
    GeneratorWeights {
        stages: [stage(512, 256, 10, (12, 7)), stage(256, 128, 6, (1, 11))],
        post: conv(128, 22, 7, 1),
        inverse: numbers(22 * 20, 0.01),
        window_sum: vec![1.0; 20],
        window: vec![1.0; 20],
    }
}

#[test]
fn a_fragment_that_is_no_longer_than_one_before_takes_no_memory() {
    let mut generator = Generator::new(&weights(), Isa::best(), 2).unwrap();
    let interrupt = Interrupt::new();
    let style: Vec<f32> = (0..48 * 2 * 256).map(|index| f32::from(index / 128 % 2 == 0)).collect();
    let frames = 40;
    let (hidden, source) = (numbers(512 * frames, 1.0), numbers(SAMPLES_PER_FRAME * frames, 0.1));
    let shorter = frames - 13;
    let inputs = [
        Input { hidden: &hidden, source: &source, style: &style },
        Input {
            hidden: &hidden[..512 * shorter],
            source: &source[..SAMPLES_PER_FRAME * shorter],
            style: &style,
        },
    ];
    let statistics = Statistics::new();
    let tiles = Tiles { first: 2_400, rest: 4_800 };
    let mut heard = 0;
    for (round, input) in [&inputs[0], &inputs[0], &inputs[1], &inputs[0]].into_iter().enumerate() {
        let before = TAKEN.load(Ordering::Relaxed);
        heard += generator.exact(input, &interrupt).unwrap().0.len();
        let mut put = |part: &[f32]| {
            heard += part.len();
            ControlFlow::Continue(())
        };
        generator.predicted(input, &statistics, tiles, &interrupt, &mut put).unwrap();
        let taken = TAKEN.load(Ordering::Relaxed) - before;
        assert!(round == 0 || taken == 0, "{taken} allocations in round {round}");
    }
    assert_eq!(heard, 2 * (3 * frames + shorter) * SAMPLES_PER_FRAME);
}
