//! How an enum without data gets its one spelling, for columns, MACs and the wire.

/// The text is none of the enum's spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known values")]
pub struct UnknownValue;

/// Declares an enum whose variants have one spelling each: `as_str`, `FromStr`, `Display` and `ALL`.
#[macro_export]
#[doc(hidden)]
macro_rules! text_enum {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The one spelling of this value.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::text::UnknownValue;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err($crate::text::UnknownValue) }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Why a piece of text that people will read was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing is left once surrounding white space is gone.
    #[error("is empty")]
    Empty,
    /// It has too many characters.
    #[error("has more than {max_chars} characters")]
    TooLong {
        /// The most that are allowed.
        max_chars: usize,
    },
    /// It holds a control character, a line separator, or a character that hides or reorders others.
    #[error("holds a control character")]
    ControlCharacter,
}

/// `text` without surrounding white space, if it is fit to be shown in one line.
///
/// Security: no control characters, so that no name can forge a header, a log line or a terminal sequence; and
/// nothing that hides or reorders text (UAX #9), so that none can pass for another on a page. The joiners that
/// scripts and emoji need stay.
pub(crate) fn printable(text: &str, max_chars: usize) -> Result<&str, InvalidText> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(InvalidText::Empty);
    }
    if trimmed.chars().count() > max_chars {
        return Err(InvalidText::TooLong { max_chars });
    }
    if trimmed.contains(|c: char| c.is_control() || deceives(c)) {
        return Err(InvalidText::ControlCharacter);
    }
    Ok(trimmed)
}

/// Line and paragraph separators, directional overrides and isolates, and characters without a width.
const fn deceives(character: char) -> bool {
    matches!(
        character,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{2060}' | '\u{feff}'
    )
}
