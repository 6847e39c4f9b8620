//! Convolutions in tiles of a few rows, evaluated at points, where they take fewer products.
//!
//! | step | what | where it is |
//! | --- | --- | --- |
//! | load | rows of one phase of the dilation through the load, into a ring of as many rows as a tile looks at | nearest cache |
//! | there | tiles of `M + taps - 1` rows to `N` points, all phases into one matrix per point | second cache |
//! | product | a matrix of weights per point, a panel of columns after the other | panels in the nearest cache |
//! | back | a tile of `M` rows from its points, and the store | |
//!
//! Tile `t` of phase `p` is row `t * dilation + p` of the matrices, so that short ranges fill register blocks too.
//!
//! More points take fewer products per row, and cost digits. Measured on random rows of 128 channels, against the plain
//! form: a tile of 8 with 3 taps 113 dB, 8 with 7 taps 98 dB, 6 with 11 taps 89 dB, with 0.42, 0.25 and 0.24 of the
//! products. In the generator the errors of its layers do not grow: its samples are 88 to 90 dB from those of the stock
//! graph.

use std::ops::Range;

use super::aligned::Aligned;
use super::points::{Back, There, matrices};
use super::primitives::{Kernels, MOST_COLUMNS, PART, STRIDE, Tile};
use super::{ConvJob, ConvShape, Load, Rows};
use crate::toom_cook::Matrices;

/// Whether there are points for the shape.
fn has(shape: ConvShape) -> bool {
    let whole = |channels: usize| channels > 0 && channels <= MOST && channels.is_multiple_of(PART);
    matches!(shape.taps, 3 | 7 | 11)
        && whole(shape.inputs)
        && whole(shape.outputs)
        && (1..=MOST).contains(&shape.dilation)
}

/// The most channels and the furthest dilation, so that no product of sizes overflows.
const MOST: usize = 1 << 12;
/// Floats of transformed input that a block of tiles may take.
const FLOATS_THERE: usize = 60_000;

/// Floats of an input from which on it is not in the caches that a core has to itself.
const FAR: usize = 1 << 18;

/// A convolution, laid out in tiles.
#[derive(Debug)]
pub(super) struct Tiled {
    shape: ConvShape,
    points: Points,
    /// `[outputs / COLUMNS][points][parts of the inputs][PART][COLUMNS]`.
    weights: Aligned,
    bias: Aligned,
}

/// Points and outputs of a tile.
#[derive(Debug)]
enum Points {
    /// For 3 taps.
    Ten(There<10>, Back<10, 8>),
    /// For 7 taps.
    Fourteen(There<14>, Back<14, 8>),
    /// For 11 taps.
    Sixteen(There<16>, Back<16, 6>),
}

impl Points {
    fn of(taps: usize) -> (Self, Matrices) {
        let tile = if taps == 11 { 6 } else { 8 };
        let matrices = matrices(tile, taps);
        let points = match taps {
            3 => Self::Ten(There::of(&matrices), Back::of(&matrices)),
            7 => Self::Fourteen(There::of(&matrices), Back::of(&matrices)),
            _ => Self::Sixteen(There::of(&matrices), Back::of(&matrices)),
        };
        (points, matrices)
    }

    /// How many there are, and outputs of a tile.
    fn sizes(&self) -> (usize, usize) {
        match self {
            Self::Ten(..) => (10, 8),
            Self::Fourteen(..) => (14, 8),
            Self::Sixteen(..) => (16, 6),
        }
    }
}

impl Tiled {
    /// Lays out `weights`, `[outputs][inputs][taps]`, for panels of `columns`; `None` where there are no points for the
    /// shape.
    pub(super) fn pack(shape: ConvShape, columns: usize, weights: &[f32], bias: &[f32]) -> Option<Self> {
        if !has(shape) {
            return None;
        }
        let (points, matrices) = Points::of(shape.taps);
        let (count, _) = points.sizes();
        let parts = shape.inputs / PART;
        let mut packed = Aligned::zeros(count * shape.inputs * shape.outputs);
        let at_points = packed.as_mut_slice();
        for (output, weights) in weights.chunks_exact(shape.inputs * shape.taps).enumerate() {
            let (block, column) = (output / columns, output % columns);
            for (input, weights) in weights.chunks_exact(shape.taps).enumerate() {
                let (part, row) = (input / PART, input % PART);
                for (point, factors) in matrices.filter.iter().enumerate() {
                    let value: f64 = factors.iter().zip(weights).map(|(f, &w)| f * f64::from(w)).sum();
                    let panel = (block * count + point) * parts + part;
                    at_points[(panel * PART + row) * columns + column] = value as f32;
                }
            }
        }
        let mut padded = Aligned::zeros(bias.len());
        padded.as_mut_slice().copy_from_slice(bias);
        Some(Self { shape, points, weights: packed, bias: padded })
    }

