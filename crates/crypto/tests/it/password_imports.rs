//! Hashes that other programs made, or that we made before we changed our minds.

use keyward_domain::accounts::{PasswordHash, PasswordHasher, PasswordVerdict};

use crate::password_contract::{argon2id, bcrypt, chosen, patient_pool, typed};

async fn verdict(hasher: &dyn PasswordHasher, password: &str, stored: &str) -> PasswordVerdict {
    hasher.verify(&typed(password), Some(&PasswordHash::new(stored.to_owned()))).await.unwrap()
}

#[tokio::test]
async fn hashes_from_elsewhere_match_and_are_outdated() {
    let hashes = [
        // The reference implementation, by argon2-cffi: its defaults, small ones, argon2i, and argon2i 1.0, which
        // does not name its version.
        (
            "password",
            "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$rBWULD5jOGpQy32rLvGcmvQMVqIVNAmrCtekWvUA8bw",
        ),
        ("password", "$argon2id$v=19$m=1024,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$pdYa+mI8cAPpxXuT3A31/A"),
        (
            "password",
            "$argon2i$v=19$m=4096,t=4,p=1$c2FsdHNhbHRzYWx0c2FsdA$YOkFGf/aP+fgYO8icMH6D59NGiUqYiAjOT/awpfyC+M",
        ),
        (
            "password",
            "$argon2i$m=1024,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$KH2lC57l+t0uNRsRsidc5/EmADyrPSnzlT9uIXi4qtI",
        ),
        // Python, Node, and an online tool.
        ("correctbatteryhorsestapler", "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie"),
        ("correctbatteryhorsestapler", "$2a$04$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi"),
        ("password", "$2a$04$UuTkLRZZ6QofpDOlMz32MuuxEHA43WOemOYHPz6.SjsVsyO1tDU96"),
        ("password", "$2y$04$UuTkLRZZ6QofpDOlMz32MuuxEHA43WOemOYHPz6.SjsVsyO1tDU96"),
        // From passlib's manual.
        ("password", "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2"),
    ];
    let pool = patient_pool();
    let hashers: [&dyn PasswordHasher; 2] = [&argon2id(&pool), &bcrypt(&pool)];
    for hasher in hashers {
        for (password, stored) in hashes {
            assert_eq!(verdict(hasher, password, stored).await, PasswordVerdict::MatchOutdated, "{stored}");
            assert_eq!(verdict(hasher, "wrong", stored).await, PasswordVerdict::Mismatch, "{stored}");
        }
    }
}

#[tokio::test]
async fn a_password_that_was_hashed_elsewhere_as_it_was_typed_matches_and_is_ours_normalised() {
    // perl -e 'print crypt("geheim\xc2\xb2", q($2b$04$abcdefghijklmnopqrstuu))'
    let stored = "$2b$04$abcdefghijklmnopqrstuu3WmupO2kQqD4AmKRbTsHovlwjXS3Rhm";
    let pool = patient_pool();
    let hashers: [&dyn PasswordHasher; 2] = [&argon2id(&pool), &bcrypt(&pool)];
    for hasher in hashers {
        assert_eq!(verdict(hasher, "geheim²", stored).await, PasswordVerdict::MatchOutdated);
        assert_eq!(verdict(hasher, "geheim2", stored).await, PasswordVerdict::Mismatch);
        let rehashed = hasher.rehash(&typed("geheim²")).await.unwrap();
        for (other, is_wrong) in [("geheim²", false), ("geheim2", false), ("geheim3", true)] {
            let verdict = verdict(hasher, other, rehashed.expose()).await;
            assert_eq!(verdict == PasswordVerdict::Mismatch, is_wrong, "{other}");
        }
    }
    // What another of our own schemes made is of the normalised text.
    let by_argon2id = argon2id(&pool).rehash(&typed("geheim²")).await.unwrap();
    assert_eq!(
        verdict(&bcrypt(&pool), "geheim²", by_argon2id.expose()).await,
        PasswordVerdict::MatchOutdated
    );
}

