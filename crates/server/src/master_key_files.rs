//! The master key that this server runs by, and the next one: files beside each other in the data directory.
//!
//! `master.key` is the server's own, if none is configured. `master.key.next` is a new one that waits. Once that has
//! taken its place, the old one is kept as `master.key.` and the beginning of its fingerprint: older backups need it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use async_trait::async_trait;
use keyward_domain::deployment::{
    Exchange, Fingerprint, MasterKeyVault, NextKey, TakeOver, VaultError, WrappedRoot,
};
use keyward_domain::entropy::Entropy;
use tokio::sync::oneshot;

use crate::compose::{Database, MasterKey, RootSecret};
use crate::config::Config;
use crate::founding;
use crate::key_file::{self, KeyFileError};

/// The key files of this server. The clones are one.
#[derive(Clone)]
pub(crate) struct MasterKeyFiles(Arc<Files>);

struct Files {
    root: RootSecret,
    running: Mutex<MasterKey>,
    next: PathBuf,
    /// The file of the running key, if this server may exchange it by itself.
    own: Option<PathBuf>,
    entropy: Arc<dyn Entropy>,
    /// Held by whatever reads or writes the files.
    alone: Mutex<()>,
}

impl MasterKeyFiles {
    pub(crate) fn new(
        config: &Config,
        database: &Database,
        running: MasterKey,
        root: RootSecret,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let own = founding::master_key_path(config);
        // A configured key is kept by somebody else, and so is that of a server beside others.
        let is_ours = config.master_key.is_none() && database.has_one_server();
        Self(Arc::new(Files {
            root,
            running: Mutex::new(running),
            next: beside(&own, "next"),
            own: is_ours.then_some(own),
            entropy,
            alone: Mutex::default(),
        }))
    }

    /// Does what waits for the disk on a thread of its own, to its end.
    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (files, (sender, receiver)) = (Arc::clone(&self.0), oneshot::channel());
        let work = move || {
            let alone = lock(&files.alone);
            let done = work(&files);
            drop(alone);
            let _ = sender.send(done); // Whoever asked may be gone, and what was done is done.
        };
        let started = thread::Builder::new().name("keyward-master-key".to_owned()).spawn(work);
        started.map_err(|error| VaultError::Machine(error.to_string()))?;
        receiver
            .await
            .map_err(|_| VaultError::Machine("the work on the key files was cut short".to_owned()))?
    }
}

#[async_trait]
impl MasterKeyVault for MasterKeyFiles {
    fn running(&self) -> Fingerprint {
        lock(&self.0.running).fingerprint()
    }

    fn wrapped(&self) -> WrappedRoot {
        self.0.wrap(&lock(&self.0.running))
    }

    fn take_over_is(&self) -> TakeOver {
        if self.0.own.is_some() { TakeOver::AtOnce } else { TakeOver::ByRestart }
    }

    async fn next(&self) -> Result<Option<NextKey>, VaultError> {
        self.on_a_thread(|files| Ok(read(&files.next)?.map(|key| files.next_key(&key)))).await
    }

    async fn next_or_new(&self) -> Result<NextKey, VaultError> {
        self.on_a_thread(Files::next_or_new).await
    }

    async fn take_over(&self, exchange: Exchange) -> Result<(), VaultError> {
        self.on_a_thread(move |files| files.take_over(exchange)).await
    }

    async fn discard(&self, next: Fingerprint) -> Result<(), VaultError> {
        self.on_a_thread(move |files| match read(&files.next)? {
            Some(key) if key.fingerprint() == next => key_file::remove(&files.next).map_err(refused),
            Some(_) | None => Ok(()),
        })
        .await
    }
}

impl Files {
    fn next_or_new(&self) -> Result<NextKey, VaultError> {
        if let Some(key) = read(&self.next)? {
            // Security: whoever was killed while making it may have left a copy.
            key_file::sweep(&self.next).map_err(refused)?;
            return Ok(self.next_key(&key));
        }
        let key = MasterKey::generate(&*self.entropy);
        // Where every key is configured and the database is elsewhere, nothing has needed the directory so far.
        key_file::make_directory(key_file::directory_of(&self.next)).map_err(refused)?;
        key_file::create(&self.next, &key.to_base64(), &*self.entropy).map_err(refused)?;
        Ok(self.next_key(&key))
    }

    fn take_over(&self, Exchange { from, to }: Exchange) -> Result<(), VaultError> {
        let absent = || VaultError::NotThere(self.next.display().to_string());
        let own = self.own.as_deref().ok_or_else(absent)?;
        key_file::sweep(&self.next).map_err(refused)?;
        let is = |key: Option<MasterKey>, name| key.filter(|key| key.fingerprint() == name);
        let current = read(own)?;
        let taken = match is(current.clone(), to) {
            // An earlier try has put it there, and may not have seen it last.
            Some(taken) => {
                key_file::sync_directory_of(own).map_err(refused)?;
                taken
            }
            None => {
                let next = is(read(&self.next)?, to).ok_or_else(absent)?;
                is(current, from).ok_or_else(|| {
                    VaultError::Unusable(format!("{} is not the key that this server runs by", own.display()))
                })?;
                let aside = beside(own, &from.to_string());
                if read(&aside)?.is_some_and(|key| key.fingerprint() != from) {
                    return Err(VaultError::Unusable(format!("{} is another key", aside.display())));
                }
                key_file::exchange(own, &self.next, &aside).map_err(refused)?;
                next
            }
        };
        *lock(&self.running) = taken;
        Ok(())
    }

    fn next_key(&self, key: &MasterKey) -> NextKey {
        NextKey { wrapped: self.wrap(key), place: self.next.display().to_string() }
    }

    fn wrap(&self, key: &MasterKey) -> WrappedRoot {
        key.wrap(&self.root, Arc::clone(&self.entropy))
    }
}

/// The key in a file, if that is there.
fn read(path: &Path) -> Result<Option<MasterKey>, VaultError> {
    let text = match key_file::read(path) {
        Ok(text) => text,
        Err(KeyFileError::Missing(_)) => return Ok(None),
        Err(error) => return Err(refused(error)),
    };
    let parsed = MasterKey::parse(text.expose());
    parsed.map(Some).map_err(|why| VaultError::Unusable(format!("{} {why}", path.display())))
}

fn refused(error: KeyFileError) -> VaultError {
    let why = error.to_string();
    match error {
        KeyFileError::Io { .. } => VaultError::Machine(why),
        KeyFileError::Missing(_)
        | KeyFileError::NotAFile(_)
        | KeyFileError::Mode { .. }
        | KeyFileError::TooLong(_) => VaultError::Unusable(why),
    }
}

/// The path with a dot and a name behind it.
fn beside(path: &Path, name: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(".");
    text.push(name);
    PathBuf::from(text)
}

/// What is behind the lock is whole at every moment, also after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
