"""Recordings that another room was handed, taken by the same lane as those at the door."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.regional.recording.loop import CommitLane
from services.regional.recording.routes import arrival_of, refusal_of
from services.regional.recording.rules import Arrival, NikTaken
from services.regional.recording.steps import Answer, NoRoom, Taken
from shared.contracts.recording import Recording
from shared.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of one recording; `code` is the refusal's, `earlier_id` what stands already."""

    outcome: Literal["accepted", "repeated", "refused"]
    code: str | None = None
    earlier_id: UUID | None = None


async def hand_in(lane: CommitLane, recordings: Sequence[Recording], officer: str) -> list[Handed]:
    """Answers in order, once everything new is on disk; a bad one never blocks the others.

    Refuses as a whole, and keeps nothing new: StorageNearlyFull, TooBusy, DatabaseUnavailable.
    """

    def judge() -> tuple[dict[int, Handed], dict[int, Arrival]]:
        refused: dict[int, Handed] = {}
        arrivals: dict[int, Arrival] = {}
        for place, recording in enumerate(recordings):
            try:
                arrivals[place] = arrival_of(recording.recording_id, recording, officer, lane)
            except Refusal as refusal:
                refused[place] = Handed("refused", refusal.code)
        return refused, arrivals

    # Many pairs of irises take a second or two: others must be served meanwhile.
    refused, arrivals = await asyncio.to_thread(judge)
    answers = await lane.take(list(arrivals.values())) if arrivals else []
    if full := next((one for one in answers if isinstance(one, NoRoom)), None):
        raise refusal_of(full)
    found = refused | {
        place: _handed(answer) for place, answer in zip(arrivals, answers, strict=True)
    }
    return [found[place] for place in range(len(recordings))]


def _handed(answer: Answer) -> Handed:
    if isinstance(answer, Taken):
        return Handed("repeated" if answer.is_repeat else "accepted")
    earlier = answer.earlier_id if isinstance(answer, NikTaken) else None
    return Handed("refused", refusal_of(answer).code, earlier)
