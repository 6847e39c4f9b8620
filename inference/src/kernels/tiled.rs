//! Convolutions in tiles of a few rows, evaluated at points, where they take fewer products.
//!
//! | step | what | where it is |
//! | --- | --- | --- |
//! | load | rows of one phase of the dilation through the load, into a ring of as many rows as a tile looks at | nearest cache |
//! | there | tiles of `M + taps - 1` rows to `N` points, all phases into one matrix per point | second cache |
//! | product | a matrix of weights per point, a panel of columns after the other | panels in the nearest cache |
//! | back | a tile of `M` rows from its points, and the store | |
//!
//! Tile `t` of phase `p` is row `t * dilation + p` of the matrices: so short ranges fill register blocks too, and taps
//! that come as several groups (eleven as two of six) see the rows `group * dilation` further on.

use std::ops::Range;

use super::aligned::Aligned;
use super::points::{Back, There, matrices};
use super::primitives::{Kernels, PART, STRIDE, Tile};
use super::{ConvJob, ConvShape, Load, Rows};

/// Whether there is a form for the shape.
pub(super) fn has(shape: ConvShape) -> bool {
    let whole = |channels: usize| channels > 0 && channels.is_multiple_of(PART);
    Form::of(shape.taps).is_some() && whole(shape.inputs) && whole(shape.outputs) && shape.dilation > 0
}

/// How a number of taps is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Three taps, six outputs, eight points.
    Three,
    /// Seven taps, six outputs, twelve points.
    Seven,
    /// Twice six taps, six outputs, eleven points.
    TwiceSix,
}

impl Form {
    fn of(taps: usize) -> Option<Self> {
        match taps {
            3 => Some(Self::Three),
            7 => Some(Self::Seven),
            11 => Some(Self::TwiceSix),
            _ => None,
        }
    }

    /// Taps of a group, and groups.
    fn groups(self) -> (usize, usize) {
        match self {
            Self::Three => (3, 1),
            Self::Seven => (7, 1),
            Self::TwiceSix => (6, 2),
        }
    }
}

/// Outputs of a tile.
const TILE: usize = 6;
/// Floats of transformed input that a block of tiles may take.
const FLOATS_THERE: usize = 60_000;

/// A convolution, laid out in tiles.
#[derive(Debug)]
pub(super) struct Tiled {
    shape: ConvShape,
    matrices: Points,
    /// `[outputs / COLUMNS][points][parts of the inputs][groups][PART][COLUMNS]`.
    weights: Aligned,
    bias: Aligned,
}

#[derive(Debug)]
enum Points {
    Eight(There<8>, Back<8, TILE>),
    Eleven(There<11>, Back<11, TILE>),
    Twelve(There<12>, Back<12, TILE>),
}

impl Tiled {
    /// Lays out `weights`, `[outputs][inputs][taps]`, for panels of `columns`; `None` where there is no form for the
    /// shape.
    pub(super) fn pack(shape: ConvShape, columns: usize, weights: &[f32], bias: &[f32]) -> Option<Self> {
        let form = Form::of(shape.taps).filter(|_| has(shape))?;
        let (taps, groups) = form.groups();
        let toom_cook = matrices(TILE, taps);
        let points = toom_cook.points();
        let parts = shape.inputs / PART;
        let mut packed = Aligned::zeros(points * groups * shape.inputs * shape.outputs);
        let at_points = packed.as_mut_slice();
        for (output, weights) in weights.chunks_exact(shape.inputs * shape.taps).enumerate() {
            let (block, column) = (output / columns, output % columns);
            for (input, weights) in weights.chunks_exact(shape.taps).enumerate() {
                let (part, row) = (input / PART, input % PART);
                for (group, weights) in weights.chunks(taps).enumerate() {
                    for (point, factors) in toom_cook.filter.iter().enumerate() {
                        let value: f64 = factors.iter().zip(weights).map(|(f, &w)| f * f64::from(w)).sum();
                        let panel = ((block * points + point) * parts + part) * groups + group;
                        at_points[(panel * PART + row) * columns + column] = value as f32;
                    }
                }
            }
        }
        let mut padded = Aligned::zeros(bias.len());
        padded.as_mut_slice().copy_from_slice(bias);
        let matrices = match form {
            Form::Three => Points::Eight(There::of(&toom_cook), Back::of(&toom_cook)),
            Form::Seven => Points::Twelve(There::of(&toom_cook), Back::of(&toom_cook)),
            Form::TwiceSix => Points::Eleven(There::of(&toom_cook), Back::of(&toom_cook)),
        };
        Some(Self { shape, matrices, weights: packed, bias: padded })
    }

    fn points(&self) -> usize {
        match self.matrices {
            Points::Eight(..) => 8,
            Points::Eleven(..) => 11,
            Points::Twelve(..) => 12,
        }
    }

    fn groups(&self) -> usize {
        match self.matrices {
            Points::Eight(..) | Points::Twelve(..) => 1,
            Points::Eleven(..) => 2,
        }
    }

    /// The most tiles of a phase that a block has.
    fn most_tiles(&self) -> usize {
        let tiles = FLOATS_THERE / (self.points() * self.shape.inputs);
        (tiles / self.shape.dilation).max(self.groups())
    }

