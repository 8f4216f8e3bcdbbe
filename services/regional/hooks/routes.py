"""Doors to make, look at, try and end hooks."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request
from pydantic import BaseModel, Field

from services.regional.hooks import rules, steps, store
from services.regional.hooks.rules import Event, Happening
from shared.clock import Clock
from shared.contracts.strict import Strict
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, Refusal, problem_responses
from shared.roles import Caller, Role, needs_whole_region

DELIVERIES_SHOWN_MAX = 100
ADDRESS_MAX = 500


class TooManyHooks(Refusal):
    """An office has at most ten hooks at a time."""

    code, status = "too-many-hooks", 409
    title = "There are as many hooks as there may be"
    next_action = "End a hook that is no longer needed, then make the new one."
    next_action_id = "Hentikan hook yang tidak diperlukan lagi, lalu buat yang baru."


class HookRequest(Strict):
    address: Annotated[str, Field(max_length=ADDRESS_MAX, pattern=rules.ADDRESS)] = Field(
        description="https address of the gateway; http only on this very server"
    )
    events: Annotated[tuple[Event, ...], Field(min_length=1, max_length=len(Event))] = Field(
        description="What it wants to be told of"
    )


class HookView(BaseModel):
    hook_id: UUID
    address: str
    events: list[Event]
    made_by: str
    made_at: datetime
    waiting: int = Field(description="Events to be delivered, tried before or not")
    given_up: int = Field(description="Events nobody took in three days")
    last_delivered_at: datetime | None


class MadeHook(HookView):
    """With the secret that gateways check signatures with."""

    secret: str = Field(description="For the gateway's library: `whsec_` and base64")


class HookList(BaseModel):
    items: list[HookView]


class HookDeliveryView(BaseModel):
    event_id: UUID
    event: str
    recording_id: UUID | None
    happened_at: datetime
    attempts: int
    status: int | None = Field(description="Of the last answer; null for none")
    next_try_at: datetime | None = Field(description="null: given up")


class HookDeliveryList(BaseModel):
    items: list[HookDeliveryView] = Field(description="Not delivered, latest first, 100 at most")


class Retried(BaseModel):
    deliveries: int = Field(description="How many are due again")


_HOOK = "01890a5d-c0de-7bbb-8bbb-6a1b0e3e2f10"
_VIEW: dict[str, Any] = {
    "hook_id": _HOOK,
    "address": "https://gateway.example/ktp",
    "events": ["card.printed"],
    "made_by": "kepala-1",
    "made_at": "2017-10-13T02:15:12Z",
    "waiting": 0,
    "given_up": 0,
    "last_delivered_at": None,
}
_DELIVERY = {
    "event_id": "01890a5d-c0de-7ccc-8bbb-6a1b0e3e2f10",
    "event": "card.printed",
    "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "happened_at": "2017-10-13T02:15:12Z",
    "attempts": 3,
    "status": 503,
    "next_try_at": "2017-10-13T02:18:12Z",
}
HOOK = JsonBody(HookRequest, {"address": "https://gateway.example/ktp", "events": ["card.printed"]})
Head = Annotated[Caller, needs_whole_region(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
HookPath = Annotated[UUID, Path(description="Made by the caller", examples=[_HOOK])]


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class HookDoors(Doors):
    """An office's own gateways, and what they were told."""

    database: Database
    region: str
    clock: Clock

    @door.get(
        "/hooks",
        responses=_shown({"items": [_VIEW]}, "Hooks that are told, and how they do."),
        summary="See whom events are sent to",
    )
    async def list_hooks(self, caller: Head) -> HookList:
        """Live hooks, oldest first; secrets are not shown here."""
        async with self.database.begin() as transaction:
            hooks = await store.live(transaction)
            standings = await store.standings(transaction)
        return HookList(items=[_view(one, standings.get(one.hook_id)) for one in hooks])

    @door.put(
        "/hooks/{hook_id}",
        openapi_extra=HOOK.openapi,
        responses={
            **_shown(
                {**_VIEW, "secret": "whsec_c3ludGhldGljIHNlY3JldCBmb3IgdGhlIGRvY3M="},
                "Told from now on.",
            ),
            **problem_responses(TooManyHooks, InvalidInput, NotFound),
        },
        summary="Make a hook, or change it",
    )
    async def put_hook(self, hook_id: HookPath, request: Request, caller: Head) -> MadeHook:
        """Under an id of your own, so that asking twice makes one. It hears what happens from now.

        Requests are those of Standard Webhooks 1.0.0, so its libraries verify them with `secret`.
        An address that answers 2xx took the event; 410 ends the hook; all else is tried again for
        three days. An event may come twice, under the same `webhook-id`.
        """
        wanted = await HOOK.read(request)
        async with self.database.begin() as transaction:
            # What happened before a hook is made is not its business.
            while await steps.look_through(transaction, self.region, self.clock.now()):
                pass
            hooks = {one.hook_id: one for one in await store.live(transaction)}
            old = hooks.get(hook_id)
            if old is None and len(hooks) >= rules.HOOKS_MAX:
                raise TooManyHooks
            one = store.Hook(
                hook_id,
                wanted.address,
                tuple(dict.fromkeys(wanted.events)),
                old.secret if old else secrets.token_bytes(rules.SECRET_BYTES),
                old.officer if old else caller.subject,
                old.made_at if old else self.clock.now(),
            )
            if not await store.save(transaction, one):
                raise NotFound("This hook was ended; make another under an id of its own.")
            standing = (await store.standings(transaction)).get(hook_id)
        view = _view(one, standing)
        return MadeHook(**view.model_dump(), secret=rules.secret_told(one.secret))

    @door.delete(
        "/hooks/{hook_id}",
        status_code=204,
        responses=problem_responses(InvalidInput),
        summary="End a hook",
    )
    async def end_hook(self, hook_id: HookPath, caller: Head) -> None:
        """Nothing more is sent there; ending twice is ending once."""
        async with self.database.begin() as transaction:
            await store.end(transaction, hook_id, "ended", self.clock.now())

    @door.post(
        "/hooks/{hook_id}/test",
        status_code=204,
        responses=problem_responses(NotFound, InvalidInput),
        summary="Send an event to try a hook",
    )
    async def test_hook(self, hook_id: HookPath, caller: Head) -> None:
        """`hook.test`, whatever events it wants; see its deliveries for what came of it."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            await _known(transaction, hook_id)
            await store.put(transaction, [(hook_id, Happening(Event.TEST, None, now))], now)

    @door.get(
        "/hooks/{hook_id}/deliveries",
        responses={
            **_shown({"items": [_DELIVERY]}, "Events that were not taken yet."),
            **problem_responses(InvalidInput),
        },
        summary="See what a hook did not take",
    )
    async def list_hook_deliveries(self, hook_id: HookPath, caller: Head) -> HookDeliveryList:
        """What waits to be tried again, and what was given up."""
        async with self.database.begin() as transaction:
            rows = await store.undelivered(transaction, hook_id, DELIVERIES_SHOWN_MAX)
        return HookDeliveryList(items=[_delivery(row) for row in rows])

    @door.post(
        "/hooks/{hook_id}/retry",
        responses={
            **_shown({"deliveries": 3}, "Given-up events are due again."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Try given-up events again",
    )
    async def retry_hook(self, hook_id: HookPath, caller: Head) -> Retried:
        """For a gateway that was away for more than three days."""
        async with self.database.begin() as transaction:
            await _known(transaction, hook_id)
            count = await store.try_again(transaction, hook_id, self.clock.now())
        return Retried(deliveries=count)


async def _known(transaction: Transaction, hook_id: UUID) -> None:
    if hook_id not in {one.hook_id for one in await store.live(transaction)}:
        raise NotFound


def _view(one: store.Hook, standing: store.Standing | None) -> HookView:
    return HookView(
        hook_id=one.hook_id,
        address=one.address,
        events=list(one.events),
        made_by=one.officer,
        made_at=one.made_at,
        waiting=standing.waiting if standing else 0,
        given_up=standing.given_up if standing else 0,
        last_delivered_at=standing.last_delivered_at if standing else None,
    )


def _delivery(row: Any) -> HookDeliveryView:
    return HookDeliveryView(
        event_id=row.event_id,
        event=row.event,
        recording_id=row.recording_id,
        happened_at=row.happened_at,
        attempts=row.attempts,
        status=row.status,
        next_try_at=None if row.given_up_at else row.not_before,
    )
