"""What likenesses mean: the policy between a matcher's numbers and an outcome. Pure.

Nobody is refused by a machine alone where anything speaks for them: one eye, or names and births
that contradict (twins, two wearers of one kind of contact lens), go to people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.central.penunggalan.iris.matcher import Likeness
from services.central.penunggalan.iris.thresholds import Thresholds
from services.central.penunggalan.rules import (
    Doubt,
    Doubtful,
    Finding,
    Resembling,
    SamePerson,
)
from shared.contracts.feed import Rival

LIKENESSES_KEPT_MAX = 20
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody who resembles: when recorded, and how names and births compare.

    evidence: levels of agreement by field, never the values; None where nothing can be compared.
    """

    captured_at: datetime
    contradicts: bool
    evidence: Mapping[str, Any] | None


def finding_of(
    nik: int,
    likenesses: Sequence[Likeness],
    known: Mapping[UUID, Known],
    thresholds: Thresholds,
    waived: frozenset[Doubt] = frozenset(),
) -> Finding | None:
    """What follows for a recording of `nik` from whom it resembles, best first.

    Its own NIK's earlier recordings are the person itself, recorded again.
    """
    if Doubt.OPERATOR_IRISES not in waived and any(one.kind == OPERATOR for one in likenesses):
        return Doubtful(Doubt.OPERATOR_IRISES)
    others = others_of(nik, likenesses)
    if not others:
        return None
    rivals = tuple(rival_of(one, known) for one in others)
    sure = [
        one
        for one in others
        if thresholds.is_match(one.left, one.right) and not known[one.recording_id].contradicts
    ]
    if sure:
        first = rival_of(sure[0], known)
        return SamePerson((first, *(one for one in rivals if one != first)))
    return Resembling(rivals)


def others_of(nik: int, likenesses: Sequence[Likeness]) -> list[Likeness]:
    return [one for one in likenesses if one.kind != OPERATOR and one.nik != nik]


def rival_of(likeness: Likeness, known: Mapping[UUID, Known]) -> Rival:
    return Rival(
        recording_id=likeness.recording_id,
        region=likeness.region,
        captured_at=known[likeness.recording_id].captured_at,
    )


def evidence_of(
    likenesses: Sequence[Likeness], known: Mapping[UUID, Known], thresholds: Thresholds
) -> dict[str, Any]:
    """What a check keeps of a search, and an adjudicator reads: ids, distances, levels."""
    return {
        "thresholds": {
            "one_eye": thresholds.one_eye,
            "mean_of_two": thresholds.mean_of_two,
        },
        "likenesses": [
            {
                "recording_id": str(one.recording_id),
                "region": one.region,
                "kind": one.kind,
                "left": one.left,
                "right": one.right,
                **({} if one.score is None else {"score": one.score}),
                "captured_at": known[one.recording_id].captured_at.isoformat()
                if one.recording_id in known
                else None,
                "demographic": known[one.recording_id].evidence
                if one.recording_id in known
                else None,
            }
            for one in likenesses[:LIKENESSES_KEPT_MAX]
        ],
        "likenesses_found": len(likenesses),
    }
