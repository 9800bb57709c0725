//! A long list of short texts that is part of the program: nothing to load at the start, nothing to keep in memory
//! twice.

/// Lines in ascending order of their bytes, each of them once and each with its end, found by halving.
#[derive(Debug, Clone, Copy)]
pub struct SortedLines(&'static str);

impl SortedLines {
    /// Takes a text. One that [`is_sorted`](Self::is_sorted) denies finds what it likes: a test asks, of each list.
    pub const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// Whether this is one of the lines, to the byte.
    pub fn contains(self, wanted: &str) -> bool {
        let mut lines = self.0.as_bytes();
        while !lines.is_empty() {
            let (before, behind) = lines.split_at(lines.len() / 2);
            let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            let end = behind.iter().position(|&byte| byte == b'\n').unwrap_or(behind.len()) + before.len();
            let line = lines.get(start..end).unwrap_or_default();
            lines = match wanted.as_bytes().cmp(line) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Less => lines.get(..start).unwrap_or_default(),
                std::cmp::Ordering::Greater => lines.get(end + 1..).unwrap_or_default(),
            };
        }
        false
    }

    /// Every line, in their order.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.lines()
    }

    /// Whether the text is what [`contains`](Self::contains) needs.
    pub fn is_sorted(self) -> bool {
        self.0.ends_with('\n')
            && !self.0.contains('\r')
            && self.0.lines().is_sorted_by(|one, next| one < next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_nothing_between_them() {
        let lines = SortedLines::new("alpha\nbeta\nbetamax\ndélta\nz\n");
        assert!(lines.is_sorted());
        for line in lines.iter() {
            assert!(lines.contains(line), "{line}");
            assert!(!lines.contains(&format!("{line}\n")), "{line}");
            assert!(!lines.contains(&line[1..]), "{line}");
        }
        for other in ["", "\n", "a", "alpha\nbeta", "alphb", "betam", "délt", "zz", "Alpha"] {
            assert!(!lines.contains(other), "{other:?}");
        }
        assert!(!SortedLines::new("").contains(""));
    }

    #[test]
    fn a_list_in_disorder_is_told() {
        for text in ["", "b\na\n", "a\na\n", "a\nb", "a\r\nb\r\n"] {
            assert!(!SortedLines::new(text).is_sorted(), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn halving_finds_what_looking_at_each_line_finds(mut lines in proptest::collection::vec("[a-c]{1,3}", 1..40), wanted in "[a-c]{1,3}") {
            lines.sort();
            lines.dedup();
            let found = lines.contains(&wanted);
            let text: &'static str = (lines.join("\n") + "\n").leak();
            proptest::prop_assert_eq!(SortedLines::new(text).contains(&wanted), found);
        }
    }
}
