//! From measured fragments to what a fragment costs.

/// One measured fragment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostPoint {
    /// Tokens without pads.
    pub tokens: usize,
    /// What it took, in seconds.
    pub seconds: f64,
    /// What came out, in seconds of audio before silence was trimmed.
    pub audio_s: f64,
}

/// What a session takes for a fragment of `n` tokens: `c0_s + c1_s_per_token * n` seconds, give or take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// The part that every fragment costs.
    pub c0_s: f64,
    /// The part that every token costs.
    pub c1_s_per_token: f64,
    /// The root mean square of what the measured fragments were off, in seconds.
    pub spread_s: f64,
}

/// Tokens of the clause that is made while the opening fragment plays: about 2 s of speech.
const CLAUSE: f64 = 30.0;
/// An opening fragment is at least a few words, because shorter ones change tempo.
const SHORTEST_OPENING: usize = 12;
/// An opening fragment is at most a sentence: where that is not enough, nothing is.
const LONGEST_OPENING: usize = 90;

impl Cost {
    /// The least squares line through `points`, neither of whose parts is negative; `None` without points.
    pub fn fit(points: &[CostPoint]) -> Option<Self> {
        let count = points.len() as f64;
        if points.is_empty() {
            return None;
        }
        let mean = |of: fn(&CostPoint) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (tokens, seconds) = (mean(|p| p.tokens as f64), mean(|p| p.seconds));
        let (mut covariance, mut variance) = (0.0, 0.0);
        for point in points {
            let from_mean = point.tokens as f64 - tokens;
            covariance += from_mean * (point.seconds - seconds);
            variance += from_mean * from_mean;
        }
        let slope = if variance > 0.0 { (covariance / variance).max(0.0) } else { 0.0 };
        let (c0_s, c1_s_per_token) = match seconds - slope * tokens {
            // Through the origin, where the line would start below it.
            start if start < 0.0 && tokens > 0.0 => {
                let squares: f64 = points.iter().map(|p| (p.tokens * p.tokens) as f64).sum();
                let products: f64 = points.iter().map(|p| p.tokens as f64 * p.seconds).sum();
                (0.0, products / squares)
            }
            start => (start.max(0.0), slope),
        };
        let line = |p: &CostPoint| c0_s + c1_s_per_token * p.tokens as f64;
        let squares: f64 = points.iter().map(|p| (p.seconds - line(p)).powi(2)).sum();
        Some(Self { c0_s, c1_s_per_token, spread_s: (squares / count).sqrt() })
    }

    /// What a fragment of `tokens` tokens takes, in seconds.
    pub fn of(&self, tokens: usize) -> f64 {
        self.c0_s + self.c1_s_per_token * tokens as f64
    }

    /// The fewest tokens that play for as long as the session takes for a clause, where `points` tell how long tokens
    /// last.
    pub fn opening_tokens(&self, points: &[CostPoint]) -> usize {
        let (tokens, audio) =
            points.iter().fold((0.0, 0.0), |(t, a), p| (t + p.tokens as f64, a + p.audio_s));
        let needed = (self.c0_s + self.c1_s_per_token * CLAUSE) * tokens / audio;
        // Not a number without points: the longest.
        let needed = if needed.is_finite() { needed.ceil() as usize } else { LONGEST_OPENING };
        needed.clamp(SHORTEST_OPENING, LONGEST_OPENING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(c0: f64, c1: f64) -> Vec<CostPoint> {
        [4, 12, 25, 50, 90]
            .map(|tokens| {
                let n = f64::from(tokens);
                CostPoint { tokens: tokens as usize, seconds: c0 + c1 * n, audio_s: 0.08 * n }
            })
            .to_vec()
    }

    #[test]
    fn a_line_is_found_exactly() {
        let cost = Cost::fit(&line(0.2, 0.03)).unwrap();
        assert!((cost.c0_s - 0.2).abs() < 1e-9 && (cost.c1_s_per_token - 0.03).abs() < 1e-9, "{cost:?}");
        assert!(cost.spread_s < 1e-9 && (cost.of(10) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn the_spread_is_what_points_are_off() {
        let mut points = line(0.2, 0.03);
        points.extend(line(0.3, 0.03));
        assert!((Cost::fit(&points).unwrap().spread_s - 0.05).abs() < 1e-9);
    }

    #[test]
    fn no_cost_is_negative() {
        let through_origin = Cost::fit(&line(-0.05, 0.03)).unwrap();
        assert_eq!(through_origin.c0_s, 0.0);
        assert!(through_origin.c1_s_per_token > 0.0);
        let falling = Cost::fit(&line(3.0, -0.01)).unwrap();
        assert_eq!(falling.c1_s_per_token, 0.0);
        assert_eq!(Cost::fit(&[]), None);
    }

    #[test]
    fn the_opening_plays_while_a_clause_is_made() {
        // 0.2 s + 30 * 0.03 s are made in 1.1 s, which is 13.75 tokens of 0.08 s.
        let points = line(0.2, 0.03);
        assert_eq!(Cost::fit(&points).unwrap().opening_tokens(&points), 14);
        let cheap = line(0.0, 0.001);
        assert_eq!(Cost::fit(&cheap).unwrap().opening_tokens(&cheap), SHORTEST_OPENING);
        let dear = line(0.0, 0.9);
        assert_eq!(Cost::fit(&dear).unwrap().opening_tokens(&dear), LONGEST_OPENING);
        assert_eq!(Cost::fit(&dear).unwrap().opening_tokens(&[]), LONGEST_OPENING);
    }
}
