"""The room of adjudication behind its real doors: database, socket, sessions, a clock to move."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import httpx
import orjson
from fastapi import FastAPI
from sqlalchemy import func, insert, select

from services.central.adjudication import routes, steps, store
from services.central.adjudication.page import HOME, CasePages
from services.central.adjudication.steps import CandidateEvidence, DecideAgain, NewCase
from services.central.app import enrol
from services.central.audit import entries as audit
from services.central.evidence.faces import Faces
from services.central.identity import Regions
from services.central.intake import steps as intake
from services.central.tables import (
    adjudication_case,
    adjudication_view,
    evidence,
    page_session,
)
from shared.clock import Clock, ManualClock
from shared.contracts.recording import Modality, Recording
from shared.database.engine import Database, Transaction
from shared.doors.serve import Draining
from shared.doors.service import create_service
from shared.doors.session import Sessions
from shared.doors.session_doors import SessionDoors
from shared.evidence.store import EvidenceStore
from shared.ids import new_id
from shared.pages.sign_in import WaysIn, install_pages
from shared.roles import Gate, Role, make_token
from shared.settings import ServiceSettings
from shared.signing import PinnedKeys, jwks_of, new_key
from tests.recordings import NOON, a_recording, batch_of
from tests.town import NEIGHBOUR, REGION, Databases, Served

SESSION_COOKIE = "__Host-tunggal-central"
DEMOGRAPHIC = {
    "score": 0.014,
    "weight": -2.1,
    "contradictions": [],
    "fields": [
        {
            "field": "name",
            "level": "some_words",
            "weight": 1.9,
            "sentence_id": "Sebagian kata dari kedua nama sama.",
            "sentence_en": "Some words of the names are the same.",
        },
        {
            "field": "birth_date",
            "level": "far",
            "weight": -6.5,
            "sentence_id": "Tanggal lahir jauh berbeda.",
            "sentence_en": "The birth dates are far apart.",
        },
        {
            "field": "sex",
            "level": "same",
            "weight": 1.0,
            "sentence_id": "Jenis kelamin sama.",
            "sentence_en": "The sexes are the same.",
        },
    ],
}


def two_people(number: int = 1) -> tuple[Recording, Recording]:
    """Two women who wear lenses of one maker."""
    this = a_recording(
        number,
        captured_by="desi",
        card={
            "name": "MUHAMMAD CONTOH LESTARI",
            "birth_date": "1990-07-12",
            "birth_place": "SINGKAWANG",
        },
        mother_name="IBU CONTOH",
    )
    that = a_recording(
        number + 1,
        captured_by="nova",
        station="bengkayang-2",
        card={
            "name": "MOHAMAD CONTOH LESTARI",
            "birth_date": "1968-01-30",
            "birth_place": "BENGKAYANG",
            "address": {
                "street": "JALAN CONTOH 19",
                "rt": "001",
                "rw": "004",
                "ward": "61.07.01.2001",
            },
            "marital_status": "married",
        },
        mother_name="IBU LAIN",
        family_card="6107010101150003",
    )
    return this, that


class Desk:
    """Made by `desk_of`. `heard` is what was decided again."""

    def __init__(
        self, database: Database, folder: Path, decide_again: DecideAgain | None = None
    ) -> None:
        self.ways = WaysIn()
        self.database = database
        self.decide_again = decide_again or self._hear
        self.clock = ManualClock(NOON)
        self.served = Served()
        self.heard: list[tuple[UUID, str, UUID | None]] = []
        self.images = EvidenceStore(None, folder / "evidence")
        self._issuer = new_key("issuer")
        self._folder = folder
        self._seqs = {REGION: 1, NEIGHBOUR: 1}

    async def _hear(
        self,
        transaction: Transaction,
        region: str,
        recording_id: UUID,
        basis: str,
        rival_id: UUID | None,
        now: datetime,
    ) -> None:
        await transaction.execute(select(func.count()).select_from(adjudication_case))
        self.heard.append((recording_id, basis, rival_id))

    def app(self) -> FastAPI:
        jwks = self._folder / "issuer.jwks.json"
        jwks.write_bytes(orjson.dumps(jwks_of([self._issuer])))
        gate = Gate(str(jwks), "tunggal-local", self.clock, other=self.ways.issuer)
        self.sessions = Sessions("central", page_session, self.database, self.clock, audit.entry)
        cases = routes.AdjudicationDoors(self.database, self.clock, self.decide_again, 3)

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            yield

        async def measure() -> None:
            await routes.measure(self.database, self.clock, 3)

        app = create_service(
            name="central",
            title="Adjudication alone",
            description="For tests.",
            tags={"adjudication": "Cases."},
            settings=ServiceSettings(),
            lifespan=lifespan,
            routers=[
                cases.router("adjudication", "/v1/adjudication"),
                CasePages(cases, Faces(self.images)).router("pages"),
                SessionDoors(self.sessions).router("adjudication", "/v1"),
            ],
            checks={},
            measure=measure,
        )
        app.state.gate = gate
        install_pages(app, gate, self.sessions, HOME, self.ways)
        return app

    def token(self, officer: str, *roles: Role, hours: float = 8) -> str:
        given = list(roles or (Role.ADJUDICATOR,))
        lifetime = timedelta(hours=hours)
        return make_token(self._issuer, officer, given, None, lifetime, self.clock.now())

    @asynccontextmanager
    async def client(self, officer: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A program's client with a token, or a browser's without one."""
        headers = {"authorization": f"Bearer {self.token(officer)}"} if officer else {}
        async with httpx.AsyncClient(
            base_url=self.served.address, headers=headers, trust_env=False, verify=False
        ) as client:
            yield client

    async def open_case(
        self, number: int = 1, moment: datetime = NOON, candidates: int = 1
    ) -> tuple[UUID, Recording, Recording]:
        """Recordings that resemble, held by the centre, and the case about them."""
        this, that = two_people(number)
        others = [that, *(two_people(number)[1] for _ in range(candidates - 1))]
        for region, ones in ((REGION, [this]), (NEIGHBOUR, others)):
            batch = batch_of(region, self._seqs[region], ones)
            self._seqs[region] += len(ones)
            async with self.database.begin() as transaction:
                await intake.take(transaction, region, batch, NOON)
        found = tuple(
            CandidateEvidence(
                one.recording_id, NEIGHBOUR, one.captured_at, 0.163, 0.421, DEMOGRAPHIC
            )
            for one in others
        )
        case = NewCase(REGION, this.recording_id, 1, "resembling", found, 0.286, 0.331)
        async with self.database.begin() as transaction:
            await steps.open_cases(transaction, [case], moment)
            opened = await store.lock_open(transaction, {(REGION, this.recording_id)})
        return opened[REGION, this.recording_id][0], this, that

    async def open_bare_cases(self, count: int) -> None:
        """Cases about recordings nobody sent, overdue and held, as long in a list as any."""
        moment = self.clock.now() - timedelta(days=9)
        cases = [NewCase(REGION, new_id(), 1, "biometric-exception", ()) for _ in range(count)]
        async with self.database.begin() as transaction:
            await steps.open_cases(transaction, cases, moment)
            found = await store.listed(transaction, is_open=True, items_max=count)
            for one in found:
                await steps.claim(
                    transaction, REGION, one.case.case_id, "o" * 24, routes.LEASE, self.clock.now()
                )

    async def give_face(self, region: str, recording_id: UUID, image: bytes) -> None:
        await self.images.put(f"{region}/{recording_id}/{Modality.FACE.value}", image)
        async with self.database.begin() as transaction:
            await transaction.execute(
                insert(evidence).values(
                    region_code=region,
                    recording_id=recording_id,
                    part=Modality.FACE.value,
                    sha256=sha256(image).digest(),
                    offset_bytes=len(image),
                    restarts=0,
                    began_at=NOON,
                    received_at=NOON,
                )
            )

    async def looks(self, case_id: UUID) -> list[tuple[str, str]]:
        """(officer, what) of every look at a case that was written down, in no order."""
        view = adjudication_view.c
        async with self.database.begin() as transaction:
            rows = await transaction.execute(
                select(view.officer, view.what).where(view.case_id == case_id)
            )
        return sorted((row.officer, row.what) for row in rows)

    def heard_of(self, recording: Recording) -> list[tuple[str, UUID | None]]:
        """What was decided again of a recording: (basis, rival)."""
        return [(basis, rival) for one, basis, rival in self.heard if one == recording.recording_id]


@asynccontextmanager
async def desk_of(
    databases: Databases,
    folder: Path,
    decider_of: Callable[[Database], DecideAgain] | None = None,
    ways_of: Callable[[Clock], WaysIn] | None = None,
) -> AsyncIterator[Desk]:
    """decider_of: how the centre decides again; without it, that is only heard."""
    async with databases.fresh("central") as url:
        database = Database(url, 4)
        desk = Desk(database, folder, decider_of(database) if decider_of else None)
        if ways_of is not None:
            desk.ways = ways_of(desk.clock)
        regions = Regions(PinnedKeys(jwks_of([new_key(REGION), new_key(NEIGHBOUR)])), desk.clock)
        async with database.begin() as transaction:
            await enrol(transaction, regions, desk.clock)
        await desk.served.start(desk.app(), Draining())
        try:
            yield desk
        finally:
            await desk.served.stop()
            await database.close()


def cookie_of(answer: httpx.Response) -> str:
    """What a browser would send back."""
    return answer.headers["set-cookie"].partition(";")[0]


def a_case_path(case_id: UUID, end: Sequence[str] = ()) -> str:
    return "/".join([f"{HOME}/cases/{REGION}/{case_id}", *end])
