//! A mail server that does as a test says: it takes mail, refuses it, cuts the line, says nothing, or talks nonsense.
//!
//! It runs on the test's own runtime and ends with it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A moment of the conversation: when the server would answer what its client said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The client has connected.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`.
    Data,
    /// The first line of the mail itself has come.
    InTheMiddle,
    /// The mail's last line has come, and the mail is kept.
    End,
    /// `NOOP`.
    Ping,
    /// `QUIT`.
    Goodbye,
}

/// What the server does instead of answering as it should.
#[derive(Debug, Clone)]
pub enum Mischief {
    /// Answers with this line.
    Say(&'static str),
    /// Closes the connection.
    Cut,
    /// Never answers, and keeps the connection for as long as this is its mischief.
    Silence,
    /// Sends bytes without an end of line, for ever.
    Flood,
}

/// What sort of server it is.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// TLS from the first byte.
    pub implicit_tls: bool,
    /// Offers STARTTLS.
    pub start_tls: bool,
    /// Offers AUTH to those who speak TLS, and wants this user and password before a mail.
    pub login: Option<(&'static str, &'static str)>,
    /// Offers `AUTH LOGIN` alone.
    pub only_login_mechanism: bool,
    /// Offers SMTPUTF8.
    pub utf8: bool,
    /// What it does wrong, and when.
    pub mischief: Option<(Moment, Mischief)>,
    /// Waits so long before each answer.
    pub pause: Duration,
}

/// A mail that the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// As in `MAIL FROM`, with what stands behind it.
    pub from: String,
    /// As in each `RCPT TO`.
    pub to: Vec<String>,
    /// The mail, its dots unstuffed.
    pub data: String,
    /// Whether it came within TLS.
    pub in_tls: bool,
}

/// A running mail server on a free port of the loopback interface.
pub struct SmtpServer {
    address: SocketAddr,
    authority: String,
    shared: Arc<Shared>,
}

struct Shared {
    manners: Manners,
    mischief: watch::Sender<Option<(Moment, Mischief)>>,
    tls: TlsAcceptor,
    taken: watch::Sender<Vec<Taken>>,
    heard: Mutex<Vec<String>>,
    reached: Notify,
}

impl SmtpServer {
    /// Starts one.
    pub async fn start(manners: Manners) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), manners)
    }

    /// Starts one that listens so.
    pub fn start_on(listener: TcpListener, manners: Manners) -> Self {
        let (tls, authority) = certificates();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            mischief: watch::Sender::new(manners.mischief.clone()),
            manners,
            tls,
            taken: watch::Sender::default(),
            heard: Mutex::default(),
            reached: Notify::new(),
        });
        let server = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().converse(stream));
            }
        });
        Self { address, authority, shared }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of the authority that vouches for it as `localhost` and `127.0.0.1`, in PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The mails that it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.borrow().clone()
    }

    /// Waits until the mails that it took are enough, and gives them.
    pub async fn taken_when(&self, enough: impl Fn(&[Taken]) -> bool) -> Vec<Taken> {
        let mut taken = self.shared.taken.subscribe();
        taken.wait_for(|taken| enough(taken)).await.unwrap().clone()
    }

    /// Waits until it has taken a mail to this address that has this text in it, and gives it.
    pub async fn mail_to(&self, address: &str, text: &str) -> Taken {
        let recipient = format!("<{address}>");
        let is_it =
            |mail: &&Taken| mail.to.iter().any(|to| to.starts_with(&recipient)) && mail.data.contains(text);
        let taken = self.taken_when(|taken| taken.iter().any(|mail| is_it(&mail))).await;
        taken.iter().find(is_it).cloned().unwrap()
    }

    /// Each line that it heard, in order, but for those of mails.
    pub fn heard(&self) -> Vec<String> {
        lock(&self.shared.heard).clone()
    }

    /// From now on it behaves. Those that it kept without an answer are cut off.
    pub fn behave(&self) {
        self.shared.mischief.send_replace(None);
    }

    /// Waits until the moment of the mischief has come.
    pub async fn mischief(&self) {
        self.shared.reached.notified().await;
    }
}

/// A certificate for this machine, and the authority that signed it.
fn certificates() -> (TlsAcceptor, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), authority.pem())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// The connection has ended, or is to end.
struct Over;

impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection's state.
struct Talk {
    stream: BufReader<Box<dyn Stream>>,
    in_tls: bool,
    known: bool,
}

impl Shared {
    async fn converse(self: Arc<Self>, stream: TcpStream) {
        // However it ends is the client's to see.
        let _ = self.talk(stream).await;
    }

