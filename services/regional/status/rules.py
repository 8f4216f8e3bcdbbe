"""The sentence, and the line's state. Pure."""

from dataclasses import dataclass
from datetime import datetime

from services.regional.journey.remedies import Progress, RemedyCode, advice
from services.regional.journey.rules import Cause, Stage
from shared.contracts.outcomes import Outcome

SLOW_BYTES_PER_SECOND = 16_000  # 128 kbit/s: the line of a sub-district office (domain facts, §4)


@dataclass(frozen=True, slots=True)
class Queue:
    """How far the line is behind: positions, and what the uplink saw of it."""

    last_seq: int
    acked_seq: int
    offered_seq: int
    offered_at: datetime | None
    failures_in_a_row: int
    failing_since: datetime | None
    last_heard_at: datetime | None
    goodput_bytes_per_second: int | None
    oldest_at: datetime | None
    oldest_captured_at: datetime | None
    mean_bytes: int
    applied_pos: int
    head_pos: int
    trouble: str | None = None  # what only people can mend: foreign, fenced, key


def is_stuck(queue: Queue) -> bool:
    """Whether nothing is carried now: the line is down, or people must look first."""
    return queue.failures_in_a_row > 0 or queue.trouble is not None


def line_state(queue: Queue) -> str:
    """up, slow, down, or unknown before the first word; foreign, fenced or key before all."""
    if queue.trouble is not None:
        return queue.trouble
    if queue.failures_in_a_row > 0:
        return "down"
    if queue.last_heard_at is None:
        return "unknown"
    goodput = queue.goodput_bytes_per_second
    if goodput is not None and goodput < SLOW_BYTES_PER_SECOND:
        return "slow"
    return "up"


_SENTENCES = {
    Cause.LINE: (
        "It waits for the line to the centre, which does not answer since {since}; "
        "{ahead} recordings are before it."
    ),
    Cause.QUEUE: "It is in the queue to the centre; {ahead} recordings are before it.",
    Cause.PENUNGGALAN: "The centre has it and is proving that the person is recorded only once.",
    Cause.ADJUDICATION: "Two officers at the centre are comparing it with another recording.",
    Cause.OFFICER: "An officer of this office must act: {action}",
    Cause.CITIZEN: "The person must come to the office: {action}",
    Cause.AGE: "It may be printed; the holder's day has not come yet.",
    Cause.BLANK_CARD: "It may be printed and waits for a blank card and a printer.",
    Cause.NEW_PERMISSION: "Its blank was spoiled; a fresh permission is on its way.",
    Cause.NOT_COLLECTED: "The card is printed and waits to be collected.",
    Cause.PROGRAM: ("The centre's answer is here, but this program cannot act on it yet: {action}"),
    Cause.DELETION: "It is deleted, and kept in the books: {action}",
    Cause.NOTHING: "It waits for nothing: the card was handed over.",
}


def sentence(cause: Cause, *, ahead: int, since: datetime | None, action: str) -> str:
    """One sentence for the officer at the desk."""
    moment = since.isoformat(timespec="seconds") if since else "an unknown time"
    return _SENTENCES[cause].format(ahead=ahead, since=moment, action=action)


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody must do, in both languages; `code` of a remedy."""

    text: str
    text_id: str
    code: RemedyCode | None = None


HELD_ANSWER = Action(
    "operations must update it; the answer is then acted on by itself.",
    "bagian operasi harus memperbarui program; jawaban lalu diproses dengan sendirinya.",
)
_SET_ASIDE_HERE = Action(
    "The centre does not take this recording as it stands: record the person again, "
    "and tell operations this seq and reason.",
    "Pusat tidak menerima perekaman ini: rekam ulang, "
    "dan sampaikan nomor urut serta alasannya ke bagian operasi.",
    RemedyCode.RECORD_AGAIN,
)


_REVOKED = Action(
    "The centre took the permission back; ask it for the grounds before the person is told.",
    "Pusat mencabut izin cetak; tanyakan alasannya ke pusat sebelum memberi tahu penduduk.",
)
_TO_WITHDRAW = Action(
    "Take the card back, destroy it with minutes, and report its blank as spoiled.",
    "Tarik kartu, musnahkan dengan berita acara, dan laporkan blangko rusak.",
)
_MOVED_AWAY = Action(
    "The person moved to another region: the office of the new domicile prints the card.",
    "Penduduk pindah ke daerah lain: kantor domisili baru yang mencetak kartunya.",
)
TAKEN_BACK = {Stage.REVOKED: _REVOKED, Stage.TO_WITHDRAW: _TO_WITHDRAW}


def taken_back(stage: Stage, *, has_moved_away: bool) -> Action:
    """What to do about a permission taken back; a card that is out is withdrawn first."""
    if stage is Stage.REVOKED and has_moved_away:
        return _MOVED_AWAY
    return TAKEN_BACK[stage]


@dataclass(frozen=True, slots=True)
class Situation:
    """This region, where the recording in the way was taken, and what was done about it."""

    region: str
    rival_region: str | None = None
    progress: Progress | None = None


def action_of(
    outcome: Outcome, reason: str | None, situation: Situation, *, is_set_aside_here: bool
) -> Action:
    """What to do about a recording that cannot be printed as it stands."""
    if is_set_aside_here:
        return _SET_ASIDE_HERE
    found = advice(
        outcome,
        reason,
        region=situation.region,
        rival_region=situation.rival_region,
        progress=situation.progress,
    )
    return Action(found.text, found.text_id, found.code)


def ahead_of(seq: int, acked_seq: int, stage: Stage) -> int:
    """How many envelopes leave before this one."""
    return max(0, seq - acked_seq - 1) if stage in (Stage.QUEUED, Stage.SENT) else 0
