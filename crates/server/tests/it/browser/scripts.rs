//! Nothing that somebody types runs, and nothing of another site gets in.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use super::tab::{Scripts, Tab};
use super::walk::{serve, sign_up};

/// Texts that run in a page that takes them as they are. `threat_w3_fifty_hostile_texts…` of the HTTP tests has more.
const HOSTILE: [&str; 10] = [
    "<script>window.ran = 1</script>",
    "\"><script>window.ran = 1</script>",
    "' autofocus onfocus=window.ran=1 '",
    "\" autofocus onfocus=window.ran=1 \"",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "</title><script>window.ran=1</script>",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<details open ontoggle=window.ran=1>",
    "<body onpageshow=window.ran=1>",
];

#[test]
fn threat_w3_nothing_that_is_typed_runs_and_the_policy_has_nothing_to_stop() {
    let (_place, server) = serve();
    let mut tab = Tab::at(&server.url, Scripts::On);
    sign_up(&mut tab, "ada@example.com");
    for text in HOSTILE {
        tab.open("/dashboard/keys/new");
        tab.fill("Label", text);
        tab.press("Make the key");
        tab.press("To the dashboard");
        assert!(tab.reads().contains(text), "{text} is shown as it was typed");
        assert_eq!(tab.evaluate("window.ran === undefined"), true, "{text}");
        tab.press(&format!("Revoke {text}"));
        assert!(tab.reads().contains(text));
        assert_eq!(tab.evaluate("window.ran === undefined"), true, "{text}");
        tab.press("Revoke");
    }
    assert_eq!(tab.complaints(), [""; 0]);
}

/// The second and third line behind the first: what would run if a text were taken as it is, does not.
#[test]
fn threat_w3_the_policy_stops_what_got_into_a_page() {
    let (_place, server) = serve();
    let mut tab = Tab::at(&server.url, Scripts::On);
    tab.open("/login");
    let hostile = "<img src=/nowhere onerror='window.ran = 1'><script>window.ran = 2</script>";
    // By a script of ours that would put it in: trusted types.
    let put_in = format!(
        "(() => {{ try {{ document.body.insertAdjacentHTML('beforeend', {}); return 'in'; }} catch (e) {{ return e.name; }} }})()",
        serde_json::json!(hostile)
    );
    assert_eq!(tab.evaluate(&put_in), "TypeError");
    // By the server, in the page itself: no inline script.
    tab.write(&format!("<!doctype html><title>x</title><body>{hostile}"));
    let later = "new Promise(done => setTimeout(() => done(window.ran === undefined), 300))";
    assert_eq!(tab.evaluate(later), true);
    let stopped = tab.complaints().iter().any(|complaint| complaint.contains("Content Security Policy"));
    assert!(stopped, "{:?}", tab.complaints());
}

/// A site of somebody else, with a form that is sent to us.
fn evil_site(target: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let page = format!(
        "<!doctype html><title>evil</title><main><form method=post action=\"{target}/logout\">\
         <input name=form_token value=x><button>Win a prize</button></form>"
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            let _ = stream.read(&mut [0; 4_096]);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n", page.len());
            let _ = write!(stream, "{head}connection: close\r\n\r\n{page}");
        }
    });
    // Another name of this machine: another site to the browser.
    format!("http://localhost:{}", address.port())
}

#[test]
fn threat_w1_a_form_of_another_site_does_nothing() {
    let (_place, server) = serve();
    let mut tab = Tab::at(&server.url, Scripts::On);
    sign_up(&mut tab, "ada@example.com");
    let evil = evil_site(&server.url);
    tab.open(&evil);
    assert_eq!(tab.title(), "evil");
    tab.press("Win a prize");
    assert!(tab.reads().contains("This form came from elsewhere"), "{}", tab.reads());
    tab.open("/dashboard");
    assert_eq!(tab.place(), "/dashboard", "nobody was logged out");
}
