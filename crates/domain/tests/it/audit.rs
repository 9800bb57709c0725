//! The audit trail's MACs.

use std::sync::Arc;

use keyward_domain::audit::{Action, Actor, AuditEvent, Deed, Outcome, Target};
use keyward_domain::ids::{AccountId, AuditEventId, RequestId};
use keyward_domain::secret::Digest;
use keyward_domain::time::{Clock, Instant};
use keyward_domain::{Domain, Ports};
use keyward_testkit::builders::admin;
use keyward_testkit::domain::TestDomain;
use keyward_testkit::macs::FakeMac;

fn event(test: &TestDomain) -> AuditEvent {
    let account = AccountId::generate(test.clock.now(), &*test.entropy);
    let (actor, target) = (admin("root"), Target::Account(account));
    let (now, context) = (test.clock.now(), test.context());
    let deed = Deed::to_account(&actor, Action::AccountSuspended, &target, account);
    test.domain.trail.event(now, deed, Some(&context))
}

#[test]
fn an_event_is_intact_as_it_was_written() {
    let test = TestDomain::new();
    let written = event(&test);
    assert!(test.domain.trail.is_intact(&written));
    let (actor, target) = (Actor::System, Target::Account(written.account.unwrap()));
    let deed = Deed { actor: &actor, action: Action::KeyRevoked, target: &target, account: None };
    let own_accord = test.domain.trail.event(written.at, deed, None);
    assert!(test.domain.trail.is_intact(&own_accord));
}

#[test]
fn threat_p3_a_change_of_any_field_of_an_event_shows() {
    let test = TestDomain::new();
    let other_account = AccountId::generate(test.clock.now(), &*test.entropy);
    let written = event(&test);
    let changes: [(&str, AuditEvent); 11] = [
        ("id", AuditEvent { id: AuditEventId::generate(written.at, &*test.entropy), ..written.clone() }),
        (
            "at",
            AuditEvent {
                at: Instant::from_unix_micros(written.at.unix_micros() + 1).unwrap(),
                ..written.clone()
            },
        ),
        ("actor", AuditEvent { actor: "admin:Root".to_owned(), ..written.clone() }),
        ("action", AuditEvent { action: Action::AccountResumed, ..written.clone() }),
        ("target", AuditEvent { target: Target::Account(other_account).to_string(), ..written.clone() }),
        ("account", AuditEvent { account: Some(other_account), ..written.clone() }),
        ("no account", AuditEvent { account: None, ..written.clone() }),
        ("outcome", AuditEvent { outcome: Outcome::Denied, ..written.clone() }),
        (
            "request",
            AuditEvent {
                request_id: Some(RequestId::generate(written.at, &*test.entropy)),
                ..written.clone()
            },
        ),
        ("no request", AuditEvent { request_id: None, ..written.clone() }),
        ("mac", AuditEvent { mac: Digest::new([0; 32]), ..written.clone() }),
    ];
    for (field, changed) in changes {
        assert!(!test.domain.trail.is_intact(&changed), "{field}");
    }
    assert!(test.domain.trail.is_intact(&written));
}

#[test]
fn threat_p3_text_cannot_move_from_one_field_to_the_next() {
    let test = TestDomain::new();
    let written = event(&test);
    let account = written.account.unwrap();
    let earlier = Instant::from_unix_micros(written.at.unix_micros() / 10).unwrap();
    let last_digit = written.at.unix_micros() % 10;
    let moved = [
        AuditEvent { target: format!("{}{account}", written.target), account: None, ..written.clone() },
        AuditEvent { at: earlier, actor: format!("{last_digit}{}", written.actor), ..written.clone() },
        AuditEvent { actor: written.target.clone(), target: written.actor.clone(), ..written.clone() },
    ];
    for moved in moved {
        assert_ne!(moved.signed_bytes(), written.signed_bytes());
        assert!(!test.domain.trail.is_intact(&moved));
    }
}

#[test]
fn threat_p3_a_mac_under_another_key_does_not_verify() {
    let test = TestDomain::new();
    let other = Domain::new(Ports { audit_mac: Arc::new(FakeMac::new(99)), ..test.ports() });
    assert!(!other.trail.is_intact(&event(&test)));
}
