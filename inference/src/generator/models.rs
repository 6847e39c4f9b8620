//! Models of how the team is set to work, waited for and let go, checked by `loom` in every order that the memory model
//! allows. `scripts/loom.sh` runs them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use loom::cell::UnsafeCell;

use super::team::Team;

/// Memory that nobody guards: `loom` ends a model in which two threads meet there, or one does not see what another
/// wrote before.
struct Pieces([UnsafeCell<usize>; 3]);

// SAFETY: only for the model, which is there to find out whether it is so.
unsafe impl Sync for Pieces {}

impl Pieces {
    fn new() -> Self {
        Self(std::array::from_fn(|_| UnsafeCell::new(0)))
    }

    fn add(&self, piece: usize, value: usize) {
        // SAFETY: `loom` tells where it is not exclusive.
        self.0[piece].with_mut(|own| unsafe { *own += value });
    }

    fn all(&self) -> [usize; 3] {
        // SAFETY: `loom` tells where it is written meanwhile.
        self.0.each_ref().map(|piece| piece.with(|piece| unsafe { *piece }))
    }
}

#[test]
fn every_piece_is_done_once_and_seen_by_the_caller_round_after_round() {
    loom::model(|| {
        let (mut team, pieces) = (Team::new(2).unwrap(), Pieces::new());
        team.run(2, &|_, piece| pieces.add(piece, 1));
        assert_eq!(pieces.all(), [1, 1, 0]);
        // Other work, which lives elsewhere, and more of it.
        let more = 10;
        team.run(3, &|_, piece| pieces.add(piece, more));
        assert_eq!(pieces.all(), [11, 11, 10]);
    });
}

#[test]
fn two_workers_share_the_pieces_with_the_caller() {
    // With one preemption more it takes a minute, not seconds.
    let mut orders = loom::model::Builder::new();
    orders.preemption_bound = orders.preemption_bound.map(|most| most.min(2));
    orders.check(|| {
        let (mut team, pieces) = (Team::new(3).unwrap(), Pieces::new());
        team.run(2, &|_, piece| pieces.add(piece, 1));
        assert_eq!(pieces.all(), [1, 1, 0]);
    });
}

#[test]
fn no_two_members_are_the_same_one_at_a_time() {
    loom::model(|| {
        let (mut team, memory) = (Team::new(2).unwrap(), Pieces::new());
        team.run(3, &|member, _| memory.add(member, 1));
        assert_eq!(memory.all().iter().sum::<usize>(), 3);
    });
}

#[test]
fn a_team_that_is_let_go_ends_whatever_its_workers_are_at() {
    loom::model(|| drop(Team::new(3).unwrap()));
}

#[test]
fn who_fails_is_told_of_and_leaves_the_team_at_work() {
    loom::model(|| {
        let (mut team, pieces) = (Team::new(2).unwrap(), Pieces::new());
        let failed = catch_unwind(AssertUnwindSafe(|| {
            team.run(2, &|_, piece| {
                if piece == 1 {
                    // Without a line on standard error for every order.
                    resume_unwind(Box::new(()));
                }
            });
        }));
        assert!(failed.is_err());
        team.run(2, &|_, piece| pieces.add(piece, 1));
        assert_eq!(pieces.all(), [1, 1, 0]);
    });
}
