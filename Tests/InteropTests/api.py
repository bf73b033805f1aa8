"""The REST API as a program uses it."""

import requests

from person import DEADLINE_S


class Api:
    """A person at the REST API."""

    def __init__(self, fleet, token=None):
        self.url = f"{fleet.url}api/v1/"
        self.token = token
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method, path, body=None, **more):
        return self.session.request(method, self.url + path, json=body, timeout=DEADLINE_S, **more)

    def get(self, method, path, body=None, status=200):
        answer = self.ask(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def refused(self, method, path, body=None, status=403, code="forbidden"):
        answer = self.ask(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer
