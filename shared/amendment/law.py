"""Which documents are enough to change what. One table, and the rules that read it. Pure.

Sources: Permendagri 74/2015 and 108/2019 (elements, NIK), UU 23/2006 art. 52 (names), Perpres
96/2018 (reprints, cards away from home); see docs/AMENDMENTS.md, which is drawn from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA

from shared.amendment import spelling
from shared.amendment.objections import Objection
from shared.amendment.spelling import Likeness
from shared.contracts.amendments import (
    AmendmentContent,
    BirthDateChange,
    BirthPlaceChange,
    Change,
    Document,
    DocumentKind,
    EducationChange,
    Element,
    Identity,
    Loss,
    NameChange,
    NikChange,
    PhotoChange,
    ReprintContent,
    SexChange,
    SignatureChange,
)
from shared.contracts.recording import MaritalStatus

WRITING_ERROR_SLIPS_MAX = 1
# What was entered for people who did not know: 31 December (before 2004), 1 July (SIAK since), and
# the 15th when only the month was known (Permendagri 19/2010).
UNKNOWN_DAYS = ((31, 12), (1, 7))
UNKNOWN_DAY_OF_MONTH = 15


@dataclass(frozen=True, slots=True)
class Article:
    """One row of the table: any one of `documents` is enough, within `limit`; none: never.

    value: the row is for this new value alone.
    """

    element: Element
    documents: tuple[DocumentKind, ...]
    limit: str
    value: str | None = None
    is_on_card: bool = True


_AUTHENTIC = (DocumentKind.BIRTH_CERTIFICATE, DocumentKind.DIPLOMA, DocumentKind.PASSPORT)
_OF_BIRTH = (DocumentKind.BIRTH_CERTIFICATE, DocumentKind.DIPLOMA)
_RULING = (DocumentKind.COURT_RULING,)
_SLIP = "a writing error only, measured from what was recorded; the NIK stays"
_SPELLING = "another spelling of the same name; one slip needs the head of office"

LAW: tuple[Article, ...] = (
    Article(Element.NIK, (), "never, even if it disagrees with birth date or sex"),
    Article(Element.NAME, _RULING, "any other name"),
    Article(Element.NAME, _AUTHENTIC, _SPELLING),
    Article(Element.BIRTH_PLACE, _OF_BIRTH, _SLIP),
    Article(Element.BIRTH_DATE, _OF_BIRTH, _SLIP),
    Article(Element.SEX, _RULING, "without the ruling the old value stays; the NIK stays"),
    Article(Element.BLOOD_GROUP, (DocumentKind.MEDICAL_LETTER,), ""),
    Article(Element.ADDRESS, (DocumentKind.MOVING_LETTER, DocumentKind.FAMILY_CARD), ""),
    Article(Element.RELIGION, (DocumentKind.RELIGIOUS_LEADER_LETTER,), ""),
    Article(Element.MARITAL_STATUS, (DocumentKind.MARRIAGE_BOOK,), "", MaritalStatus.MARRIED.value),
    Article(
        Element.MARITAL_STATUS,
        (DocumentKind.DIVORCE_DEED, DocumentKind.COURT_RULING),
        "",
        MaritalStatus.DIVORCED.value,
    ),
    Article(
        Element.MARITAL_STATUS,
        (DocumentKind.DEATH_CERTIFICATE,),
        "of the spouse",
        MaritalStatus.WIDOWED.value,
    ),
    Article(Element.MARITAL_STATUS, _RULING, "an annulment", MaritalStatus.NEVER_MARRIED.value),
    Article(Element.EDUCATION, (DocumentKind.DIPLOMA,), "kept with the person", is_on_card=False),
    Article(Element.OCCUPATION, (DocumentKind.APPOINTMENT_LETTER, DocumentKind.DIPLOMA), ""),
    Article(Element.PHOTO, (DocumentKind.FAMILY_CARD,), "on request of the holder, in person"),
    Article(Element.SIGNATURE, (DocumentKind.FAMILY_CARD,), "on request of the holder, in person"),
)
REPRINTS: dict[Loss, DocumentKind] = {
    Loss.LOST: DocumentKind.POLICE_LETTER,
    Loss.DAMAGED: DocumentKind.DAMAGED_CARD,
}


@dataclass(frozen=True, slots=True)
class Objected:
    """What stands against a request; `needs` names documents any one of which would do."""

    objection: Objection
    element: Element | None = None
    needs: tuple[DocumentKind, ...] = ()


def documents_for(element: Element, value: str) -> tuple[DocumentKind, ...]:
    """Every document that may allow this change, in the order of the table."""
    return tuple(
        kind
        for article in LAW
        if article.element is element and article.value in (None, value)
        for kind in article.documents
    )


def judge(content: AmendmentContent, identity: Identity | None, today: date) -> Objected | None:
    """The first objection to an amendment, or None.

    identity: what holds of the person now; None where nobody here knows, and then only what the
    request shows by itself is judged. today: the day at the office.
    """
    elements = [change.element for change in content.changes]
    if len(elements) != len(set(elements)):
        return Objected(Objection.NAMED_TWICE)
    if content.confirmed_by is not None and content.confirmed_by == content.officer:
        return Objected(Objection.SAME_OFFICER)
    for change in content.changes:
        objected = _judge_one(content, change, identity, today)
        if objected is not None:
            return objected
    if identity is not None and amended(identity, content.changes) == identity:
        return Objected(Objection.NOTHING_CHANGES)
    return None


def judge_reprint(content: ReprintContent, today: date) -> Objected | None:
    wanted = REPRINTS[content.cause]
    if content.document.kind is not wanted:
        return Objected(Objection.DOCUMENTS_MISSING, None, (wanted,))
    if content.document.issued_on > today:
        return Objected(Objection.DOCUMENT_TOO_NEW)
    return None


def _judge_one(
    content: AmendmentContent, change: Change, identity: Identity | None, today: date
) -> Objected | None:
    element = Element(change.element)
    if isinstance(change, NikChange):
        return Objected(Objection.NIK_NEVER, element)
    if any(document.issued_on > today for document in change.documents):
        return Objected(Objection.DOCUMENT_TOO_NEW, element)
    needs = documents_for(element, _shown(change))
    if not _holds_one_of(change.documents, needs):
        code = Objection.SEX if isinstance(change, SexChange) else Objection.DOCUMENTS_MISSING
        return Objected(code, element, needs)
    if isinstance(change, PhotoChange | SignatureChange) and content.requested_by != "holder":
        return Objected(Objection.HOLDER_ABSENT, element)
    if identity is not None:
        is_confirmed = content.confirmed_by is not None
        return _within_limit(change, identity, is_confirmed=is_confirmed)
    return None


def _within_limit(change: Change, identity: Identity, *, is_confirmed: bool) -> Objected | None:
    """Names and births: how far a spelling may move without a court."""
    element = Element(change.element)
    match change:
        case NameChange():
            if _holds_one_of(change.documents, _RULING):
                return None
            likeness = spelling.of_names(identity.proven_name, change.value)
            beyond = Objected(Objection.ANOTHER_NAME, element, _RULING)
        case BirthPlaceChange():
            likeness = spelling.of_places(identity.recorded_birth_place, change.value)
            beyond = Objected(Objection.NO_WRITING_ERROR, element)
        case BirthDateChange():
            is_slip = is_writing_error(identity.recorded_birth_date, change.value)
            likeness = Likeness.SAME if is_slip else Likeness.OTHER
            beyond = Objected(Objection.NO_WRITING_ERROR, element)
        case _:
            return None
    if likeness is Likeness.OTHER:
        return beyond
    if likeness is Likeness.DOUBTFUL and not is_confirmed:
        return Objected(Objection.DOUBTFUL_SPELLING, element)
    return None


def is_writing_error(recorded: date, corrected: date) -> bool:
    """One slip, day and month exchanged, or a day nobody knew at first."""
    if recorded.year == corrected.year:
        if (recorded.day, recorded.month) in UNKNOWN_DAYS:
            return True
        if recorded.day == UNKNOWN_DAY_OF_MONTH and recorded.month == corrected.month:
            return True
        if (recorded.day, recorded.month) == (corrected.month, corrected.day):
            return True
    slips = OSA.distance(f"{recorded:%d%m%Y}", f"{corrected:%d%m%Y}")
    return slips <= WRITING_ERROR_SLIPS_MAX


def amended(identity: Identity, changes: Iterable[Change]) -> Identity:
    """What holds after the changes; they must have been judged."""
    on_card: dict[str, object] = {}
    beside: dict[str, object] = {}
    for change in changes:
        match change:
            case NikChange():
                raise AssertionError  # judged before: a NIK is never changed
            case EducationChange() | PhotoChange() | SignatureChange():
                beside[change.element] = change.value
            case _:
                on_card[change.element] = change.value
        if isinstance(change, NameChange) and _holds_one_of(change.documents, _RULING):
            beside["proven_name"] = change.value
    return identity.model_copy(update={"card": identity.card.model_copy(update=on_card), **beside})


def needs_a_card(before: Identity, after: Identity) -> bool:
    """Whether something a card shows has changed."""
    return (before.card, before.photo, before.signature) != (
        after.card,
        after.photo,
        after.signature,
    )


def _holds_one_of(documents: Iterable[Document], kinds: Iterable[DocumentKind]) -> bool:
    return not {document.kind for document in documents}.isdisjoint(kinds)


def _shown(change: Change) -> str:
    """A new value as the table names it; only marital status has rows by value."""
    return str(change.value)
