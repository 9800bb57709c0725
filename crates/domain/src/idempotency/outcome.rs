//! An outcome as it is sealed: its parts as text, one after the other.

use std::fmt::Display;
use std::str::FromStr;

use zeroize::Zeroizing;

/// An outcome that can be sealed and read again.
pub(crate) trait Repeatable: Sized {
    /// Names the kind of outcome and the shape of what is written: one that was written in another shape, by another
    /// release, is not read.
    const SHAPE: &'static str;

    /// Writes every part that its rendering needs.
    fn write(&self, parts: &mut OutcomeWriter);

    /// Reads the same parts in the same order. `None` if they are not what [`write`](Self::write) wrote.
    fn read(parts: &mut OutcomeReader<'_>) -> Option<Self>;
}

/// Writes parts.
///
/// Security: they may be secrets; what is left behind by growing is wiped.
#[derive(Default)]
pub(crate) struct OutcomeWriter(Zeroizing<Vec<u8>>);

impl OutcomeWriter {
    /// One part.
    pub(crate) fn part(&mut self, part: &dyn Display) {
        self.optional(Some(part));
    }

    /// A part that may be absent.
    pub(crate) fn optional(&mut self, part: Option<&dyn Display>) {
        let text = part.map(|part| Zeroizing::new(part.to_string()));
        let bytes = text.as_ref().map(|text| text.as_bytes());
        // A length of zero is absence, so that an empty text has a length of one.
        let length =
            bytes.map_or(0, |bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX - 1).saturating_add(1));
        let grown = [self.0.as_slice(), &length.to_be_bytes(), bytes.unwrap_or_default()].concat();
        self.0 = Zeroizing::new(grown);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Reads parts.
pub(crate) struct OutcomeReader<'a>(&'a [u8]);

impl<'a> OutcomeReader<'a> {
    pub(super) const fn over(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next part's text, which must be there.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        self.optional_text()?
    }

    /// The next part's text, or its absence. `None` if there is no next part.
    pub(crate) fn optional_text(&mut self) -> Option<Option<&'a str>> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let Some(length) = u32::from_be_bytes(*length).checked_sub(1) else {
            self.0 = rest;
            return Some(None);
        };
        let (part, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(Some(str::from_utf8(part).ok()?))
    }

    /// The next part, parsed.
    pub(crate) fn part<T: FromStr>(&mut self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// The next part, parsed, or its absence.
    pub(crate) fn optional<T: FromStr>(&mut self) -> Option<Option<T>> {
        match self.optional_text()? {
            None => Some(None),
            Some(text) => Some(Some(text.parse().ok()?)),
        }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = OutcomeWriter::default();
        writer.part(&"ä b\n");
        writer.part(&"");
        writer.optional(None);
        writer.optional(Some(&7));
        let mut reader = OutcomeReader::over(writer.bytes());
        assert_eq!(reader.text(), Some("ä b\n"));
        assert_eq!(reader.optional_text(), Some(Some("")));
        assert_eq!(reader.optional::<u8>(), Some(None));
        assert_eq!(reader.optional::<u8>(), Some(Some(7)));
        assert!(reader.is_at_end());
        assert_eq!(reader.text(), None);
    }

    #[test]
    fn what_was_cut_or_is_of_another_kind_is_not_read() {
        let mut writer = OutcomeWriter::default();
        writer.part(&"text");
        assert_eq!(OutcomeReader::over(writer.bytes()).part::<u8>(), None);
        for cut in 0..writer.bytes().len() {
            assert_eq!(OutcomeReader::over(&writer.bytes()[..cut]).text(), None, "{cut}");
        }
    }
}
