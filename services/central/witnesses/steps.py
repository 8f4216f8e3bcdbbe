"""Sign a checkpoint; compare what a region shows with what is here."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from services.central import epochs
from services.central.audit.entries import CHAIN, LEDGER
from shared.audit.checkpoints import Checkpoints, Made, Witness
from shared.audit.witnessing import Doubt, Mark
from shared.contracts.audit import read_checkpoint, sign_checkpoint
from shared.database.engine import Transaction
from shared.signing import BadSignature, PinnedKeys, SigningKey, jwks_of

CHECKPOINTS = Checkpoints(LEDGER)
WITNESS = Witness(LEDGER, CHAIN)

log = structlog.get_logger()


async def make(transaction: Transaction, key: SigningKey, now: datetime) -> Made | None:
    """Sign over what came since the last checkpoint. Raises ChainBroken."""
    epoch = await epochs.current(transaction)

    def sign(at: int, size: int, root: bytes) -> str:
        return sign_checkpoint(key, CHAIN, at, size, root, now)

    return await CHECKPOINTS.make(transaction, epoch, sign, now)


@dataclass(frozen=True, slots=True)
class Showing:
    """What a region shows: a checkpoint of ours, by our own signature."""

    region: str
    mark: Mark
    jws: str


def read_showing(key: SigningKey, region: str, jws: str) -> Showing | None:
    """None for what is not our word: it proves nothing against us."""
    try:
        told = read_checkpoint(PinnedKeys(jwks_of([key])), jws, CHAIN)
    except BadSignature:
        log.warning("audit.not_our_checkpoint", region=region)
        return None
    return Showing(region, Mark(told.epoch, told.size, bytes.fromhex(told.root)), jws)


async def hear(transaction: Transaction, shown: Showing, now: datetime) -> Doubt | None:
    """Keep what a region shows, with a doubt if it cannot be true beside what is here."""
    doubt = await _doubt(transaction, shown.mark)
    is_new = await WITNESS.keep(transaction, shown.region, shown.mark, shown.jws, doubt, now)
    if doubt is not None and is_new:
        log.error(
            "audit.does_not_fit_its_witness",
            region=shown.region,
            doubt=doubt.value,
            epoch=shown.mark.epoch,
            size=shown.mark.size,
        )
    return doubt


async def _doubt(transaction: Transaction, mark: Mark) -> Doubt | None:
    ours = await CHECKPOINTS.at(transaction, mark.epoch, mark.size)
    if ours is not None and ours.mark.root == mark.root:
        return None
    if mark.epoch < await epochs.current(transaction):
        return Doubt.RESTORED
    head = await LEDGER.head(transaction)
    return Doubt.SHORTER if head.position < mark.size else Doubt.REWRITTEN
