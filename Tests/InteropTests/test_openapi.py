"""The OpenAPI document: it is one, it is served, and the server does what it says."""

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from contract import Contract
from contract_story import Story
from fleet import Fleet


@pytest.fixture
def own_single():
    """One instance, because each counts failed log-ins and what people do by itself."""
    fleet = Fleet(instances=1).start()
    yield fleet
    fleet.remove()


def test_the_document_is_valid(fleet):
    validate(Contract(fleet).document, cls=OpenAPIV31SpecValidator)


def test_the_document_is_served_to_everybody_compressed_and_not_twice(fleet):
    url = f"{fleet.url}api/openapi.json"
    answer = requests.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert requests.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_every_example_fits_its_schema(fleet):
    contract, found = Contract(fleet), 0

    def look(value, *at):
        nonlocal found
        if isinstance(value, list):
            for number, item in enumerate(value):
                look(item, *at, number)
        elif isinstance(value, dict):
            if "example" in value and "schema" in value:
                assert contract.errors(value["example"], *at, "schema") == [], at
                found += 1
            # Of a schema; `properties` may have one that is called so.
            for example in value.get("examples", []) if "type" in value else []:
                assert contract.errors(example, *at) == [], at
                found += 1
            for key, item in value.items():
                if key not in ("example", "examples"):
                    look(item, *at, key)

    look(contract.document)
    assert found > 60


def test_everything_that_is_described_happens_as_described(own_single):
    contract = Contract(own_single)
    Story(contract).everything()
    assert contract.described() - contract.seen == set()


def test_a_route_can_be_asked_for_its_head(fleet):
    answer = requests.head(f"{fleet.url}api/v1/setup")
    assert answer.status_code == 200 and int(answer.headers["Content-Length"]) > 0 and answer.content == b""


def test_answers_to_one_person_stay_out_of_caches(fleet):
    assert requests.get(f"{fleet.url}api/v1/setup").headers["Cache-Control"] == "no-store"
