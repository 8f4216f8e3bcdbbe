"""Take a page of the centre's checkpoints: each is believed, or doubted and kept all the same."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from services.regional.audit.entries import LEDGER
from shared.audit.checkpoints import Testimony, Witness
from shared.audit.witnessing import Doubt, Mark, Step, judge, judge_head
from shared.contracts.audit import Checkpoint, CheckpointPage, read_checkpoint
from shared.database.engine import Transaction
from shared.signing import PinnedKeys

CENTRE = "centre"
WITNESS = Witness(LEDGER, CENTRE)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """A checkpoint of the centre whose signature was verified."""

    mark: Mark
    jws: str


@dataclass(frozen=True, slots=True)
class ToldPage:
    steps: list[tuple[Told, Step]]
    head: Told | None


def read(keys: PinnedKeys, page: CheckpointPage) -> ToldPage:
    """Raises BadSignature when one of them is not the centre's."""
    steps = []
    for one in page.items:
        told = _told(keys, one.jws)
        proof = [bytes.fromhex(node) for node in one.proof]
        steps.append((told, Step(told.mark, one.previous_size, proof)))
    return ToldPage(steps, _told(keys, page.head) if page.head else None)


def _told(keys: PinnedKeys, jws: str) -> Told:
    found: Checkpoint = read_checkpoint(keys, jws, CENTRE)
    return Told(Mark(found.epoch, found.size, bytes.fromhex(found.root)), jws)


async def kept(transaction: Transaction) -> Testimony | None:
    return await WITNESS.last(transaction, CENTRE)


async def take(transaction: Transaction, page: ToldPage, now: datetime) -> Doubt | None:
    """Keep what is believed; the first grave doubt ends it. Gives the gravest doubt."""
    found = await kept(transaction)
    mark = found.mark if found else None
    worst: Doubt | None = None
    for told, step in page.steps:
        doubt = judge(mark, step)
        await _keep(transaction, told, doubt, now)
        if doubt not in {None, Doubt.RESTORED}:
            return doubt
        worst = doubt or worst
        mark = told.mark
    doubt = judge_head(mark, page.head.mark if page.head else None)
    if doubt is None:
        return worst
    if page.head is not None:
        await _keep(transaction, page.head, doubt, now)
    elif found is not None:
        # Nothing is said any more of a chain that was signed: what we hold is the evidence.
        log.error("audit.centre_says_nothing", size=found.mark.size)
    return doubt


async def _keep(transaction: Transaction, told: Told, doubt: Doubt | None, now: datetime) -> None:
    is_new = await WITNESS.keep(transaction, CENTRE, told.mark, told.jws, doubt, now)
    if doubt is not None and is_new:
        log.error(
            "audit.centre_does_not_go_on",
            doubt=doubt.value,
            epoch=told.mark.epoch,
            size=told.mark.size,
        )
