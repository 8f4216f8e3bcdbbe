"""`tunggal audit-searches`: make a share of all searches anew, in full, and compare."""

import asyncio
import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.command.exits import ExitCode, give_up
from services.command.local import AsJson
from services.command.servers import Service, settings_of

if TYPE_CHECKING:
    from services.central.auditing import Tally
    from services.central.settings import CentralSettings
    from shared.database.engine import Database

DAY = "%Y-%m-%d"


def audit_searches(
    share: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Of all searches; as the centre's setting, if absent."),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(formats=[DAY], help="The day that draws which ones; today (WIB), if absent."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a share of all searches of irises anew, in full, and compare with what was decided.

    The centre does so by itself each night. Whoever was missed comes before two officers. Settings
    are the centre's; ends with 6 where an audit disagrees, or could not look at all of them.
    """
    from services.central.penunggalan.iris.matcher import GalleryIncomplete
    from services.central.settings import CentralSettings
    from shared.clock import SystemClock
    from shared.database.placement import EmbeddedPostgresFailed
    from shared.zones import zone_of

    settings = settings_of(Service.CENTRAL)
    assert isinstance(settings, CentralSettings)
    drawn_by = day.date() if day else SystemClock().now().astimezone(zone_of("WIB")).date()
    asked = settings.search_audit_share if share is None else share
    try:
        tally = _audited(settings, asked, drawn_by)
    except EmbeddedPostgresFailed as failed:
        give_up(ExitCode.FAILED, f"{failed} Or give TUNGGAL_CENTRAL_DATABASE_URL.")
    except GalleryIncomplete:
        give_up(ExitCode.FAILED, "A part of the gallery is away: start the matchers, then again.")
    told = {"day": drawn_by.isoformat(), "share": asked}
    told |= {"audited": tally.audited, "disagreed": tally.disagreed, "is_whole": tally.is_whole}
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        typer.echo(f"{tally.audited:,} searches made anew, {tally.disagreed:,} had missed somebody")
    if not tally.is_whole:
        typer.echo("The centre waits for regions: nothing is audited until then.", err=True)
    if tally.disagreed or not tally.is_whole:
        raise typer.Exit(ExitCode.DEGRADED)


def _audited(settings: "CentralSettings", share: float, day: date) -> "Tally":
    import structlog

    from shared.doors.lifetime import database_for

    # Data goes to stdout, and which recordings disagree is talk.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    database, embedded = database_for(settings, Service.CENTRAL)
    try:
        return asyncio.run(audit(settings, database, share, day))
    finally:
        if embedded is not None:
            embedded.stop()


async def audit(
    settings: "CentralSettings", database: "Database", share: float, day: date
) -> "Tally":
    """Audit a day's share. Raises GalleryIncomplete."""
    from services.central.auditing import SearchAudit, Tally
    from services.central.penunggalan.iris.chosen import built_in
    from services.central.vault.keys import vault_for
    from services.central.vault.steps import CARRIED
    from shared.clock import SystemClock
    from shared.iris_keys import GalleryKeys
    from shared.sealing import KeyRing

    database.carry(CARRIED, vault_for(settings))
    keys = GalleryKeys(KeyRing.load(settings.gallery_keys_at))
    chosen = built_in(settings, database, keys)
    if chosen.auditor is None:
        return Tally()
    try:
        await chosen.prepare()
        hour = settings.search_audit_hour
        auditor = SearchAudit(database, SystemClock(), chosen.auditor, keys, share, hour)
        return await auditor.audit(day)
    finally:
        await chosen.close()
        await database.close()
