"""Both OpenAPI documents are true: schemathesis asks the running services and compares."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks

from services.command.servers import Service
from services.command.service_facts import document_of
from shared.contracts.envelopes import MEDIA_TYPE
from shared.contracts.evidence import MEDIA_TYPE as PIECE_TYPE
from shared.contracts.evidence import UPLOAD_COMPLETE, UPLOAD_OFFSET, append_purpose
from shared.contracts.field_batch import MEDIA_TYPE as BATCH_TYPE
from shared.roles import Role
from shared.signing import SIGNATURE_HEADER, sign_message
from tests.doors.fuzzing import DOCUMENTED_CASES
from tests.town import REGION, Databases, Town, town_of

REGIONAL = schemathesis.openapi.from_dict(document_of(Service.REGIONAL))
CENTRAL = schemathesis.openapi.from_dict(document_of(Service.CENTRAL))
for _schema in (REGIONAL, CENTRAL):
    # Tokens and signatures are put in below: one it left out would not be missing.
    _schema.config.generation.with_security_parameters = False
# The town draws its waits while hypothesis watches who draws.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")
# Their rules say more than a schema can: dates in range, biometrics complete, a list's columns.
RULED = {"take_recording", "import_residents", "take_envelopes", "take_evidence", "take_witness"}
RULED |= {"append_evidence"}
# A recording is named once; nobody is confirmed who is not there.
RULED |= {"ask_deletion", "answer_validation"}
RULED |= {"ask_amendment", "ask_reprint"}
# Irises must be such as can be compared.
RULED |= {"enrol_operator"}
# A move is to this region, and its day has come.
RULED |= {"ask_move"}
# Letters are carried on workdays; what was heard was heard; a remark has words.
RULED |= {"make_letter_day", "note_finding", "close_search", "reopen_search"}
# A stay lies within the centuries; a visit's day is to come, and its outcome is one of three.
RULED |= {"plan_field_session", "ask_home_visit", "plan_home_visit", "note_home_visit"}
# An incident's moments lie within the centuries; its words are a line of plain text.
RULED |= {"record_breach"}
# A batch is signed by a station.
RULED |= {"take_field_batch"}
# One list of residents is read at a time.
RULED |= {"open_change_set"}
# Coverage is of a day that came; a semester is frozen by its last day.
RULED |= {"get_coverage", "get_coverage_cells", "freeze_coverage"}
# An officer's reason is a line of plain text: no control characters.
RULED |= {"raise_epoch", "waive_region", "hand_over"}
RULED |= {"revoke_permission", "permit_again_by_officer"}
BOUNDED = settings(
    max_examples=DOCUMENTED_CASES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
load_all_checks()
EXCLUDED = {
    **dict.fromkeys(RULED, "positive_data_acceptance"),
    "take_recordings": "negative_data_rejection",  # answered item by item, the bad ones with 422
    "search_recordings": "unsupported_method",  # PUT here is the PUT of a recording named "search"
}


@schemathesis.serializer("text/csv", MEDIA_TYPE, PIECE_TYPE, BATCH_TYPE)
def _as_text(_: schemathesis.SerializationContext, value: object) -> bytes:
    return str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def town_aside(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town in another thread: schemathesis asks and waits."""
    folder = tmp_path_factory.mktemp("aside")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(town_of(databases, folder)) as town,
    ):
        yield town


@REGIONAL.parametrize()
@BOUNDED
def test_the_region_does_what_its_document_says(case: schemathesis.Case, town_aside: Town) -> None:
    case.call_and_validate(
        base_url=town_aside.region.address,
        headers={"Authorization": f"Bearer {town_aside.token(*Role)}"},
        excluded_checks=_excluded(case),
    )


@CENTRAL.parametrize()
@BOUNDED
def test_the_centre_does_what_its_document_says(case: schemathesis.Case, town_aside: Town) -> None:
    headers = {"Authorization": f"Bearer {town_aside.token(*Role, region=None)}"}
    if _operation(case)["security"] == [{"region_signature": []}]:
        if str((case.query or {}).get("wait", "")).isdecimal():
            case.query["wait"] = 0  # a long poll is worth its wait elsewhere
        headers = {SIGNATURE_HEADER: _signature(case, town_aside)}
    case.call_and_validate(
        base_url=town_aside.centre.address, headers=headers, excluded_checks=_excluded(case)
    )


def _operation(case: schemathesis.Case) -> dict[str, Any]:
    operation: dict[str, Any] = case.operation.definition.raw
    return operation


def _excluded(case: schemathesis.Case) -> list[CheckFunction]:
    excluded = EXCLUDED.get(_operation(case)["operationId"])
    return [CHECKS.get_one(excluded)] if excluded else []


def _signature(case: schemathesis.Case, town: Town) -> str:
    """What the region would sign for this very request."""
    sent = case.as_transport_kwargs(base_url=town.centre.address)
    request = requests.Request(
        sent["method"], sent["url"], params=sent.get("params"), data=sent.get("data")
    ).prepare()
    key = town.keys.region_key(REGION)
    if request.method in ("GET", "HEAD"):
        return sign_message(key, f"{request.method} {request.path_url}", b"")
    if request.method == "PATCH":
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        told = (str(case.headers.get(name, "")) for name in (UPLOAD_OFFSET, UPLOAD_COMPLETE))
        return sign_message(key, append_purpose(request.path_url, *told), body)
    if _operation(case)["operationId"] != "take_envelopes":
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        return sign_message(key, f"{request.method} {request.path_url}", body)
    manifest = (request.body or b"").partition(b"\n")[0]
    return sign_message(key, f"envelopes {REGION}", manifest)
