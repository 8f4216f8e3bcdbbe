"""The checks before admission, cheapest first: structure, exact NIK, irises, names and births."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.central.penunggalan import gallery, probing, rules, search, store
from services.central.penunggalan.demographic import compare
from services.central.penunggalan.demographic import store as demographic
from services.central.penunggalan.iris.matcher import Matcher, Probe
from services.central.penunggalan.iris.thresholds import for_gallery
from services.central.penunggalan.probing import Probed
from services.central.penunggalan.rules import (
    Candidate,
    Doubt,
    Finding,
    SamePerson,
    Unsearchable,
)
from services.central.penunggalan.search import Compare, Found
from services.central.settings import Irises
from shared.contracts.feed import Rival
from shared.contracts.recording import Recording
from shared.database.engine import Transaction
from shared.iris import NOT_COMPARED, TEMPLATE_BYTES, distance, from_bytes
from shared.iris_keys import NO_KEYS, GalleryKeys
from shared.sealing import NotOpened

SEARCH_AGAIN = timedelta(seconds=30)
# The chance of one person, by names and births alone, from which on two officers are shown it.
LIKELY = 0.01


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Somebody whose name and birth resemble; evidence holds levels, never the values."""

    rival: Rival
    evidence: Mapping[str, Any]


# For people without irises: who resembles by name and birth, one list per recording.
Lookalikes = Callable[[Transaction, Sequence[Recording]], Awaitable[Sequence[Sequence[Lookalike]]]]


def compared(one: Recording, other: Recording, gallery_size: int) -> tuple[bool, Mapping[str, Any]]:
    """How names and births of two recordings compare: whether they contradict, and the evidence."""
    found = compare(one, other, gallery_size)
    return found.contradicts, found.as_json()


async def lookalikes(
    transaction: Transaction, recordings: Sequence[Recording]
) -> list[list[Lookalike]]:
    """Whom the centre holds that resembles by name and birth, the likeliest first."""
    size = await gallery.head(transaction)
    found = await demographic.candidates(transaction, recordings, gallery=size)
    return [
        [
            Lookalike(
                Rival(
                    recording_id=each.recording_id,
                    region=each.region,
                    captured_at=each.captured_at,
                ),
                each.comparison.as_json(),
            )
            for each in found[one.recording_id]
            if each.comparison.score >= LIKELY
        ]
        for one in recordings
    ]


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """How this centre proves people unique."""

    irises: Irises = Irises.IGNORED
    matcher: Matcher | None = None
    compare: Compare = compared
    lookalikes: Lookalikes = lookalikes
    search_again: timedelta = SEARCH_AGAIN
    keys: GalleryKeys = NO_KEYS  # the same as the matcher's


NIK_ALONE = Uniqueness()


@dataclass(frozen=True, slots=True)
class Checked:
    """By seq: what was found, and what it was found by.

    looked_at: those for whom more was looked at than their NIK.
    """

    findings: dict[int, Finding] = field(default_factory=dict)
    evidence: dict[int, dict[str, Any]] = field(default_factory=dict)
    looked_at: set[int] = field(default_factory=set)
    position: int | None = None
    gallery_size: int | None = None


async def check(
    transaction: Transaction,
    region: str,
    candidates: Sequence[Candidate],
    uniqueness: Uniqueness,
    now: datetime,
    waived: frozenset[Doubt] = frozenset(),
) -> Checked:
    """Check recordings of a region, in their order. Takes the gallery's ticket if it searches."""
    findings: dict[int, Finding] = dict(rules.structure(candidates))
    checked = Checked(findings)
    probed: list[Probed] = []
    excepted: list[Candidate] = []
    for one in candidates:
        if one.seq in findings:
            continue
        match probing.probe_of(one, uniqueness.irises, uniqueness.keys, waived):
            case None:
                pass
            case Probed() as searchable:
                probed.append(searchable)
            case Unsearchable():
                excepted.append(one)
            case finding:
                findings[one.seq] = finding
                checked.looked_at.add(one.seq)
    if not probed and not excepted:
        return checked
    known = await _held_niks(transaction, region, probed, excepted, now, uniqueness.keys)
    findings.update(known)
    probed = [one for one in probed if one.candidate.seq not in known]
    excepted = [one for one in excepted if one.seq not in known]
    checked.looked_at.update(known, (one.candidate.seq for one in probed))
    checked.looked_at.update(one.seq for one in excepted)
    # Entered before anybody is looked for: those of one batch find each other.
    await demographic.fill(
        transaction,
        region,
        [one.recording for one in (*(each.candidate for each in probed), *excepted)],
    )
    await _look_alike(transaction, excepted, uniqueness, checked)
    found = await _search(transaction, region, probed, uniqueness, now, waived)
    findings.update(found.findings)
    checked.evidence.update(found.evidence)
    too_poor = [
        one.candidate
        for one in probed
        if isinstance(found.findings.get(one.candidate.seq), Unsearchable)
    ]
    await _look_alike(transaction, too_poor, uniqueness, checked)
    await _keep_duplicates(transaction, region, probed, found, now)
    return Checked(
        findings, checked.evidence, checked.looked_at, found.position, found.gallery_size
    )


