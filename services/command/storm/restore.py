"""The restore drill by seed: a centre put back from a backup under living regions.

A simulation over the real rules: what a region says to a centre that may have been restored, where
a page that comes back belongs, when all is here again, and how far a receipt reaches. Who acts next
is drawn; answers get lost, pages of the lost life arrive late, in some seeds a region stays away
for long. The careless ways (no barrier, no witnesses) are played beside it and must show doubles,
or the drill proves nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from services.command.storm.books import Books, Entry, Id, RegionBooks, check
from services.command.storm.parts import Outcome, Plan, again
from services.command.storm.restore_parties import BATCH, REGIONS, Centre, Region, Way

SEEDS: Final = 300
NAIVE_SEEDS: Final = 60
STEPS: Final = 900
DRAIN_STEPS: Final = 4_000
PEOPLE: Final = 120  # few, so that regions often record the same person
LOST_SHARE: Final = 0.15
AWAY_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Restored:
    """How one seed ended: permissions beyond one in people's hands, and how much was decided."""

    doubled: int
    decided: int
    recorded: int
    contested: int
    lost_entries: int  # what regions had been told and the centre no longer knew
    sentences: tuple[str, ...] = ()


def play(seed: int, way: Way) -> Restored:
    """Record, back up, go on, restore, go on, come to rest."""
    draw = Random(f"{seed}/restore")
    niks: dict[int, int] = {}
    centre = Centre(way, niks)
    regions = [Region(name, place, centre) for place, name in enumerate(REGIONS)]
    backed_up_at = draw.randint(50, STEPS - 200)
    restored_at = draw.randint(backed_up_at + 20, STEPS - 100)
    backup = centre.snapshot()
    lost_entries = 0
    for step in range(STEPS):
        if step == backed_up_at:
            backup = centre.snapshot()
        if step == restored_at:
            centre.restore(backup)
            lost_entries = sum(
                max(0, len(one.applied) - len(centre.ledgers[one.name].feed)) for one in regions
            )
            if draw.random() < AWAY_SHARE or way.waives:
                draw.choice(regions).is_away = True
        _act(draw, centre, draw.choice(regions), niks, is_calm=False)
    if way.waives:
        _waive(centre, regions)
        for _ in range(STEPS):
            _act(draw, centre, draw.choice(regions), niks, is_calm=False)
    for one in regions:
        one.is_away = False
    for step in range(DRAIN_STEPS):
        _act(draw, centre, regions[step % len(regions)], niks, is_calm=True)
    return _told(centre, regions, niks, lost_entries)


def _waive(centre: Centre, regions: list[Region]) -> None:
    """An officer's word: the barrier lifts without those who stay away."""
    for one in regions:
        if one.is_away and centre.ledgers[one.name].state == "awaiting":
            centre.ledgers[one.name].state = "waived"


def _act(
    draw: Random, centre: Centre, region: Region, niks: dict[int, int], *, is_calm: bool
) -> None:
    """Something happens to one region."""
    is_lost = not is_calm and draw.random() < LOST_SHARE
    deeds: list[Callable[[], None]] = [
        lambda: centre.settle(region.name, draw.randint(1, BATCH)),
    ]
    if not is_calm:
        deeds.append(lambda: region.record(niks, draw.randrange(PEOPLE * (1 + draw.randrange(9)))))
    if not region.is_away:
        deeds += [
            lambda: region.send(is_lost),
            lambda: region.read(is_lost, not is_calm and draw.random() < LOST_SHARE),
            lambda: region.resync(is_lost),
        ]
    if region.late_page is not None and draw.random() < LOST_SHARE:
        late, region.late_page = region.late_page, None
        region.apply(late)
    draw.choice(deeds)()


def _told(
    centre: Centre, regions: list[Region], niks: Mapping[int, int], lost_entries: int
) -> Restored:
    """Doubles are counted where they hurt: in the hands of the regions."""
    hands = Counter(
        niks[recording]
        for one in regions
        for recording, authorization in one.applied
        if authorization is not None
    )
    books = []
    for one in regions:
        ledger = centre.ledgers[one.name]
        books.append(
            RegionBooks(
                region=one.name,
                receipted={},
                outbox=[(head.envelope_id, head.sha256) for head in one.outbox],
                acked_seq=one.acked,
                envelopes=[(head.seq, head.envelope_id, head.sha256) for head in ledger.envelopes],
                feed=[Entry(pos, *entry) for pos, entry in enumerate(ledger.feed, 1)],
                applied=[(pos, entry[0]) for pos, entry in enumerate(one.applied, 1)],
                applied_pos=len(one.applied),
            )
        )
    found = check(Books(books, dict[Id, Id](niks.items())))
    return Restored(
        doubled=sum(count - 1 for count in hands.values()),
        decided=sum(len({entry[0] for entry in one.applied}) for one in regions),
        recorded=sum(len(one.outbox) for one in regions),
        contested=centre.contested,
        lost_entries=lost_entries,
        sentences=tuple(found.sentences),
    )


def run(plan: Plan) -> Outcome:
    """Our way on every seed; the careless ways on some, which must show doubles."""
    if plan.seed is not None:
        found = play(plan.seed, Way())
        return Outcome({"restore_doubled": found.doubled}, found.sentences)
    seeds = range(plan.times(SEEDS, least=10))
    few = range(plan.times(NAIVE_SEEDS, least=30))
    ours = {seed: play(seed, Way()) for seed in seeds}
    unnoticed = [play(seed, Way(is_told=False)) for seed in few]
    waived = [play(seed, Way(waives=True)) for seed in few]
    careless = {
        "no barrier": [play(seed, Way(has_barrier=False)) for seed in few],
        "no witnesses": [play(seed, Way(has_witnesses=False)) for seed in few],
        "neither": [play(seed, Way(has_barrier=False, has_witnesses=False)) for seed in few],
    }
    failures = [
        f"{one.doubled} permissions too many. {' '.join(one.sentences)}"
        f" See it again: {again('restore', seed)}"
        for seed, one in ours.items()
        if one.doubled or one.sentences or one.decided < one.recorded
    ]
    failures += [
        f"The careless way shows no double: {name}."
        for name, played in careless.items()
        if not any(one.doubled for one in played)
    ]
    if any(one.doubled > one.contested for one in waived):
        failures.append("After a waiver a second permission was not sent to adjudication.")
    return Outcome(
        {
            "restore_seeds": len(ours),
            "restore_doubled": sum(one.doubled for one in ours.values()),
            "restore_decided_share": round(
                sum(one.decided for one in ours.values())
                / sum(one.recorded for one in ours.values()),
                4,
            ),
            "restore_lost_entries": sum(one.lost_entries for one in ours.values()),
            "restore_unnoticed_doubled": sum(one.doubled for one in unnoticed),
            "restore_waived_doubled": sum(one.doubled for one in waived),
            "restore_waived_contested": sum(one.contested for one in waived),
            "restore_careless_doubled": {
                name: sum(one.doubled for one in played) for name, played in careless.items()
            },
        },
        tuple(failures),
    )
