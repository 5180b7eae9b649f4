"""What schemathesis cannot learn from the specs: valid tokens and codes, and how forms carry objects.

Made-up tokens and codes are refused before anything else happens. So in every second request or so they are replaced:
tokens by a live one, codes by the samples that the sandbox accepts again and again or by fresh ones, the number and the
password by a member's.
"""

import itertools
import json
import os
import urllib.parse
import urllib.request
import zlib

import schemathesis

SERVICE = os.environ["PASSPORT_URL"]
SANDBOX = os.environ["PASSPORT_SANDBOX_URL"]

APPLET_LOGIN = "/applet/login/wxLogin"
AUTOLOGIN = "/users/autologin"
LOGOUT = "/users/logout"
LOGIN = "/users/login"
REGISTER = "/users/register"
FORGET = "/users/forget"
SEND_SMS = "/users/send_sms"
WECHAT = "/wechat.auth/login"

LOGIN_CODE = "wx_login_code_here"
PHONE_CODE = "phone_code_here"

MEMBER = "13800000001"
FORGETFUL_MEMBER = "13800000002"
PASSWORD = "correct horse 42"

fresh_numbers = (f"139{number:08}" for number in itertools.count(1))
members = set()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.path in (AUTOLOGIN, LOGOUT) and is_chosen(case, case.body):
        case.headers = {**(case.headers or {}), "Auth-Token": mall_token()}
    for container in (case.query, case.body):
        if isinstance(container, dict) and is_chosen(case, container):
            make_valid(case.path, container)


def is_chosen(case, container):
    """About every second request; always the same ones, so that a failure can be repeated."""
    return zlib.crc32(f"{case.method} {case.path} {container!r}".encode("utf-8", "surrogatepass")) % 2 == 0


def make_valid(path, container):
    """Replaces what is there; a field that is missing, empty or of a wrong type is such on purpose."""
    for name, value in valid_values(path, container).items():
        if isinstance(container.get(name), str) and container[name]:
            container[name] = value() if callable(value) else value


def valid_values(path, container):
    if path == REGISTER or (path == LOGIN and container.get("code")):
        number = next(fresh_numbers)
        return {"username": number, "code": lambda: sms_code(number, "register")}
    if path == LOGIN:
        return {"username": member(MEMBER), "password": PASSWORD}
    if path == FORGET:
        return {"username": member(FORGETFUL_MEMBER), "code": lambda: sms_code(FORGETFUL_MEMBER, "password")}
    if path == SEND_SMS:
        return {"username": member(MEMBER) if container.get("type") == "password" else next(fresh_numbers)}
    if path == WECHAT:
        official = container.get("source") == 1
        return {"code": oauth_code if official else LOGIN_CODE, "state": state}
    code = LOGIN_CODE if path == APPLET_LOGIN else PHONE_CODE
    return {"token": applet_token, "code": code, "phoneCode": PHONE_CODE}


def applet_token():
    """A token of its own for each request, because requests end tokens."""
    return post(SERVICE + APPLET_LOGIN, {"code": LOGIN_CODE})["result"]["token"]


def mall_token():
    return post(SERVICE + WECHAT, {"source": 2, "code": LOGIN_CODE})["data"]["token"]


def member(number):
    """The number of somebody with the usual password, who registers at the first time."""
    if number not in members:
        members.add(number)
        fields = {"username": number, "password": PASSWORD, "code": sms_code(number, "register")}
        assert post(SERVICE + REGISTER, fields)["code"] == 1
    return number


def sms_code(number, kind):
    assert post(SERVICE + SEND_SMS, {"username": number, "type": kind})["code"] == 1
    return ask(f"{SANDBOX}/sms?mobile={number}")[0]["code"]


def state():
    return ask(SERVICE + WECHAT)["data"]["state"]


def oauth_code():
    return post(SANDBOX + "/codes/oauth", {})["code"]


def post(url, fields):
    return ask(urllib.request.Request(url, json.dumps(fields).encode(), {"Content-Type": "application/json"}))


def ask(request):
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@schemathesis.serializer("application/x-www-form-urlencoded")
def form(context, value):
    """A form in which an object is JSON text, as the contract has it; by default its fields would stand among the others."""
    body = context.case.body
    if not isinstance(body, dict):
        return json.dumps(value).encode()
    fields = {name: field if isinstance(field, str) else json.dumps(field) for name, field in body.items()}
    return urllib.parse.urlencode(fields).encode()