    /// The most tiles of a phase that a block has.
    fn most_tiles(&self) -> usize {
        let (points, _) = self.points.sizes();
        (FLOATS_THERE / (points * self.shape.inputs) / self.shape.dilation).max(1)
    }

    /// Floats for the ring, the points and their products.
    fn room(&self) -> [usize; 3] {
        let inputs = self.shape.inputs;
        let (points, tiles) = (self.points.sizes().0, self.most_tiles() * self.shape.dilation);
        let line = |floats: usize| floats.next_multiple_of(16);
        [
            line(points * inputs),
            line(points * (inputs / PART) * tiles * STRIDE),
            line(points * tiles * MOST_COLUMNS),
        ]
    }

    /// See [`Conv::scratch`](super::Conv::scratch).
    pub(super) fn scratch(&self) -> usize {
        self.room().iter().sum::<usize>() + Aligned::SLACK
    }

    /// See [`Conv::run`](super::Conv::run).
    pub(super) fn run<K: Kernels>(&self, kernels: K, mut job: ConvJob<'_>) {
        if job.rows.is_empty() {
            return;
        }
        let ConvShape { outputs, dilation, .. } = self.shape;
        assert_eq!(job.out.len(), job.rows.len() * outputs, "room for the rows");
        let step = self.points.sizes().1 * dilation;
        let tiles = job.rows.len().div_ceil(step);
        let blocks = tiles.div_ceil(self.most_tiles());
        let rows_at_once = tiles.div_ceil(blocks) * step;
        let end = job.rows.end;
        for start in job.rows.clone().step_by(rows_at_once) {
            let rows = start..end.min(start + rows_at_once);
            let job = job.part(rows, outputs);
            let behind = rows_of(job.input, job.rows.end + self.shape.reach(), rows_at_once);
            let next = if job.rows.end < end { behind } else { &[] };
            match &self.points {
                Points::Ten(there, back) => self.block(kernels, there, back, job, next),
                Points::Fourteen(there, back) => self.block(kernels, there, back, job, next),
                Points::Sixteen(there, back) => self.block(kernels, there, back, job, next),
            }
        }
    }

    fn block<K: Kernels, const N: usize, const M: usize>(
        &self,
        kernels: K,
        there: &There<N>,
        back: &Back<N, M>,
        job: ConvJob<'_>,
        next: &[f32],
    ) {
        let dilation = self.shape.dilation;
        let tiles = job.rows.len().div_ceil(dilation * M) * dilation;
        let [ring, at_points, products] = self.room();
        let (ring, rest) = Aligned::within(job.scratch).split_at_mut(ring);
        let (at_points, rest) = rest.split_at_mut(at_points);
        let products = &mut rest[..products];
        let far = job.input.values.len() > FAR;
        let sequence =
            Sequence { input: job.input, length: job.length, load: job.load, rows: job.rows.clone() };
        self.there::<K, N, M>(kernels, there, &sequence, tiles, ring, at_points);
        let mut store =
            Store { rows: job.rows, residual: job.residual, onto: job.onto, out: job.out, sums: job.sums };
        let blocks = self.shape.outputs / K::COLUMNS;
        for block in 0..blocks {
            // What is far away is asked for while there is much to multiply.
            let fetch = |point: usize| {
                if !far {
                    return;
                }
                store.fetch(
                    kernels,
                    self.shape.outputs,
                    block * K::COLUMNS..(block + 1) * K::COLUMNS,
                    point,
                    N,
                );
                kernels.fetch(share(next, block * N + point, blocks * N));
            };
            self.products::<K, N>(kernels, block, tiles, at_points, products, fetch);
            self.back(kernels, back, block, tiles, products, &mut store);
        }
    }

    /// Tiles of the rows to their points.
    fn there<K: Kernels, const N: usize, const M: usize>(
        &self,
        kernels: K,
        there: &There<N>,
        sequence: &Sequence<'_>,
        tiles: usize,
        ring: &mut [f32],
        at_points: &mut [f32],
    ) {
        let ConvShape { inputs, dilation, .. } = self.shape;
        let reach = self.shape.reach();
        let plane = inputs / PART * tiles * STRIDE;
        let needed = sequence.rows.end + reach;
        for phase in 0..dilation {
            let mut loaded = 0;
            for (tile, matrix_row) in (phase..tiles).step_by(dilation).enumerate() {
                for index in loaded..tile * M + N {
                    let slot = &mut ring[index % N * inputs..][..inputs];
                    // Counted from `reach` rows before the sequence.
                    let row = sequence.rows.start + phase + index * dilation;
                    if row < reach || row - reach >= sequence.length || row >= needed + reach {
                        slot.fill(0.0);
                    } else {
                        kernels.activate(&sequence.load, sequence.input.row(row - reach), slot);
                    }
                }
                loaded = tile * M + N;
                for part in 0..inputs / PART {
                    let rows: [&[f32; PART]; N] = std::array::from_fn(|j| {
                        let from = (tile * M + j) % N * inputs + part * PART;
                        ring[from..].first_chunk().unwrap_or(&[0.0; PART])
                    });
                    let at = (part * tiles + matrix_row) * STRIDE;
                    kernels.transform(there, &rows, &mut at_points[at..], plane);
                }
            }
        }
    }

