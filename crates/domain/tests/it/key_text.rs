//! Texts of keys that nobody issued, yet whose checksum is right.

/// Takes a key's text apart: prefix, handle, secret.
pub(crate) fn parts(text: &str) -> (&str, &str, &str) {
    let (prefix, body) = text.split_at(text.len() - 64);
    (prefix, &body[..15], &body[15..58])
}

/// Puts a text together from its parts, with the checksum that they call for.
pub(crate) fn forge(prefix: &str, handle: &str, secret: &str) -> String {
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let covered = format!("{prefix}{handle}{secret}");
    let mut rest = crc32fast::hash(covered.as_bytes());
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    covered + std::str::from_utf8(&digits).unwrap()
}

/// The same key with another secret.
pub(crate) fn with_wrong_secret(text: &str) -> String {
    let (prefix, handle, secret) = parts(text);
    let changed = if secret.starts_with('A') { "B" } else { "A" };
    forge(prefix, handle, &format!("{changed}{}", &secret[1..]))
}

/// The same handle and secret under another prefix.
pub(crate) fn with_prefix(text: &str, prefix: &str) -> String {
    let (_, handle, secret) = parts(text);
    forge(prefix, handle, secret)
}

/// The same key under a handle that nobody has.
pub(crate) fn with_unknown_handle(text: &str) -> String {
    let (prefix, _, secret) = parts(text);
    forge(prefix, "000000000000000", secret)
}
