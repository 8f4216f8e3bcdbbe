"""The doors of blanks: receive, look up, put aside, burn before two officers."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Request

from services.regional.blanks import steps, store, views
from services.regional.blanks.steps import (
    BlankInUse,
    BurningDiffers,
    Clerk,
    DeliveryDiffers,
    NotToBurn,
    SameOfficerBurns,
    SerialsNotInARow,
    SerialsReceivedBefore,
)
from services.regional.blanks.views import (
    BlankDeliveryList,
    BlankDeliveryView,
    BlankView,
    BurningDetail,
    BurningGiven,
    BurningList,
    BurningView,
    BurntView,
    DeliveryGiven,
    SpoiledGiven,
    StockView,
)
from shared.clock import Clock
from shared.contracts.recording import ShortCode
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

SHOWN_MAX = 500
DELIVERY = JsonBody(DeliveryGiven, views.DELIVERY_EXAMPLE)
SPOILED = JsonBody(SpoiledGiven, {"cause": "no-chip"})
BURNING = JsonBody(BurningGiven, views.BURNING_EXAMPLE)
Storekeeper = Annotated[Caller, needs(Role.OFFICER, Role.PRINTER, Role.HEAD_OF_OFFICE)]
DeliveryPath = Annotated[
    UUID, Path(description="Made by the office, once", examples=[views.DELIVERY_ID])
]
BurningPath = Annotated[
    UUID, Path(description="Made by the office, once", examples=[views.BURNING_ID])
]
SerialPath = Annotated[
    ShortCode, Path(description="Serial of the blank card", examples=["BLK-000123"])
]


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class BlankDoors(Doors):
    """Each blank, from its delivery to the card it became, or to the fire."""

    database: Database
    zone: ZoneInfo
    clock: Clock

    def clerk(self, officer: str) -> Clerk:
        now = self.clock.now()
        return Clerk(officer, now, now.astimezone(self.zone).date())

    @door.get(
        "/blanks",
        responses=_shown(views.STOCK_SHOWN, "Blanks by what became of them."),
        summary="See how many blanks are left, and how long they last",
    )
    async def see_stock(self, caller: Storekeeper) -> StockView:
        """The days left are a range: as in the busiest and the quietest of the last six weeks."""
        async with self.database.begin() as transaction:
            stock, lasting = await steps.stock(transaction, self.zone, self.clock.now())
        return StockView.of(stock, lasting)

    @door.get(
        "/blanks/{blank_serial}",
        responses={
            **_shown(views.BLANK_SHOWN, "The blank as it stands."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Look up one blank",
    )
    async def get_blank(self, blank_serial: SerialPath, caller: Storekeeper) -> BlankView:
        """With which delivery it came, whose card it became, why it was spoiled, when burnt."""
        async with self.database.begin() as transaction:
            return BlankView.of(await steps.look_up(transaction, blank_serial))

    @door.post(
        "/blanks/{blank_serial}/spoiled",
        openapi_extra=SPOILED.openapi,
        responses={
            **_shown(views.BLANK_SHOWN, "Put aside; it waits for its burning."),
            **problem_responses(NotFound, BlankInUse, InvalidInput),
        },
        summary="Put a blank aside before its use",
    )
    async def put_blank_aside(
        self, blank_serial: SerialPath, request: Request, caller: Storekeeper
    ) -> BlankView:
        """No chip, or damaged on the way. One that was in a printer is reported at its card."""
        given = await SPOILED.read(request)
        clerk = self.clerk(caller.subject)
        async with self.database.begin() as transaction:
            one = await steps.put_aside(transaction, clerk, blank_serial, given.cause)
        return BlankView.of(one)

    @door.put(
        "/blank-deliveries/{delivery_id}",
        openapi_extra=DELIVERY.openapi,
        responses={
            **_shown(views.DELIVERY_SHOWN, "Entered: each of its blanks is counted."),
            **problem_responses(
                DeliveryDiffers, SerialsReceivedBefore, SerialsNotInARow, InvalidInput
            ),
        },
        summary="Enter a delivery of blanks",
    )
    async def enter_delivery(
        self, delivery_id: DeliveryPath, request: Request, caller: Storekeeper
    ) -> BlankDeliveryView:
        """At most 10,000, by first and last serial or one by one.

        With the first delivery an office begins to count: it prints on received blanks only, unless
        `TUNGGAL_REGIONAL_BLANKS` says otherwise.
        """
        given = await DELIVERY.read(request)
        brought, clerk = given.brought(), self.clerk(caller.subject)
        one = await self.database.repeat(
            lambda transaction: steps.receive(transaction, clerk, delivery_id, brought)
        )
        return BlankDeliveryView.of(one)

    @door.get(
        "/blank-deliveries",
        responses=_shown({"items": [views.DELIVERY_SHOWN]}, "The newest first; at most 500."),
        summary="See deliveries of blanks",
    )
    async def list_deliveries(self, caller: Storekeeper) -> BlankDeliveryList:
        """Every delivery with its papers."""
        async with self.database.begin() as transaction:
            found = await store.deliveries(transaction, SHOWN_MAX)
        return BlankDeliveryList(items=[BlankDeliveryView.of(one) for one in found])

    @door.put(
        "/blank-burnings/{burning_id}",
        openapi_extra=BURNING.openapi,
        responses={
            **_shown(views.BURNING_SHOWN, "The minutes; a second officer bears witness."),
            **problem_responses(NotToBurn, BurningDiffers, InvalidInput),
        },
        summary="Write the minutes of a burning",
    )
    async def write_burning(
        self, burning_id: BurningPath, request: Request, caller: Storekeeper
    ) -> BurningView:
        """Of spoiled blanks, each in one burning. Without a witness nothing counts as burnt."""
        given = await BURNING.read(request)
        clerk = self.clerk(caller.subject)
        one = await self.database.repeat(
            lambda transaction: steps.write_minutes(
                transaction, clerk, burning_id, given.place, given.serials
            )
        )
        return BurningView.of(one)

    @door.post(
        "/blank-burnings/{burning_id}/witness",
        responses={
            **_shown(
                {
                    **views.BURNING_SHOWN,
                    "witness": "officer-14",
                    "burnt_at": "2017-10-13T09:00:00Z",
                },
                "Burnt, before two officers.",
            ),
            **problem_responses(NotFound, SameOfficerBurns, InvalidInput),
        },
        summary="Bear witness to a burning",
    )
    async def bear_witness(self, burning_id: BurningPath, caller: Storekeeper) -> BurningView:
        """By another officer than whoever wrote the minutes."""
        clerk = self.clerk(caller.subject)
        async with self.database.begin() as transaction:
            return BurningView.of(await steps.bear_witness(transaction, clerk, burning_id))

    @door.get(
        "/blank-burnings/{burning_id}",
        responses={
            **_shown(views.BURNING_DETAIL, "The minutes, blank by blank."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Read the minutes of a burning",
    )
    async def get_burning(self, burning_id: BurningPath, caller: Storekeeper) -> BurningDetail:
        """Each blank with its cause."""
        async with self.database.begin() as transaction:
            one = await store.burning(transaction, burning_id)
            lines = await store.burnt(transaction, burning_id)
        if one is None:
            raise NotFound("No such minutes were written here.")
        items = [
            BurntView(serial=line.serial, cause=line.cause, spoiled_at=line.spoiled_at)
            for line in lines
        ]
        return BurningDetail(**BurningView.of(one).model_dump(), items=items)

    @door.get(
        "/blank-burnings",
        responses=_shown({"items": [views.BURNING_SHOWN]}, "The newest first; at most 500."),
        summary="See what was burnt",
    )
    async def list_burnings(self, caller: Storekeeper) -> BurningList:
        """Every burning with both officers; one without a witness waits."""
        async with self.database.begin() as transaction:
            found = await store.burnings(transaction, SHOWN_MAX)
        return BurningList(items=[BurningView.of(one) for one in found])
