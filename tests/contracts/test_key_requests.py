"""What a region hands in for its key: names, fingerprints, and whose word it is."""

import json
from base64 import urlsafe_b64encode

import pytest

from services.central.keys.views import REQUEST_EXAMPLE
from shared.contracts.region_keys import (
    REQUEST,
    REQUEST_TYPE,
    KeyRequest,
    NoKeyRequest,
    fingerprint_of,
    in_groups,
    is_enrolled,
    kid_of,
    read_request,
    request_of,
)
from shared.signing import new_key

pytestmark = pytest.mark.rules

# RFC 8037, appendix A.3: the thumbprint of its example key, in hex.
PUBLISHED_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
PUBLISHED_THUMBPRINT = "90facafea9b1556698540f70c0117a22ea37bd5cf3ed3c47093c1707282b4b89"


def test_a_fingerprint_is_the_front_of_the_published_thumbprint() -> None:
    assert fingerprint_of(PUBLISHED_X) == PUBLISHED_THUMBPRINT[:24]
    assert in_groups(fingerprint_of(PUBLISHED_X)) == "90fa cafe a9b1 5566 9854 0f70"
    assert kid_of("61.72", PUBLISHED_X) == "61.72#90facafea9b1"


@pytest.mark.parametrize(("kid", "is_so"), [("61.72", False), ("61.72#2", False)])
def test_pinned_names_are_no_names_of_enrolled_keys(kid: str, is_so: bool) -> None:
    assert is_enrolled(kid) is is_so
    assert is_enrolled(kid_of("61.72", PUBLISHED_X))


def test_a_request_of_version_1_stays_readable() -> None:
    """Written once: the example of the API's page, signed by the published key."""
    claims = read_request(REQUEST.validate_python(REQUEST_EXAMPLE))

    assert (claims.region, claims.x, claims.days) == ("61.72", PUBLISHED_X, 365)


def test_the_same_key_makes_the_same_request_whatever_it_is_called() -> None:
    key = new_key("61.72")

    assert request_of(key, "61.72", 365) == request_of(key.called("61.72#2"), "61.72", 365)


def test_nobody_hands_in_a_key_that_is_not_theirs() -> None:
    mine, theirs = new_key("61.72"), new_key("61.72")
    claims = json.dumps({"version": 1, "region": "61.72", "x": theirs.x, "days": 365}).encode()
    named = mine.called(kid_of("61.72", theirs.x))
    head, _, signature = request_of(theirs, "61.72", 365).jws.split(".")
    other = urlsafe_b64encode(claims.replace(b"365", b"999")).rstrip(b"=").decode()

    for jws in (named.sign(claims, REQUEST_TYPE), f"{head}.{other}.{signature}", "", "a.b.c"):
        with pytest.raises(NoKeyRequest):
            read_request(KeyRequest(version=1, jws=jws))