#[tokio::test]
async fn each_scheme_reads_the_others_hashes_and_wants_its_own() {
    let pool = patient_pool();
    let (argon2id, bcrypt) = (argon2id(&pool), bcrypt(&pool));
    let by_argon2id = argon2id.hash(&chosen("correct horse battery")).await.unwrap();
    let by_bcrypt = bcrypt.hash(&chosen("correct horse battery")).await.unwrap();
    assert!(by_argon2id.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(by_bcrypt.expose().starts_with("$bcrypt-sha256$v=2,t=2b,r=4$"));
    let typed = typed("correct horse battery");
    assert_eq!(bcrypt.verify(&typed, Some(&by_argon2id)).await, Ok(PasswordVerdict::MatchOutdated));
    assert_eq!(argon2id.verify(&typed, Some(&by_bcrypt)).await, Ok(PasswordVerdict::MatchOutdated));
}

#[tokio::test]
async fn a_password_beyond_bcrypts_72_bytes_matches_by_its_beginning_and_is_left_as_it_is() {
    // python -c 'import bcrypt; bcrypt.hashpw(b"x"*100, b"$2a$05$...............................")'
    let stored = "$2a$05$......................YgIDy4hFBdVlc/6LHnD9mX488r9cLd2";
    let pool = patient_pool();
    let hasher = argon2id(&pool);
    for length in [73, 100, 1_024] {
        assert_eq!(verdict(&hasher, &"x".repeat(length), stored).await, PasswordVerdict::Match, "{length}");
    }
    assert_eq!(verdict(&hasher, &"x".repeat(72), stored).await, PasswordVerdict::MatchOutdated);
    assert_eq!(verdict(&hasher, &"x".repeat(71), stored).await, PasswordVerdict::Mismatch);
    let other_beginning = format!("y{}", "x".repeat(99));
    assert_eq!(verdict(&hasher, &other_beginning, stored).await, PasswordVerdict::Mismatch);
}

#[tokio::test]
async fn threat_d1_what_is_imported_can_be_verified_and_costs_no_more_than_is_paid() {
    let salt_and_hash = "EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
    let bcrypt_of = |cost: u32| format!("$2b${cost:02}${salt_and_hash}");
    let argon2_of = |scheme: &str, m: u32, t: u32, p: u32| {
        format!("${scheme}$v=19$m={m},t={t},p={p}$c2FsdHNhbHRzYWx0c2FsdA$pdYa+mI8cAPpxXuT3A31/A")
    };
    let pool = patient_pool();
    let hashers: [&dyn PasswordHasher; 2] = [&argon2id(&pool), &bcrypt(&pool)];
    let usable = [
        bcrypt_of(4),
        bcrypt_of(13),
        format!("$2a$10${salt_and_hash}"),
        format!("$2y$10${salt_and_hash}"),
        argon2_of("argon2id", 65_536, 4, 4),
        argon2_of("argon2i", 1_024, 1, 1),
    ];
    let unusable = [
        String::new(),
        "correctbatteryhorsestapler".to_owned(),
        "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
        bcrypt_of(3),
        bcrypt_of(14),
        bcrypt_of(31),
        format!("$2x$10${salt_and_hash}"),
        format!("$2b$10${}", &salt_and_hash[1..]),
        format!("$2b$10$é{}", &salt_and_hash[2..]),
        argon2_of("argon2d", 1_024, 1, 1),
        argon2_of("argon2id", 65_537, 1, 1),
        argon2_of("argon2id", 1_024, 5, 1),
        argon2_of("argon2id", 1_024, 1, 5),
        "$argon2id$v=19$m=1024,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA".to_owned(),
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E".to_owned(),
    ];
    for hasher in hashers {
        for text in &usable {
            assert_eq!(hasher.check(&PasswordHash::new(text.clone())), Ok(()), "{text}");
        }
        for text in &unusable {
            let refused = hasher.check(&PasswordHash::new(text.clone())).unwrap_err().to_string();
            assert!(text.is_empty() || !refused.contains(text.as_str()), "{refused}");
        }
    }
    assert_eq!(pool.hashes_done().len(), 0, "checking hashes nothing");
}
