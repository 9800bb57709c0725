//! What is written comes back as it was: every field, every state, every text and every moment.

use keyward_domain::accounts::{
    AccountEmail, AccountStatus, DisplayName, EmailAddress, Epoch, PasswordHash, Registration,
    StartingBalance,
};
use keyward_domain::agents::{AgentName, AgentStatus};
use keyward_domain::environment::Environment;
use keyward_domain::keys::{Generation, KeyBinding, KeyPrefix, KeyState, RevocationReason};
use keyward_domain::time::Instant;

use super::Stores;
use super::agent_changes::attributes;
use super::same::{assert_same_account, assert_same_agent, assert_same_password};
use crate::builders::Samples;

/// The first, the last and awkward moments of the calendar, in microseconds since 1970.
const MOMENTS: [i64; 7] =
    [-62_135_596_800_000_000, -1_000_001, -1, 0, 999_999, 1_773_925_200_123_456, 253_402_300_799_999_999];

/// Texts that are hard to keep: quotes, SQL, wild cards, emoji, right-to-left, decomposed, zero-width, outer planes.
const TEXTS: [&str; 8] = [
    "O'Brien \"; DROP TABLE accounts; --",
    "100% _under_ \\ back\\\\slash",
    "🤖👩\u{200d}🚀 𝕬𝖑𝖕𝖍𝖆",
    "שלום עולם",
    "مرحبا بالعالم",
    "e\u{301} is not é",
    "zero\u{200c}width",
    "密码\u{3000}機密",
];

/// Writes a registration and reads all of it again.
async fn assert_comes_back(stores: &Stores, samples: &Samples, registration: &Registration) {
    stores.register(samples, registration).await;
    let account = &registration.account;
    assert_same_account(&stores.accounts.find(account.id).await.unwrap().unwrap(), account);
    if let Some(email) =
        account.email.as_ref().filter(|_| !matches!(account.status, AccountStatus::Archived { .. }))
    {
        let login = stores.accounts.find_login(&email.address).await.unwrap().unwrap();
        assert_same_account(&login.account, account);
        assert_same_password(login.password.as_ref(), registration.password.as_ref());
    }
    let (with_key, key) = stores
        .accounts
        .find_with_key(account.id, Some(registration.key.id), samples.at(2))
        .await
        .unwrap()
        .unwrap();
    assert_same_account(&with_key, account);
    assert_eq!(key.as_ref(), Some(&registration.key));
    assert_eq!(stores.credential(registration.key.handle).await.unwrap().unwrap().key, registration.key);
    if let Some((agent, key)) = &registration.agent {
        assert_same_agent(&stores.agents.find(agent.owner(), agent.id).await.unwrap().unwrap(), agent);
        assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
    }
}

/// Names of any script, with quotes and wild cards, unchanged to the last code point.
pub async fn names_come_back_to_the_letter(stores: &Stores) {
    let samples = Samples::new();
    let (longest, longest_of_agent) =
        ("🤖".repeat(DisplayName::MAX_CHARS), "🚀".repeat(AgentName::MAX_CHARS));
    for text in TEXTS.iter().copied().chain([longest.as_str()]) {
        let mut registration = samples.registration_with_agent();
        registration.account.display_name = DisplayName::parse(text).unwrap();
        let agent = &mut registration.agent.as_mut().unwrap().0;
        agent.name = AgentName::parse(if text == longest { &longest_of_agent } else { text }).unwrap();
        assert_comes_back(stores, &samples, &registration).await;
    }
}

/// An address as it was typed, beside the form that it is found by.
pub async fn an_address_comes_back_as_it_was_typed(stores: &Stores) {
    let samples = Samples::new();
    let long = format!("{}@{}.example", "L".repeat(64), "d".repeat(63));
    for typed in
        ["Alpha.Bot+Tag@BÜCHER.example", "o'brien@example.com", "ALPHA%_@example.com", "用户@例え.jp", &long]
    {
        for verified_at in [None, Some(samples.at(1))] {
            let mut registration = samples.registration();
            let address = EmailAddress::parse(typed).unwrap();
            registration.account.email = Some(AccountEmail { address, verified_at });
            // Archived, the next one can have the address.
            registration.account.status = AccountStatus::Archived { since: samples.at(2) };
            assert_comes_back(stores, &samples, &registration).await;
        }
    }
}

