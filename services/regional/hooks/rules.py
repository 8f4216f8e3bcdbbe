"""What is told, how it is signed, when it is tried again. Pure.

The request is one of Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp` (seconds since
1970), and `webhook-signature` (`v1,` and the HMAC-SHA256 of id, timestamp and body, in base64).
"""

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the mark before one, not one
TEXT_MAX: Final = 160
HOOKS_MAX: Final = 10
GIVE_UP_AFTER: Final = timedelta(days=3)
_WAITS: Final = (10, 30, 120, 600, 3_600, 3 * 3_600, 6 * 3_600)  # seconds, the last again
_EVENTS_SPACE: Final = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
# https to anybody, http to this very server; never a name and password in it.
ADDRESS: Final = (
    r"^(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?(/[!-\"$-~]*)?$"
)


class Event(StrEnum):
    TAKEN = "recording.taken"
    RECEIVED = "recording.received"
    DECIDED = "recording.decided"
    PERMITTED = "permission.given"
    REVOKED = "permission.revoked"
    PRINTED = "card.printed"
    SPOILED = "card.spoiled"
    ISSUED = "card.issued"
    TEST = "hook.test"


# At most 160 characters of plain ASCII: one short message.
TEXTS: Final = {
    Event.TAKEN: ("KTP-el: perekaman Anda tersimpan.", "KTP-el: your recording is safe."),
    Event.RECEIVED: (
        "KTP-el: perekaman Anda diterima di pusat dan menunggu pemeriksaan.",
        "KTP-el: your recording reached the centre and waits to be checked.",
    ),
    Event.DECIDED: (
        "KTP-el: pemeriksaan selesai. Tanyakan hasilnya di halaman status atau di kantor.",
        "KTP-el: the check is done. See the result on the status page or at the office.",
    ),
    Event.PERMITTED: (
        "KTP-el: kartu Anda boleh dicetak. Kantor memberi tahu bila sudah siap.",
        "KTP-el: your card may be printed. The office tells you when it is ready.",
    ),
    Event.REVOKED: (
        "KTP-el: izin cetak ditarik kembali. Hubungi kantor.",
        "KTP-el: the permission to print was taken back. Please ask the office.",
    ),
    Event.PRINTED: (
        "KTP-el: kartu Anda sudah dicetak dan dapat diambil.",
        "KTP-el: your card is printed and can be collected.",
    ),
    Event.SPOILED: (
        "KTP-el: kartu rusak saat dicetak; dicetak lagi.",
        "KTP-el: the card was spoiled in printing; it is printed again.",
    ),
    Event.ISSUED: (
        "KTP-el: kartu Anda sudah diserahkan.",
        "KTP-el: your card was handed over.",
    ),
    Event.TEST: ("KTP-el: pesan percobaan.", "KTP-el: a message to test the gateway."),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a recording; told twice it has the same id.

    official_status: the word officers know, where the event gives one.
    """

    event: Event
    recording_id: UUID | None
    happened_at: datetime
    official_status: str | None = None

    @property
    def event_id(self) -> UUID:
        moment = self.happened_at.isoformat()
        return uuid5(_EVENTS_SPACE, f"{self.event}:{self.recording_id}:{moment}")


def body_of(one: Happening) -> bytes:
    """What is sent: no name, no number of a citizen."""
    indonesian, english = TEXTS[one.event]
    return json.dumps(
        {
            "type": one.event.value,
            "timestamp": one.happened_at.isoformat(),
            "data": {
                "recording_id": str(one.recording_id) if one.recording_id else None,
                "official_status": one.official_status,
                "text_id": indonesian,
                "text_en": english,
            },
        }
    ).encode()


def signed_headers(secret: bytes, event_id: UUID, body: bytes, now: datetime) -> dict[str, str]:
    moment = str(int(now.timestamp()))
    content = f"{event_id}.{moment}.".encode() + body
    signature = base64.b64encode(hmac.new(secret, content, sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": str(event_id),
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signature}",
    }


def secret_told(secret: bytes) -> str:
    """A secret as gateways' libraries take it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


class After(StrEnum):
    """What becomes of a delivery after a try."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GIVEN_UP = "given_up"
    UNWANTED = "unwanted"


def after_try(status: int | None, written_at: datetime, now: datetime) -> After:
    """status: of the answer; None for none at all. written_at: since when it is tried."""
    if status is not None and 200 <= status < 300:
        return After.DELIVERED
    if status == 410:
        return After.UNWANTED
    return After.GIVEN_UP if now - written_at >= GIVE_UP_AFTER else After.AGAIN


def wait_after(attempts: int, chance: float) -> timedelta:
    """Before the next try; half as much again at most. chance: from 0 to 1, so none march in step.

    attempts: tries made, the last one included.
    """
    seconds = _WAITS[min(max(attempts, 1), len(_WAITS)) - 1]
    return timedelta(seconds=seconds * (1 + chance / 2))
