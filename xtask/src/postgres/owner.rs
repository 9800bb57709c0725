//! Whom PostgreSQL runs as: it refuses to be root.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{apt, sh};

/// Ourselves, or as root the user that Debian makes for the server.
pub(super) enum Owner {
    Ourselves,
    User { uid: u32, gid: u32 },
}

impl Owner {
    pub(super) fn find() -> Result<Self> {
        if !apt::is_root() {
            return Ok(Self::Ourselves);
        }
        let user = ["postgres", "nobody"].into_iter().find(|user| id("-u", user).is_ok());
        let user = user.context("PostgreSQL refuses to run as root, and there is no user `postgres`")?;
        Ok(Self::User { uid: id("-u", user)?, gid: id("-g", user)? })
    }

    /// Makes `wanted`; for another user a fresh directory below /tmp instead, because that user may not be able
    /// to reach the checkout.
    pub(super) fn make_directory(&self, wanted: &Path) -> Result<PathBuf> {
        match *self {
            Self::Ourselves => {
                fs::create_dir_all(wanted)?;
                Ok(wanted.to_path_buf())
            }
            Self::User { uid, gid } => {
                let made = sh::output(sh::command("mktemp").args(["-d", "/tmp/keyward-pg-XXXXXX"]))?;
                chown(made.trim(), Some(uid), Some(gid))?;
                Ok(PathBuf::from(made.trim()))
            }
        }
    }

    /// The program, to be run as the owner.
    pub(super) fn command(&self, program: &Path) -> Command {
        match self {
            Self::Ourselves => sh::command(program),
            Self::User { uid, gid } => {
                let mut command = sh::command("setpriv");
                command.args([format!("--reuid={uid}"), format!("--regid={gid}")]);
                command.arg("--clear-groups").arg(program);
                command
            }
        }
    }
}

fn id(flag: &str, user: &str) -> Result<u32> {
    Ok(sh::output(sh::command("id").args([flag, user]))?.trim().parse()?)
}