/// A balance with all its digits and its trailing zeros.
pub async fn a_balance_comes_back_as_it_was_written(stores: &Stores) {
    let samples = Samples::new();
    let balances = [
        "10000.00",
        "10000",
        "0.01",
        "1000000000",
        "1000000000.000000000000000000",
        "999999999.9999999999999999999",
        "0.0000000000000000000000000001",
        "0.1000000000000000000000000000",
    ];
    for text in balances {
        let mut registration = samples.registration_with_agent();
        let balance = StartingBalance::parse(text).unwrap();
        registration.account.starting_balance = balance;
        registration.agent.as_mut().unwrap().0.starting_balance = balance;
        assert_comes_back(stores, &samples, &registration).await;
    }
}

/// A moment to the microsecond, from the year 1 to the year 9999.
pub async fn a_moment_comes_back_to_the_microsecond(stores: &Stores) {
    let samples = Samples::new();
    for micros in MOMENTS {
        let moment = Instant::from_unix_micros(micros).unwrap();
        let mut registration = samples.registration_with_agent();
        registration.account.created_at = moment;
        registration.account.status = AccountStatus::Suspended { since: moment };
        registration.account.email.as_mut().unwrap().verified_at = Some(moment);
        registration.key.created_at = moment;
        registration.key.state = KeyState::Revoked { at: moment, reason: RevocationReason::Requested };
        let (agent, key) = registration.agent.as_mut().unwrap();
        agent.created_at = moment;
        agent.updated_at = moment;
        agent.status = AgentStatus::Archived { since: moment };
        key.created_at = moment;
        assert_comes_back(stores, &samples, &registration).await;
    }
}

/// An account in each of its states and epochs.
pub async fn an_account_comes_back_in_each_state(stores: &Stores) {
    let samples = Samples::new();
    let since = samples.at(7);
    let states =
        [AccountStatus::Active, AccountStatus::Suspended { since }, AccountStatus::Archived { since }];
    for status in states {
        for epoch in [Epoch::FIRST, Epoch::new(i32::MAX as u32 + 1), Epoch::new(u32::MAX)] {
            let mut registration = samples.registration();
            registration.account.status = status;
            registration.account.epoch = epoch;
            assert_comes_back(stores, &samples, &registration).await;
        }
    }
}

/// A password, whatever made it, or none.
pub async fn a_password_comes_back_to_the_letter(stores: &Stores) {
    let samples = Samples::new();
    let bcrypt = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    let argon2 = format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "c2Fs".repeat(16), "aGFz".repeat(64));
    for text in [None, Some(bcrypt), Some(argon2.as_str())] {
        let mut registration = samples.registration();
        registration.password = text.map(|text| PasswordHash::new(text.to_owned()));
        assert_comes_back(stores, &samples, &registration).await;
    }
}

/// A key with each prefix, environment, generation and state, with a second secret and without.
pub async fn a_key_comes_back_in_each_state(stores: &Stores) {
    let samples = Samples::new();
    let revoked = |reason: &RevocationReason| KeyState::Revoked { at: samples.at(3), reason: *reason };
    let standing = [KeyState::Active, KeyState::Superseded { at: samples.at(2) }];
    for state in standing.into_iter().chain(RevocationReason::ALL.iter().map(revoked)) {
        for &environment in Environment::ALL {
            for login_verifier in [None, Some(samples.digest())] {
                let mut registration = samples.registration_with_agent();
                registration.key.prefix = KeyPrefix::parse("sk_sandbox_").unwrap();
                registration.key.binding = KeyBinding::Account { login_verifier };
                registration.key.environment = environment;
                registration.key.generation = Generation::new(u32::MAX);
                registration.key.state = state;
                let key = &mut registration.agent.as_mut().unwrap().1;
                key.prefix = KeyPrefix::parse("abcdefghijklmno_").unwrap();
                key.environment = environment;
                key.generation = Generation::new(7);
                key.state = state;
                assert_comes_back(stores, &samples, &registration).await;
            }
        }
    }
}

/// An agent in each environment, state and epoch, with a balance and attributes of its own.
pub async fn an_agent_comes_back_in_each_state(stores: &Stores) {
    let samples = Samples::new();
    for status in [AgentStatus::Active, AgentStatus::Archived { since: samples.at(4) }] {
        for &environment in Environment::ALL {
            let mut registration = samples.registration_with_agent();
            let (agent, key) = registration.agent.as_mut().unwrap();
            agent.status = status;
            agent.environment = environment;
            agent.epoch = Epoch::new(u32::MAX);
            agent.starting_balance = StartingBalance::parse("250.50").unwrap();
            agent.attributes = attributes();
            agent.updated_at = samples.at(9);
            key.environment = environment;
            assert_comes_back(stores, &samples, &registration).await;
        }
    }
}
