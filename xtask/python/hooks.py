"""What schemathesis cannot learn from the specs: how to get past the door, and how forms carry objects.

Made-up tokens and codes are refused before anything else happens. So in every second request or so they are replaced:
tokens by a live one, codes by the samples that the sandbox accepts again and again.
"""

import json
import os
import urllib.parse
import urllib.request
import zlib

import schemathesis

LOGIN = "/applet/login/wxLogin"
LOGIN_CODE = "wx_login_code_here"
PHONE_CODE = "phone_code_here"


@schemathesis.hook
def before_call(context, case, kwargs):
    for container in (case.query, case.body):
        if isinstance(container, dict) and is_chosen(case, container):
            bring_to_life(case.path, container)


def is_chosen(case, container):
    """About every second request; always the same ones, so that a failure can be repeated."""
    return zlib.crc32(f"{case.method} {case.path} {container!r}".encode("utf-8", "surrogatepass")) % 2 == 0


def bring_to_life(path, container):
    """Replaces what is there; a field that is missing, empty or of a wrong type is such on purpose."""
    living = {
        "token": live_token,
        "code": lambda: LOGIN_CODE if path == LOGIN else PHONE_CODE,
        "phoneCode": lambda: PHONE_CODE,
    }
    for name, value in living.items():
        if isinstance(container.get(name), str) and container[name]:
            container[name] = value()


def live_token():
    """A token of its own for each request, because requests end tokens."""
    form = urllib.parse.urlencode({"code": LOGIN_CODE}).encode()
    with urllib.request.urlopen(os.environ["PASSPORT_URL"] + LOGIN, form, timeout=20) as answer:
        return json.load(answer)["result"]["token"]


@schemathesis.serializer("application/x-www-form-urlencoded")
def form(context, value):
    """A form in which an object is JSON text, as the contract has it; by default its fields would stand among the others."""
    body = context.case.body
    if not isinstance(body, dict):
        return json.dumps(value).encode()
    fields = {name: field if isinstance(field, str) else json.dumps(field) for name, field in body.items()}
    return urllib.parse.urlencode(fields).encode()
