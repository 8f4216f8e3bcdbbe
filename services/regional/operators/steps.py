"""Enrol an officer's irises, or remove them: here, and by an envelope at the centre."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pydantic import TypeAdapter

from services.regional.operators import rules, store
from services.regional.operators.rules import Eyes, Gallery
from services.regional.operators.store import Enrolled
from services.regional.outbox import store as outbox
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.recording import RecordingContent, Template
from shared.contracts.remedies import OPERATOR_IRISES, OPERATOR_IRISES_VERSION, OperatorIrises
from shared.contracts.strict import Strict
from shared.database.engine import Transaction
from shared.ids import new_id
from shared.iris_keys import GalleryKeys
from shared.nik import NikText
from shared.refusals import Refusal


class OperatorTemplates(Strict):
    """An officer's irises; one eye at least that can be read here.

    own_nik: an officer is a citizen, too, and is recorded under this number as anybody else.
    """

    left: Template | None
    right: Template | None
    own_nik: NikText | None = None


_TEMPLATES = TypeAdapter(OperatorTemplates)


class IrisesUnreadable(Refusal):
    """Neither template is one this office can compare: another format, or no bit to trust."""

    code, status = "irises-unreadable", 422
    title = "These irises cannot be compared"
    next_action = "Take the officer's irises again with this office's device."
    next_action_id = "Ambil ulang iris petugas dengan alat kantor ini."


class OperatorEyes:
    """The gallery that recording asks: made anew whenever officers change."""

    def __init__(self, keys: GalleryKeys) -> None:
        self.keys = keys
        self._gallery = Gallery()

    @property
    def size(self) -> int:
        return self._gallery.size

    def carried_by(self, recording: RecordingContent) -> bool:
        return self._gallery.carried_by(recording)

    async def load(self, transaction: Transaction) -> None:
        self._gallery = Gallery(await store.all_eyes(transaction, self.keys), self.keys)


@dataclass(frozen=True, slots=True)
class Head:
    """Who enrols: the region, the head of office, the moment."""

    region: str
    officer: str
    now: datetime


async def enrol(
    transaction: Transaction,
    head: Head,
    officer: str,
    templates: OperatorTemplates,
    keys: GalleryKeys,
) -> Enrolled:
    """Keep an officer's irises in the place of earlier ones. The same again changes nothing.

    Refuses: IrisesUnreadable.
    """
    left, right = rules.read(templates.left), rules.read(templates.right)
    if left is None and right is None:
        raise IrisesUnreadable
    said = sha256(_TEMPLATES.dump_json(templates)).digest()
    before = await store.enrolment_of(transaction, officer)
    if before is not None and before.sha256 == said:
        return before
    one = Enrolled(
        officer, new_id(), said, left is not None, right is not None, head.officer, head.now
    )
    if before is not None:
        await store.remove(transaction, before.enrolment_id, head.now)
    seq = await _tell(transaction, head, one, templates)
    await store.save(
        transaction,
        one,
        seq,
        Eyes(
            None if left is None else keys.protect(left),
            None if right is None else keys.protect(right),
            int(templates.own_nik) if templates.own_nik else None,
        ),
        keys,
    )
    return one


async def remove(transaction: Transaction, head: Head, officer: str) -> None:
    """Take an officer's irises out. Doing so twice changes nothing."""
    before = await store.enrolment_of(transaction, officer)
    if before is not None:
        await store.remove(transaction, before.enrolment_id, head.now)
        await _tell(transaction, head, before, None)


async def _tell(
    transaction: Transaction, head: Head, one: Enrolled, templates: OperatorTemplates | None
) -> int:
    told = OperatorIrises(
        enrolment_id=one.enrolment_id,
        officer=one.officer,
        left=templates.left if templates and one.has_left else None,
        right=templates.right if templates and one.has_right else None,
        is_removed=templates is None,
        head_of_office=head.officer,
        happened_at=head.now,
    )
    letter = outbox.Letter.of(
        new_id(),
        EnvelopeKind.OPERATOR_IRISES.value,
        OPERATOR_IRISES_VERSION,
        head.now,
        OPERATOR_IRISES.dump_json(told),
    )
    return await outbox.append(transaction, head.region, [letter], head.now)
