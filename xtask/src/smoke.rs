//! `smoke`: the binary exists, starts, and links nothing that an operator would have to install.
//!
//! The tests' build is looked at: what it links is what a release links, and a release build would double the time
//! that everything takes. `crash`, which runs every night, makes one.

use anyhow::{Result, ensure};

use crate::sh;

/// The C library's own family; all of it is on every Linux with glibc.
const ALLOWED: &[&str] =
    &["ld-linux", "libc", "libdl", "libgcc_s", "libm", "libpthread", "librt", "linux-vdso", "linux-gate"];

/// Builds, then asks the dynamic linker.
pub(crate) fn run() -> Result<()> {
    sh::run(sh::cargo().args(["build", "--workspace", "--locked", "--bin", "keyward"]))?;
    let binary = sh::target_dir()?.join("debug/keyward");
    ensure!(binary.exists(), "the build made no `keyward`");
    sh::output(sh::command(&binary).arg("--help"))?;

    let linked = sh::output(sh::command("ldd").arg(&binary))?;
    let foreign: Vec<&str> = libraries(&linked).filter(|library| !is_allowed(library)).collect();
    ensure!(foreign.is_empty(), "the binary links {}; it may link only libc's family", foreign.join(", "));
    println!("keyward links only libc's family");
    Ok(())
}

/// The names in ldd's answer: the first word of each line, less its directory.
fn libraries(ldd: &str) -> impl Iterator<Item = &str> {
    ldd.lines().filter_map(|line| line.split_whitespace().next()).filter_map(|path| path.rsplit('/').next())
}

/// `libc.so.6` and `ld-linux-x86-64.so.2` are; `libcrypto.so.3` is not.
fn is_allowed(library: &str) -> bool {
    ALLOWED
        .iter()
        .any(|allowed| library.strip_prefix(allowed).is_some_and(|rest| rest.starts_with(['.', '-'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_c_library_and_its_family_are_allowed() {
        let ldd = "\tlinux-vdso.so.1 (0x1)\n\tlibgcc_s.so.1 => /lib/libgcc_s.so.1 (0x2)\n\
                   \tlibc.so.6 => /lib/libc.so.6 (0x3)\n\t/lib64/ld-linux-x86-64.so.2 (0x4)\n\
                   \tlibcrypto.so.3 => /lib/libcrypto.so.3 (0x5)\n\tlibpq.so.5 => not found\n";
        let foreign: Vec<&str> = libraries(ldd).filter(|library| !is_allowed(library)).collect();
        assert_eq!(foreign, ["libcrypto.so.3", "libpq.so.5"]);
    }
}