    /// Floats for the ring, the points and their products.
    fn room(&self) -> [usize; 3] {
        let ConvShape { inputs, dilation, .. } = self.shape;
        let (points, tiles) = (self.points(), self.most_tiles());
        let there = (tiles + self.groups() - 1) * dilation;
        let line = |floats: usize| floats.next_multiple_of(16);
        [
            line(points * inputs),
            line(points * (inputs / PART) * there * STRIDE),
            line(points * tiles * dilation * super::primitives::MOST_COLUMNS),
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
        let tiles = job.rows.len().div_ceil(dilation * TILE);
        let blocks = tiles.div_ceil(self.most_tiles());
        let rows_at_once = tiles.div_ceil(blocks) * TILE * dilation;
        let end = job.rows.end;
        for start in job.rows.clone().step_by(rows_at_once) {
            let rows = start..end.min(start + rows_at_once);
            let from = (start - job.rows.start) * outputs;
            let job = ConvJob {
                input: job.input,
                length: job.length,
                load: job.load,
                residual: job.residual,
                onto: job.onto,
                out: &mut job.out[from..from + rows.len() * outputs],
                sums: job.sums.as_mut().map(super::Sums::reborrow),
                scratch: job.scratch,
                rows,
            };
            match &self.matrices {
                Points::Eight(there, back) => self.block(kernels, there, back, job),
                Points::Eleven(there, back) => self.block(kernels, there, back, job),
                Points::Twelve(there, back) => self.block(kernels, there, back, job),
            }
        }
    }

    fn block<K: Kernels, const N: usize>(
        &self,
        kernels: K,
        there: &There<N>,
        back: &Back<N, TILE>,
        job: ConvJob<'_>,
    ) {
        let dilation = self.shape.dilation;
        let tiles = job.rows.len().div_ceil(dilation * TILE) * dilation;
        let [ring, at_points, products] = self.room();
        let (ring, rest) = Aligned::within(job.scratch).split_at_mut(ring);
        let (at_points, rest) = rest.split_at_mut(at_points);
        let products = &mut rest[..products];
        let sequence =
            Sequence { input: job.input, length: job.length, load: job.load, rows: job.rows.clone() };
        self.there(kernels, there, &sequence, tiles, ring, at_points);
        let mut store =
            Store { rows: job.rows, residual: job.residual, onto: job.onto, out: job.out, sums: job.sums };
        for block in 0..self.shape.outputs / K::COLUMNS {
            self.products::<K, N>(kernels, block, tiles, at_points, products);
            self.back(kernels, back, block, tiles, products, &mut store);
        }
    }

    /// Tiles of the rows to their points.
    fn there<K: Kernels, const N: usize>(
        &self,
        kernels: K,
        there: &There<N>,
        sequence: &Sequence<'_>,
        tiles: usize,
        ring: &mut [f32],
        at_points: &mut [f32],
    ) {
        let ConvShape { inputs, dilation, .. } = self.shape;
        let matrix_rows = tiles + (self.groups() - 1) * dilation;
        let reach = self.shape.reach();
        let plane = inputs / PART * matrix_rows * STRIDE;
        let needed = sequence.rows.end + reach;
        for phase in 0..dilation {
            let mut loaded = 0;
            for (tile, matrix_row) in (phase..matrix_rows).step_by(dilation).enumerate() {
                for index in loaded..tile * TILE + N {
                    let slot = &mut ring[index % N * inputs..][..inputs];
                    // Counted from `reach` rows before the sequence.
                    let row = sequence.rows.start + phase + index * dilation;
                    if row < reach || row - reach >= sequence.length || row >= needed + reach {
                        slot.fill(0.0);
                    } else {
                        kernels.activate(&sequence.load, sequence.input.row(row - reach), slot);
                    }
                }
                loaded = tile * TILE + N;
                for part in 0..inputs / PART {
                    let rows: [&[f32; PART]; N] = std::array::from_fn(|j| {
                        let from = (tile * TILE + j) % N * inputs + part * PART;
                        ring[from..].first_chunk().unwrap_or(&[0.0; PART])
                    });
                    let at = (part * matrix_rows + matrix_row) * STRIDE;
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
    ) {
        let ConvShape { inputs, dilation, .. } = self.shape;
        let (parts, groups) = (inputs / PART, self.groups());
        let matrix_rows = tiles + (groups - 1) * dilation;
        let panel = PART * K::COLUMNS;
        let blocks = tiles.div_ceil(K::ROWS);
        for point in 0..N {
            let y = &mut products[point * tiles * K::COLUMNS..][..tiles * K::COLUMNS];
            for part in 0..parts {
                let rows = &at_points[(point * parts + part) * matrix_rows * STRIDE..];
                for group in 0..groups {
                    let index = ((block * N + point) * parts + part) * groups + group;
                    let weights = &self.weights.as_slice()[index * panel..][..panel];
                    let onto = part + group > 0;
                    for rows_block in 0..blocks {
                        let (from, to) = (rows_block * tiles / blocks, (rows_block + 1) * tiles / blocks);
                        let a = &rows[(from + group * dilation) * STRIDE..];
                        kernels.product(to - from, a, weights, &mut y[from * K::COLUMNS..], onto);
                    }
                }
            }
        }
    }

    /// Rows of a block of columns from the products.
    fn back<K: Kernels, const N: usize>(
        &self,
        kernels: K,
        back: &Back<N, TILE>,
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
            let row = tile / dilation * dilation * TILE + tile % dilation;
            let rows = store.rows.len().saturating_sub(row).div_ceil(dilation).min(TILE);
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
