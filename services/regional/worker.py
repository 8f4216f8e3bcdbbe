"""The region's loops: the uplink and the feed reader, each on its own."""

from services.regional.central_client.client import CentralClient
from services.regional.feed_reader.loop import FeedReader
from services.regional.settings import RegionalSettings
from services.regional.uplink.loop import Uplink
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.lifetime import Loop


def loops(
    settings: RegionalSettings, database: Database, client: CentralClient, clock: Clock
) -> list[Loop]:
    uplink = Uplink(database, client, settings.region, clock, settings.retry_cap_seconds)
    reader = FeedReader(database, client, settings.region, clock, settings.retry_cap_seconds)
    return [uplink.run, reader.run]
