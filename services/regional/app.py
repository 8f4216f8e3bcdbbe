"""A regional server, composed: its rooms behind the common doors."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
from fastapi import APIRouter, FastAPI
from pydantic import JsonValue
from sqlalchemy.dialects.postgresql import insert

from services.regional import lives, worker
from services.regional.amendments import routes as amendments
from services.regional.audit import entries as audit
from services.regional.audit.compose import audit_of
from services.regional.blanks import compose as blanks
from services.regional.central_client.client import CentralClient, CentreKeys
from services.regional.central_client.credentials import Credentials, Tls, tls_of
from services.regional.central_client.loop import KeyWatch
from services.regional.central_client.own_key import OwnKey
from services.regional.citizen.compose import CitizenRoom
from services.regional.console import routes as console
from services.regional.console.loop import LineWatch
from services.regional.console.page import TEMPLATES as CONSOLE_PAGES
from services.regional.console.page import ConsolePages
from services.regional.console.sources import Sources
from services.regional.coverage.compose import CoverageRoom
from services.regional.disk.ballast import ballast_of
from services.regional.disk.loop import DiskWatch, Limits
from services.regional.duties import Duties
from services.regional.evidence import routes as evidence
from services.regional.evidence import store as evidence_store
from services.regional.field import doors as field
from services.regional.hooks import routes as hooks
from services.regional.keys.loop import KeyRenewal
from services.regional.operators import routes as operators
from services.regional.operators.steps import OperatorEyes
from services.regional.outreach import doors as outreach
from services.regional.pages import HOME, pages_of
from services.regional.printing import compose as printing
from services.regional.printing import endings, office, turns
from services.regional.printing.store import Held
from services.regional.recording import routes as recording
from services.regional.recording.handing import hand_in
from services.regional.recording.loop import CommitLane
from services.regional.recording.short import ShortWay, is_work
from services.regional.remedies import routes as remedies
from services.regional.remedies import store as remedies_store
from services.regional.residents.compose import ResidentsRoom
from services.regional.sealing import give_seals, seals_recordings
from services.regional.settings import RegionalSettings
from services.regional.status import routes as status
from services.regional.status import steps as status_steps
from services.regional.status import store as status_store
from services.regional.status.views import LineView, OutageView, RecordingStatus
from services.regional.suket import compose as suket
from services.regional.tables import (
    evidence_watch,
    feed_position,
    outbox_head,
    page_session,
    uplink_position,
)
from shared.clock import Clock, SystemClock
from shared.database.engine import Database, Transaction
from shared.doors import session_doors
from shared.doors.lifetime import Lifetime
from shared.doors.serve import Draining
from shared.doors.service import create_service
from shared.doors.session import Sessions, sessions_of
from shared.evidence.store import EvidenceStore
from shared.iris_keys import GalleryKeys
from shared.pages.sign_in import install_pages, ways_in
from shared.roles import Gate
from shared.signing import PinnedKeys
from shared.telemetry.metrics import (
    CARDS_TO_WITHDRAW,
    DISK_RECORDINGS_LEFT,
    DISK_TAKES_RECORDINGS,
    EVIDENCE_OVERDUE,
    EVIDENCE_WAITING,
    FEED_LAG_ENTRIES,
    KEY_EXPIRES_SECONDS,
    LINE_UP,
    OUTBOX_ITEMS,
    OUTBOX_OLDEST_SECONDS,
    PERMISSIONS_EXPIRING,
    SET_ASIDE,
)
from shared.zones import zone_of

MIGRATIONS = Path(__file__).parent / "migrations"
TAGS = {
    "recordings": "Take recordings; they are safe when the receipt is here, line or no line.",
    "evidence": "Images of recordings; they follow to the centre when no envelope waits.",
    "status": "Where a recording is, why it waits, how the queue stands.",
    "console": "What an office does today, how its line did, who stands at its desk.",
    "citizen": "What whoever was recorded may know of it, and everybody of fairness.",
    "remedies": "Recordings that cannot be printed as they stand, and what sets them right.",
    "operators": "Officers' own irises, so that no citizen's recording carries them.",
    "printing": "Permissions, blanks, cards.",
    "blanks": "Blank cards, one by one: received, used, spoiled, burnt, and how long they last.",
    "suket": "Temporary certificates for people who are recorded and have no card yet.",
    "amendments": "Changes of proven people's data, lost and damaged cards, what held when.",
    "residents": "The civil registry's list of residents, by change sets.",
    "coverage": "Recorded / obliged / population of this region.",
    "hooks": "Gateways of the office's own that are told what happens to recordings.",
    "field": "Where teams go, who is visited at home, and what was recorded without a line.",
    "outreach": "Who is not recorded yet: letters, replies, visits, reasons that close a search.",
    "duties": "What the law on personal data asks: how long data is kept, and what went wrong.",
    session_doors.TAG: session_doors.TAG_SAYS,
    "audit": "Who looked and who acted here, and what this region witnesses of the centre's audit.",
    "operations": "Health, version and measures.",
}
DESCRIPTION = """\
A regional civil-registry server of Tunggal. It records citizens for the electronic identity card,
queues the recordings, sends them to the centre whatever the weather does to the line, and prints a
card only with the centre's signed permission. Every refusal is a problem document whose `type`
opens a page here. All data is synthetic.
"""


def centre_keys(source: str, tls: Tls | None = None) -> CentreKeys:
    """Pinned from a file now, or fetched from a named address at first need."""
    if source.startswith(("http://", "https://")):
        return CentreKeys(None, source, tls)
    return CentreKeys(PinnedKeys(json.loads(Path(source).read_text())), None)


def create_app(
    settings: RegionalSettings,
    database: Database,
    draining: Draining | None = None,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """transport: another way to the centre than by sockets."""
    draining, clock = draining or Draining(), clock or SystemClock()
    tls = tls_of(settings.centre_ca, settings.client_certificate, settings.client_key)
    centre = centre_keys(settings.centre_jwks, tls)
    own = OwnKey(settings.key_file, settings.region)
    client = CentralClient(
        settings.centre_address, settings.region, own, centre, tls, clock, transport
    )
    credentials = Credentials(own, settings.client_certificate, lambda: client.key_trouble)
    ways = ways_in(settings, clock, settings.region, own.present)
    gate = Gate(settings.token_jwks, settings.token_issuer, clock, settings.region, ways.issuer)
    means = _means(settings, database, clock, centre, draining)
    lane, disk, eyes = means.lane, means.disk, means.eyes
    watch = KeyWatch(credentials, settings.region, clock)
    loops = [lane.run, disk.run, means.residents.reader.run, watch.run, means.citizens.learner.run]
    if settings.loops:
        loops += worker.loops(settings, database, client, means.images, clock)
        loops.append(KeyRenewal.of(settings, own, client, clock).run)
        loops.append(means.coverage.freezer.run)
        loops += [LineWatch(database, means.sources, clock).run, *means.duties.loops()]

    async def prepare() -> None:
        await begin_life(database, settings.region, clock)
        async with database.begin() as transaction:
            await eyes.load(transaction)

    lifetime = Lifetime(database, MIGRATIONS, prepare, loops)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.gate = gate
        async with lifetime.run():
            yield
        await client.close()

    app = create_service(
        name="regional",
        title=f"Tunggal, region {settings.region}",
        description=DESCRIPTION,
        tags=TAGS,
        settings=settings,
        lifespan=lifespan,
        routers=_rooms(settings, database, clock, means),
        checks={"serving": draining.check, "postgres": database.ping, "schema": lifetime.check},
        measure=lambda: measure(database, settings.region, credentials, disk, clock),
        health_detail=lambda: standing(database, settings.region, credentials, disk, clock),
        short_way=lambda stack: ShortWay(stack, lane, gate.admit),
        is_work=is_work,
    )
    app.state.audit = audit_of(settings, database, clock)
    install_pages(app, gate, means.sessions, HOME, ways)
    return app


@dataclass(frozen=True, slots=True)
class Means:
    """What rooms are made of, beside settings, database and clock."""

    centre: CentreKeys
    lane: CommitLane
    disk: DiskWatch
    images: EvidenceStore
    eyes: OperatorEyes
    sources: Sources
    residents: ResidentsRoom
    coverage: CoverageRoom
    citizens: CitizenRoom
    duties: Duties
    draining: Draining
    sessions: Sessions


def _means(
    settings: RegionalSettings,
    database: Database,
    clock: Clock,
    centre: CentreKeys,
    draining: Draining,
) -> Means:
    region, data = settings.region, settings.data_folder / "regional"
    disk = _disk_of(settings, database, clock)
    eyes = OperatorEyes(GalleryKeys.load_or_create(settings.gallery_keys_at))
    images = EvidenceStore(settings.evidence_store, data / "evidence")
    sealer = give_seals(settings, database, clock).sealer
    return Means(
        centre=centre,
        lane=CommitLane(database, region, clock, disk, eyes, zone_of(settings.zone), sealer),
        disk=disk,
        images=images,
        eyes=eyes,
        sources=console_sources(region, disk, clock),
        residents=ResidentsRoom(settings, database, clock),
        coverage=CoverageRoom(settings, database, clock),
        citizens=CitizenRoom(settings, database, clock, status_steps.status_of),
        duties=Duties.of(settings, database, images, clock),
        draining=draining,
        sessions=sessions_of(settings, "regional", page_session, database, clock, audit.entry),
    )


def _rooms(
    settings: RegionalSettings, database: Database, clock: Clock, means: Means
) -> list[APIRouter]:
    region, zone = settings.region, zone_of(settings.zone)
    desk = console.ConsoleDoors(database, region, zone, clock, means.sources)
    return [
        recording.RecordingDoors(means.lane).router("recordings", "/v1"),
        evidence.EvidenceDoors(database, means.images, clock, settings.evidence_days_max).router(
            "evidence", "/v1"
        ),
        status.StatusDoors(database, region, zone, clock, means.disk).router("status", "/v1"),
        desk.router("console", "/v1"),
        ConsolePages(desk, pages_of(CONSOLE_PAGES, settings.zone), means.draining).router("pages"),
        remedies.RemedyDoors(database, region, zone, clock).router("remedies", "/v1"),
        operators.OperatorDoors(database, region, clock, means.eyes).router("operators", "/v1"),
        *printing.routers(settings, database, means.centre, clock),
        *blanks.routers(settings, database, clock),
        amendments.AmendmentDoors(database, region, zone, clock).router("amendments", "/v1"),
        *means.residents.routers(),
        *means.coverage.routers(),
        *suket.routers(settings, database, clock, status_steps.status_of),
        *means.citizens.routers(),
        session_doors.SessionDoors(means.sessions).router(session_doors.TAG, "/v1"),
        hooks.HookDoors(database, region, clock).router("hooks", "/v1"),
        *outreach.routers(settings, database, clock),
        *means.duties.routers(),
        *field.routers(
            settings, database, clock, partial(_follow, region), partial(hand_in, means.lane)
        ),
    ]


def console_sources(region: str, disk: DiskWatch, clock: Clock) -> Sources:
    """What other rooms tell the console."""

    async def line(transaction: Transaction) -> tuple[LineView, int]:
        found = await status_steps.queue_state(transaction, region, None)
        return found.line, found.waiting

    async def outage(transaction: Transaction) -> OutageView:
        return await status_steps.outage(transaction, region, disk.state(clock.now()))

    async def printable(transaction: Transaction, when: turns.Moment, limit: int) -> list[Held]:
        return [one.held for one in await turns.oldest(transaction, when, limit)]

    return Sources(
        follow=partial(_follow, region),
        line=line,
        outage=outage,
        unsettled=lambda transaction, limit: remedies_store.unsettled(transaction, 0, limit),
        printable=lambda transaction, now, today, limit: printable(
            transaction, turns.Moment(now, today), limit
        ),
        count_printable=lambda transaction, now, today: turns.count_printable(
            transaction, turns.Moment(now, today)
        ),
        count_held=turns.count_held,
        to_withdraw=endings.count_to_withdraw,
    )


async def _follow(
    region: str, transaction: Transaction, recording_id: UUID, today: date
) -> RecordingStatus:
    return await status_steps.status_of(transaction, region, recording_id, today)


def _disk_of(settings: RegionalSettings, database: Database, clock: Clock) -> DiskWatch:
    limits = Limits(settings.data_folder, settings.disk_budget_bytes, settings.disk_reserve_bytes)
    return DiskWatch(database, settings.region, limits, ballast_of(settings), clock)


async def measure(
    database: Database, region: str, credentials: Credentials, disk: DiskWatch, clock: Clock
) -> None:
    """Set the gauges of the queue, the line, the disk and our keys."""
    room = disk.state(clock.now())
    DISK_TAKES_RECORDINGS.set(int(room.takes_recordings))
    if room.recordings_left is not None:
        DISK_RECORDINGS_LEFT.set(room.recordings_left)
    for what, life in credentials.lives().items():
        KEY_EXPIRES_SECONDS.labels(what).set(life.seconds_left(clock.now()))
    async with database.begin() as transaction:
        queue = await status_steps.queue_state(transaction, region, None)
        aside = await status_store.counts_aside(transaction)
        waiting_images, _ = await evidence_store.waiting(transaction)
        overdue = await evidence_store.count_overdue(transaction)
        ending = clock.now() + timedelta(days=office.EXPIRING_DAYS)
        PERMISSIONS_EXPIRING.set(await endings.count_expiring(transaction, ending))
        CARDS_TO_WITHDRAW.set(await endings.count_to_withdraw(transaction))
    EVIDENCE_WAITING.set(waiting_images)
    EVIDENCE_OVERDUE.set(overdue)
    for note, count in aside.items():
        SET_ASIDE.labels(note).set(count)
    OUTBOX_ITEMS.labels("waiting").set(queue.waiting)
    OUTBOX_ITEMS.labels("acknowledged").set(queue.acknowledged_seq)
    oldest = queue.oldest_waiting_since
    OUTBOX_OLDEST_SECONDS.set((clock.now() - oldest).total_seconds() if oldest else 0)
    FEED_LAG_ENTRIES.set(queue.feed_head_pos - queue.feed_applied_pos)
    LINE_UP.set(0 if queue.line.state == "down" else 1)


async def standing(
    database: Database, region: str, credentials: Credentials, disk: DiskWatch, clock: Clock
) -> Mapping[str, JsonValue]:
    """How line, disk and keys stand: a region is healthy with its line down, but people ask."""
    async with database.begin() as transaction:
        queue = await status_steps.queue_state(transaction, region, None)
        aside = await status_store.counts_aside(transaction)
        is_sealing = seals_recordings(transaction)
    since, room = queue.line.since, disk.state(clock.now())
    return {
        "line": queue.line.state,
        "line_since": since.isoformat() if since else None,
        "waiting": queue.waiting,
        "takes_recordings": room.takes_recordings,
        "recordings_left": room.recordings_left,
        "disk_full_not_before": room.full.not_before.isoformat() if room.full else None,
        "keys": {
            what: {
                "expires_at": life.not_after.isoformat(),
                "state": life.state(clock.now()).value,
            }
            for what, life in credentials.lives().items()
        },
        "seals_recordings": is_sealing,
        "key_refused": told.state if (told := credentials.refused) else None,
        "kept_and_not_acted_on": dict(aside),
    }


async def begin_life(database: Database, region: str, clock: Clock) -> None:
    """What a start does first: positions for a new region, and a life of its own."""
    await lay_positions(database, region)
    async with database.begin() as transaction:
        await lives.begin(transaction, clock.now())


async def lay_positions(database: Database, region: str) -> None:
    """Give a new region its counter rows; an old one keeps its own."""
    async with database.begin() as transaction:
        await transaction.execute(
            insert(outbox_head).values(region_code=region, last_seq=0).on_conflict_do_nothing()
        )
        await transaction.execute(
            insert(uplink_position)
            .values(region_code=region, acked_seq=0, offered_seq=0, epoch=0, failures_in_a_row=0)
            .on_conflict_do_nothing()
        )
        await transaction.execute(
            insert(feed_position)
            .values(region_code=region, applied_pos=0, head_pos=0, epoch=0)
            .on_conflict_do_nothing()
        )
        await transaction.execute(
            insert(evidence_watch)
            .values(region_code=region, watched_seq=0)
            .on_conflict_do_nothing()
        )
