"""Region 61.07 hands its recordings to the centre, before Singkawang records the same people."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from hashlib import sha256

import httpx

from shared.contracts.envelopes import (
    BATCH_ENVELOPES_MAX,
    MEDIA_TYPE,
    RECORDING_VERSION,
    Envelope,
    EnvelopeHead,
    EnvelopeKind,
    pack,
    wire_bytes,
)
from shared.contracts.recording import RECORDING
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

SETTLED_SECONDS_MAX = 60.0


class NeighbourTrouble(Exception):
    """The centre did not take or settle the neighbour's recordings."""


async def hand_in(
    http: httpx.AsyncClient,
    region: str,
    key: SigningKey,
    bodies: Iterable[bytes],
    before: Sequence[Envelope] = (),
) -> int:
    """Post signed batches as that region's uplink would, and wait until all are decided.

    before: envelopes that get no decision, from seq 1 on.

    http: speaks to the centre with an operations token; the neighbour has a line of its own.
    Raises NeighbourTrouble.
    """
    recordings = [_envelope(seq, body) for seq, body in enumerate(bodies, len(before) + 1)]
    envelopes = [*before, *recordings]
    for first in range(0, len(envelopes), BATCH_ENVELOPES_MAX):
        batch = pack(region, 0, envelopes[first : first + BATCH_ENVELOPES_MAX])
        signature = sign_message(key, f"envelopes {region}", batch.manifest_bytes)
        answer = await http.post(
            f"/v1/regions/{region}/envelopes",
            content=wire_bytes(batch),
            headers={"content-type": MEDIA_TYPE, SIGNATURE_HEADER: signature},
        )
        if answer.status_code != 200:
            raise NeighbourTrouble(f"The centre answered region {region}: {answer.status_code}.")
    until = time.monotonic() + SETTLED_SECONDS_MAX
    while time.monotonic() < until:
        answer = await http.get("/v1/outcomes")
        if sum(answer.json()["regions"].get(region, {}).values()) == len(recordings):
            return len(recordings)
        await asyncio.sleep(0.1)
    raise NeighbourTrouble(f"The centre did not settle region {region}'s recordings.")


def _envelope(seq: int, body: bytes) -> Envelope:
    recording = RECORDING.validate_json(body)
    head = EnvelopeHead(
        seq=seq,
        envelope_id=recording.recording_id,
        kind=EnvelopeKind.RECORDING,
        version=RECORDING_VERSION,
        happened_at=recording.captured_at,
        sha256=sha256(body).hexdigest(),
    )
    return Envelope(head, body)
