"""Irises given to an ABIS by address, as MOSIP does: a document behind a short-lived signed token.

The document is CBEFF in XML (ISO/IEC 19785-3), one BIR for each eye. What lies in a BIR is the
template as recordings carry it, under a format of our own: an image (ISO/IEC 19794-6) it is not,
and it does not say it were.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from shared.clock import Clock
from shared.iris import FORMAT, TEMPLATE_BYTES, data_of, from_bytes
from shared.refusals import Refusal
from shared.signing import BadSignature, PinnedKeys, SigningKey, jwks_of
from shared.visits import vouched

SHARE_TYPE: Final = "tunggal-abis-share+jws"
LIFETIME: Final = timedelta(minutes=10)
PATH: Final = "/v1/abis/references"
MEDIA_TYPE: Final = "application/xml"
_EYES: Final = ("Left", "Right")
_NAMESPACE: Final = "http://standards.iso.org/iso-iec/19785/-3/ed-2/"


class ShareNotValid(Refusal):
    """The address is not one the centre gave to its ABIS, or its ten minutes are over."""

    code, status = "share-not-valid", 401
    title = "This address is not valid, or not any more"
    next_action = "Wait for the centre's next message; it holds a fresh address."
    next_action_id = "Tunggu pesan pusat berikutnya; di dalamnya ada alamat baru."


@dataclass(frozen=True, slots=True)
class Shares:
    """Makes addresses and knows its own again."""

    key: SigningKey
    clock: Clock

    def address_of(self, base: str, recording_id: UUID) -> str:
        until = self.clock.now() + LIFETIME
        claims = json.dumps({"sub": str(recording_id), "exp": int(until.timestamp())})
        token = self.key.sign(claims.encode(), SHARE_TYPE)
        return f"{base.rstrip('/')}{PATH}/{recording_id}?{urlencode({'token': token})}"

    def admit(self, recording_id: UUID, token: str) -> None:
        """Refuses: ShareNotValid."""
        try:
            signed = PinnedKeys(jwks_of([self.key])).verify(token, SHARE_TYPE)
        except BadSignature:
            raise ShareNotValid from None
        claims = json.loads(signed.payload)
        is_over = self.clock.now().timestamp() >= claims["exp"]
        if is_over or claims["sub"] != str(recording_id):
            raise ShareNotValid
        vouched()


def document_of(irises: bytes) -> bytes:
    """The eyes that are there; irises: as the gallery keeps them, left then right."""
    halves = (irises[:TEMPLATE_BYTES], irises[TEMPLATE_BYTES:])
    inner = "".join(
        _bir(eye, data_of(from_bytes(half)))
        for eye, half in zip(_EYES, halves, strict=True)
        if any(half)
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    info = "<BIRInfo><Integrity>false</Integrity></BIRInfo>"
    return f'{head}\n<BIR xmlns="{_NAMESPACE}">{info}{inner}</BIR>\n'.encode()


def _bir(eye: str, template: str) -> str:
    version = "<Major>1</Major><Minor>1</Minor>"
    return (
        f"<BIR><Version>{version}</Version><CBEFFVersion>{version}</CBEFFVersion>"
        "<BIRInfo><Integrity>false</Integrity></BIRInfo>"
        "<BDBInfo>"
        f"<Format><Organization>Tunggal</Organization><Type>{FORMAT}</Type></Format>"
        f"<Type>Iris</Type><Subtype>{eye}</Subtype>"
        "<Level>Processed</Level><Purpose>Enroll</Purpose>"
        "</BDBInfo>"
        f"<BDB>{template}</BDB></BIR>"
    )
