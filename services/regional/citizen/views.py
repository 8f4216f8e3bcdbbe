"""What the doors of citizens show, the same on a page and in the API."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from services.regional.citizen.rules import JourneyStep, QueueName, StepState, WaitStage
from services.regional.journey.overtakes import OvertakeCause
from services.regional.journey.rules import OfficialStatus
from shared.contracts.strict import Strict
from shared.nik import NikText

TOKEN_EXAMPLE = "AYkKXayWd0u8zrMCCZqAV1Zk3uE0bQ4tq9cX"  # noqa: S105 - of nobody


class StatusQuestion(Strict):
    """In a body, never in an address."""

    nik: Annotated[NikText, Field(description="16 digits")]
    birth_date: Annotated[date, Field(description="As it stands on the family card")]


class EstimateView(BaseModel):
    """Never a promise: what eight in ten such waits of the last 30 days came to."""

    kind: str = Field(
        description="range, day, or why neither is told: too_few, longer_than_seen, line_down, "
        "others, yours"
    )
    from_seconds: float | None = Field(description="From now; of a range only")
    to_seconds: float | None = Field(description="null also when it was not seen to end")
    day: date | None = Field(description="From this day on; of a day only")
    text: str


class QueuePlaceView(BaseModel):
    queue: QueueName
    before: int = Field(description="How many are before it")
    at_least: bool = Field(description="Whether more were not counted")
    text: str


class StepView(BaseModel):
    """One of six steps to a card."""

    step: JourneyStep
    title: str
    state: StepState
    state_text: str
    at: datetime | None = Field(description="When it was done, if that is known")
    usual: str | None = Field(description="How long a later step usually takes")


class EarlierView(BaseModel):
    """People recorded later and permitted earlier, for one cause."""

    cause: OvertakeCause
    recordings: int
    text: str


class PrintedEarlierView(BaseModel):
    """Cards printed on younger permissions than this one, which waits for a blank."""

    cards: int
    by_exception: int = Field(description="Of those, by an exception with a name and a reason")
    text: str


class StatusView(BaseModel):
    """Where a recording is and why. Nothing in it says whose it is."""

    official_status: OfficialStatus
    code: str = Field(description="What officers say: Pro, SFE, PRR, DUP, Efac, or the status")
    title: str
    meaning: str
    since: datetime | None
    why: str
    found: str | None = Field(description="What the centre found, if it said so")
    who_acts: str
    to_do: str
    bring: str | None
    wait: EstimateView | None
    place: QueuePlaceView | None
    steps: list[StepView]
    earlier: list[EarlierView] | None = Field(description="null: not counted yet")
    printed_earlier: PrintedEarlierView | None
    earlier_as_of: datetime | None
    is_past: bool = Field(description="Another recording of the same NIK stands now")
    short_message: str = Field(description="160 characters at most, for SMS and WhatsApp")


class ReceiptView(BaseModel):
    """What a station prints for whoever was just recorded."""

    token: str = Field(description="Opens the status without asking; revocable")
    path: str
    address: str = Field(description="What the code says")
    code_svg: str = Field(description="The QR code, as SVG")
    short_message: str


class QuantilesView(BaseModel):
    """Seconds. null: not seen to end."""

    stage: WaitStage
    text: str
    ended: int = Field(description="Waits that ended in the period")
    waiting: int = Field(description="Waits that have not ended; they count as long as they lasted")
    p10: float | None
    p50: float | None
    p90: float | None


class OvertakeView(BaseModel):
    cause: OvertakeCause
    pairs: int
    text: str


class ExceptionsView(BaseModel):
    reason: str
    cards: int
    text: str


class FairnessReport(BaseModel):
    """Of the last 30 days; for everybody."""

    since: datetime
    counted_at: datetime
    permitted: int = Field(description="Recordings first permitted in the period")
    overtakes: list[OvertakeView] = Field(description="Pairs: the later capture was first")
    unexplained: int = Field(description="Must be 0")
    waits: list[QuantilesView]
    exceptions: list[ExceptionsView] = Field(
        description="Allowed to be printed before older permissions, by reason"
    )


class OldCaseView(BaseModel):
    recording_id: str
    captured_at: datetime


class UsedExceptionView(BaseModel):
    recording_id: str
    reason: str
    text: str
    officer: str
    made_at: datetime


class FairnessDetails(BaseModel):
    """For officers: the same, with what has names and ids."""

    report: FairnessReport
    oldest: list[OldCaseView] = Field(description="Earliest captured without a card; 20 at most")
    exceptions: list[UsedExceptionView] = Field(description="Newest first; 200 at most")


_MESSAGE = "KTP-el: sedang dikirim ke pusat sejak 13/10/17 09.15 WIB. Tidak perlu datang. Kode SFE"
STATUS_EXAMPLE: dict[str, Any] = {
    "official_status": "SENT_FOR_ENROLLMENT",
    "code": "SFE",
    "title": "Sedang dikirim ke pusat",
    "meaning": "Perekaman Anda sedang dikirim; pusat belum memastikan sudah menerimanya.",
    "since": "2017-10-13T02:15:10Z",
    "why": "Perekaman dikirim ke pusat satu per satu menurut urutan; giliran Anda akan tiba.",
    "found": None,
    "who_acts": "kantor ini",
    "to_do": "Anda tidak perlu melakukan apa pun dan tidak perlu datang.",
    "bring": None,
    "wait": {
        "kind": "range",
        "from_seconds": 600.0,
        "to_seconds": 7200.0,
        "day": None,
        "text": "antara 10 menit dan 2 jam lagi",
    },
    "place": {
        "queue": "line",
        "before": 3,
        "at_least": False,
        "text": "3 lagi sebelum Anda dalam antrean kirim ke pusat",
    },
    "steps": [
        {
            "step": "recorded",
            "title": "Direkam di kantor atau di lapangan",
            "state": "done",
            "state_text": "selesai",
            "at": "2017-10-13T02:15:09Z",
            "usual": None,
        }
    ],
    "earlier": [],
    "printed_earlier": None,
    "earlier_as_of": "2017-10-13T05:00:00Z",
    "is_past": False,
    "short_message": _MESSAGE,
}
RECEIPT_EXAMPLE: dict[str, Any] = {
    "token": TOKEN_EXAMPLE,
    "path": f"/status/{TOKEN_EXAMPLE}",
    "address": f"https://ktp.contoh.invalid/status/{TOKEN_EXAMPLE}",
    "code_svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 41 41"></svg>',
    "short_message": _MESSAGE,
}
FAIRNESS_EXAMPLE: dict[str, Any] = {
    "since": "2017-09-13T05:00:00Z",
    "counted_at": "2017-10-13T05:00:00Z",
    "permitted": 1180,
    "overtakes": [
        {
            "cause": "late_arrival",
            "pairs": 14,
            "text": "Perekamannya tiba lebih lambat di antrean kantor ini, "
            "misalnya dibawa pulang oleh tim lapangan.",
        }
    ],
    "unexplained": 0,
    "waits": [
        {
            "stage": "line",
            "text": "Jalur: dari direkam sampai diterima pusat",
            "ended": 1180,
            "waiting": 12,
            "p10": 40.0,
            "p50": 600.0,
            "p90": 86000.0,
        }
    ],
    "exceptions": [{"reason": "medical", "cards": 2, "text": "berobat"}],
}
DETAILS_EXAMPLE: dict[str, Any] = {
    "report": FAIRNESS_EXAMPLE,
    "oldest": [
        {
            "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "captured_at": "2017-06-13T02:15:09Z",
        }
    ],
    "exceptions": [
        {
            "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "reason": "medical",
            "text": "berobat",
            "officer": "printer-3",
            "made_at": "2017-10-12T03:00:00Z",
        }
    ],
}
CSV_EXAMPLE = (
    "kind,name,count,waiting,p10_seconds,p50_seconds,p90_seconds\n"
    "overtakes,late_arrival,14,,,,\nexceptions,medical,2,,,,\nwait,line,1180,12,40,600,86000\n"
)
