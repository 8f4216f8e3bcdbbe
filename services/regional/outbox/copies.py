"""What this office itself reads of whom it recorded: one place opens it, whoever asks.

`COPY` is selected beside `outbox.c.envelope_id`: the sealed working copy, or the body of a
recording from before there was a key to seal to. Empty: taken away when its time was over.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, select

from services.regional.tables import outbox
from shared.contracts.envelopes import SEALED_RECORDING_VERSION
from shared.contracts.recording import Biodata
from shared.database.engine import Transaction, carried
from shared.refusals import Refusal
from shared.sealed.copies import WorkingCopy, open_copy
from shared.sealed.keys import SecretKeys
from shared.sealed.sealer import Sealer

COPY = case(
    (outbox.c.version >= SEALED_RECORDING_VERSION, outbox.c.working_copy), else_=outbox.c.body
).label("copy")


class DataTakenAway(Refusal):
    """This office keeps a person's data for a set time after the card is handed over.

    That time is over for this recording, so nothing of it can be shown or printed here. The centre
    still holds it, and whatever was decided stays as it is.
    """

    code, status = "data-taken-away", 410
    title = "This office no longer holds the data of this recording"
    next_action = "Ask the centre, or record a change: the data then come back with its answer."
    next_action_id = "Tanyakan ke pusat, atau ajukan perubahan: data datang bersama jawabannya."


@dataclass(frozen=True, slots=True)
class Seals:
    """A region's means of sealing. sealer: None while it has no key of the centre to seal to."""

    copies: SecretKeys
    sealer: Sealer | None


CARRIED = "seals"


def seals_of(transaction: Transaction) -> Seals | None:
    found = carried(transaction, CARRIED)
    return found if isinstance(found, Seals) else None


def opened(transaction: Transaction, recording_id: UUID, kept: bytes | None) -> WorkingCopy | None:
    """None where it was taken away. Raises KeyMissing, Harmed."""
    if not kept:
        return None
    seals = seals_of(transaction)
    return open_copy(seals.copies if seals else None, recording_id, kept)


async def copy_at(transaction: Transaction, seq: int) -> WorkingCopy:
    """The recording under this seq. Refuses: DataTakenAway.

    Raises NoResultFound when there is no such envelope: a bug, not a refusal.
    """
    row = (
        await transaction.execute(select(outbox.c.envelope_id, COPY).where(outbox.c.seq == seq))
    ).one()
    found = opened(transaction, row.envelope_id, row.copy)
    if found is None:
        raise DataTakenAway
    return found


async def biodata_at(transaction: Transaction, seq: int) -> Biodata:
    """Refuses: DataTakenAway."""
    return (await copy_at(transaction, seq)).biodata
