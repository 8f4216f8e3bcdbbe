"""The settler on a real database: every person once, every answer in order."""

import asyncio
from typing import Any

import orjson
from sqlalchemy import func, select, text

from services.central.print_authorization.rules import Permitter
from services.central.tables import duplicate, metadata, registry, settled_head
from services.central.worker import ROUND_PLACES
from shared.contracts.authorization import CLAIMS, TYPE, office_of
from shared.contracts.envelopes import CardResult, EnvelopeKind
from shared.contracts.feed import Decision, FreshPermission
from shared.contracts.outcomes import DuplicateKind, Outcome
from shared.contracts.recording import Modality, canonical_bytes
from shared.database.engine import Database
from shared.ids import new_id
from shared.signing import PinnedKeys, SigningKey, jwks_of
from tests.central.centre_world import (
    REGIONS,
    THIRD,
    a_settler,
    decisions,
    live,
    settle_all,
    take,
    told,
)
from tests.dying import contents, died_at_each_statement
from tests.recordings import (
    NOON,
    a_recording,
    batch_of,
    card_envelope,
    envelope,
    nik,
    received,
    recording_envelope,
)
from tests.town import NEIGHBOUR, REGION


async def count_of(database: Database, table: Any) -> int:
    async with database.begin() as transaction:
        return int(await transaction.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_unique_person_gets_a_permission_for_the_office_and_the_card(
    database: Database, permitter: Permitter, centre_key: SigningKey
) -> None:
    person = a_recording(1)
    await take(database, REGION, batch_of(REGION, 1, [person]))

    assert await settle_all(a_settler(database, permitter)) == 1

    (decision,) = await decisions(database, REGION)
    assert decision.outcome is Outcome.PRINT_READY_RECORD
    assert decision.permission is not None
    signed = PinnedKeys(jwks_of([centre_key])).verify(decision.permission.jws, TYPE)
    claims = CLAIMS.validate_json(signed.payload)
    row = await live(database, 1)
    assert claims.jti == decision.permission.authorization_id == row.authorization_id
    assert (claims.aud, claims.sub) == (office_of(REGION), person.recording_id)
    assert claims.card_sha256 == person.card.digest()
    assert row.authorization_expires_at == decision.permission.expires_at


async def test_the_same_nik_in_two_regions_is_one_person_and_one_duplicate_with_its_rival(
    database: Database, permitter: Permitter
) -> None:
    first, second = a_recording(1), a_recording(1)
    await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, 1, [first]))
    settler = a_settler(database, permitter)
    await settle_all(settler)

    await take(database, REGION, batch_of(REGION, 1, [second]))
    await settle_all(settler)

    (decision,) = await decisions(database, REGION)
    assert decision.outcome is Outcome.DUPLICATE_RECORD
    assert decision.permission is None
    assert (decision.reason, decision.duplicate) == ("same-nik", DuplicateKind.ONE_TO_ONE)
    assert decision.rival is not None
    assert decision.rival.recording_id == first.recording_id
    assert decision.rival.region == NEIGHBOUR
    assert decision.rival.captured_at == first.captured_at
    assert (await live(database, 1)).recording_id == first.recording_id


async def test_a_third_recording_of_one_nik_meets_several(
    database: Database, permitter: Permitter
) -> None:
    settler = a_settler(database, permitter)
    for region in REGIONS:
        await take(database, region, batch_of(region, 1, [a_recording(1)]))
        await settle_all(settler)

    (decision,) = await decisions(database, THIRD)
    assert decision.duplicate is DuplicateKind.ONE_TO_MANY
    assert decision.rival is not None
    assert decision.rival.region == REGION  # the registry's own, not the other duplicate


async def test_the_same_nik_twice_in_one_batch_is_the_first_ones(
    database: Database, permitter: Permitter
) -> None:
    first, second = a_recording(1), a_recording(1)
    await take(database, REGION, batch_of(REGION, 1, [first, second]))

    await settle_all(a_settler(database, permitter))

    outcomes = {one.recording_id: one for one in await decisions(database, REGION)}
    assert outcomes[first.recording_id].outcome is Outcome.PRINT_READY_RECORD
    assert outcomes[second.recording_id].outcome is Outcome.DUPLICATE_RECORD
    rival = outcomes[second.recording_id].rival
    assert rival is not None
    assert rival.recording_id == first.recording_id


