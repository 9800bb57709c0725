//! Files that hold one secret: text and a line end, readable by their owner alone.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::Secret;
use zeroize::Zeroizing;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is none.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// It is a directory, a pipe or the like.
    #[error("{0} is no regular file")]
    NotAFile(PathBuf),
    /// Others may read it. Security: a secret that was readable for a moment may be known.
    #[error("{path} has mode {mode:04o}; a file with a key in it must have 0600 or 0400")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is much longer than any key.
    #[error("{0} is no key: it is too long")]
    TooLong(PathBuf),
    /// The machine refused.
    #[error("{path}: {kind}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the machine said.
        kind: ErrorKind,
    },
}

/// The longest text that is read as a key.
const MAX_BYTES: u64 = 4_096;

/// Reads a key file, without its line end.
///
/// Security: what is checked is the file that was opened, not whatever has its name a moment later.
pub fn read(path: &Path) -> Result<Secret<String>, KeyFileError> {
    let refuse = |error: std::io::Error| {
        let path = path.to_owned();
        if error.kind() == ErrorKind::NotFound {
            KeyFileError::Missing(path)
        } else {
            KeyFileError::Io { path, kind: error.kind() }
        }
    };
    // A pipe in the place of a file must not make the start wait for somebody to write into it.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(refuse)?;
    let metadata = file.metadata().map_err(refuse)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if !metadata.is_file() {
        return Err(KeyFileError::NotAFile(path.to_owned()));
    }
    if !matches!(mode, 0o600 | 0o400) {
        return Err(KeyFileError::Mode { path: path.to_owned(), mode });
    }
    if metadata.len() > MAX_BYTES {
        return Err(KeyFileError::TooLong(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize));
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(refuse)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Writes a new key file with mode 0600. It is there whole or not at all, never in the place of another, and stays
/// after a power cut: the database will depend on it.
pub fn create(path: &Path, secret: &Secret<String>, entropy: &dyn Entropy) -> Result<(), KeyFileError> {
    // Each start has a draft of its own: two at once, in two containers, must not write into one file.
    let random = u64::from_le_bytes(random_bytes(entropy));
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{random:016x}.new"));
    let draft = PathBuf::from(draft);
    sweep(path)?;
    let created = write_durably(&draft, secret)
        // A hard link, unlike a rename, fails where a file of this name has appeared in between.
        .and_then(|()| fs::hard_link(&draft, path));
    let removed = match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    };
    created.and(removed).map_err(refused(path))?;
    sync_directory_of(path)
}

/// Puts the file `next` in the place of the one at `path`, durably; at every moment the one or the other is there. The
/// old one stays beside it as `aside`, unless it was put there before.
pub fn exchange(path: &Path, next: &Path, aside: &Path) -> Result<(), KeyFileError> {
    match fs::hard_link(path, aside) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(refused(path)(error)),
        Ok(()) | Err(_) => {}
    }
    fs::rename(next, path).map_err(refused(path))?;
    sync_directory_of(path)
}

/// Removes a key file, durably. May be repeated.
pub fn remove(path: &Path) -> Result<(), KeyFileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(refused(path)(error)),
        Ok(()) | Err(_) => sync_directory_of(path),
    }
}

/// Makes what was done to the names in this file's directory last.
pub(crate) fn sync_directory_of(path: &Path) -> Result<(), KeyFileError> {
    let directory = File::open(directory_of(path));
    directory.and_then(|directory| directory.sync_all()).map_err(refused(path))
}

/// Makes a directory for keys, and what is missing above it, durably: a database elsewhere will depend on them.
pub(crate) fn make_directory(path: &Path) -> Result<(), KeyFileError> {
    let missing =
        path.ancestors().take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists());
    let missing: Vec<&Path> = missing.collect();
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .and_then(|()| missing.iter().try_for_each(|made| File::open(directory_of(made))?.sync_all()));
    made.map_err(refused(path))
}

/// Removes the drafts that killed starts have left: each may be a copy of a key. A start that is under way loses its
/// draft, is refused, and finds the key at its next try.
pub(crate) fn sweep(path: &Path) -> Result<(), KeyFileError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned() + ".";
    for entry in fs::read_dir(directory_of(path)).map_err(refused(path))? {
        let entry = entry.map_err(refused(path))?;
        let found = entry.file_name();
        let found = found.to_string_lossy();
        if found.starts_with(&name) && found.ends_with(".new") {
            fs::remove_file(entry.path()).map_err(refused(path))?;
        }
    }
    Ok(())
}

/// The machine refused something about this file.
fn refused(path: &Path) -> impl Fn(std::io::Error) -> KeyFileError {
    move |error| KeyFileError::Io { path: path.to_owned(), kind: error.kind() }
}

/// The directory that a path stands in.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_durably(draft: &Path, secret: &Secret<String>) -> std::io::Result<()> {
    // Security: a new file, so that neither a planted one's mode nor a planted link counts.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    writeln!(file, "{}", secret.expose())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use keyward_testkit::entropy::SeededEntropy;

    use super::*;

    fn create(path: &Path, text: &str) -> Result<(), KeyFileError> {
        super::create(path, &Secret::new(text.to_owned()), &SeededEntropy::new(7))
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        create(&path, "the key").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "the key\n");
        assert_eq!(read(&path).unwrap().expose(), "the key");
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn a_key_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        create(&path, "first").unwrap();
        assert!(create(&path, "second").is_err());
        assert_eq!(read(&path).unwrap().expose(), "first");
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn a_key_takes_the_place_of_another_which_stays_aside() {
        let folder = tempfile::tempdir().unwrap();
        let [path, next, aside] =
            ["master.key", "master.key.next", "master.key.old"].map(|name| folder.path().join(name));
        for round in 0..2 {
            let (old, new) = (format!("key {round}"), format!("key {}", round + 1));
            if round == 0 {
                create(&path, &old).unwrap();
            }
            create(&next, &new).unwrap();
            exchange(&path, &next, &aside).unwrap();
            assert_eq!((read(&path).unwrap().expose(), mode(&path)), (&new, 0o600));
            assert_eq!(read(&aside).unwrap().expose(), "key 0", "what is there is never overwritten");
        }
        assert_eq!(names(folder.path()).len(), 2);
        remove(&aside).unwrap();
        remove(&aside).unwrap();
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn threat_k9_a_draft_that_was_left_or_planted_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("master.key"), folder.path().join("elsewhere"));
        fs::write(&elsewhere, "").unwrap();
        symlink(&elsewhere, folder.path().join("master.key.0123456789abcdef.new")).unwrap();
        fs::write(folder.path().join("master.key.left.new"), "a copy of a key").unwrap();
        create(&path, "the key").unwrap();
        assert_eq!((mode(&path), fs::read_to_string(&elsewhere).unwrap().as_str()), (0o600, ""));
        assert_eq!(names(folder.path()).len(), 2, "{:?}", names(folder.path()));
    }

    #[test]
    fn what_is_no_key_file_is_refused_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(&folder.path().join("nothing")), Err(KeyFileError::Missing(_))));
        assert!(matches!(read(folder.path()), Err(KeyFileError::NotAFile(_))));
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg("-m600").arg(&pipe).status().unwrap().success());
        assert!(matches!(read(&pipe), Err(KeyFileError::NotAFile(_))));
        let long = folder.path().join("long");
        fs::write(&long, "x".repeat(5_000)).unwrap();
        fs::set_permissions(&long, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(read(&long), Err(KeyFileError::TooLong(_))));
    }
}
