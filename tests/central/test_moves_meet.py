"""Moves that cross on the way: two settlers, two regions, each person at one office."""

import asyncio

from services.central.print_authorization.rules import Permitter
from services.central.settling import settle_in
from shared.contracts.feed import FreshPermission
from shared.contracts.remedies import MoveDecision
from shared.contracts.revocation import Revocation
from shared.database.engine import Database
from tests.central.centre_world import a_settler, live, settle_all, take, told
from tests.recordings import NOON, a_recording, received, recording_envelope
from tests.remedies import a_move, move_envelope
from tests.town import NEIGHBOUR, REGION

THERE = {"street": "JALAN SANA 3", "rt": "002", "rw": "001", "ward": f"{NEIGHBOUR}.02.2001"}
CROSSINGS = 2


async def test_moves_that_cross_between_two_regions_both_end_whole(
    database: Database, permitter: Permitter
) -> None:
    """Each settler tells the other's region, too: neither waits for the other for ever."""
    for turn in range(CROSSINGS):
        ours, theirs = a_recording(10 + turn), a_recording(20 + turn)
        seq = 2 * turn + 1
        await take(database, REGION, received(REGION, [recording_envelope(seq, ours)]))
        await take(database, NEIGHBOUR, received(NEIGHBOUR, [recording_envelope(seq, theirs)]))
        await settle_all(a_settler(database, permitter))
        here = [move_envelope(seq + 1, a_move(20 + turn))]
        there = [move_envelope(seq + 1, a_move(10 + turn, address=THERE))]
        await take(database, REGION, received(REGION, here))
        await take(database, NEIGHBOUR, received(NEIGHBOUR, there))

        await asyncio.gather(
            *(
                database.repeat(
                    lambda transaction, region=region: settle_in(
                        transaction, permitter, region, 10, NOON
                    )
                )
                for region in (REGION, NEIGHBOUR)
            )
        )

        assert (await live(database, 20 + turn)).region_code == REGION
        assert (await live(database, 10 + turn)).region_code == NEIGHBOUR
    for region in (REGION, NEIGHBOUR):
        entries = await told(database, region)
        for kind in (MoveDecision, FreshPermission, Revocation):
            assert sum(isinstance(one, kind) for one in entries) == CROSSINGS
