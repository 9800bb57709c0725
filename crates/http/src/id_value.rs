//! An id as a header's value, written without a formatter: each answer has two, a check's five.

use actix_web::http::header::HeaderValue;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The hyphenated form of a UUID (RFC 9562, section 4) with these bytes.
pub(crate) fn id_value(uuid: [u8; 16]) -> HeaderValue {
    let mut text = [b'-'; 36];
    let places = (0..8).chain(9..13).chain(14..18).chain(19..23).chain(24..36);
    let digits = uuid.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    for (place, digit) in places.zip(digits) {
        if let (Some(place), Some(digit)) = (text.get_mut(place), HEX.get(usize::from(digit))) {
            *place = *digit;
        }
    }
    // Unreachable: digits and hyphens are a header's value.
    HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_the_domain_writes_it() {
        use keyward_domain::ids::RequestId;

        let text = "0190b0c2-7c1e-7d3a-8f00-0123456789ab";
        let id: RequestId = text.parse().unwrap();
        assert_eq!(id_value(id.as_uuid().into_bytes()), text);
        assert_eq!(id.to_string(), text);
    }
}
