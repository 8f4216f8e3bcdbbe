"""The centre, composed: its rooms behind the common doors."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import APIRouter, FastAPI
from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.central import auditing, deciding, epochs, revoking, settling
from services.central.adjudication import routes as adjudication
from services.central.adjudication.page import HOME, CasePages
from services.central.audit import entries as audit
from services.central.audit.compose import audit_of
from services.central.coverage import routes as coverage
from services.central.duties import Duties
from services.central.evidence import routes as evidence
from services.central.evidence import store as evidence_store
from services.central.evidence.faces import Faces
from services.central.evidence.loop import EvidenceWatch
from services.central.evidence.spool import Spool
from services.central.feed import routes as feed
from services.central.feed.loop import NewEntries
from services.central.fencing import routes as fencing
from services.central.identity import Challenges, ChallengeTold, Regions
from services.central.intake import routes as intake
from services.central.intake import store as intake_store
from services.central.intake.rules import KNOWN_VERSIONS
from services.central.keys import routes as keys
from services.central.keys import store as keys_store
from services.central.keys.office import KeyOfficerDoors
from services.central.keys.region_routes import KeyRequestDoors
from services.central.keys.steps import Keyroom, Policy, Renewal
from services.central.penunggalan.abis.routes import ShareDoors
from services.central.penunggalan.abis.sealing import Sealer
from services.central.penunggalan.abis.sharing import Shares
from services.central.penunggalan.checks import Uniqueness, compared
from services.central.penunggalan.iris.chosen import choose
from services.central.penunggalan.iris.matcher import Matcher
from services.central.print_authorization import routes as revocations
from services.central.print_authorization.rules import Permitter
from services.central.remedies import routes as remedies
from services.central.resync import office
from services.central.resync import routes as resync
from services.central.set_aside import routes as set_aside
from services.central.set_aside import store as set_aside_store
from services.central.settings import CentralSettings
from services.central.tables import (
    evidence_watch,
    feed_head,
    gallery_head,
    incarnation,
    intake_head,
    page_session,
    settled_head,
)
from services.central.vault.keys import vault_for
from services.central.vault.steps import CARRIED
from services.central.witnesses import routes as witnesses
from services.central.witnesses.loop import CheckpointMaker
from services.central.worker import SearchAgain, Settler
from shared.clock import Clock, SystemClock
from shared.database.engine import Database, Transaction
from shared.doors import session_doors
from shared.doors.lifetime import Lifetime, Loop
from shared.doors.serve import Draining
from shared.doors.service import create_service
from shared.doors.session import Sessions, sessions_of
from shared.evidence.store import EvidenceStore
from shared.iris_keys import GalleryKeys
from shared.pages.sign_in import install_pages, ways_in
from shared.roles import Gate
from shared.signing import PinnedKeys, SigningKey, load_or_create_key
from shared.telemetry.metrics import (
    EVIDENCE_OVERDUE,
    KEY_EXPIRES_SECONDS,
    REGIONS_AWAITED,
    SET_ASIDE,
    WAITING_AT_CENTRE,
)

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST_EPOCH = 1
NOTES = ("set-aside", "held", "repeat", "conflict")
A_REGION = "/v1/regions/{region}"
TAGS = {
    "line": "What regions and the centre say to each other. Signed both ways.",
    "evidence": "Images that follow recordings, and those that did not.",
    "coverage": "Recorded / obliged / population, nationally.",
    "set aside": "Envelopes that are kept and not acted on, and orders to try them again.",
    "adjudication": "Cases that people decide: two officers who agree, and every look noted.",
    "revocations": "Permissions taken back, and cards that must come back with them.",
    "barrier": "After a restore: which regions are awaited, waivers, contested claims.",
    "remedies": "What regions ask to delete, and a named officer's word on it.",
    "keys": "The centre's public keys, and regions' own: handed in, approved, revoked.",
    "audit": "Who looked and who acted, in one chain that regions are witness to.",
    "abis": "What an ABIS of somebody else's fetches, where one searches for the centre.",
    "duties": "What the law on personal data asks: how long data is kept, and what went wrong.",
    session_doors.TAG: session_doors.TAG_SAYS,
    "operations": "Health, version and measures.",
}
DESCRIPTION = """\
The centre of Tunggal takes regions' envelopes in order, proves each person and each NIK unique
(*penunggalan*), and answers with a signed permission to print. Every answer to a region is signed;
every refusal is a problem document whose `type` opens a page here. All data is synthetic.
"""


@dataclass(frozen=True, slots=True)
class Means:
    """What rooms are made of."""

    settings: CentralSettings
    database: Database
    regions: Regions
    key: SigningKey
    clock: Clock
    news: NewEntries
    draining: Draining
    decide_again: deciding.DecideAgain
    permitter: Permitter
    sessions: Sessions


def create_app(
    settings: CentralSettings,
    database: Database,
    draining: Draining | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    draining, clock = draining or Draining(), clock or SystemClock()
    key = load_or_create_key(settings.key_file, "centre")
    regions = _regions(settings, database, clock, key)
    database.carry(CARRIED, vault_for(settings))
    news = NewEntries()
    permitter = Permitter(key, FIRST_EPOCH, timedelta(days=settings.authorization_days))
    gallery_keys = GalleryKeys.load_or_create(settings.gallery_keys_at)
    search = choose(settings, database, Shares(key, clock), gallery_keys)
    uniqueness = _uniqueness(settings, search.matcher, gallery_keys)
    settler = Settler(database, permitter, clock, news, uniqueness)
    decide_again = deciding.decider(permitter, uniqueness)
    duties = Duties.of(settings, database, _images(settings), clock)
    sessions = sessions_of(settings, "central", page_session, database, clock, audit.entry)
    means = Means(
        settings, database, regions, key, clock, news, draining, decide_again, permitter, sessions
    )

    async def prepare() -> None:
        async with database.begin() as transaction:
            await enrol(transaction, regions, clock)
            await set_aside_store.order_readable(transaction, KNOWN_VERSIONS, clock.now())
        await search.prepare()

    loops = [
        *_settling(settings, database, clock, settler),
        *_audits(settings, database, clock, search.auditor, gallery_keys),
        *duties.loops(),
        CheckpointMaker(database, key, clock, settings.audit_checkpoint_seconds).run,
    ]
    # Whoever searches keeps a gallery up to date, whether or not it settles envelopes.
    loops = [*([search.watch.run] if search.watch else []), *(loops * settings.loops)]
    lifetime = Lifetime(database, MIGRATIONS, prepare, loops)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with lifetime.run():
            yield
        await search.close()

    app = create_service(
        name="central",
        title="Tunggal, the centre",
        description=DESCRIPTION,
        tags=TAGS,
        settings=settings,
        lifespan=lifespan,
        routers=[*_rooms(means), _shares(means, gallery_keys), *duties.routers()],
        checks={"serving": draining.check, "postgres": database.ping, "schema": lifetime.check},
        measure=lambda: measure(database, key, clock, settings.adjudication_days_max),
        health_detail=lambda: standing(database),
    )
    app.state.audit = audit_of(settings, database, clock)
    _admit(app, settings, means)
    return app


def _settling(
    settings: CentralSettings, database: Database, clock: Clock, settler: Settler
) -> list[Loop]:
    watch = EvidenceWatch(database, clock, settings.evidence_days_max)
    return [settler.run, SearchAgain(settler).run, watch.run]


def _admit(app: FastAPI, settings: CentralSettings, means: Means) -> None:
    clock = means.clock
    ways = ways_in(settings, clock, None, means.key)
    gate = Gate(settings.token_jwks, settings.token_issuer, clock, other=ways.issuer)
    app.state.gate = gate
    install_pages(app, gate, means.sessions, HOME, ways)
    if (challenges := means.regions.challenges) is not None:
        app.add_middleware(ChallengeTold, challenges=challenges)


def _uniqueness(
    settings: CentralSettings, matcher: Matcher | None, keys: GalleryKeys
) -> Uniqueness:
    return Uniqueness(
        settings.irises,
        matcher,
        compared,
        search_again=timedelta(seconds=settings.search_again_seconds),
        keys=keys,
    )


def _audits(
    settings: CentralSettings,
    database: Database,
    clock: Clock,
    auditor: Matcher | None,
    keys: GalleryKeys,
) -> list[Loop]:
    """Nothing where nobody searches in full, or nothing is to be audited."""
    share, hour = settings.search_audit_share, settings.search_audit_hour
    if auditor is None or not share:
        return []
    return [auditing.SearchAudit(database, clock, auditor, keys, share, hour).run]


def _rooms(means: Means) -> list[APIRouter]:
    settings, database, clock = means.settings, means.database, means.clock
    regions, key = means.regions, means.key
    appointments = intake.Appointments(settings.intake_per_second)
    images = _images(settings)
    cases = adjudication.AdjudicationDoors(
        database, clock, means.decide_again, settings.adjudication_days_max
    )
    return [
        intake.IntakeDoors(database, regions, key, clock, appointments).router("line", A_REGION),
        feed.FeedDoors(database, regions, key, means.news, means.draining).router("line", A_REGION),
        *_evidence_doors(settings, database, regions, key, clock, images),
        resync.ResyncDoors(database, regions, key, clock, settling.carry_out_again).router(
            "line", A_REGION
        ),
        fencing.FencingDoors(database, regions, key, clock).router("line", A_REGION),
        office.OfficeDoors(database, clock).router("barrier", "/v1"),
        coverage.CoverageDoors(database).router("coverage", "/v1"),
        set_aside.SetAsideDoors(database, KNOWN_VERSIONS, clock).router("set aside", "/v1"),
        cases.router("adjudication", "/v1/adjudication"),
        CasePages(cases, Faces(images)).router("pages"),
        remedies.RemedyDoors(database, settling.REMEDY_HANDS, clock).router("remedies", "/v1"),
        revocations.RevocationDoors(
            database, clock, revoking.revoke, revoking.permit_again(means.permitter)
        ).router("revocations", "/v1"),
        keys.KeysDoors([key], vault_for(settings).opener.keys).router("keys"),
        witnesses.WitnessDoors(database, regions, key, clock).router("line", A_REGION),
        witnesses.AuditDoors(database).router("audit", "/v1"),
        *_region_keys(means),
        session_doors.SessionDoors(means.sessions).router(session_doors.TAG, "/v1"),
    ]


def _regions(
    settings: CentralSettings, database: Database, clock: Clock, key: SigningKey
) -> Regions:
    pinned = PinnedKeys(json.loads(settings.regions_jwks.read_text()))
    grace = timedelta(days=settings.region_key_grace_days)
    challenges = Challenges(key, clock, settings.region_challenges == "required")
    has_wall = settings.region_certificates == "required"
    return Regions(pinned, clock, database, grace, challenges, has_wall)


def _region_keys(means: Means) -> list[APIRouter]:
    settings, database, regions = means.settings, means.database, means.regions
    policy = Policy(
        Renewal(settings.region_key_renewal), timedelta(days=settings.region_key_overlap_days)
    )
    keyroom = Keyroom(regions.keys, policy, lay_positions)
    asking = KeyRequestDoors(database, regions, means.key, keyroom, means.clock)
    officers = KeyOfficerDoors(database, regions, keyroom, means.clock)
    return [asking.router("keys", A_REGION), officers.router("keys", "/v1")]


def _images(settings: CentralSettings) -> EvidenceStore:
    return EvidenceStore(settings.evidence_store, settings.data_folder / "central" / "evidence")


def _shares(means: Means, keys: GalleryKeys) -> APIRouter:
    certificate = means.settings.abis_certificate
    sealer = Sealer.of(certificate) if certificate else None
    shares = Shares(means.key, means.clock)
    return ShareDoors(means.database, shares, keys, sealer).router("abis", "/v1")


def _evidence_doors(
    settings: CentralSettings,
    database: Database,
    regions: Regions,
    key: SigningKey,
    clock: Clock,
    images: EvidenceStore,
) -> list[APIRouter]:
    spool = Spool(settings.data_folder / "central" / "evidence-spool")
    doors = evidence.EvidenceDoors(database, regions, key, clock, spool, images)
    overdue = evidence.OverdueDoors(database, settings.evidence_days_max)
    return [doors.router("line", A_REGION), overdue.router("evidence", "/v1")]


async def measure(
    database: Database, key: SigningKey, clock: Clock, adjudication_days_max: int
) -> None:
    """Set the gauges of what waits to be settled, and of what nobody acts on."""
    async with database.begin() as transaction:
        queues = await intake_store.queues(transaction)
        noted = await intake_store.count_notes(transaction)
        overdue = await evidence_store.overdue_counts(transaction)
        barrier = await office.view(transaction)
        await auditing.measure(transaction, clock.now())
        await keys_store.measure(transaction, clock.now())
    EVIDENCE_OVERDUE.set(sum(overdue.values()))
    if key.life is not None:
        KEY_EXPIRES_SECONDS.labels("signing_key").set(key.life.seconds_left(clock.now()))
    for note in NOTES:
        SET_ASIDE.labels(note).set(noted.get(note, 0))
    WAITING_AT_CENTRE.set(sum(queue.waiting for queue in queues))
    REGIONS_AWAITED.set(barrier.awaited)
    await adjudication.measure(database, clock, adjudication_days_max)


async def standing(database: Database) -> Mapping[str, JsonValue]:
    """What operations want to know: the epoch, what waits, what was set aside with a note."""
    async with database.begin() as transaction:
        queues = await intake_store.queues(transaction)
        noted = await intake_store.count_notes(transaction)
        barrier = await office.view(transaction)
    return {
        "epoch": barrier.epoch,
        "is_settling": barrier.is_settling,
        "awaited": {
            one.region: one.awaiting_since.isoformat()
            for one in barrier.regions
            if one.state == "awaiting"
        },
        "waiting": {queue.region: queue.waiting for queue in queues},
        "noted_envelopes": dict(noted),
    }


async def enrol(transaction: Transaction, regions: Regions, clock: Clock) -> int:
    """Give every region whose key is pinned its positions; gives the centre's epoch."""
    if not await transaction.scalar(select(func.count()).select_from(incarnation)):
        await transaction.execute(
            insert(incarnation)
            .values(epoch=FIRST_EPOCH, began_at=clock.now())
            .on_conflict_do_nothing()
        )
    await transaction.execute(
        insert(gallery_head).values(one=1, last_pos=0).on_conflict_do_nothing()
    )
    for code in sorted(regions.codes):
        await lay_positions(transaction, code)
    return await epochs.current(transaction)


async def lay_positions(transaction: Transaction, region: str) -> None:
    """Give a new region its counter rows; an old one keeps its own."""
    for table, column in (
        (intake_head, "accepted_seq"),
        (settled_head, "settled_seq"),
        (feed_head, "last_pos"),
        (evidence_watch, "watched_seq"),
    ):
        await transaction.execute(
            insert(table).values(region_code=region, **{column: 0}).on_conflict_do_nothing()
        )
