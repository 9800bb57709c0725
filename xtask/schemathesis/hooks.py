"""Who asks, and about what.

Each operation is asked with the credential that the description names for it, and about things that are there. An
operation that ends something gets one of its own to end, so that the account in whose name the rest is asked stays
alive. Negative cases keep the paths that were made up for them.
"""

import functools
import json
import os
import threading
import urllib.request

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


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """One of the credentials that the operation names."""

    def get(self, case, context):
        needed = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
        if "admin_key" in needed:
            return "Authorization", "Bearer " + ADMIN
        if "api_key" in needed:
            return "X-API-Key", who().account["api_key"]
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
    # Every token so far is refused from now on, the caller's too.
    if case.operation.definition.raw["operationId"] == "admin_replace_signing_keys" and response.status_code == 200:
        who().log_in()
