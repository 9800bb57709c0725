//! Forged tokens, by the classes of the threat model: made from real tokens of the running app, in each algorithm, and
//! shown to every family of protected routes. None is let through, none makes the server fail, and each is refused
//! for the right reason.
//!
//! To add a class, put it into the file of its threat. To add a family of routes, give it a row in `families`.

mod brought_keys;
mod claims;
mod confused;
mod corpus;
mod extensions;
mod families;
mod forge;
mod garbage;
mod kids;
mod signatures;
mod spellings;
mod stamps;
mod texts;
mod unsigned;

use std::collections::HashSet;

use keyward_domain::tokens::SigningAlgorithm;

use self::corpus::{Class, classes};
use self::families::{FAMILIES, Reason};
use self::forge::Forge;

/// Fewer than these would mean that a part of the corpus is not made any more.
const LEAST_CLASSES: usize = 97;
const LEAST_TOKENS: usize = 2_900;

#[actix_web::test]
async fn threat_j1_to_j12_no_forged_eddsa_token_is_let_through_anywhere() {
    none_is_let_through(SigningAlgorithm::EdDsa).await;
}

#[actix_web::test]
async fn threat_j1_to_j12_no_forged_es256_token_is_let_through_anywhere() {
    none_is_let_through(SigningAlgorithm::Es256).await;
}

#[actix_web::test]
async fn threat_j1_to_j12_no_forged_rs256_token_is_let_through_anywhere() {
    none_is_let_through(SigningAlgorithm::Rs256).await;
}

async fn none_is_let_through(algorithm: SigningAlgorithm) {
    let forge = Forge::start(algorithm).await;
    let classes = classes(&forge);
    assert_each_class_is_one(&classes);
    for family in FAMILIES {
        for real in &forge.real {
            let answer = family.ask(&forge.app, &real.text).await;
            assert_eq!(answer.status, 200, "{}: a real token is good", family.path);
        }
        let own = family.ask(&forge.app, &forge.own(&forge.real[0].claims)).await;
        assert_eq!(own.status, 200, "{}: what our own key signs is good", family.path);
    }
    for class in &classes {
        for token in &class.tokens {
            let judged = forge.judge(token).await;
            assert_eq!(judged, Err(class.reason), "{} {}: {token:?}", class.threat, class.name);
            for family in FAMILIES {
                let answer = family.ask(&forge.app, token).await;
                let seen = (answer.status, answer.json());
                let wanted = (401, (family.refusal)(class.reason));
                assert_eq!(seen, wanted, "{} {} at {}: {token:?}", class.threat, class.name, family.path);
            }
        }
    }
    assert!(!forge.was_asked_for_keys(), "somebody fetched a key from where a token said");
}

/// That the corpus is as large as it says, with nothing in it twice and no real token among it.
fn assert_each_class_is_one(classes: &[Class]) {
    let names: HashSet<_> = classes.iter().map(|class| class.name).collect();
    assert_eq!(names.len(), classes.len(), "two classes have one name");
    assert!(classes.iter().all(|class| !class.tokens.is_empty()), "a class is empty");
    let tokens: HashSet<_> = classes.iter().flat_map(|class| &class.tokens).collect();
    let counted: usize = classes.iter().map(|class| class.tokens.len()).sum();
    println!("{} classes, {counted} tokens, {} different ones", classes.len(), tokens.len());
    assert!(classes.len() >= LEAST_CLASSES, "{} classes", classes.len());
    assert!(tokens.len() >= LEAST_TOKENS, "{} tokens", tokens.len());
}

#[actix_web::test]
async fn threat_j11_a_good_token_beside_a_forged_one_is_refused() {
    let forge = Forge::start(SigningAlgorithm::EdDsa).await;
    let good = &forge.real[0];
    let forged = format!("{}.{}.", good.header, good.payload);
    for family in FAMILIES {
        for (first, second) in [(&good.text, &forged), (&forged, &good.text)] {
            let answer = family.ask_twice(&forge.app, first, second).await;
            assert_eq!((answer.status, answer.json()), (401, (family.refusal)(Reason::InvalidToken)));
        }
    }
}

#[actix_web::test]
async fn threat_j11_bytes_that_are_no_text_are_refused() {
    let forge = Forge::start(SigningAlgorithm::EdDsa).await;
    let good = &forge.real[0].text;
    for family in FAMILIES {
        for bytes in [&b"\xff"[..], b"\xc3\x28", b"\x80.\x80.\x80", &[good.as_bytes(), b"\xff"].concat()] {
            let answer = family.ask_bytes(&forge.app, bytes).await;
            assert_eq!((answer.status, answer.json()), (401, (family.refusal)(Reason::InvalidToken)));
        }
    }
}
