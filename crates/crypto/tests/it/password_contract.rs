//! What every `PasswordHasher` promises, whatever its scheme: one suite, run for each of them.

use std::sync::Arc;

use keyward_crypto::{Argon2idHasher, BcryptCost, BcryptHasher, HashingLimits, HashingPool, OsEntropy};
use keyward_domain::accounts::{
    NewPassword, Password, PasswordError, PasswordHash, PasswordHasher, PasswordVerdict,
};

/// A pool that has patience: how long a hash takes on this machine is no part of the contract.
pub(crate) fn patient_pool() -> Arc<HashingPool> {
    let limits = HashingLimits { patience: std::time::Duration::from_secs(600), ..HashingLimits::default() };
    Arc::new(HashingPool::new(limits))
}

pub(crate) fn argon2id(pool: &Arc<HashingPool>) -> Argon2idHasher {
    Argon2idHasher::new(pool.clone(), Arc::new(OsEntropy))
}

pub(crate) fn bcrypt(pool: &Arc<HashingPool>) -> BcryptHasher {
    BcryptHasher::new(BcryptCost::new(4).unwrap(), pool.clone(), Arc::new(OsEntropy))
}

pub(crate) fn typed(text: &str) -> Password {
    Password::parse(text).unwrap()
}

pub(crate) fn chosen(text: &str) -> NewPassword {
    NewPassword::parse(text, &[]).unwrap()
}

/// The whole contract.
async fn keeps_its_contract(hasher: &dyn PasswordHasher) {
    a_password_matches_its_own_hash_and_no_other_does(hasher).await;
    every_character_of_a_password_counts(hasher).await;
    the_same_password_is_hashed_differently_each_time(hasher).await;
    a_rehash_is_as_good_as_a_hash(hasher).await;
    no_hash_is_no_match(hasher).await;
    an_unreadable_hash_is_an_error_that_does_not_repeat_it(hasher).await;
}

async fn a_password_matches_its_own_hash_and_no_other_does(hasher: &dyn PasswordHasher) {
    let hash = hasher.hash(&chosen("correct horse battery")).await.unwrap();
    assert_eq!(hasher.verify(&typed("correct horse battery"), Some(&hash)).await, Ok(PasswordVerdict::Match));
    for other in
        ["correct horse batterz", "correct horse", "Correct horse battery", " ", "correct horse battery "]
    {
        assert_eq!(hasher.verify(&typed(other), Some(&hash)).await, Ok(PasswordVerdict::Mismatch), "{other}");
    }
}

async fn every_character_of_a_password_counts(hasher: &dyn PasswordHasher) {
    let longest = format!("{}1", "密".repeat(127)); // 382 bytes: far beyond bcrypt's 72.
    let hash = hasher.hash(&chosen(&longest)).await.unwrap();
    assert_eq!(hasher.verify(&typed(&longest), Some(&hash)).await, Ok(PasswordVerdict::Match));
    for other in [format!("{}2", "密".repeat(127)), "密".repeat(127), format!("{longest}\0")] {
        assert_eq!(
            hasher.verify(&typed(&other), Some(&hash)).await,
            Ok(PasswordVerdict::Mismatch),
            "{other}"
        );
    }
    let hash = hasher.hash(&chosen("before\0after")).await.unwrap();
    for other in ["before\0other", "before"] {
        assert_eq!(
            hasher.verify(&typed(other), Some(&hash)).await,
            Ok(PasswordVerdict::Mismatch),
            "{other:?}"
        );
    }
}

async fn the_same_password_is_hashed_differently_each_time(hasher: &dyn PasswordHasher) {
    let password = chosen("correct horse battery");
    let (one, two) = (hasher.hash(&password).await.unwrap(), hasher.hash(&password).await.unwrap());
    assert_ne!(one.expose(), two.expose());
}

async fn a_rehash_is_as_good_as_a_hash(hasher: &dyn PasswordHasher) {
    let password = typed("p"); // Too short to be chosen, but somebody may have it from elsewhere.
    let hash = hasher.rehash(&password).await.unwrap();
    assert_eq!(hasher.verify(&password, Some(&hash)).await, Ok(PasswordVerdict::Match));
}

async fn no_hash_is_no_match(hasher: &dyn PasswordHasher) {
    for password in ["correct horse battery", "\0", "."] {
        assert_eq!(hasher.verify(&typed(password), None).await, Ok(PasswordVerdict::Mismatch));
    }
}

async fn an_unreadable_hash_is_an_error_that_does_not_repeat_it(hasher: &dyn PasswordHasher) {
    for text in UNREADABLE {
        let stored = PasswordHash::new((*text).to_owned());
        let error = hasher.verify(&typed("correct horse battery"), Some(&stored)).await.unwrap_err();
        assert!(matches!(error, PasswordError::Unreadable(_)), "{text}: {error:?}");
        let tail = text.rsplit('$').next().unwrap();
        assert!(tail.len() < 8 || !error.to_string().contains(tail), "{error}");
    }
}

#[tokio::test]
async fn argon2id_keeps_the_contract() {
    keeps_its_contract(&argon2id(&patient_pool())).await;
}

#[tokio::test]
async fn bcrypt_keeps_the_contract() {
    keeps_its_contract(&bcrypt(&patient_pool())).await;
}

/// Stored texts that are damaged, of no scheme that is known, or dearer than we pay.
const UNREADABLE: &[&str] = &[
    "",
    "$",
    "$$$$",
    "password123",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "密密密密密密密密密密密密密密密密密密密密",
    "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
    "$argon2",
    "$argon2id$",
    "$argon2id$v=19",
    "$argon2id$v=19$m=19456,t=2,p=1",
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA",
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=18$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=65537,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=19456,t=5,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=19456,t=2,p=5$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=0,t=0,p=0$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=-1,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=密,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=19456,t=2,p=1$密密密密密密$密密密密密密密密密密密密密密",
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAA",
    "$argon2d$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$2",
    "$2b$",
    "$2b$12$",
    "$2b$12$short",
    "$2b$03$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
    "$2b$14$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
    "$2b$31$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
    "$2b$99$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
    "$2x$04$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
    "$2b$04$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xn密",
    "$2b$0密$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xn",
    "$密$04$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
    "$2密$04$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnI",
    "$bcrypt-sha256$",
    "$bcrypt-sha256$2b,12$LrmaIX5x4TRtAwEfwJZa1.$2ehnw6LvuIUTM0iz4iz9hTxv21B6KFO",
    "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku",
    "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2$",
    "$bcrypt-sha256$v=2,t=2b,r=14$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
    "$bcrypt-sha256$v=2,t=2b,r=12$密密密密密密密$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
];
