"""The officers' doors: which keys there are, and the words that let one in or end it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import Query, Request

from services.central.audit.entries import entry
from services.central.identity import Regions
from services.central.keys import store
from services.central.keys.region_routes import REQUEST_BODY, KeyRequestNotValid, claims_of
from services.central.keys.steps import (
    AnotherOfficerNeeded,
    FingerprintDiffers,
    KeyNotCounting,
    KeyNotPending,
    Keyroom,
)
from services.central.keys.store import Said
from services.central.keys.views import (
    KEY_EXAMPLE,
    REVOKED_EXAMPLE,
    KeyApproval,
    KeyEnding,
    KeyPath,
    RegionKeyList,
    RegionKeyView,
    RegionPath,
    kid_named,
    view_of,
)
from shared.audit.entries import Purpose, about
from shared.clock import Clock
from shared.contracts.strict import RegionCode
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs

log = structlog.get_logger()

SHOWN_MAX = 500
Operate = Annotated[Caller, needs(Role.OPERATIONS)]
A_KEY = "/regions/{region}/keys/{region_key}"
_APPROVAL = JsonBody(
    KeyApproval,
    {
        "fingerprint": "90facafea9b1556698540f70",
        "reason": "fingerprint read out by phone, number from the directory",
    },
)
_ENDING = JsonBody(KeyEnding, {"reason": "the server was stolen"})


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class KeyOfficerDoors(Doors):
    """Two officers let a key in; one ends it."""

    database: Database
    regions: Regions
    keyroom: Keyroom
    clock: Clock

    @door.get(
        "/region-keys",
        responses={
            **_shown({"items": [KEY_EXAMPLE]}, "Newest first, at most 500."),
            **problem_responses(InvalidInput),
        },
        summary="See regions' keys",
    )
    async def list_region_keys(
        self,
        caller: Operate,
        region: Annotated[RegionCode | None, Query(description="Only this region's")] = None,
    ) -> RegionKeyList:
        """Every key that was handed in, whatever became of it; a pinned one once it was ended."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            found = await store.keys(transaction, region, SHOWN_MAX)
        return RegionKeyList(items=[view_of(one, now) for one in found])

    @door.post(
        "/regions/{region}/keys/brought",
        openapi_extra=REQUEST_BODY.openapi,
        responses={
            **_shown(KEY_EXAMPLE, "It waits for two officers' approval."),
            **problem_responses(KeyRequestNotValid, InvalidInput, UnsupportedMediaType),
        },
        summary="Take a region's key from a disk",
    )
    async def bring_key(
        self, request: Request, region: RegionPath, caller: Operate
    ) -> RegionKeyView:
        """The same file again changes nothing. Whoever brings it may be one of the two."""
        claims = claims_of(await REQUEST_BODY.read(request), region)
        return await self._do(
            lambda transaction, now: self.keyroom.hand_in(
                transaction, claims, now, brought_by=caller.subject
            ),
            "region-key-brought",
            caller,
        )

    @door.post(
        A_KEY + "/approval",
        openapi_extra=_APPROVAL.openapi,
        responses={
            **_shown(KEY_EXAMPLE, "It counts from the second officer's word on."),
            **problem_responses(
                NotFound,
                KeyNotPending,
                FingerprintDiffers,
                AnotherOfficerNeeded,
                InvalidInput,
                UnsupportedMediaType,
            ),
        },
        summary="Approve a region's key",
    )
    async def approve_key(
        self, request: Request, region: RegionPath, region_key: KeyPath, caller: Operate
    ) -> RegionKeyView:
        """Ask the region for its fingerprint by a way you trust, and type what you hear.

        When it counts, the region's older keys retire after the overlap that is set.
        """
        told = await _APPROVAL.read(request)
        return await self._do(
            lambda transaction, now: self.keyroom.approve(
                transaction,
                region,
                kid_named(region, region_key),
                told.fingerprint,
                Said(caller.subject, told.reason, now),
            ),
            "region-key-approved",
            caller,
        )

    @door.post(
        A_KEY + "/refusal",
        openapi_extra=_ENDING.openapi,
        responses={
            **_shown({**KEY_EXAMPLE, "state": "refused"}, "It will never count."),
            **problem_responses(NotFound, KeyNotPending, InvalidInput, UnsupportedMediaType),
        },
        summary="Refuse a region's key",
    )
    async def refuse_key(
        self, request: Request, region: RegionPath, region_key: KeyPath, caller: Operate
    ) -> RegionKeyView:
        """For a key that waits and is nobody's, or has another fingerprint than was read out."""
        told = await _ENDING.read(request)
        return await self._do(
            lambda transaction, now: self.keyroom.refuse(
                transaction,
                region,
                kid_named(region, region_key),
                Said(caller.subject, told.reason, now),
            ),
            "region-key-refused",
            caller,
        )

    @door.post(
        A_KEY + "/revocation",
        openapi_extra=_ENDING.openapi,
        responses={
            **_shown({"items": [REVOKED_EXAMPLE]}, "This key, and those let in by its word."),
            **problem_responses(NotFound, KeyNotCounting, InvalidInput, UnsupportedMediaType),
        },
        summary="Revoke a region's key",
    )
    async def revoke_key(
        self, request: Request, region: RegionPath, region_key: KeyPath, caller: Operate
    ) -> RegionKeyList:
        """At once and for ever, by one officer: closing may not wait for a second one.

        The region goes on recording; it is told by `region-key-revoked` what to do. A pinned key
        can be revoked, too.
        """
        told = await _ENDING.read(request)
        kid, now = kid_named(region, region_key), self.clock.now()
        async with self.database.begin() as transaction:
            ended = await self.keyroom.revoke(
                transaction, region, kid, Said(caller.subject, told.reason, now)
            )
            revoked = [about("region-key", one.facts.kid) for one in ended]
            await entry(transaction, caller, "region-key-revoked", Purpose.SECURITY, revoked, now)
        self.regions.forget()
        for one in ended:
            log.error("region_key.revoked", region=region, kid=one.facts.kid, by=caller.subject)
        return RegionKeyList(items=[view_of(one, now) for one in ended])

    async def _do(
        self,
        act: Callable[[Transaction, datetime], Awaitable[store.Kept]],
        done: str,
        caller: Caller,
    ) -> RegionKeyView:
        now = self.clock.now()
        async with self.database.begin() as transaction:
            kept = await act(transaction, now)
            whom = [about("region-key", kept.facts.kid)]
            await entry(transaction, caller, done, Purpose.SECURITY, whom, now)
        self.regions.forget()
        view = view_of(kept, now)
        log.warning(
            "region_key.word",
            act=done,
            region=view.region,
            kid=view.kid,
            state=view.state,
            by=caller.subject,
        )
        return view