    /// A block of columns of the products at every point, `[points][tiles][COLUMNS]`.
    fn products<K: Kernels, const N: usize>(
        &self,
        kernels: K,
        block: usize,
        tiles: usize,
        at_points: &[f32],
        products: &mut [f32],
        fetch: impl Fn(usize),
    ) {
        let parts = self.shape.inputs / PART;
        let panel = PART * K::COLUMNS;
        let blocks = tiles.div_ceil(K::ROWS);
        for point in 0..N {
            fetch(point);
            let y = &mut products[point * tiles * K::COLUMNS..][..tiles * K::COLUMNS];
            for part in 0..parts {
                let rows = &at_points[(point * parts + part) * tiles * STRIDE..];
                let weights =
                    &self.weights.as_slice()[((block * N + point) * parts + part) * panel..][..panel];
                for index in 0..blocks {
                    let (from, to) = (index * tiles / blocks, (index + 1) * tiles / blocks);
                    kernels.product(
                        to - from,
                        &rows[from * STRIDE..],
                        weights,
                        &mut y[from * K::COLUMNS..],
                        part > 0,
                    );
                }
            }
        }
    }

    /// Rows of a block of columns from the products.
    fn back<K: Kernels, const N: usize, const M: usize>(
        &self,
        kernels: K,
        back: &Back<N, M>,
        block: usize,
        tiles: usize,
        products: &[f32],
        store: &mut Store<'_>,
    ) {
        let ConvShape { outputs, dilation, .. } = self.shape;
        let column = block * K::COLUMNS;
        let columns = column..column + K::COLUMNS;
        for tile in 0..tiles {
            // The first row of the tile, from the first of the range.
            let row = tile / dilation * dilation * M + tile % dilation;
            let rows = store.rows.len().saturating_sub(row).div_ceil(dilation).min(M);
            if rows == 0 {
                continue;
            }
            let at = row * outputs + column;
            let residual = store.residual.map(|residual| {
                &residual.values[(store.rows.start + row - residual.first) * outputs + column..]
            });
            let sums = store
                .sums
                .as_mut()
                .map(|sums| (&mut sums.sum[columns.clone()], &mut sums.squares[columns.clone()]));
            let tile_of_rows = Tile {
                bias: &self.bias.as_slice()[columns.clone()],
                rows,
                step: dilation * outputs,
                residual,
                onto: store.onto,
                out: &mut store.out[at..],
                sums,
            };
            kernels.inverse(back, &products[tile * K::COLUMNS..], tiles * K::COLUMNS, tile_of_rows);
        }
    }
}

/// What a block of tiles reads.
struct Sequence<'a> {
    input: Rows<'a>,
    length: usize,
    load: Load<'a>,
    rows: Range<usize>,
}

/// What a block of tiles writes, and reads as it writes.
struct Store<'a> {
    rows: Range<usize>,
    residual: Option<Rows<'a>>,
    onto: bool,
    out: &'a mut [f32],
    sums: Option<super::Sums<'a>>,
}

impl Store<'_> {
    /// Asks for the `index`th of `shares` of what will be read and written in some columns.
    fn fetch<K: Kernels>(
        &self,
        kernels: K,
        outputs: usize,
        columns: Range<usize>,
        index: usize,
        shares: usize,
    ) {
        let rows = self.rows.len();
        for row in index * rows / shares..(index + 1) * rows / shares {
            kernels.fetch(&self.out[row * outputs..][columns.clone()]);
            if let Some(residual) = self.residual {
                kernels.fetch(&residual.row(self.rows.start + row)[columns.clone()]);
            }
        }
    }
}

/// The `index`th of `shares` of some values.
fn share(values: &[f32], index: usize, shares: usize) -> &[f32] {
    &values[index * values.len() / shares..(index + 1) * values.len() / shares]
}

/// What is there of `count` rows from `first`.
fn rows_of(rows: Rows<'_>, first: usize, count: usize) -> &[f32] {
    let here = rows.range();
    let within = |row: usize| row.clamp(here.start, here.end);
    rows.rows(within(first)..within(first + count))
}