    async fn talk(&self, stream: TcpStream) -> Result<(), Over> {
        let implicit = self.manners.implicit_tls;
        let stream: Box<dyn Stream> =
            if implicit { Box::new(self.tls.accept(stream).await?) } else { Box::new(stream) };
        let mut talk = Talk { stream: BufReader::new(stream), in_tls: implicit, known: false };
        self.answer(&mut talk, Moment::Greeting, "220 test ESMTP").await?;
        let mut mail = Taken { from: String::new(), to: Vec::new(), data: String::new(), in_tls: false };
        loop {
            let line = self.hear(&mut talk).await?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let offers = self.offers(talk.in_tls);
                    self.answer(&mut talk, Moment::Hello, &offers).await?;
                }
                "STARTTLS" => {
                    self.answer(&mut talk, Moment::StartTls, "220 go on").await?;
                    let stream = self.tls.accept(talk.stream.into_inner()).await?;
                    talk = Talk { stream: BufReader::new(Box::new(stream)), in_tls: true, known: false };
                }
                "AUTH" => {
                    talk.known = self.check(&mut talk, &line).await?;
                    let verdict = if talk.known { "235 welcome" } else { "535 5.7.8 wrong" };
                    self.answer(&mut talk, Moment::Auth, verdict).await?;
                }
                "MAIL" if self.manners.login.is_some() && !talk.known => {
                    self.answer(&mut talk, Moment::Sender, "530 5.7.0 log in first").await?;
                }
                "MAIL" => {
                    line["MAIL FROM:".len()..].clone_into(&mut mail.from);
                    self.answer(&mut talk, Moment::Sender, "250 ok").await?;
                }
                "RCPT" => {
                    mail.to.push(line["RCPT TO:".len()..].to_owned());
                    self.answer(&mut talk, Moment::Recipient, "250 ok").await?;
                }
                "DATA" => {
                    self.answer(&mut talk, Moment::Data, "354 go on").await?;
                    mail.data = self.take(&mut talk).await?;
                    mail.in_tls = talk.in_tls;
                    self.taken.send_modify(|taken| taken.push(mail.clone()));
                    self.answer(&mut talk, Moment::End, "250 taken").await?;
                    mail.to.clear();
                }
                "NOOP" => self.answer(&mut talk, Moment::Ping, "250 ok").await?,
                "QUIT" => {
                    self.answer(&mut talk, Moment::Goodbye, "221 bye").await?;
                    return Ok(());
                }
                _ => self.say(&mut talk, "500 what?").await?,
            }
        }
    }

    fn offers(&self, in_tls: bool) -> String {
        let mut offers = vec!["test", "8BITMIME"];
        if self.manners.start_tls && !in_tls {
            offers.push("STARTTLS");
        }
        if self.manners.login.is_some() && in_tls {
            offers.push(if self.manners.only_login_mechanism { "AUTH LOGIN" } else { "AUTH PLAIN LOGIN" });
        }
        if self.manners.utf8 {
            offers.push("SMTPUTF8");
        }
        let (last, first) = offers.split_last().unwrap();
        let mut text = String::new();
        for offer in first {
            let _ = write!(text, "250-{offer}\r\n");
        }
        format!("{text}250 {last}")
    }

    /// Whether user and password are right.
    async fn check(&self, talk: &mut Talk, line: &str) -> Result<bool, Over> {
        let decode =
            |text: &str| String::from_utf8(BASE64.decode(text).unwrap_or_default()).unwrap_or_default();
        let (user, password) = match line.split(' ').collect::<Vec<_>>()[..] {
            [_, "PLAIN", response] => {
                let response = decode(response);
                let parts: Vec<&str> = response.split('\0').collect();
                (parts[1].to_owned(), parts[2].to_owned())
            }
            [_, "LOGIN"] => {
                self.say(talk, &format!("334 {}", BASE64.encode("Username:"))).await?;
                let user = decode(&self.hear(talk).await?);
                self.say(talk, &format!("334 {}", BASE64.encode("Password:"))).await?;
                (user, decode(&self.hear(talk).await?))
            }
            _ => return Ok(false),
        };
        Ok(self.manners.login == Some((&user, &password)))
    }

    async fn take(&self, talk: &mut Talk) -> Result<String, Over> {
        let mut data = String::new();
        loop {
            let mut line = String::new();
            if talk.stream.read_line(&mut line).await? == 0 {
                return Err(Over);
            }
            if data.is_empty() {
                self.misbehave(talk, Moment::InTheMiddle).await?;
            }
            if line == ".\r\n" {
                return Ok(data);
            }
            data.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
    }

    async fn hear(&self, talk: &mut Talk) -> Result<String, Over> {
        let mut line = String::new();
        if talk.stream.read_line(&mut line).await? == 0 {
            return Err(Over);
        }
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        lock(&self.heard).push(line.clone());
        Ok(line)
    }

    async fn answer(&self, talk: &mut Talk, moment: Moment, line: &str) -> Result<(), Over> {
        if self.misbehave(talk, moment).await? { Ok(()) } else { self.say(talk, line).await }
    }

    /// Does what is to be done wrong at this moment; says whether anything was.
    async fn misbehave(&self, talk: &mut Talk, moment: Moment) -> Result<bool, Over> {
        if !self.manners.pause.is_zero() {
            tokio::time::sleep(self.manners.pause).await;
        }
        let mischief = self.mischief.borrow().clone();
        let Some((_, mischief)) = mischief.filter(|(when, _)| *when == moment) else {
            return Ok(false);
        };
        self.reached.notify_one();
        match mischief {
            Mischief::Say(line) => {
                self.say(talk, line).await?;
                Ok(true)
            }
            Mischief::Cut => Err(Over),
            Mischief::Silence => {
                let _ = self.mischief.subscribe().wait_for(Option::is_none).await;
                Err(Over)
            }
            Mischief::Flood => loop {
                talk.stream.get_mut().write_all(&[b'2'; 4096]).await?;
            },
        }
    }

    async fn say(&self, talk: &mut Talk, line: &str) -> Result<(), Over> {
        talk.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await?;
        talk.stream.get_mut().flush().await?;
        Ok(())
    }
}