async def remember(
    transaction: Transaction,
    region: str,
    candidates: Sequence[Candidate],
    uniqueness: Uniqueness,
    now: datetime,
) -> None:
    """Enter recordings without a search: their decision is made already."""
    found = [(one, probing.probe_of(one, uniqueness.irises, uniqueness.keys)) for one in candidates]
    named = [one.recording for one, looked in found if isinstance(looked, Probed | Unsearchable)]
    await demographic.fill(transaction, region, named)
    probed = [looked for _, looked in found if isinstance(looked, Probed)]
    await search.enter(transaction, region, probed, now, uniqueness.keys)


async def _search(
    transaction: Transaction,
    region: str,
    probed: Sequence[Probed],
    uniqueness: Uniqueness,
    now: datetime,
    waived: frozenset[Doubt],
) -> Found:
    if not probed or uniqueness.matcher is None:
        return Found({one.candidate.seq: rules.SearchImpossible() for one in probed})
    return await search.search(
        transaction,
        uniqueness.matcher,
        region,
        probed,
        uniqueness.compare,
        now,
        uniqueness.keys,
        waived,
    )


async def _held_niks(
    transaction: Transaction,
    region: str,
    probed: Sequence[Probed],
    excepted: Sequence[Candidate],
    now: datetime,
    keys: GalleryKeys,
) -> dict[int, Finding]:
    """Whose NIK is proven already: no search is needed, only whether the eyes are the same."""
    probes = {one.candidate.seq: one.probe for one in probed}
    everybody = [*(one.candidate for one in probed), *excepted]
    rivals = await store.rivals_by_nik(
        transaction, [one.recording.nik.number for one in everybody], registered_only=True
    )
    held = [
        (one, rules.without(rivals[one.recording.nik.number], one.recording.recording_id))
        for one in everybody
        if one.recording.nik.number in rivals
        and rivals[one.recording.nik.number][0].recording_id != one.recording.recording_id
    ]
    if not held:
        return {}
    try:
        rows = await gallery.rows_of_recordings(
            transaction, [known[0].recording_id for _, known in held], keys
        )
    except NotOpened:
        # Whether the eyes are the same is the finding: without it there is none.
        return {one.seq: rules.SearchImpossible() for one, _ in held}
    findings: dict[int, Finding] = {}
    for one, known in held:
        row = rows.get(known[0].recording_id)
        probe = probes.get(one.seq)
        has_other_irises = probe is not None and row is not None and _differ(probe, row.irises)
        findings[one.seq] = rules.SameNik(known, has_other_irises)
    await store.save_duplicates(transaction, region, [(one, known[0]) for one, known in held], now)
    return findings


def _differ(probe: Probe, irises: bytes) -> bool:
    """Whether two recordings of one NIK show other eyes; False where no eye can be compared."""
    limit = for_gallery(1).one_eye
    halves = (irises[:TEMPLATE_BYTES], irises[TEMPLATE_BYTES:])
    distances = [
        distance(eye, from_bytes(half))
        for eye, half in zip((probe.left, probe.right), halves, strict=True)
        if eye is not None and any(half)
    ]
    compared = [one for one in distances if one != NOT_COMPARED]
    return bool(compared) and min(compared) > limit


async def _look_alike(
    transaction: Transaction,
    excepted: Sequence[Candidate],
    uniqueness: Uniqueness,
    checked: Checked,
) -> None:
    """People without irises: whoever resembles by name and birth is shown to two officers."""
    recordings = [one.recording for one in excepted]
    alike: Sequence[Sequence[Lookalike]] = [()] * len(excepted)
    if recordings:
        alike = await uniqueness.lookalikes(transaction, recordings)
    for one, found in zip(excepted, alike, strict=True):
        checked.findings[one.seq] = Unsearchable(tuple(each.rival for each in found))
        checked.evidence[one.seq] = {
            "likenesses": [
                {
                    "recording_id": str(each.rival.recording_id),
                    "region": each.rival.region,
                    "kind": gallery.PERSON,
                    "left": None,
                    "right": None,
                    "captured_at": each.rival.captured_at.isoformat(),
                    "demographic": each.evidence,
                }
                for each in found
            ],
            "likenesses_found": len(found),
        }


async def _keep_duplicates(
    transaction: Transaction,
    region: str,
    probed: Sequence[Probed],
    found: Found,
    now: datetime,
) -> None:
    """Multiple recordings of one person stay in history for ever."""
    kept = [
        (one.candidate, finding.rivals[0])
        for one in probed
        if isinstance(finding := found.findings.get(one.candidate.seq), SamePerson)
    ]
    if kept:
        await store.save_duplicates(transaction, region, kept, now)
