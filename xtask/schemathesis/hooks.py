"""Who asks, and about what.

Each operation is asked with the credential that the description names for it, and about things that are there. An
operation that ends something gets one of its own to end, so that the account in whose name the rest is asked stays
alive. Negative cases keep the paths that were made up for them.
"""

import functools
import json
import os
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from secrets import token_urlsafe

import schemathesis

URL = os.environ["KEYWARD_URL"]
ADMIN = os.environ["KEYWARD_ADMIN_KEY"]
TRADEREADY = URL + "/tradeready/api/v1"
PASSWORD = "the-secret-of-alpha"

LOCK = threading.Lock()


def ask(method, url, body=None, token=None):
    """A request that must succeed, and the JSON of its answer."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def register(**members):
    return ask("POST", TRADEREADY + "/auth/register", {"display_name": "Alpha", **members})


class Caller:
    """The account in whose name most is asked."""

    def __init__(self):
        self.account = register(email="alpha@example.com", password=PASSWORD)
        self.log_in()

    def log_in(self):
        secrets = {name: self.account[name] for name in ("api_key", "api_secret")}
        self.token = ask("POST", TRADEREADY + "/auth/login", secrets)["token"]

    def agent(self):
        """An agent that nobody else is asked about."""
        return ask("POST", TRADEREADY + "/agents", {"display_name": "Second"}, self.token)["agent_id"]


@functools.cache
def caller():
    return Caller()


def who():
    with LOCK:
        return caller()


def an_account():
    return register()["account_id"]


def a_key():
    keys = ask("GET", URL + "/admin/v1/keys?account=" + an_account(), token=ADMIN)
    return keys["data"][0]["key_id"]


# What a path's parameter names, where the operation ends it. Elsewhere it is the caller's own.
ENDED = {
    "admin_erase_account": an_account,
    "admin_suspend_account": an_account,
    "admin_archive_account": an_account,
    "admin_revoke_key": a_key,
    "tradeready_archive_agent": lambda: who().agent(),
    "tradeready_delete_agent": lambda: who().agent(),
}

OWN = {
    "account_id": lambda: who().account["account_id"],
    "agent_id": lambda: who().account["agent_id"],
}


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing: where an answer leads is part of it."""

    def redirect_request(self, *_):
        return None


class Browser:
    """Somebody in a browser: for pages, which open for a cookie, and for their forms."""

    EMAIL = "reader@example.com"

    def __init__(self):
        self.cookies = {}
        self.opener = urllib.request.build_opener(Stay)
        register(email=self.EMAIL, password=PASSWORD)
        self.log_in()

    def fetch(self, path, form=None):
        headers = {"Cookie": self.cookie(), "Origin": URL}
        data = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            answer = self.opener.open(urllib.request.Request(URL + path, data, headers))
        except urllib.error.HTTPError as refused:
            answer = refused
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.read().decode()

    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def proof(self, page):
        """What the forms of this page prove by: the one that logs out stands before them, and has a proof of its own."""
        return re.findall('name="form_token" value="([^"]+)"', self.fetch(page))[-1]

    def log_in(self):
        form = {"form_token": self.proof("/forgot-password"), "email": self.EMAIL, "password": PASSWORD}
        self.fetch("/login", form)
        self.visitor, self.person = self.proof("/forgot-password"), self.proof("/dashboard")


@functools.cache
def the_browser():
    return Browser()


def browser():
    with LOCK:
        return the_browser()


def is_a_page(case):
    return "portal" in case.operation.definition.raw["tags"]


def is_for_people(case):
    return any("session" in scheme for scheme in case.operation.definition.raw.get("security", []))


def send_form(case):
    """With the proof that its page has ready."""
    proof = browser().person if is_for_people(case) else browser().visitor
    case.body = {**case.body, "form_token": proof}
    if "form_id" in case.body:
        case.body["form_id"] = token_urlsafe(32)
    case.headers = {**(case.headers or {}), "Origin": URL, "Cookie": browser().cookie()}


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """One of the credentials that the operation names."""

    def get(self, case, context):
        needed = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
        if "admin_key" in needed:
            return "Authorization", "Bearer " + ADMIN
        if "api_key" in needed:
            return "X-API-Key", who().account["api_key"]
        if "bearer_key" in needed:
            return "Authorization", "Bearer " + who().account["api_key"]
        if "session" in needed:
            return "Cookie", browser().cookie()
        if "access_token" in needed:
            return "Authorization", "Bearer " + who().token
        return None

    def set(self, case, data, context):
        if data is not None:
            name, value = data
            case.headers = {**(case.headers or {}), name: value}


def is_made_up(case):
    """Whether the path is meant to be wrong."""
    place = schemathesis.core.parameters.ParameterLocation.PATH
    return case.meta is not None and case.meta.is_negative_at(place)


@schemathesis.hook
def before_call(context, case, kwargs):
    name = case.operation.definition.raw["operationId"]
    if case.path_parameters and not is_made_up(case):
        for parameter in case.path_parameters:
            subject = ENDED.get(name) or OWN.get(parameter)
            if subject:
                case.path_parameters[parameter] = subject()
    is_good = case.meta is not None and not case.meta.is_negative_at(
        schemathesis.core.parameters.ParameterLocation.BODY
    )
    if is_a_page(case) and isinstance(case.body, dict) and is_good:
        send_form(case)
    # A good login, now and then: made-up secrets are always wrong.
    if isinstance(case.body, dict) and case.meta is not None and not case.meta.is_negative_at(
        schemathesis.core.parameters.ParameterLocation.BODY
    ):
        if name == "tradeready_login":
            case.body = {**case.body, **{key: who().account[key] for key in ("api_key", "api_secret")}}
        if name == "tradeready_user_login":
            case.body = {**case.body, "email": "alpha@example.com", "password": PASSWORD}


@schemathesis.hook
def after_call(context, case, response):
    # The browser was logged out.
    ends = ("portal_logout", "portal_end_tokens")
    if case.operation.definition.raw["operationId"] in ends and response.status_code == 303:
        browser().log_in()
    # Every token so far is refused from now on, the caller's too.
    if case.operation.definition.raw["operationId"] == "admin_replace_signing_keys" and response.status_code == 200:
        who().log_in()
