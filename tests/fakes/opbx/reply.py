"""What a request is answered with."""

import json


class Reply:
    def __init__(self, status, body=None, headers=None, kind="application/json"):
        self.status = status
        self.body = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.headers = headers or {}
        self.kind = kind


class Invalid(Exception):
    """A validation failure in Laravel's form; `errors` maps fields to lists of texts."""

    def __init__(self, errors, message=None):
        super().__init__(message or next(iter(errors.values()))[0])
        self.errors = errors

    def reply(self):
        return Reply(422, {"message": str(self), "errors": self.errors})


DROP = None  # the connection is closed without a reply


def read_json(body):
    """An object; what is none counts as an empty one, as in Laravel."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


KINDS = {
    "int": (lambda v: type(v) is int or isinstance(v, str) and v.isdigit(), "an integer"),
    "string": (lambda v: isinstance(v, str), "a string"),
    "bool": (lambda v: v in (True, False, 0, 1, "0", "1"), "true or false"),
    "array": (lambda v: isinstance(v, list) or isinstance(v, dict), "an array"),
    "number": (lambda v: isinstance(v, (int, float)) and not isinstance(v, bool) and v >= 0, "a number"),
    "any": (lambda v: True, ""),
}


def validate(body, rules):
    """Rules are `kind`, with `?` behind it where null and absence are allowed. Raises Invalid with every field."""
    errors = {}
    for name, rule in rules.items():
        value = body
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        spoken = name.replace("_", " ")
        if value is None or value == "":
            if not rule.endswith("?"):
                errors[name] = [f"The {spoken} field is required."]
        elif not KINDS[rule.rstrip("?")][0](value):
            errors[name] = [f"The {spoken} field must be {KINDS[rule.rstrip('?')][1]}."]
    if errors:
        raise Invalid(errors)
