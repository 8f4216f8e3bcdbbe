"""Which recordings are new, which came before, and which must not be: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from shared.contracts.recording import Modality, RecordingContent, canonical_bytes
from shared.nik import Nik, NikWarning

BULK_RECORDINGS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """A recording at the door, validated, with the bytes that say so: kept sealed, or as they are.

    sha256: of these bytes, so that the same content is known again whatever it was sealed with.
    """

    recording_id: UUID
    nik: Nik
    captured_at: datetime
    officer: str
    place: str
    ward: str
    body: bytes
    sha256: bytes
    warnings: tuple[NikWarning, ...]
    has_operators_irises: bool = False
    images: Mapping[Modality, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        recording_id: UUID,
        recording: RecordingContent,
        officer: str,
        *,
        has_operators_irises: bool = False,
    ) -> "Arrival":
        body = canonical_bytes(recording_id, recording)
        nik = recording.nik
        return cls(
            recording_id=recording_id,
            nik=nik,
            captured_at=recording.captured_at,
            officer=officer,
            place=recording.place.value,
            ward=recording.card.address.ward,
            body=body,
            sha256=sha256(body).digest(),
            warnings=nik.warnings(recording.card.birth_date, recording.card.sex),
            has_operators_irises=has_operators_irises,
            images=recording.biometrics.images,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording this region already holds."""

    recording_id: UUID
    nik: Nik
    sha256: bytes
    seq: int
    recorded_at: datetime
    is_live: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """New here: to be written now."""

    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same id with the same content: the earlier receipt answers."""

    kept: Kept


@dataclass(frozen=True, slots=True)
class ContentDiffers:
    """The same id with other content: nothing is overwritten."""

    recording_id: UUID


@dataclass(frozen=True, slots=True)
class NikTaken:
    """This NIK has a live recording here already."""

    earlier_id: UUID
    recorded_at: datetime | None  # None: earlier in the same batch


@dataclass(frozen=True, slots=True)
class OperatorsIrises:
    """New here, but its irises are an officer's: not the citizen's recording."""


Verdict = Accepted | Repeated | ContentDiffers | NikTaken | OperatorsIrises


def admit(arrivals: Sequence[Arrival], kept: Iterable[Kept]) -> list[Verdict]:
    """Judge arrivals in order, each against what is kept and against those before it."""
    by_id: dict[UUID, Kept] = {}
    live_by_nik: dict[Nik, Kept] = {}
    for one in kept:
        by_id[one.recording_id] = one
        if one.is_live:
            live_by_nik[one.nik] = one
    accepted_by_id: dict[UUID, Arrival] = {}
    accepted_by_nik: dict[Nik, Arrival] = {}
    verdicts: list[Verdict] = []
    for arrival in arrivals:
        verdict = _judge(arrival, by_id, live_by_nik, accepted_by_id, accepted_by_nik)
        if isinstance(verdict, Accepted) and arrival.recording_id not in accepted_by_id:
            accepted_by_id[arrival.recording_id] = arrival
            accepted_by_nik[arrival.nik] = arrival
        verdicts.append(verdict)
    return verdicts


def _judge(
    arrival: Arrival,
    by_id: dict[UUID, Kept],
    live_by_nik: dict[Nik, Kept],
    accepted_by_id: dict[UUID, Arrival],
    accepted_by_nik: dict[Nik, Arrival],
) -> Verdict:
    if (same_id := by_id.get(arrival.recording_id)) is not None:
        if same_id.sha256 == arrival.sha256:
            return Repeated(same_id)
        return ContentDiffers(arrival.recording_id)
    if (twin := accepted_by_id.get(arrival.recording_id)) is not None:
        if twin.sha256 == arrival.sha256:
            return Accepted(twin)
        return ContentDiffers(arrival.recording_id)
    if (live := live_by_nik.get(arrival.nik)) is not None:
        return NikTaken(live.recording_id, live.recorded_at)
    if (rival := accepted_by_nik.get(arrival.nik)) is not None:
        return NikTaken(rival.recording_id, None)
    # What is kept already is not judged by officers who were enrolled later.
    if arrival.has_operators_irises:
        return OperatorsIrises()
    return Accepted(arrival)


def lacking_as_text(lacking: Iterable[Modality]) -> str:
    return ", ".join(sorted(lacking))
