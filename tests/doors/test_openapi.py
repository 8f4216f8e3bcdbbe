"""The OpenAPI documents are good enough to run operations from, and their kept copies are true."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from services.command.servers import Service
from services.command.service_facts import document_of
from shared.doors.openapi import faults, operations
from shared.refusals import refusal_by_code

KEPT = Path(__file__).parents[2] / "docs" / "openapi"
DOCUMENTS = {service: document_of(service) for service in (Service.CENTRAL, Service.REGIONAL)}

each_service = pytest.mark.parametrize("service", DOCUMENTS)


@each_service
def test_every_operation_says_what_a_stranger_needs(service: Service) -> None:
    assert faults(DOCUMENTS[service]) == []


@each_service
def test_the_kept_document_is_the_servers_own(service: Service) -> None:
    kept = (KEPT / f"{service}.json").read_text()

    assert json.loads(kept) == DOCUMENTS[service], (
        f"run: tunggal openapi {service} > docs/openapi/{service}.json"
    )


@each_service
def test_an_operation_is_named_as_its_function_and_once(service: Service) -> None:
    names = [operation["operationId"] for _, operation in operations(DOCUMENTS[service])]

    assert len(names) == len(set(names))
    assert all(name.isidentifier() and name.islower() for name in names)


@each_service
def test_every_example_has_the_shape_its_schema_asks(service: Service) -> None:
    document = DOCUMENTS[service]
    seen = 0
    for place, schema, example in _examples(document):
        whole = {**schema, "components": document["components"]}
        found = Draft202012Validator(whole).iter_errors(example)

        assert [error.message for error in found] == [], place
        seen += 1
    assert seen > 50


@each_service
def test_every_problem_in_a_document_has_its_page(service: Service) -> None:
    for _, operation in operations(DOCUMENTS[service]):
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/problem+json", {})
            for code, example in content.get("examples", {}).items():
                kind = refusal_by_code(code)

                assert kind is not None
                assert str(kind.status) == status
                assert example["value"]["type"] == f"/problems/{code}"


@each_service
def test_whoever_changes_something_personal_needs_a_role_or_a_regions_signature(
    service: Service,
) -> None:
    for method, operation in operations(DOCUMENTS[service]):
        is_open = operation["security"] == []

        assert bool(operation.get("x-roles")) == ({"role_token": []} in operation["security"])
        # A citizen's question holds a NIK, so it is sent in a body; it changes nothing.
        # A region that hands in its first key has nothing to sign with but that key.
        is_first_word = operation["operationId"] in {"ask_status", "hand_in_key"}
        assert not (is_open and method != "get") or is_first_word, operation["operationId"]
        if is_open:
            allowed = {"operations", "keys", "citizen"}
            assert set(operation["tags"]) <= allowed, operation["operationId"]


def _examples(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for _, operation in operations(document):
        name = operation["operationId"]
        bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for place, body in bodies.items():
            for kind, content in body.get("content", {}).items():
                examples = [one["value"] for one in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                for example in examples:
                    yield f"{name} {place} {kind}", content.get("schema", {}), example
