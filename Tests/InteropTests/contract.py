"""The OpenAPI document as a contract: calls are made and answers are judged by what it says."""

import json
from urllib.parse import parse_qsl, quote

import requests
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

METHODS = ("get", "put", "post", "delete", "patch")
DEADLINE_S = 30
FORM = "application/x-www-form-urlencoded"
# Of the headers that mean something to a client an answer has only those that are described.
MEANINGFUL_HEADERS = ("ETag", "Set-Cookie", "Retry-After", "Location")


class Contract:
    """The document that a server serves, and what of it was seen to hold."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.document = requests.get(f"{fleet.url}api/openapi.json", timeout=DEADLINE_S).json()
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items() if method in METHODS
        }
        # The keys of `operations` with a status that came.
        self.seen = set()
        # What is not described is wrong here, though clients have to ignore it.
        closed = Resource(contents=_closed(self.document), specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:contract", closed)

    def described(self):
        """Every operation with each status that it may have."""
        return {
            (name, int(status))
            for name, (_, _, operation) in self.operations.items()
            for status in operation["responses"] if status != "default"
        }

    def call(self, name, status, **asked):
        """What an operation answers, as JSON where it is, if the answer is as described and has this status."""
        answer = self.answer(name, status, **asked)
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer

    def answer(self, name, status, **asked):
        """The same with its headers."""
        answer = self.ask(name, succeeds=status < 400, **asked)
        self.judge(name, status, answer)
        return answer

    def ask(self, name, succeeds=False, by=None, body=None, query=None, headers=None, cookie=None, data=None, file=None, **path):
        """Makes a call with the secret `by`; what is to succeed has to be asked as described. `data` is a form, `file` bytes."""
        method, template, _ = self.operations[name]
        if succeeds:
            form = data and dict(parse_qsl(data))
            self._judge_request(name, form or body, file, {**path, **(query or {}), **(headers or {})})
        headers = dict(headers or {})
        if by:
            headers["Authorization"] = f"Bearer {by}"
        if cookie:
            headers["Cookie"] = cookie
        if data:
            headers["Content-Type"] = FORM
        if file:
            headers["Content-Type"] = "image/png"
        url = self.fleet.url.rstrip("/") + template.format(**{key: quote(str(value)) for key, value in path.items()})
        # Without a session of `requests`, which would keep the cookies of others who asked before.
        return requests.request(
            method, url, json=body, data=data or file, params=query, headers=headers, timeout=DEADLINE_S, allow_redirects=False
        )

    def judge(self, name, status, answer):
        """Fails if the answer is not as described, and remembers that there was one with this status."""
        where = f"{name} {status}"
        assert answer.status_code == status, f"{where}: {answer.status_code} {answer.text}"
        self._judge_answer(where, self.operations[name][2], answer)
        self.seen.add((name, status))

    def errors(self, value, *pointer):
        """What is wrong with a value by the schema at this place of the document."""
        at = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in pointer)
        schema = {"$ref": f"urn:contract#/{at}"}
        judge = Draft202012Validator(schema, registry=self._registry, format_checker=FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(value)]

    def _judge_request(self, name, body, file, parameters):
        method, path, operation = self.operations[name]
        at = ("paths", path, method)
        if "requestBody" in operation:
            if body is not None:
                [media] = operation["requestBody"]["content"]
                wrong = self.errors(body, *at, "requestBody", "content", media, "schema")
                assert not wrong, f"the request of {name}: {wrong}"
            elif file is None:
                assert not operation["requestBody"]["required"], f"{name} is asked without a body"
        else:
            assert body is None, f"{name} has no body"
        described = [
            self._followed(*at, "parameters", number) for number in range(len(operation.get("parameters", [])))
        ]
        known = {parameter["name"]: (pointer, parameter) for pointer, parameter in described}
        missing = {key for key, (_, parameter) in known.items() if parameter["required"]} - set(parameters)
        assert not missing, f"{name} is asked without {missing}"
        for key, value in parameters.items():
            assert key in known, f"{name} has no parameter {key}"
            wrong = self.errors(value, *known[key][0], "schema")
            assert not wrong, f"{key} of {name}: {wrong}"

    def _judge_answer(self, where, operation, answer):
        assert str(answer.status_code) in operation["responses"], f"{where} is not described: {answer.text}"
        method, path, _ = self.operations[operation["operationId"]]
        at, described = self._followed("paths", path, method, "responses", str(answer.status_code))
        content = described.get("content", {})
        media = answer.headers.get("Content-Type", "").split(";")[0]
        if content:
            assert media in content, f"{where} is {media}"
            if "json" in media:
                wrong = self.errors(answer.json(), *at, "content", media, "schema")
                assert not wrong, f"{where}: {wrong} in {json.dumps(answer.json())}"
        else:
            assert answer.content == b"", f"{where} has a body: {answer.text}"
        for header in described.get("headers", {}):
            pointer, header_described = self._followed(*at, "headers", header)
            value = answer.headers.get(header)
            if value is None:
                assert not header_described.get("required"), f"{where} has no {header}"
                continue
            _, schema = self._followed(*pointer, "schema")
            wrong = self.errors(int(value) if schema["type"] == "integer" else value, *pointer, "schema")
            assert not wrong, f"{header} of {where}: {wrong}"
        extra = set(MEANINGFUL_HEADERS) & set(answer.headers) - set(described.get("headers", {}))
        assert not extra, f"{where} has {extra}, which is not described"

    def _followed(self, *pointer):
        """Where a place of the document leads, and what stands there."""
        value = self.document
        for part in pointer:
            value = value[part]
        if "$ref" in value:
            return self._followed(*value["$ref"].removeprefix("#/").split("/"))
        return pointer, value


def _closed(value):
    """The same where objects have no properties but those that are described."""
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    closed = {key: _closed(item) for key, item in value.items()}
    if value.get("type") == "object" and isinstance(value.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed
