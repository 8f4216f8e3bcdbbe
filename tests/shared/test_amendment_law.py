"""Which documents allow which change: every row of the table, and what no document allows."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.amendment import law
from shared.amendment.law import LAW, Objected, amended, judge, judge_reprint, needs_a_card
from shared.amendment.objections import TOLD, Objection
from shared.contracts.amendments import DocumentKind, Element
from shared.contracts.recording import MaritalStatus
from tests.amendments import (
    NEW_VALUES,
    a_change,
    an_identity,
    read_amendment,
    read_reprint,
)

pytestmark = pytest.mark.rules

TODAY = date(2017, 10, 13)
CHANGEABLE = [one for one in Element if one is not Element.NIK]
# Another value of each element that its documents alone allow, with nobody's second look.
ALLOWED = NEW_VALUES | {"birth_place": "KOTA SINGKAWANG"}
OLD_NAME = {"name": "SITI AMINAH"}


def rows(element: Element) -> list[tuple[DocumentKind, str | None]]:
    return [(kind, one.value) for one in LAW if one.element is element for kind in one.documents]


@pytest.mark.parametrize("element", CHANGEABLE)
@pytest.mark.parametrize("kind", DocumentKind)
def test_an_element_is_changed_with_the_documents_of_its_row_and_no_others(
    element: Element, kind: DocumentKind
) -> None:
    value = ALLOWED[element.value]
    is_named = any(one is kind and of_value in (None, value) for one, of_value in rows(element))
    content = read_amendment(a_change(element.value, kind.value, value=value))

    objected = judge(content, an_identity(), TODAY)

    if element is Element.NAME and kind is not DocumentKind.COURT_RULING and is_named:
        assert objected == Objected(Objection.ANOTHER_NAME, element, (DocumentKind.COURT_RULING,))
    else:
        assert (objected is None) is is_named, objected
        assert (judge(content, None, TODAY) is None) is is_named


@pytest.mark.parametrize("element", CHANGEABLE)
def test_without_a_document_nothing_is_changed(element: Element) -> None:
    objected = judge(read_amendment(a_change(element.value)), an_identity(), TODAY)

    assert objected is not None
    assert set(objected.needs) == {
        kind for kind, value in rows(element) if value in (None, NEW_VALUES[element.value])
    }


def test_every_element_has_a_row_and_only_the_nik_has_no_documents() -> None:
    assert {one.element for one in LAW} == set(Element)
    assert {one.element for one in LAW if not one.documents} == {Element.NIK}
    of_status = {one.value for one in LAW if one.element is Element.MARITAL_STATUS}
    assert of_status == {one.value for one in MaritalStatus}


@pytest.mark.parametrize("kind", DocumentKind)
def test_no_document_changes_a_nik(kind: DocumentKind) -> None:
    content = read_amendment(a_change("nik", kind.value))

    assert judge(content, None, TODAY) == Objected(Objection.NIK_NEVER, Element.NIK)


def test_a_birth_date_is_mended_and_the_nik_stays() -> None:
    identity = an_identity()
    content = read_amendment(a_change("birth_date", "birth_certificate"))
    assert judge(content, identity, TODAY) is None

    after = amended(identity, content.changes)

    assert after.card.birth_date == date(1990, 7, 13)
    assert after.card.nik == identity.card.nik


@pytest.mark.parametrize(
    ("recorded", "corrected", "is_slip"),
    [
        ("1990-07-12", "1990-07-13", True),
        ("1990-07-12", "1990-07-21", True),
        ("1990-07-12", "1990-12-07", True),
        ("1990-07-12", "1980-07-12", True),
        ("1990-07-01", "1990-11-23", True),
        ("1990-12-31", "1990-02-09", True),
        ("1990-05-15", "1990-05-28", True),
        ("1990-05-15", "1990-06-28", False),
        ("1990-07-01", "1991-11-23", False),
        ("1990-07-12", "1988-03-12", False),
        ("1990-07-12", "2000-07-12", False),
    ],
)
def test_a_writing_error_is_a_slip_and_no_more(
    recorded: str, corrected: str, is_slip: bool
) -> None:
    identity = an_identity(birth_date=recorded)
    content = read_amendment(a_change("birth_date", "diploma", value=corrected))

    objected = judge(content, identity, TODAY)

    expected = None if is_slip else Objected(Objection.NO_WRITING_ERROR, Element.BIRTH_DATE)
    assert objected == expected


def test_small_fixes_do_not_add_up_to_another_birth_date_or_name() -> None:
    """Each is measured from what was recorded, not from the fix before."""
    identity = an_identity(birth_date="1990-07-12", **OLD_NAME)
    first = read_amendment(
        a_change("birth_date", "diploma", value="1990-07-13"),
        a_change("name", "diploma", value="SITI AMINAM"),
        confirmed_by="head-1",
    )
    assert judge(first, identity, TODAY) is None
    identity = amended(identity, first.changes)

    dated = read_amendment(a_change("birth_date", "diploma", value="1991-07-13"))
    named = read_amendment(a_change("name", "diploma", value="SITI EMINAM"), confirmed_by="head-1")

    assert judge(dated, identity, TODAY) == Objected(Objection.NO_WRITING_ERROR, Element.BIRTH_DATE)
    refused = judge(named, identity, TODAY)
    assert refused is not None
    assert refused.objection is Objection.ANOTHER_NAME


def test_after_a_ruling_spelling_is_measured_from_the_name_it_gave() -> None:
    identity = an_identity(**OLD_NAME)
    ruled = read_amendment(a_change("name", "court_ruling", value="DEWI SOEKARNO"))
    identity = amended(identity, ruled.changes)

    spelled = read_amendment(a_change("name", "diploma", value="DEWI SUKARNO"))
    back = read_amendment(a_change("name", "diploma", value="SITI AMINAH"))

    assert judge(spelled, identity, TODAY) is None
    assert judge(back, identity, TODAY) is not None


def test_one_slip_takes_a_second_person() -> None:
    identity = an_identity(**OLD_NAME)
    change = a_change("name", "birth_certificate", value="SITI AMINAM")

    assert judge(read_amendment(change), identity, TODAY) == Objected(
        Objection.DOUBTFUL_SPELLING, Element.NAME
    )
    assert judge(read_amendment(change, confirmed_by="head-1"), identity, TODAY) is None
    assert judge(read_amendment(change, confirmed_by="officer-12"), identity, TODAY) == Objected(
        Objection.SAME_OFFICER
    )


def test_a_second_person_does_not_stand_in_for_a_court() -> None:
    another = read_amendment(a_change("name", "diploma"), confirmed_by="head-1")
    of_sex = read_amendment(a_change("sex", "birth_certificate"), confirmed_by="head-1")

    refused = judge(another, an_identity(**OLD_NAME), TODAY)
    assert refused is not None
    assert refused.objection is Objection.ANOTHER_NAME
    refused = judge(of_sex, an_identity(), TODAY)
    assert refused == Objected(Objection.SEX, Element.SEX, (DocumentKind.COURT_RULING,))


def test_what_only_education_changes_needs_no_card() -> None:
    identity = an_identity()
    off_card = read_amendment(a_change("education", "diploma"))

    after = amended(identity, off_card.changes)

    assert after.education == "SARJANA"
    assert not needs_a_card(identity, after)
    assert [one.element for one in LAW if not one.is_on_card] == [Element.EDUCATION]


@pytest.mark.parametrize("element", [one for one in CHANGEABLE if one is not Element.EDUCATION])
def test_whatever_a_card_shows_needs_a_new_one(element: Element) -> None:
    identity = an_identity()
    changes = read_amendment(a_change(element.value, "court_ruling")).changes

    assert needs_a_card(identity, amended(identity, changes))


@pytest.mark.parametrize("element", ["photo", "signature"])
def test_a_photo_and_a_signature_are_the_holders_own(element: str) -> None:
    content = read_amendment(a_change(element, "family_card"), requested_by="family")

    refused = judge(content, None, TODAY)

    assert refused == Objected(Objection.HOLDER_ABSENT, Element(element))


def test_an_element_named_twice_and_a_change_to_the_same_are_refused() -> None:
    religion = a_change("religion", "religious_leader_letter")
    same = a_change("religion", "religious_leader_letter", value="buddhist")

    assert judge(read_amendment(religion, same), None, TODAY) == Objected(Objection.NAMED_TWICE)
    assert judge(read_amendment(same), an_identity(), TODAY) == Objected(Objection.NOTHING_CHANGES)


def test_a_document_of_tomorrow_allows_nothing() -> None:
    change = a_change("religion", "religious_leader_letter")
    change["documents"][0]["issued_on"] = "2017-10-14"

    refused = judge(read_amendment(change), an_identity(), TODAY)

    assert refused == Objected(Objection.DOCUMENT_TOO_NEW, Element.RELIGION)


@pytest.mark.parametrize("cause", ["lost", "damaged"])
@pytest.mark.parametrize("kind", DocumentKind)
def test_a_reprint_takes_the_paper_of_its_cause(cause: str, kind: DocumentKind) -> None:
    content = read_reprint(cause)
    document = content.document.model_copy(update={"kind": kind})

    refused = judge_reprint(content.model_copy(update={"document": document}), TODAY)

    assert (refused is None) is (kind is content.document.kind)


@given(st.sampled_from(Objection))
def test_every_objection_says_what_to_do_in_both_languages(objection: Objection) -> None:
    told = TOLD[objection]

    assert all((told.title, told.why, told.next_action, told.next_action_id))
    assert told.next_action != told.next_action_id


def test_a_nik_that_got_past_the_judge_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        law.amended(an_identity(), read_amendment(a_change("nik")).changes)
