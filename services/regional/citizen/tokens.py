"""The unguessable address of one recording's status: nothing is stored for it. Pure.

A token is the recording's id and eleven bytes of an HMAC over it, under a secret of this region and
a generation that rises when a receipt is revoked. It tells nothing that the id does not.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac
from uuid import UUID

ID_BYTES = 16
SEAL_BYTES = 11  # 2^88 guesses, each of them a request: 27 bytes are 36 characters without padding
TOKEN_CHARACTERS = 36
SECRET_BYTES = 32


def token_of(secret: bytes, recording_id: UUID, generation: int) -> str:
    """36 characters of base64url."""
    seal = _seal(secret, recording_id, generation)
    return urlsafe_b64encode(recording_id.bytes + seal).decode()


def named_in(token: str) -> UUID | None:
    """The recording a token speaks of, true or not; None when it is no token at all."""
    if len(token) != TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token)
    except ValueError:
        return None
    # Letters outside the alphabet are skipped by the decoder: only one writing counts.
    if urlsafe_b64encode(raw).decode() != token:
        return None
    return UUID(bytes=raw[:ID_BYTES])


def is_true(secret: bytes, token: str, recording_id: UUID, generation: int) -> bool:
    """Whether this region made the token for this recording in this generation."""
    return compare_digest(token.encode(), token_of(secret, recording_id, generation).encode())


def _seal(secret: bytes, recording_id: UUID, generation: int) -> bytes:
    said = b"tunggal status\n" + recording_id.bytes + generation.to_bytes(4, "big")
    return hmac(secret, said, sha256)[:SEAL_BYTES]