async def test_answers_come_in_the_order_of_what_was_sent(
    database: Database, permitter: Permitter
) -> None:
    """Mixed on purpose: unique, duplicate, unreadable, incomplete."""
    incomplete = a_recording(
        3,
        biometrics={
            "images": {one.value: "5e" * 32 for one in Modality if one is not Modality.FACE},
            "templates": {},
            "exceptions": {},
        },
    )
    unreadable = envelope(4, b'{"nothing":"of a recording"}')
    stranger = a_recording(5)
    foreign_id = envelope(5, canonical_bytes(stranger.recording_id, stranger))
    batch = received(
        REGION,
        [
            recording_envelope(1, a_recording(2)),
            recording_envelope(2, a_recording(2)),
            recording_envelope(3, incomplete),
            unreadable,
            foreign_id,
            recording_envelope(6, a_recording(1)),
        ],
    )
    await take(database, REGION, batch)

    await settle_all(a_settler(database, permitter))

    found = await decisions(database, REGION)
    assert [one.seq for one in found] == [1, 2, 3, 4, 5, 6]
    assert [(one.outcome, one.reason) for one in found] == [
        (Outcome.PRINT_READY_RECORD, None),
        (Outcome.DUPLICATE_RECORD, "same-nik"),
        (Outcome.ENROLL_FAILURE_AT_CENTRAL, "incomplete"),
        (Outcome.ENROLL_FAILURE_AT_CENTRAL, "unreadable"),
        (Outcome.ENROLL_FAILURE_AT_CENTRAL, "unreadable"),
        (Outcome.PRINT_READY_RECORD, None),
    ]


async def test_after_a_failed_enrolment_the_person_is_recorded_again_and_permitted(
    database: Database, permitter: Permitter
) -> None:
    failed = a_recording(1, biometrics={"images": {}, "templates": {}, "exceptions": {}})
    again = a_recording(1)
    await take(database, REGION, batch_of(REGION, 1, [failed, again]))

    await settle_all(a_settler(database, permitter))

    assert [one.outcome for one in await decisions(database, REGION)] == [
        Outcome.ENROLL_FAILURE_AT_CENTRAL,
        Outcome.PRINT_READY_RECORD,
    ]


