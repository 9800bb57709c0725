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
/// Security: no control characters, so that no name can forge a header, a log line or a terminal sequence; nothing
/// that hides or reorders text (UAX #9 controls, characters without a width), so that none can pass for another on
/// a page; and something to see. The joiners and selectors that scripts and emoji need stay.
pub(crate) fn printable(text: &str, max_chars: usize) -> Result<&str, InvalidText> {
    let trimmed = text.trim();
    if !trimmed.contains(|c: char| !c.is_whitespace() && !is_joiner(c)) {
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

/// Zero-width joiners and variation selectors: part of a character, and nothing by themselves.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Separators of lines and paragraphs, and what Unicode lists as ignorable by default (UAX #44,
/// `Default_Ignorable_Code_Point`) less the joiners.
pub(crate) const fn deceives(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
