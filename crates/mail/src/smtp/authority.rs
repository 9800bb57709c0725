//! Who may vouch for a mail server.

use lettre::transport::smtp::client::Certificate;

/// The certificates of an operator's own authority.
#[derive(Debug, Clone)]
pub struct Authority(Certificate);

/// The text holds no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("holds no certificate in PEM")]
pub struct InvalidAuthority;

impl Authority {
    /// Reads one certificate or several, in PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidAuthority> {
        const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
        if !pem.windows(BEGIN.len()).any(|window| window == BEGIN) {
            return Err(InvalidAuthority);
        }
        Certificate::from_pem(pem).map(Self).map_err(|_| InvalidAuthority)
    }

    pub(super) fn certificate(&self) -> Certificate {
        self.0.clone()
    }
}
