"""Ask where a recording is, for whoever it is of; receipts; the report of fairness."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

from services.regional.citizen import codes, steps, views
from services.regional.citizen.loop import Learner
from services.regional.citizen.refusals import NothingKnown, ReceiptNotKnown, TooManyQuestions
from services.regional.citizen.speaking import Speaker
from services.regional.citizen.steps import Known, NotRecorded, RecordedElsewhere
from services.regional.journey.standing import Standing
from shared.audit.seeing import saw
from shared.clock import Clock
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.limits import Limiter, address_of
from shared.pages.language import Language
from shared.refusals import InvalidInput, NotFound, TooBusy, problem_responses
from shared.roles import Caller, Role, needs

QUESTION = JsonBody(views.StatusQuestion, {"nik": "6172025207900003", "birth_date": "1990-07-12"})
OPEN: dict[str, Any] = {"security": []}
# Longer than any look-up takes: who guesses learns nothing from how long a "no" took.
NO_SECONDS = 0.25
PLAIN = "text/plain"
FindStanding = Callable[[Transaction, str, UUID, date], Awaitable[Standing]]
Desk = Annotated[Caller, needs(Role.OFFICER, Role.PRINTER, Role.HEAD_OF_OFFICE)]
Watch = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
Tongue = Annotated[Language, Query(alias="lang", description="id or en")]
RecordingPath = Annotated[
    UUID,
    Path(description="The id its station made", examples=["01890a5d-ac96-774b-bcce-b302099a8057"]),
]
TokenPath = Annotated[
    str, Path(description="What the receipt's code says", examples=[views.TOKEN_EXAMPLE])
]


@dataclass(frozen=True)
class Citizens:
    """Everything both kinds of doors ask with; opens the transactions of both."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock
    learner: Learner
    speaker: Speaker
    find_standing: FindStanding
    addresses: Limiter
    niks: Limiter
    gateways: frozenset[str]
    public_address: str

    async def by_nik(self, request: Request, nik: int, birth_date: date) -> Known:
        """Refuses: TooManyQuestions, NothingKnown (always after NO_SECONDS)."""
        self.admit(request, str(nik).encode())
        async with _at_least(NO_SECONDS), self.database.begin() as transaction:
            return await steps.look_up(transaction, nik, birth_date)

    async def by_token(self, request: Request, token: str) -> UUID:
        """Refuses: TooManyQuestions, ReceiptNotKnown."""
        self.admit(request, None)
        secret = await self.learner.secret()
        async with self.database.begin() as transaction:
            return await steps.behind(transaction, secret, token)

    def admit(self, request: Request, nik: bytes | None) -> None:
        """Count a question. Refuses: TooManyQuestions."""
        now = self.clock.now().timestamp()
        host = request.client.host if request.client else ""
        wait = 0.0
        if host not in self.gateways:
            wait = self.addresses.wait_seconds(address_of(host), now)
        if nik is not None and not wait:
            wait = self.niks.wait_seconds(nik, now)
        if wait:
            raise TooManyQuestions(headers={"Retry-After": str(ceil(wait))})

    async def status(self, who: Known, language: Language) -> views.StatusView:
        if isinstance(who, NotRecorded):
            return self.speaker.not_recorded(language)
        if isinstance(who, RecordedElsewhere):
            return self.speaker.recorded_elsewhere(who.status, language)
        saw("recording", [who])
        now = self.clock.now()
        async with self.database.begin() as transaction:
            standing = await self.find_standing(
                transaction, self.region, who, now.astimezone(self.zone).date()
            )
            told = await steps.tell(
                transaction, self.region, standing, who, self.learner.learnt, now
            )
        return self.speaker.status(told, language)

    async def token(self, recording_id: UUID) -> str:
        secret = await self.learner.secret()
        async with self.database.begin() as transaction:
            return await steps.token_of(transaction, secret, recording_id)

    async def receipt(self, recording_id: UUID, language: Language) -> views.ReceiptView:
        """Refuses: NotFound."""
        status = await self.status(recording_id, language)
        token = await self.token(recording_id)
        path = f"/status/{token}"
        address = self.public_address.rstrip("/") + path
        return views.ReceiptView(
            token=token,
            path=path,
            address=address,
            code_svg=codes.svg_of(address, "QR"),
            short_message=status.short_message,
        )

    async def revoke(self, recording_id: UUID, officer: str) -> None:
        """Refuses: NotFound."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            await steps.revoke(transaction, recording_id, officer, now)

    def fairness(self, language: Language) -> views.FairnessReport:
        """Refuses: TooBusy, in the first seconds after a start."""
        if self.learner.learnt is None:
            raise TooBusy
        return self.speaker.fairness(self.learner.learnt, language)

    def details(self, language: Language) -> views.FairnessDetails:
        report = self.fairness(language)
        learnt = self.learner.learnt
        assert learnt is not None
        return views.FairnessDetails(
            report=report,
            oldest=[
                views.OldCaseView(recording_id=str(one.recording_id), captured_at=one.captured_at)
                for one in learnt.oldest
            ],
            exceptions=[
                views.UsedExceptionView(
                    recording_id=str(one.recording_id),
                    reason=one.reason,
                    text=self.speaker.ground(one.reason, language),
                    officer=one.officer,
                    made_at=one.made_at,
                )
                for one in learnt.exceptions
            ],
        )


@asynccontextmanager
async def _at_least(seconds: float) -> AsyncIterator[None]:
    """Whatever is refused inside is refused after so many seconds, and not before."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        yield
    except NothingKnown:
        await asyncio.sleep(max(0.0, until - loop.time()))
        raise


