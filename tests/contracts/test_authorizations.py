"""A print authorization: what the centre signs is what the contract says, in anybody's library."""

import json
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest
from joserfc import jws as joserfc_jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.central.print_authorization.rules import Permitter
from shared.contracts.authorization import CLAIMS, TYPE, office_of
from shared.ids import new_id
from shared.signing import BadSignature, PinnedKeys, jwks_of, new_key
from tests.recordings import NOON, a_recording
from tests.town import REGION

pytestmark = pytest.mark.rules

KEY = new_key("centre")
PINNED = PinnedKeys(jwks_of([KEY]))
RECORDING = a_recording()
AUTHORIZATION_ID = new_id()
PERMISSION = Permitter(KEY, 3, timedelta(days=730)).sign(REGION, AUTHORIZATION_ID, RECORDING, NOON)
ALPHABET = string.ascii_letters + string.digits + "-_"


def test_the_claims_are_those_of_the_contract() -> None:
    claims = CLAIMS.validate_json(PINNED.verify(PERMISSION.jws, TYPE).payload)

    assert claims.model_dump() == {
        "iss": "tunggal-central",
        "aud": office_of(REGION),
        "sub": RECORDING.recording_id,
        "jti": AUTHORIZATION_ID,
        "nik": RECORDING.card.nik,
        "card_sha256": RECORDING.card.digest(),
        "iat": int(NOON.timestamp()),
        "exp": int((NOON + timedelta(days=730)).timestamp()),
        "epoch": 3,
    }
    assert PERMISSION.expires_at == NOON + timedelta(days=730)


def test_another_library_accepts_it() -> None:
    public = OKPKey.import_key(KEY.public_jwk)

    accepted = joserfc_jws.deserialize_compact(PERMISSION.jws, public, algorithms=["Ed25519"])

    assert accepted.headers() == {"alg": "Ed25519", "kid": "centre", "typ": TYPE}
    assert json.loads(accepted.payload) == json.loads(PINNED.verify(PERMISSION.jws, TYPE).payload)


def test_what_another_library_signs_is_accepted_here() -> None:
    private = OKPKey.generate_key("Ed25519")
    header = {"alg": "Ed25519", "kid": "other", "typ": TYPE}
    token = joserfc_jws.serialize_compact(header, b"payload", private, algorithms=["Ed25519"])
    public = private.as_dict(private=False) | {"kid": "other"}

    assert PinnedKeys({"keys": [public]}).verify(token, TYPE).payload == b"payload"


def test_it_is_refused_when_any_one_character_changes() -> None:
    """Every character, its last one included, whose low bits say nothing."""
    public = OKPKey.import_key(KEY.public_jwk)
    for place, character in enumerate(PERMISSION.jws):
        for other in {"A", "z", "-", ".", ALPHABET[(ALPHABET.find(character) + 1) % 64]}:
            if other == character:
                continue
            forged = PERMISSION.jws[:place] + other + PERMISSION.jws[place + 1 :]
            with pytest.raises(BadSignature):
                PINNED.verify(forged, TYPE)
    with pytest.raises((JoseError, ValueError)):
        joserfc_jws.deserialize_compact(forged[:-20], public, algorithms=["Ed25519"])


@pytest.mark.parametrize("place", [0, 10, -1, -30])
@pytest.mark.parametrize("extra", ["=", "A", "!", " ", "\n", "."])
def test_it_is_refused_with_any_character_more(place: int, extra: str) -> None:
    at = place % len(PERMISSION.jws) + 1
    with pytest.raises(BadSignature):
        PINNED.verify(PERMISSION.jws[:at] + extra + PERMISSION.jws[at:], TYPE)


def with_header(**changes: object) -> str:
    """Changed, and signed again by the centre's own key."""
    head, payload, _ = PERMISSION.jws.split(".")
    header = json.loads(urlsafe_b64decode(head + "==")) | changes
    signed = _encode(json.dumps(header).encode()) + f".{payload}".encode()
    return (signed + b"." + _encode(KEY._private.sign(signed))).decode()


def _encode(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def test_a_header_written_otherwise_and_signed_anew_is_the_same_permission() -> None:
    """The forgeries below are refused for what they say, not for how they were made."""
    assert PINNED.verify(with_header(), TYPE).kid == "centre"


@pytest.mark.parametrize(
    "forged",
    [
        with_header(alg="none"),
        with_header(alg="HS256"),
        with_header(alg="EdDSA"),
        with_header(kid="stranger"),
        with_header(kid=None),
        with_header(typ="tunggal-message+jws"),
        with_header(jwk=new_key("centre").public_jwk),
        with_header(jku="http://example.invalid/keys"),
        PERMISSION.jws.rpartition(".")[0] + ".",
        "",
        "..",
        "a.b",
        "\ud800.a.b",
        "x" * 10_000,
    ],
)
def test_a_header_never_chooses_how_it_is_checked(forged: str) -> None:
    with pytest.raises(BadSignature):
        PINNED.verify(forged, TYPE)


def test_a_key_that_is_not_pinned_counts_for_nothing_under_the_same_name() -> None:
    with pytest.raises(BadSignature):
        PINNED.verify(new_key("centre").sign(b"{}", TYPE), TYPE)


def test_a_message_signature_is_no_print_authorization() -> None:
    with pytest.raises(BadSignature):
        PINNED.verify(KEY.sign(b"{}", "tunggal-message+jws"), TYPE)
