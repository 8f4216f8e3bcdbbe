"""The region's loops: the uplink, the feed reader, the images and the re-sync, each on its own."""

from services.regional.central_client.client import CentralClient
from services.regional.central_client.evidence import EvidenceLine
from services.regional.evidence.loop import EvidenceSender, EvidenceWatch
from services.regional.feed_reader import steps as feed_reader
from services.regional.feed_reader.loop import FeedReader
from services.regional.hooks.loop import HookSender
from services.regional.printing.loop import Renewals
from services.regional.resync.loop import Hands, Resync
from services.regional.settings import RegionalSettings
from services.regional.uplink import steps as uplink_steps
from services.regional.uplink.loop import Uplink
from services.regional.witness.loop import WitnessLoop
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.lifetime import Loop
from shared.evidence.store import EvidenceStore


def loops(
    settings: RegionalSettings,
    database: Database,
    client: CentralClient,
    images: EvidenceStore,
    clock: Clock,
) -> list[Loop]:
    uplink = Uplink(database, client, settings.region, clock, settings.retry_cap_seconds)
    reader = FeedReader(database, client, settings.region, clock, settings.retry_cap_seconds)
    sender = EvidenceSender(
        database,
        EvidenceLine(client),
        images,
        clock,
        settings.retry_cap_seconds,
        settings.evidence_piece_seconds,
    )
    watch = EvidenceWatch(database, settings.region, clock, settings.evidence_days_max)
    hands = Hands(feed_reader.follow_epoch, uplink_steps.step_back)
    resync = Resync(database, client, settings.region, clock, settings.retry_cap_seconds, hands)
    renewals = Renewals(database, settings.region, clock)
    gateways = HookSender(database, settings.region, clock)
    witness = WitnessLoop(database, client, clock, settings.audit_witness_seconds)
    rooms = (witness, uplink, reader, sender, watch, resync, renewals, gateways)
    return [room.run for room in rooms]