async def test_what_is_noted_is_kept_and_not_acted_on(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    batch = received(
        REGION,
        [
            recording_envelope(1, person),
            recording_envelope(2, person),
            envelope(3, b"other bytes", person.recording_id),
            envelope(4, b"{}", kind="amendment"),
            recording_envelope(5, a_recording(2)),
        ],
    )
    await take(database, REGION, batch)

    await settle_all(a_settler(database, permitter))

    assert [one.seq for one in await decisions(database, REGION)] == [1, 5]
    async with database.begin() as transaction:
        settled = await transaction.scalar(
            select(settled_head.c.settled_seq).where(settled_head.c.region_code == REGION)
        )
    assert settled == 5  # a poison item consumes its place and blocks nobody


async def test_concurrent_settlers_never_settle_anything_twice(
    database: Database, permitter: Permitter
) -> None:
    """Two regions recorded the same forty people; four settlers race over both."""
    people = range(40)
    for region, order in ((REGION, people), (NEIGHBOUR, reversed(people))):
        await take(database, region, batch_of(region, 1, [a_recording(n) for n in order]))

    await asyncio.gather(*(settle_all(a_settler(database, permitter)) for _ in range(4)))

    found = {region: await decisions(database, region) for region in (REGION, NEIGHBOUR)}
    assert [one.seq for one in found[REGION]] == list(range(1, 41))
    assert [one.seq for one in found[NEIGHBOUR]] == list(range(1, 41))
    ready = [
        one
        for decided in found.values()
        for one in decided
        if one.outcome is Outcome.PRINT_READY_RECORD
    ]
    assert len(ready) == 40
    assert await count_of(database, registry) == 40
    assert await count_of(database, duplicate) == 40


async def test_coverage_is_what_the_newest_list_says_and_no_district_more(
    database: Database, permitter: Permitter
) -> None:
    def base(seq: int, **districts: int) -> Any:
        counted = [
            {"district": f"61.72.{code[1:]}", "population": population, "obliged": population}
            for code, population in districts.items()
        ]
        body = orjson.dumps({"counted_at": NOON, "districts": counted})
        return envelope(seq, body, kind=EnvelopeKind.COVERAGE_BASE)

    settler = a_settler(database, permitter)
    for batch in ([base(1, d01=5, d02=7)], [base(2, d01=6), envelope(3, b"?")]):
        await take(database, REGION, received(REGION, batch))
        await settle_all(settler)

    async with database.begin() as transaction:
        rows = await transaction.execute(text("SELECT district, population FROM coverage_base"))
        assert [tuple(row) for row in rows] == [("61.72.01", 6)]


async def test_one_regions_trouble_does_not_keep_the_others_waiting(
    database: Database, permitter: Permitter
) -> None:
    for region in REGIONS:
        await take(database, region, batch_of(region, 1, [a_recording(int(region[-2:]))]))
    async with database.begin() as transaction:
        await transaction.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '53100'; END $$"
            )
        )
        await transaction.execute(
            text(
                "CREATE TRIGGER refusing BEFORE UPDATE ON settled_head FOR EACH ROW "
                f"WHEN (NEW.region_code = '{THIRD}') EXECUTE FUNCTION refuse()"
            )
        )
    try:
        settled = await a_settler(database, permitter).round()
    finally:
        async with database.begin() as transaction:
            await transaction.execute(text("DROP FUNCTION refuse() CASCADE"))

    assert settled == 2
    assert await told(database, THIRD) == []
    assert await settle_all(a_settler(database, permitter)) == 1


async def test_a_settler_that_dies_anywhere_leaves_nothing_half_settled(
    database: Database, permitter: Permitter
) -> None:
    """Its batch holds one of everything: unique, duplicate, a spoiled card, a base."""
    settler = a_settler(database, permitter)
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    await settle_all(settler)
    (decision,) = await decisions(database, REGION)
    assert decision.permission is not None
    base = orjson.dumps(
        {
            "counted_at": NOON,
            "districts": [{"district": "61.72.01", "population": 2, "obliged": 1}],
        }
    )
    mixed = [
        recording_envelope(2, a_recording(1)),
        recording_envelope(3, a_recording(2)),
        card_envelope(
            4, decision.permission.authorization_id, decision.recording_id, CardResult.SPOILED
        ),
        envelope(5, base, kind=EnvelopeKind.COVERAGE_BASE),
    ]
    await take(database, REGION, received(REGION, mixed))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: settler._settle_in(transaction, REGION, 100, NOON),
    )

    assert statements >= 12
    after = await contents(database, metadata)
    assert await settle_all(settler) == 0
    assert await contents(database, metadata) == after
    kinds = [type(one) for one in await told(database, REGION)]
    assert kinds == [Decision, Decision, Decision, FreshPermission]


BACKLOG, FEW = 3_000, 5


async def test_a_backlog_does_not_starve_another_regions_few(
    database: Database, permitter: Permitter
) -> None:
    """The backlog is older and more than a round can hold; the few are settled in the first."""
    assert BACKLOG > ROUND_PLACES
    old = a_recording(1, captured_at="2012-05-01T09:00:00+07:00")
    for first in range(0, BACKLOG, 1_000):
        many = [
            old.model_copy(
                update={
                    "recording_id": new_id(),
                    "card": old.card.model_copy(update={"nik": nik(number)}),
                }
            )
            for number in range(first, first + 1_000)
        ]
        await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, first + 1, many))
    few = [a_recording(9_000 + number) for number in range(FEW)]
    await take(database, REGION, batch_of(REGION, 1, few))

    settled = await a_settler(database, permitter).round()

    assert settled == ROUND_PLACES
    assert len(await decisions(database, REGION)) == FEW
    assert len(await decisions(database, NEIGHBOUR)) == ROUND_PLACES - FEW
