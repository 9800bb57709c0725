//! What a backup's file is: the database's own file, and behind it one line with its checksum.
//!
//! The line stands behind the last page, where SQLite does not look. So one file is all there is to keep together, any
//! tool for SQLite reads it, and whatever was cut off or altered on the way shows.

use std::fmt;

use crate::secret::Digest;

/// What stands before the checksum. The line begins with an end of line: what is before it is no text.
const BEFORE: &[u8] = b"\nkeyward-backup-1 sha256 ";
/// SHA-256 in hexadecimal.
const DIGITS: usize = 64;

/// Port: makes checksums.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Checksums: Send + Sync {
    /// SHA-256 (FIPS 180-4) of what will be put in.
    fn begin(&self) -> Box<dyn Checksum>;
}

/// A checksum of what comes in pieces.
pub trait Checksum: Send {
    /// Goes on with this piece.
    fn update(&mut self, piece: &[u8]);
    /// The checksum of all pieces.
    fn finish(self: Box<Self>) -> Digest;
}

/// The last line of a backup.
#[derive(Clone, PartialEq, Eq)]
pub struct BackupSeal(Digest);

impl BackupSeal {
    /// How long it is in bytes.
    pub const LENGTH: usize = BEFORE.len() + DIGITS + 1;

    /// The line for a database with this checksum.
    pub const fn new(checksum: Digest) -> Self {
        Self(checksum)
    }

    /// Reads the last [`LENGTH`](Self::LENGTH) bytes of a file. `None` if they are no such line.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let digits = str::from_utf8(bytes.strip_prefix(BEFORE)?.strip_suffix(b"\n")?).ok()?;
        let is_hex = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        Digest::from_hex(digits).filter(|_| is_hex).map(Self)
    }

    /// The line's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut line = BEFORE.to_vec();
        line.extend_from_slice(self.to_string().as_bytes());
        line.push(b'\n');
        line
    }
}

/// The checksum in hexadecimal, as `sha256sum` writes it. It is no secret.
impl fmt::Display for BackupSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

impl fmt::Debug for BackupSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupSeal({self})")
    }
}
