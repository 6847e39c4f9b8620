//! Which groups of sounds belong to which word.
//!
//! espeak-ng says a phrase and not which word each sound came from. Mostly it gives one group a word; numbers give
//! several, and some pairs of words share one. Every word is therefore also said alone, and the groups are dealt out so
//! that each word gets what is most like its own sound. A sound that moved to the next word (liaison) stays there.

use std::ops::Range;

/// How far the groups may run ahead of, or fall behind, what the words would give alone.
const BAND: usize = 6;
/// A phrase in which they are further apart is dealt out in proportion.
const MAX_BAND: usize = 40;
/// How many groups more or less than alone a word may get.
const SLACK: usize = 3;

/// The groups of each word; in order, without a gap, some of them empty.
///
/// `alone` has what every word gives alone, groups apart by spaces.
pub(super) fn assign(groups: &[&str], alone: &[String]) -> Vec<Range<usize>> {
    let counts: Vec<usize> = alone.iter().map(|said| said.split_whitespace().count()).collect();
    let total: usize = counts.iter().sum();
    let band = total.abs_diff(groups.len()) + BAND;
    if total == groups.len() {
        running(counts.into_iter())
    } else if total == 0 {
        running((0..alone.len()).map(|word| if word == 0 { groups.len() } else { 0 }))
    } else if band > MAX_BAND {
        let share = |n: usize| n * groups.len() / total;
        let mut before = 0;
        running(counts.into_iter().map(|count| {
            before += count;
            share(before) - share(before - count)
        }))
    } else {
        likeliest(groups, alone, &counts, band)
    }
}

/// Ranges of the given lengths, one after another.
fn running(lengths: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut start = 0;
    lengths
        .map(|length| {
            let range = start..start + length;
            start = range.end;
            range
        })
        .collect()
}

/// The dealing with the least sum of distances between what a word gets and what it says alone.
fn likeliest(groups: &[&str], alone: &[String], counts: &[usize], band: usize) -> Vec<Range<usize>> {
    let bare = |said: &str| said.chars().filter(|c| !" ˈˌː".contains(*c)).collect::<Vec<char>>();
    let sounds: Vec<Vec<char>> = groups.iter().map(|group| bare(group)).collect();
    // `best[w]` has, for the first w words and each number of groups, the least cost and the last word's share.
    let mut best: Vec<Vec<Option<(usize, usize)>>> = vec![vec![None; groups.len() + 1]; alone.len() + 1];
    best[0][0] = Some((0, 0));
    let mut expected = 0_usize;
    for (word, (said, &count)) in alone.iter().zip(counts).enumerate() {
        let said = bare(said);
        let starts = expected.saturating_sub(band)..=(expected + band).min(groups.len());
        for start in starts {
            let Some((cost, _)) = best[word][start] else { continue };
            for share in count.saturating_sub(SLACK)..=count + SLACK {
                let Some(taken) = sounds.get(start..start + share) else { break };
                let cost = cost + distance(&said, &taken.concat());
                let entry = &mut best[word + 1][start + share];
                if entry.is_none_or(|(least, _)| cost < least) {
                    *entry = Some((cost, share));
                }
            }
        }
        expected += count;
    }
    let mut end = groups.len();
    let mut shares = vec![0; alone.len()];
    for word in (0..alone.len()).rev() {
        let Some((_, share)) = best[word + 1][end] else { break };
        shares[word] = share;
        end -= share;
    }
    // Where no path leads through, the first words have nothing and the groups before are theirs.
    let mut ranges = running(shares.into_iter());
    if end > 0 {
        for range in &mut ranges {
            *range = range.start + end..range.end + end;
        }
        if let Some(first) = ranges.first_mut() {
            first.start = 0;
        }
    }
    ranges
}

/// The edit distance (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dealt(groups: &str, alone: &[&str]) -> Vec<String> {
        let groups: Vec<&str> = groups.split_whitespace().collect();
        let alone: Vec<String> = alone.iter().map(|&said| said.to_owned()).collect();
        assign(&groups, &alone).into_iter().map(|range| groups[range].join(" ")).collect()
    }

    #[test]
    fn one_group_a_word_is_dealt_as_it_comes() {
        assert_eq!(dealt("la nˈiɲa", &["la", "nˈiɲa"]), ["la", "nˈiɲa"]);
    }

    #[test]
    fn a_number_gets_its_groups() {
        assert_eq!(
            dealt("en mˈil nˌoβe sˈjete a", &["en", "mˈil nˌoβe sˈjete", "a"]),
            ["en", "mˈil nˌoβe sˈjete", "a"]
        );
    }

    #[test]
    fn two_words_that_share_a_group_leave_one_without() {
        assert_eq!(dealt("aɪ əvðə dˈɒɡ", &["aɪ", "ɒv", "ðə", "dˈɒɡ"])[3], "dˈɒɡ");
        assert_eq!(dealt("aɪ əvðə dˈɒɡ", &["aɪ", "ɒv", "ðə", "dˈɒɡ"]).concat(), "aɪəvðədˈɒɡ");
    }

    #[test]
    fn a_word_that_is_said_in_two_only_in_company_gets_both() {
        assert_eq!(dealt("ə bɪ kˈat", &["əbɪ", "kˈat"]), ["ə bɪ", "kˈat"]);
    }

    proptest! {
        #[test]
        fn every_group_is_dealt_once_and_in_order(
            groups in prop::collection::vec("[a-c]{1,3}", 0..80),
            alone in prop::collection::vec("([a-c]{1,3} ?){0,3}", 1..30),
        ) {
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            let dealt = assign(&groups, &alone);
            prop_assert_eq!(dealt.len(), alone.len());
            let mut end = 0;
            for range in &dealt {
                prop_assert_eq!(range.start, end);
                prop_assert!(range.end >= range.start);
                end = range.end;
            }
            prop_assert_eq!(end, groups.len());
        }
    }
}
