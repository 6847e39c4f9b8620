//! A text as people see it, without what is written into it for the reader alone.

use std::ops::Range;

use crate::{inline, user_marks};

/// The bytes of a text that are markup, in order: the tags of marks, `<mark name="here"/>`, and the brackets and
/// phonemes around words that are given some, `[Kokoro](/kˈOkəɹO/)`.
pub fn markup_in(text: &str) -> Vec<Range<usize>> {
    let mut markup = inline::markup_in(text);
    markup.extend(user_marks::tags_in(text));
    markup.sort_unstable_by_key(|range| range.start);
    markup
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_markup_is_the_text_that_people_see() {
        let text = "<mark name='a'/>Say [Kokoro](/kˈOkəɹO/)<mark name='b'/>!";
        let mut seen = text.to_owned();
        for range in markup_in(text).into_iter().rev() {
            seen.replace_range(range, "");
        }
        assert_eq!(seen, "Say Kokoro!");
    }
}
