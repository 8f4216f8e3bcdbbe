"""One seed from the first recording to the last card, and what it left in the books."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from services.command.storm.books import Books, Entry, Findings, Id, RegionBooks, check
from services.command.storm.core.centre import Centre
from services.command.storm.core.protocol import Protocol
from services.command.storm.core.region import Region
from services.command.storm.core.world import World

HOUR: Final = 3_600.0
TEAR_SHARE: Final = 0.04
SAME_NIK_SHARE: Final = 0.02
GROUP_MAX: Final = 60
CALM_HOURS: Final = 6.0  # backlog and the longest pauses must be through by then
CRASH_HOURS_MEAN: Final = 6.0


@dataclass(frozen=True, slots=True)
class Scene:
    """How large one seed is. recordings: of each region, on average."""

    regions: int = 3
    hours: float = 48.0
    recordings: int = 3_500
    checks_midway: int = 1


@dataclass(slots=True)
class Told:
    """What one seed did."""

    seed: int
    found: Findings
    fired: dict[str, int]
    trace_hash: str
    events: int
    story: list[str] = field(default_factory=list)


def run_seed(
    seed: int, scene: Scene, protocol: Protocol | None = None, *, is_told: bool = False
) -> Told:
    """Play a seed. The same seed, scene and protocol give the same trace, on every machine."""
    world = World(seed, scene.regions, TEAR_SHARE)
    world.story = [] if is_told else None
    protocol = protocol or Protocol()
    names = [f"61.{number + 1:02}" for number in range(scene.regions)]
    centre = Centre(world, protocol, names)
    regions = [
        Region(world, protocol, centre, name, number, world.draw.choice((1, 1, 2)))
        for number, name in enumerate(names)
    ]
    _plan_people(world, regions, scene)
    _plan_crashes(world, centre, regions, scene)
    found: Findings | None = None
    for part in range(1, scene.checks_midway + 1):
        world.run(scene.hours * HOUR * part / (scene.checks_midway + 1))
        midway = check(_books(centre, regions), is_drained=False)
        if not midway.holds:
            found = midway
    world.run(scene.hours * HOUR)
    world.is_calm = True
    world.run((scene.hours + CALM_HOURS) * HOUR)
    if found is None:
        found = check(_books(centre, regions))
    return Told(seed, found, dict(world.fired), world.trace_hash, world.events, world.story or [])


def _plan_people(world: World, regions: list[Region], scene: Scene) -> None:
    """Groups of recordings at random moments; now and then somebody comes twice, or elsewhere."""
    draw = Random(world.draw.random())
    number = 0
    for region in regions:
        left = scene.recordings
        while left > 0:
            size = min(left, draw.randint(1, GROUP_MAX))
            left -= size
            people = []
            for _ in range(size):
                number += 1
                is_again = number > 10 and draw.random() < SAME_NIK_SHARE
                nik = draw.randint(max(1, number - 2_000), number - 1) if is_again else number
                people.append((number, nik))
            if len(people) > 1 and draw.random() < 0.2:
                people[-1] = (people[-1][0], people[0][1])  # twice within one batch
            moment = draw.random() * scene.hours * HOUR * 0.9
            world.later(moment, region.record, people)


def _plan_crashes(world: World, centre: Centre, regions: list[Region], scene: Scene) -> None:
    draw = Random(world.draw.random())
    crashes = [centre.crash, *(region.crash for region in regions)]
    for crash in crashes:
        moment = draw.expovariate(1 / (CRASH_HOURS_MEAN * HOUR))
        while moment < scene.hours * HOUR:
            world.later(moment, crash)
            moment += draw.expovariate(1 / (CRASH_HOURS_MEAN * HOUR))


def _books(centre: Centre, regions: list[Region]) -> Books:
    niks: dict[Id, Id] = {}
    told = []
    for region in regions:
        niks.update(region.niks.items())
        ledger = centre.ledgers[region.name]
        told.append(
            RegionBooks(
                region=region.name,
                receipted=dict(region.receipted.items()),
                outbox=[(head.envelope_id, head.sha256) for head in region.outbox],
                acked_seq=region.acked,
                envelopes=[(head.seq, head.envelope_id, head.sha256) for head in ledger.envelopes],
                feed=[
                    Entry(item.pos, item.recording, item.authorization, item.replaces)
                    for item in sorted(ledger.feed)
                ],
                applied=region.applied,
                applied_pos=region.applied_pos,
                recordings=frozenset(region.niks),
                cards=region.cards,
            )
        )
    registry: dict[Id, Id] = {nik: live for nik, (_, live) in centre.registry.items()}
    return Books(told, niks, registry)
