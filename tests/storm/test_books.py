"""The checker finds each kind of breach: a checker that never objects proves nothing."""

from dataclasses import replace

import pytest

from services.command.storm.books import Books, Card, Entry, RegionBooks, check

pytestmark = pytest.mark.rules

REGION = RegionBooks(
    region="61.72",
    receipted={"a": 1, "b": 2},
    outbox=[("a", 1), ("b", 2), ("c", 3)],
    acked_seq=3,
    envelopes=[(1, "a", 1), (2, "b", 2), (3, "c", 3)],
    feed=[Entry(1, "a", "pa"), Entry(2, "b", "pb"), Entry(3, "c"), Entry(4, "a", "pa2", "pa")],
    applied=[(1, "a"), (2, "b"), (3, "c"), (4, "a")],
    applied_pos=4,
    cards=[Card("pa", "B1", is_spoiled=True), Card("pa2", "B2")],
)
NIKS = {"a": 10, "b": 20, "c": 20}
REGISTRY = {10: "pa2", 20: "pb"}


def books(**changes: object) -> Books:
    return Books([replace(REGION, **changes)], NIKS, REGISTRY)


def test_a_storm_survived_holds() -> None:
    found = check(books())

    assert found.holds, found.sentences
    assert found.recordings == 3


@pytest.mark.parametrize(
    ("breach", "changes", "invariant"),
    [
        ("lost", {"outbox": [("a", 1)], "envelopes": [(1, "a", 1)]}, "I1"),
        ("lost", {"receipted": {"a": 9}}, "I1"),
        ("lost", {"envelopes": [(1, "a", 1), (2, "b", 2)]}, "I2"),
        ("lost", {"acked_seq": 2, "envelopes": [(1, "a", 1), (2, "b", 2)]}, "I13"),
        ("lost", {"feed": REGION.feed[:2], "applied": REGION.applied[:2]}, "I2"),
        ("lost", {"applied": REGION.applied[1:]}, "I9"),
        ("lost", {"applied_pos": 2, "applied": REGION.applied[:2]}, "I13"),
        ("doubled", {"outbox": [*REGION.outbox, ("a", 1)]}, "I3"),
        ("doubled", {"envelopes": [*REGION.envelopes, (4, "a", 1)]}, "I3"),
        ("doubled", {"applied": [*REGION.applied, (4, "a")]}, "I9"),
        ("doubled", {"feed": [*REGION.feed[:2], Entry(3, "c", "pc"), REGION.feed[3]]}, "I5"),
        ("doubled", {"feed": [*REGION.feed, Entry(5, "a", "pa3", "pb")]}, "I5"),
        ("doubled", {"cards": [*REGION.cards, Card("pa2", "B3")]}, "I7"),
        ("doubled", {"cards": [*REGION.cards, Card("pb", "B2")]}, "I7"),
        (
            "overtakes",
            {
                "feed": [Entry(1, "b", "pb"), Entry(2, "a", "pa"), *REGION.feed[2:]],
                "applied": [(1, "b"), (2, "a"), *REGION.applied[2:]],
            },
            "I4",
        ),
        (None, {"envelopes": [(1, "a", 1), (2, "b", 7), (3, "c", 3)]}, "I3"),
        (None, {"feed": [Entry(2, "a", "pa"), *REGION.feed[1:]]}, "I9"),
        (None, {"cards": [*REGION.cards, Card("px", "B9")]}, "I6"),
    ],
)
def test_each_breach_is_found_and_counted(
    breach: str | None, changes: dict[str, object], invariant: str
) -> None:
    found = check(books(**changes))

    assert not found.holds
    assert found.broken[invariant] > 0
    if breach is not None:
        assert getattr(found, breach) > 0


def test_what_is_still_on_its_way_is_not_lost() -> None:
    underway = books(
        acked_seq=1,
        envelopes=[(1, "a", 1), (2, "b", 2)],
        feed=[Entry(1, "a", "pa")],
        applied=[],
        applied_pos=0,
        cards=[],
    )

    found = check(replace(underway, registry={10: "pa"}), is_drained=False)

    assert found.holds, found.sentences


def test_one_person_permitted_in_two_regions_is_found() -> None:
    elsewhere = replace(
        REGION,
        region="61.07",
        receipted={},
        outbox=[("d", 4)],
        acked_seq=1,
        envelopes=[(1, "d", 4)],
        feed=[Entry(1, "d", "pd")],
        applied=[(1, "d")],
        applied_pos=1,
        cards=[],
    )

    found = check(Books([REGION, elsewhere], {**NIKS, "d": 10}))

    assert found.doubled == 1
    assert found.broken == {"I5": 1}


def with_feed(*entries: Entry, **changes: object) -> Books:
    """Region 61.72 with further entries, all of them read."""
    feed = [*REGION.feed, *entries]
    applied = [(entry.pos, entry.recording) for entry in feed]
    return books(feed=feed, applied=applied, applied_pos=len(feed), **changes)


def test_a_permission_taken_back_and_replaced_is_one_life() -> None:
    taken_back = Entry(5, "b", revokes="pb")
    fresh = Entry(6, "b", "pb2", "pb")

    found = check(replace(with_feed(taken_back, fresh), registry={10: "pa2", 20: "pb2"}))

    assert found.holds, found.sentences
    gone = check(replace(with_feed(taken_back), registry={10: "pa2"}))
    assert gone.holds, gone.sentences


def test_a_permission_given_while_another_stood_is_found_though_it_was_taken_back_later() -> None:
    beside = [Entry(5, "c", "pc", at=5.0), Entry(6, "b", revokes="pb", at=6.0)]
    timed = [replace(one, at=float(one.pos)) for one in REGION.feed]

    found = check(
        replace(
            books(
                feed=[*timed, *beside],
                applied=[(one.pos, one.recording) for one in (*timed, *beside)],
                applied_pos=6,
            ),
            registry={10: "pa2", 20: "pc"},
        )
    )

    assert (found.doubled, found.broken["I5"]) == (1, 1)


def test_a_card_of_a_replaced_permission_stands_until_it_is_taken_back_or_spoiled() -> None:
    cards = [*REGION.cards, Card("pb", "B3"), Card("pb2", "B4")]
    fresh = Entry(5, "b", "pb2", "pb")
    registry = {10: "pa2", 20: "pb2"}

    doubled = check(replace(with_feed(fresh, cards=cards), registry=registry))
    assert doubled.broken == {"I7": 1}

    revoked = with_feed(Entry(5, "b", revokes="pb"), replace(fresh, pos=6), cards=cards)
    assert check(replace(revoked, registry=registry)).holds


def test_a_registry_that_says_other_than_the_feeds_is_found() -> None:
    found = check(replace(books(), registry={10: "pa2"}))

    assert found.broken["I6"] == 1
