"""A sealed recording as bytes: a clear head of JSON, then two ciphertexts. No line break in it.

    {"sealed":2,"recording_id":…,"content":…,"kid":…,"session":…,"key":…,"lengths":[…,…]} NUL …

The head tells ids and hashes only. After the NUL come the parts, `card/biodata` and `biometrics`,
each AES-256-GCM under the recording's data key, with line breaks written as two bytes so that a
body stays one line of a batch. Part 1 ‖ part 2 in clear are exactly the recording's canonical JSON.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from uuid import UUID

import orjson

from shared.sealed.faults import Erased
from shared.sealing import Harmed

SEALED_VERSION = 2
PARTS = (b"card/biodata", b"biometrics")
# A data key seals each part once and nothing else, so a nonce for each part is enough.
PART_NONCES = (b"\x00" * 11 + b"\x01", b"\x00" * 11 + b"\x02")
KEY_PURPOSE = b"key"

_BEGINNING = b'{"sealed":'
_PART_TWO = b',"biometrics":{'
_HEAD = (
    b'{"sealed":%d,"recording_id":"%b","content":"%b","kid":%b,'
    b'"session":"%b","key":"%b","lengths":[%d,%d]}'
)
_HEAD_BYTES_MAX = 2_048


@dataclass(frozen=True, slots=True)
class SealedBody:
    """A body taken apart; nothing of it is proven before its parts open."""

    recording_id: UUID
    content_sha256: bytes  # of the canonical JSON inside
    kid: str
    session: bytes  # the session key, encapsulated to `kid`
    wrapped_key: bytes  # nonce ‖ the data key under the session key
    parts: tuple[bytes, bytes]


def is_sealed(body: bytes) -> bool:
    """Whether it says so: a recording in clear begins otherwise."""
    return body.startswith(_BEGINNING)


def bound_to(recording_id: UUID, content_sha256: bytes, what: bytes) -> bytes:
    """What a ciphertext cannot be taken away from: its recording, schema version and place."""
    return recording_id.bytes + SEALED_VERSION.to_bytes(2, "big") + content_sha256 + what


def split(canonical: bytes) -> tuple[bytes, bytes]:
    """Biodata, and biometrics with what follows."""
    # A quote inside a text is escaped, so this is met nowhere but between them.
    place = canonical.rindex(_PART_TWO)
    return canonical[:place], canonical[place:]


def put_together(sealed: SealedBody) -> bytes:
    head = _HEAD % (
        SEALED_VERSION,
        str(sealed.recording_id).encode(),
        sealed.content_sha256.hex().encode(),
        orjson.dumps(sealed.kid),
        b64encode(sealed.session),
        b64encode(sealed.wrapped_key),
        len(sealed.parts[0]),
        len(sealed.parts[1]),
    )
    return head + b"\0" + _without_line_breaks(sealed.parts[0] + sealed.parts[1])


def take_apart(body: bytes) -> SealedBody:
    """Raises Harmed for what is no sealed body of this version, Erased for one without key."""
    head_bytes, _, rest = body.partition(b"\0")
    try:
        if not is_sealed(body) or len(head_bytes) > _HEAD_BYTES_MAX:
            raise Harmed
        head = orjson.loads(head_bytes)
        if head["sealed"] != SEALED_VERSION:
            raise Harmed
        if head.get("erased"):
            raise Erased
        first, second = head["lengths"]
        sealed = _with_line_breaks(rest)
        if len(sealed) != first + second or first < 0 or second < 0:
            raise Harmed
        return SealedBody(
            UUID(head["recording_id"]),
            bytes.fromhex(head["content"]),
            str(head["kid"]),
            b64decode(head["session"], validate=True),
            b64decode(head["key"], validate=True),
            (sealed[:first], sealed[first:]),
        )
    except (orjson.JSONDecodeError, NotBase64, KeyError, ValueError, TypeError) as fault:
        raise Harmed from fault


def content_sha256_of(body: bytes) -> bytes | None:
    """What a body says its content's hash is; None where it does not say.

    Proven only when it opens: enough to tell a repeat, too little to trust.
    """
    try:
        head = orjson.loads(body.partition(b"\0")[0])
        return bytes.fromhex(head["content"]) if head["sealed"] == SEALED_VERSION else None
    except (orjson.JSONDecodeError, KeyError, ValueError, TypeError):
        return None


def erased(recording_id: UUID, content_sha256: bytes) -> bytes:
    """What stands in a body's place when its key is destroyed: that there was one, and which."""
    return orjson.dumps(
        {
            "sealed": SEALED_VERSION,
            "recording_id": str(recording_id),
            "content": content_sha256.hex(),
            "erased": True,
        }
    )


def _without_line_breaks(raw: bytes) -> bytes:
    return raw.replace(b"\xdb", b"\xdb\xdd").replace(b"\n", b"\xdb\xdc")


def _with_line_breaks(line: bytes) -> bytes:
    return line.replace(b"\xdb\xdc", b"\n").replace(b"\xdb\xdd", b"\xdb")
