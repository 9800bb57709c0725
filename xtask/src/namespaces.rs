//! Whether this machine can make network namespaces, in which tests drop packets.

use crate::{apt, sh};

/// Said to the tests where it cannot: they use a proxy instead.
const WITHOUT: (&str, &str) = ("KEYWARD_TEST_NAMESPACES", "off");

/// A variable for the tests, where one is needed. Says aloud what is then not checked.
pub(crate) fn variable() -> Option<(&'static str, &'static str)> {
    if can_be_made() {
        return None;
    }
    println!(
        "NOT checked: packets that are dropped on the way to the database. Network namespaces cannot be made here: that \
         needs root, or user namespaces; a proxy that stops to forward takes their place"
    );
    Some(WITHOUT)
}

/// As the tests make them: as root, else in a user namespace.
fn can_be_made() -> bool {
    let user: &[&str] = if apt::is_root() { &[] } else { &["--user", "--map-current-user", "--keep-caps"] };
    let steps = "PATH=$PATH:/usr/sbin && ip link add name hub type bridge && iptables -w -A INPUT -p tcp --sport 1 -j DROP \
                 && exec unshare --net true";
    sh::succeeds(sh::command("unshare").args(user).args(["--net", "--", "sh", "-c", steps]))
}
