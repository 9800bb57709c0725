//! The colour and the picture that an agent is shown with.

use std::fmt::{self, Write};

use super::AgentName;
use crate::ids::AgentId;

/// A colour: `#RRGGBB`, in the letters in which it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color([u8; 6]);

/// The text is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a colour such as #1f77b4")]
pub struct InvalidColor;

/// What agents without a colour of their own are shown in: dark enough for white letters.
const PALETTE: [&[u8; 6]; 16] = [
    b"1f77b4", b"b45309", b"15803d", b"b91c1c", b"7c3aed", b"92400e", b"be185d", b"4b5563", b"4d7c0f",
    b"0e7490", b"1d4ed8", b"a21caf", b"047857", b"9f1239", b"4338ca", b"854d0e",
];

impl Color {
    /// Reads `#` and six hexadecimal digits, dropping surrounding white space.
    pub fn parse(text: &str) -> Result<Self, InvalidColor> {
        let digits = text.trim().strip_prefix('#').ok_or(InvalidColor)?;
        let digits: [u8; 6] = digits.as_bytes().try_into().map_err(|_| InvalidColor)?;
        if digits.iter().all(u8::is_ascii_hexdigit) { Ok(Self(digits)) } else { Err(InvalidColor) }
    }

    /// The colour that an id picks: always the same one.
    pub(super) fn picked_by(id: AgentId) -> Self {
        let last = id.as_uuid().as_u128() % PALETTE.len() as u128;
        let picked = usize::try_from(last).ok().and_then(|index| PALETTE.get(index));
        Self(picked.copied().copied().unwrap_or([b'0'; 6])) // The remainder is an index, so black is unreachable.
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('#')?;
        self.0.iter().try_for_each(|&digit| f.write_char(char::from(digit)))
    }
}

/// The address of a picture: `http` or `https`, at most 2,048 characters.
///
/// Security: never the picture itself. Drawings and pages that a client made up could carry scripts to whoever looks
/// at the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvatarUrl(String);

/// The text is no address of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an http or https URL of at most {} characters", AvatarUrl::MAX_CHARS)]
pub struct InvalidAvatar;

impl AvatarUrl {
    /// The most characters that an address may have.
    pub const MAX_CHARS: usize = 2_048;

    /// Reads an absolute URL without user information, in the characters of RFC 3986.
    pub fn parse(text: &str) -> Result<Self, InvalidAvatar> {
        let text = text.trim();
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte);
        let (scheme, rest) = text.split_once("://").ok_or(InvalidAvatar)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        let has_host = !authority.is_empty() && !authority.starts_with(':') && !authority.contains('@');
        if is_web && has_host && text.len() <= Self::MAX_CHARS && text.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAvatar)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The picture of an agent without one: its initial on its colour, as an SVG image in a `data:` URL. The same agent
/// gets the same bytes each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnAvatar(String);

/// What a drawn picture begins with.
const DRAWN: &str = "data:image/svg+xml,";

impl DrawnAvatar {
    /// Security: of the name only one letter or digit gets in, which means nothing in XML, and it is percent-encoded
    /// if it is not ASCII.
    pub(super) fn of(name: &AgentName, color: Color) -> Self {
        let initial = name.as_str().chars().find(|character| character.is_alphanumeric());
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'><rect width='64' height='64' rx='12' \
             fill='{color}'/><text x='32' y='43' font-family='sans-serif' font-size='32' fill='#ffffff' \
             text-anchor='middle'>{}</text></svg>",
            initial.unwrap_or('?')
        );
        Self(format!("{DRAWN}{}", PercentEncoded(&svg)))
    }

    /// The `data:` URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text as RFC 3986, section 2.1 writes what is not unreserved.
struct PercentEncoded<'a>(&'a str);

impl fmt::Display for PercentEncoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    f.write_char(byte.into())?;
                }
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

/// A picture as a client asks for it: clients send back what they were shown, so a drawn one comes back too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AvatarChoice {
    /// None of its own.
    None,
    /// This one.
    Url(AvatarUrl),
    /// A drawn one: good only if it is the one that is drawn for this very agent, and then it means none of its own.
    Drawn(DrawnAvatar),
}

impl AvatarChoice {
    /// Reads an address, something that could be a drawn picture, or nothing.
    pub fn parse(text: &str) -> Result<Self, InvalidAvatar> {
        let text = text.trim();
        if text.is_empty() {
            Ok(Self::None)
        } else if text.starts_with(DRAWN) {
            Ok(Self::Drawn(DrawnAvatar(text.to_owned())))
        } else {
            AvatarUrl::parse(text).map(Self::Url)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_has_six_digits() {
        assert_eq!(Color::parse(" #1F77b4 ").unwrap().to_string(), "#1F77b4");
        for bad in ["", "#", "1f77b4", "#1f77b", "#1f77b45", "#1f77bg", "red", "#ééé", "##f77b4"] {
            assert_eq!(Color::parse(bad), Err(InvalidColor), "{bad}");
        }
    }

    #[test]
    fn every_colour_of_the_palette_is_one() {
        for (number, digits) in PALETTE.iter().enumerate() {
            let picked = Color::picked_by(AgentId::from_uuid(uuid::Uuid::from_u128(number as u128)));
            assert_eq!(Color::parse(&picked.to_string()), Ok(Color(**digits)));
        }
    }

    #[test]
    fn a_picture_is_drawn_of_one_letter() {
        let drawn = |name: &str| {
            let color = Color::parse("#1f77b4").unwrap();
            DrawnAvatar::of(&AgentName::parse(name).unwrap(), color).as_str().to_owned()
        };
        assert!(drawn("Alpha").contains("%3EA%3C%2Ftext%3E"), "{}", drawn("Alpha"));
        assert!(drawn("<script>").contains("%3Es%3C%2Ftext%3E"));
        assert!(drawn("&'\"").contains("%3E%3F%3C%2Ftext%3E"));
        assert!(drawn("Ärger").contains("%3E%C3%84%3C%2Ftext%3E"));
        assert_eq!(drawn("Alpha"), drawn("Alpha"));
    }

    #[test]
    fn threat_a3_a_picture_is_an_address_and_never_a_page() {
        for good in ["https://example.com/a.png", "HTTP://example.com:8080/a?b=c#d", "https://[::1]/a"] {
            assert!(matches!(AvatarChoice::parse(good), Ok(AvatarChoice::Url(_))), "{good}");
        }
        let long = format!("https://example.com/{}", "a".repeat(2_029));
        let bad = [
            "javascript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "data:image/png;base64,AAAA",
            "data:image/svg+xml;base64,AAAA",
            "//example.com/a.png",
            "ftp://example.com/a.png",
            "https://",
            "https:///a.png",
            "https://:80/a.png",
            "https://user@example.com/a.png",
            "https://example.com/\"><script>",
            "https://example.com/a b",
            "https://example.com/\u{e9}",
            &long,
        ];
        for text in bad {
            assert_eq!(AvatarChoice::parse(text), Err(InvalidAvatar), "{text}");
        }
        assert!(AvatarUrl::parse(&long[..2_048]).is_ok());
        assert_eq!(AvatarChoice::parse(" "), Ok(AvatarChoice::None));
    }
}