def wants_plain(request: Request) -> bool:
    """Whether a gateway asks, and wants the short message alone."""
    accepted = request.headers.get("accept", "")
    return PLAIN in accepted and "text/html" not in accepted


def csv_of(report: views.FairnessReport) -> str:
    """The report as a table to take away; seconds."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(
        ["kind", "name", "count", "waiting", "p10_seconds", "p50_seconds", "p90_seconds"]
    )
    for one in report.overtakes:
        writer.writerow(["overtakes", one.cause.value, one.pairs, "", "", "", ""])
    for used in report.exceptions:
        writer.writerow(["exceptions", used.reason, used.cards, "", "", "", ""])
    for wait in report.waits:
        quantiles = ("" if it is None else f"{it:.0f}" for it in (wait.p10, wait.p50, wait.p90))
        writer.writerow(["wait", wait.stage.value, wait.ended, wait.waiting, *quantiles])
    return table.getvalue()


def _shown(example: Any, description: str, **others: str) -> dict[int | str, dict[str, Any]]:
    content: dict[str, Any] = {"application/json": {"example": example}} if example else {}
    content |= {kind.replace("_", "/"): {"example": text} for kind, text in others.items()}
    return {200: {"description": description, "content": content}}


@dataclass(frozen=True)
class CitizenDoors(Doors):
    """Questions of citizens, their gateways, and stations that print receipts."""

    citizens: Citizens

    @door.post(
        "/status",
        openapi_extra={**QUESTION.openapi, **OPEN},
        response_model=views.StatusView,
        responses={
            **_shown(
                views.STATUS_EXAMPLE,
                "The status; with `Accept: text/plain` the short message alone.",
                text_plain=views.STATUS_EXAMPLE["short_message"],
            ),
            **problem_responses(NothingKnown, TooManyQuestions, TooBusy, InvalidInput),
        },
        summary="Ask where one's recording is",
    )
    async def ask_status(self, request: Request, lang: Tongue = Language.INDONESIAN) -> Response:
        """By NIK and birth date. An unknown NIK and a wrong date get the same answer, as late."""
        asked = await QUESTION.read(request)
        who = await self.citizens.by_nik(request, int(asked.nik), asked.birth_date)
        return _answer(request, await self.citizens.status(who, lang))

    @door.get(
        "/status/{token}",
        response_model=views.StatusView,
        responses={
            **_shown(
                views.STATUS_EXAMPLE,
                "The status; with `Accept: text/plain` the short message alone.",
                text_plain=views.STATUS_EXAMPLE["short_message"],
            ),
            **problem_responses(ReceiptNotKnown, TooManyQuestions, TooBusy, InvalidInput),
        },
        openapi_extra=OPEN,
        summary="Ask by a receipt where one's recording is",
    )
    async def get_status_by_receipt(
        self, request: Request, token: TokenPath, lang: Tongue = Language.INDONESIAN
    ) -> Response:
        """What the code on a receipt opens, as data."""
        recording_id = await self.citizens.by_token(request, token)
        return _answer(request, await self.citizens.status(recording_id, lang))

    @door.get(
        "/recordings/{recording_id}/receipt",
        responses={
            **_shown(views.RECEIPT_EXAMPLE, "The address, its code, the short message."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Get the receipt of a recording",
    )
    async def get_receipt(
        self,
        recording_id: RecordingPath,
        caller: Desk,
        lang: Tongue = Language.INDONESIAN,
    ) -> views.ReceiptView:
        """For whoever was just recorded: opens the status without asking for anything."""
        return await self.citizens.receipt(recording_id, lang)

    @door.delete(
        "/recordings/{recording_id}/receipt",
        status_code=204,
        responses={
            204: {"description": "Receipts made until now open nothing any more."},
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Revoke the receipts of a recording",
    )
    async def revoke_receipt(self, recording_id: RecordingPath, caller: Desk) -> None:
        """When a receipt got into wrong hands. The next one that is got is another."""
        await self.citizens.revoke(recording_id, caller.subject)

    @door.get(
        "/fairness/report",
        responses={
            **_shown(views.FAIRNESS_EXAMPLE, "Overtakes and waits by cause."),
            **problem_responses(TooBusy, InvalidInput),
        },
        openapi_extra=OPEN,
        summary="See how fair this office was",
    )
    async def get_fairness_report(self, lang: Tongue = Language.INDONESIAN) -> views.FairnessReport:
        """Of the last 30 days, counted anew every few minutes; no ids, no names."""
        return self.citizens.fairness(lang)

    @door.get(
        "/fairness/report.csv",
        response_class=Response,
        responses={
            **_shown(None, "The same as a table.", text_csv=views.CSV_EXAMPLE),
            **problem_responses(TooBusy),
        },
        openapi_extra=OPEN,
        summary="Take the report of fairness away",
    )
    async def get_fairness_csv(self) -> Response:
        """Overtakes by cause and waits by stage, in seconds."""
        report = self.citizens.fairness(Language.INDONESIAN)
        return Response(csv_of(report), media_type="text/csv")

    @door.get(
        "/fairness/details",
        responses={
            **_shown(views.DETAILS_EXAMPLE, "The report, the oldest cases, exceptions used."),
            **problem_responses(TooBusy, InvalidInput),
        },
        summary="See the oldest cases and the exceptions used",
    )
    async def get_fairness_details(
        self, caller: Watch, lang: Tongue = Language.INDONESIAN
    ) -> views.FairnessDetails:
        """For the office itself: ids, and who used exceptions."""
        return self.citizens.details(lang)


def _answer(request: Request, status: views.StatusView) -> Response:
    if wants_plain(request):
        return PlainTextResponse(status.short_message)
    return Response(status.model_dump_json(), media_type="application/json")
