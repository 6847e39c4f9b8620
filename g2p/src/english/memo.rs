//! Answers kept for the next time, in bounded memory.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A bounded map from questions to answers that may be forgotten at any time.
///
/// Two generations: answers go into the young one; when it is full it becomes the old one, and what is not asked
/// for again until the next change is forgotten. Shared by all threads behind one lock, held for a look-up only.
pub(super) struct Memo<K, V> {
    generations: Mutex<Generations<K, V>>,
    capacity: usize,
}

struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// A memo of at most twice `capacity` answers.
    pub(super) fn new(capacity: usize) -> Self {
        Self { generations: Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }), capacity }
    }

    /// The answer kept for `question`, or that of `answer`, which is then kept.
    pub(super) fn get<Q>(&self, question: &Q, answer: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(kept) = self.lock().kept(question, self.capacity) {
            return kept;
        }
        let answer = answer();
        self.lock().keep(question.to_owned(), answer.clone(), self.capacity);
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        // An answer is put in whole or not at all, so a panic elsewhere leaves nothing half done.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V: Clone> Generations<K, V> {
    fn kept<Q>(&mut self, question: &Q, capacity: usize) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some(answer) = self.young.get(question) {
            return Some(answer.clone());
        }
        let (question, answer) = self.old.remove_entry(question)?;
        self.keep(question, answer.clone(), capacity);
        Some(answer)
    }

    fn keep(&mut self, question: K, answer: V, capacity: usize) {
        if self.young.len() >= capacity {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(question, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_again_is_answered_from_memory() {
        let memo: Memo<String, usize> = Memo::new(4);
        assert_eq!(memo.get("three", || 3), 3);
        assert_eq!(memo.get("three", || 0), 3);
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_is_in_use() {
        let memo: Memo<String, usize> = Memo::new(10);
        for i in 0..1_000 {
            assert_eq!(memo.get("always", || usize::MAX), usize::MAX);
            memo.get(i.to_string().as_str(), || i);
            let generations = memo.lock();
            assert!(generations.young.len() + generations.old.len() <= 20);
        }
        assert_eq!(memo.get("always", || 0), usize::MAX);
        assert_eq!(memo.get("0", || 7), 7);
    }
}
