"""What the status doors show."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.regional.journey.overtakes import OvertakeCause
from services.regional.journey.remedies import RemedyCode
from services.regional.journey.rules import Cause, OfficialStatus, Stage
from shared.contracts.outcomes import Outcome
from shared.contracts.strict import Strict
from shared.nik import NikText

_RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"


class Step(BaseModel):
    """One step of the journey with its own time."""

    at: datetime
    stage: Stage
    official_status: OfficialStatus
    event: str


class RivalView(BaseModel):
    recording_id: UUID
    region: str
    captured_at: datetime | None


class RecordingStatus(BaseModel):
    """Where one recording is. Nothing in it says whose it is."""

    recording_id: UUID
    seq: int
    stage: Stage
    official_status: OfficialStatus
    since: datetime
    outcome: Outcome | None
    reason: str | None = Field(description="A stable code for what the centre found")
    duplicate: str | None
    rival: RivalView | None
    waits_for: Cause
    explanation: str = Field(description="One sentence: why it still waits")
    next_action: str | None = Field(description="What somebody must do; null when nothing")
    next_action_id: str | None
    remedy: RemedyCode | None = Field(
        description="What sets it right, as a code; null when nothing"
    )
    timeline: list[Step]


class Found(BaseModel):
    items: list[UUID] = Field(description="Recordings of this NIK here, newest first")


class SearchByNik(Strict):
    nik: Annotated[NikText, Field(description="16 digits; in a body, never in an address")]


class LineView(BaseModel):
    state: str = Field(
        description="up, slow, down or unknown; foreign: the centre's word cannot be true here; "
        "fenced: another server speaks for this region; key: the centre does not take this "
        "server's key. These wait for people"
    )
    since: datetime | None = Field(description="Since when it fails; null while it works")
    last_heard_at: datetime | None
    failures_in_a_row: int
    goodput_bytes_per_second: int | None


class SetAsideView(BaseModel):
    """An envelope the centre does not take: it stays here, a tombstone keeps its place."""

    seq: int
    reason: str = Field(description="The code of the centre's refusal")
    since: datetime


class HeldEntryView(BaseModel):
    """An answer of the centre that this program cannot read or apply yet."""

    pos: int
    reason: str
    since: datetime


class QueueView(BaseModel):
    """How the whole queue stands."""

    waiting: int
    last_seq: int
    acknowledged_seq: int
    oldest_waiting_since: datetime | None
    oldest_captured_at: datetime | None
    expected_seconds_from: float | None = Field(
        description="The range of `/v1/outage`; null while nobody can know, or for never"
    )
    expected_seconds_to: float | None
    line: LineView
    feed_applied_pos: int
    feed_head_pos: int
    set_aside: list[SetAsideView] = Field(description="Newest first, 100 at most")
    held_entries: list[HeldEntryView] = Field(description="Newest first, 100 at most")


class DiskView(BaseModel):
    """Room for new recordings; null before the first look at the disk."""

    recordings_left: int | None
    full_not_before: datetime | None = Field(description="null: not within ten years, or unknown")
    full_until: datetime | None
    is_safe_to_record: bool = Field(description="Whether new recordings are taken now")


class CatchUpView(BaseModel):
    """Envelopes only: images follow when no envelope waits."""

    state: str = Field(description="range, never, line_needed, or unknown: too little was carried")
    seconds_from: float | None = Field(description="With no outage at all; only of a range")
    seconds_to: float | None = Field(description="With outages as of late; only of a range")
    line_hours_needed: float | None = Field(description="While the line is down")


class OutageView(BaseModel):
    """All an office must know while the line fails it."""

    line: LineView
    waiting: int
    waiting_bytes: int = Field(description="From the mean size of the next hundred")
    disk: DiskView
    catch_up: CatchUpView
    next_action: str
    next_action_id: str


class WaitView(BaseModel):
    p50: float
    p95: float
    max: float


class FairnessView(BaseModel):
    """Who was overtaken, and why; how long recordings waited for their permission."""

    permitted: int
    overtakes: int = Field(description="Pairs: the later capture was permitted first")
    overtakes_late_arrival: int = Field(description="The earlier one was uploaded later")
    overtakes_unexplained: int = Field(description="Must be 0: no cause is known")
    overtakes_by_cause: dict[OvertakeCause, int] = Field(
        description="Causes without a pair are left out"
    )
    waited_seconds: WaitView | None
    outcomes: dict[str, int]
    cards: dict[str, int]


STATUS_EXAMPLE: dict[str, Any] = {
    "recording_id": _RECORDING,
    "seq": 1204,
    "stage": "sent",
    "official_status": "SENT_FOR_ENROLLMENT",
    "since": "2017-10-13T02:15:10Z",
    "outcome": None,
    "reason": None,
    "duplicate": None,
    "rival": None,
    "waits_for": "line",
    "explanation": "It waits for the line to the centre, which does not answer since "
    "2017-10-13T02:15:10+00:00; 3 recordings are before it.",
    "next_action": None,
    "next_action_id": None,
    "remedy": None,
    "timeline": [
        {
            "at": "2017-10-13T02:15:09Z",
            "stage": "queued",
            "official_status": "BIO_CAPTURED",
            "event": "recorded",
        }
    ],
}
QUEUE_EXAMPLE: dict[str, Any] = {
    "waiting": 12,
    "last_seq": 1204,
    "acknowledged_seq": 1192,
    "oldest_waiting_since": "2017-10-13T02:11:00Z",
    "oldest_captured_at": "2017-10-13T02:10:41Z",
    "expected_seconds_from": None,
    "expected_seconds_to": None,
    "line": {
        "state": "down",
        "since": "2017-10-13T02:11:03Z",
        "last_heard_at": "2017-10-13T02:10:59Z",
        "failures_in_a_row": 4,
        "goodput_bytes_per_second": 61000,
    },
    "feed_applied_pos": 1190,
    "feed_head_pos": 1190,
    "set_aside": [{"seq": 1107, "reason": "body-too-large", "since": "2017-10-12T08:00:00Z"}],
    "held_entries": [],
}
OUTAGE_EXAMPLE: dict[str, Any] = {
    "line": QUEUE_EXAMPLE["line"],
    "waiting": 1200,
    "waiting_bytes": 15_600_000,
    "disk": {
        "recordings_left": 410_000,
        "full_not_before": "2017-12-02T00:00:00Z",
        "full_until": "2018-03-11T00:00:00Z",
        "is_safe_to_record": True,
    },
    "catch_up": {
        "state": "line_needed",
        "seconds_from": None,
        "seconds_to": None,
        "line_hours_needed": 0.3,
    },
    "next_action": "Go on recording: all is kept here and sent when the line is back. "
    "Tell operations that the line is down.",
    "next_action_id": "Teruskan perekaman: semua tersimpan di sini dan dikirim saat jalur pulih. "
    "Laporkan jalur putus ke bagian operasi.",
}
FAIRNESS_EXAMPLE: dict[str, Any] = {
    "permitted": 1180,
    "overtakes": 14,
    "overtakes_late_arrival": 14,
    "overtakes_unexplained": 0,
    "overtakes_by_cause": {"late_arrival": 14},
    "waited_seconds": {"p50": 1.2, "p95": 9.8, "max": 41.0},
    "outcomes": {"PRINT_READY_RECORD": 1180, "DUPLICATE_RECORD": 10},
    "cards": {"printed": 40, "spoiled": 1},
}
