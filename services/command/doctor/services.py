"""One running service from outside: does it answer, is it ready, what do its measures say."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from services.command.doctor.findings import Absent, Good, State, Trouble, Verdict
from shared.clock import Clock

ANSWER_SECONDS_MAX = 5.0
DISK_BYTES_MIN = 256 * 1024**2
DISK_BYTES_LOW = 2 * 1024**3
DISK_DAYS_LOW = 14
# A sent byte lies in the outbox once; indexes, dead rows and log take about as much again.
DISK_BYTES_PER_SENT_BYTE = 2
RATE_SECONDS_MIN = 600
OLDEST_SECONDS_MAX = 15 * 60
DAY_SECONDS = 86_400
DOUBTS = "tunggal_audit_doubts_items"
_LINE = re.compile(r"^\[([+-])\](\w+) (?:ok|failed: (\w+))", re.MULTILINE)


@dataclass(slots=True)
class ServiceExaminer:
    """`is_expected`: somebody said it runs there, so that silence is a failure."""

    name: str
    address: str
    is_expected: bool
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=ANSWER_SECONDS_MAX, trust_env=False)
    )
    readiness: dict[str, str | None] = field(default_factory=dict)

    def answers(self) -> Verdict:
        try:
            answer = self.http.get(f"{self.address}/v1/version")
            told = answer.json() if answer.is_success else {}
            ready = self.http.get(f"{self.address}/readyz", params={"verbose": "true"})
        except (httpx.TransportError, httpx.InvalidURL):
            if not self.is_expected:
                return Absent(f"not running at {self.address}: `tunggal up` starts it")
            return Trouble(
                f"nobody answers at {self.address}",
                f"Start it (`tunggal up`, or `tunggal serve {self.name}`) and look at its log.",
            )
        except ValueError:
            told = {}
        if not isinstance(told, dict) or told.get("service") != self.name:
            other = "Stop what answers there, or name the right address."
            return Trouble(f"something else answers at {self.address}", other)
        for sign, check, trouble in _LINE.findall(ready.text):
            self.readiness[check] = None if sign == "+" else trouble
        mine = version("tunggal")
        if told.get("version") != mine:
            return Trouble(
                f"it runs {told.get('version')}, installed is {mine}",
                "Restart it to run what is installed.",
                State.WARNING,
            )
        return Good(f"{self.address} runs {mine}")

    def postgres(self) -> Verdict:
        if (trouble := self.readiness.get("postgres")) is not None:
            return Trouble(
                f"its database does not answer ({trouble})",
                f"Start its PostgreSQL, or correct TUNGGAL_{self.name.upper()}_DATABASE_URL. "
                "With an embedded one, restart the service. It recovers by itself then.",
            )
        return Good("its database answers")

    def schema(self) -> Verdict:
        match self.readiness.get("schema"):
            case None:
                return Good("the schema is this program's")
            case "ForeignSchema":
                return Trouble(
                    "the database has another program's schema",
                    f"Run `tunggal migrate {self.name}` with the newest program, then restart.",
                )
            case trouble:
                return Trouble(
                    f"it has not finished starting, or a loop of it died ({trouble})",
                    "Wait a few seconds and look again; if it stays, restart it and keep its log.",
                )

    def ready(self) -> Verdict:
        broken = [check for check, trouble in self.readiness.items() if trouble is not None]
        if broken:
            return Trouble(f"not ready: {', '.join(broken)}", "It is stopping: start it again.")
        return Good("ready")

    def detail(self, token: str) -> Mapping[str, Any]:
        """What `/v1/health` tells operations; empty for none."""
        try:
            answer = self.http.get(
                f"{self.address}/v1/health", headers={"authorization": f"Bearer {token}"}
            )
            return dict(answer.json()["detail"]) if answer.is_success else {}
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return {}

    def measures(self) -> Mapping[str, float]:
        """Values of the measures without labels, or with one by `name{value}`; empty for none."""
        try:
            text = self.http.get(f"{self.address}/metrics").text
            return {
                sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): (
                    sample.value
                )
                for family in text_string_to_metric_families(text)
                for sample in family.samples
                if len(sample.labels) <= 1
            }
        except (httpx.HTTPError, ValueError):
            return {}


def barrier(detail: Mapping[str, Any], measures: Mapping[str, float]) -> Verdict:
    """Whether the centre decides, or waits for regions after a restore: which, and since when.

    detail: empty without a token; then only the number is known.
    """
    waits = {str(region): str(since) for region, since in detail.get("awaited", {}).items()}
    count = len(waits) or int(measures.get("tunggal_regions_awaited", 0))
    if not count:
        return Good("the centre waits for no region")
    told = ", ".join(f"{region} since {since}" for region, since in sorted(waits.items()))
    which = told or f"{count} regions: `tunggal centre awaited` tells which"
    return Trouble(
        f"restored, the centre decides nothing: it waits for {which}",
        "Get their lines up: they hand back by themselves what they hold. One that cannot come may "
        "be waived by an officer, POST /v1/regions/{region}/waiver; what it brings later is then "
        "contested.",
        State.WARNING,
    )


def name(detail: Mapping[str, Any]) -> Verdict:
    """Whether this region's server may speak for its region, and believes its centre."""
    match detail.get("line"):
        case None:
            return Absent("no token: set TUNGGAL_TOKEN (role operations) to look at it")
        case "fenced":
            return Trouble(
                "fenced: another server speaks for this region, and this one sends, reads and "
                "prints nothing",
                "Find the other server and stop one of the two. To give the name back to this "
                "one: POST /v1/regions/{region}/takeover at the centre.",
            )
        case "foreign":
            return Trouble(
                "the centre's word cannot be true here: it holds what this server never wrote, or "
                "lost what it had receipted",
                "Record on, send nothing by hand. Ask the centre whether it was put back to an "
                "earlier moment (`tunggal centre restored`); else this server was: see "
                "OPERATIONS, Backups.",
            )
        case "key":
            told = detail.get("key_refused")
            return Trouble(
                f"the centre does not take this server's key ({told}); recording goes on",
                "`tunggal region key` says what the key is; OPERATIONS, Keys of regions, what to "
                "do for each state.",
            )
    return Good("this server speaks for its region")


def sealing(detail: Mapping[str, Any]) -> Verdict:
    """Whether this region seals what it records."""
    match detail.get("seals_recordings"):
        case None:
            return Absent("no token: set TUNGGAL_TOKEN (role operations) to look at it")
        case False:
            return Trouble(
                "recordings are written in clear: no key of the centre to seal to is pinned",
                "Pin the centre's JWKS again (TUNGGAL_REGIONAL_CENTRE_JWKS or _SEALING_JWKS, a "
                "file with a key for `enc`) and restart the region.",
                State.WARNING,
            )
    return Good("recordings are sealed for the centre")


def searches(measures: Mapping[str, float]) -> Verdict:
    """Whether searches found whom an exhaustive one finds, by the audits of the last month."""
    if "tunggal_audited_searches_items{agreed}" not in measures:
        return Absent("the centre tells no measures of audits")
    agreed, disagreed = (
        int(measures.get(f"tunggal_audited_searches_items{{{result}}}", 0))
        for result in ("agreed", "disagreed")
    )
    if disagreed:
        return Trouble(
            f"{disagreed} of {agreed + disagreed} audited searches had missed somebody",
            "Officers have a case of each who was missed: /adjudication at the centre. Then audit "
            "all: `tunggal audit-searches --share 1`; see UNIQUENESS, Audit.",
            State.WARNING,
        )
    return Good(f"{agreed} searches of the last month were audited, and all agree")


def audit(*measures: Mapping[str, float]) -> Verdict:
    """Whether signed checkpoints of the centre's audit all fit each other, as either side sees."""
    seen = [one[DOUBTS] for one in measures if DOUBTS in one]
    if not seen:
        return Absent("nobody tells measures of the audit")
    doubts = max(seen)
    if doubts:
        return Trouble(
            f"{doubts:.0f} signed checkpoints of the centre's audit do not fit its history",
            "Somebody changed it or took it back: `/v1/audit` has both words; see OPERATIONS, The "
            "audit. Stop changes at that database and keep a copy.",
        )
    return Good("no checkpoint of the audit is doubted")


def outbox(measures: Mapping[str, float]) -> Verdict:
    waiting = measures.get("tunggal_outbox_items{waiting}")
    if waiting is None:
        return Absent("the region tells no measures")
    oldest_seconds = measures.get("tunggal_outbox_oldest_age_seconds", 0.0)
    found = f"{waiting:.0f} wait for the line"
    if waiting:
        found += f", the oldest for {oldest_seconds:.0f} s"
    if oldest_seconds > OLDEST_SECONDS_MAX:
        return Trouble(
            found,
            "Nothing is lost. Look at the line.* checks; `tunggal outbox status` has the forecast.",
            State.WARNING,
        )
    return Good(found)


def disk(folder: Path, measures: Mapping[str, float], clock: Clock) -> Verdict:
    """Free bytes where the data lies, and how many days they last if anything was sent lately."""
    while not folder.exists():
        folder = folder.parent
    free_bytes = shutil.disk_usage(folder).free
    found = f"{free_bytes / 1024**3:.1f} GiB free at {folder}"
    days = _days_left(free_bytes, measures, clock.now().timestamp())
    if days is not None:
        found += f", about {days:,.0f} days at the rate since the region started"
    left = measures.get("tunggal_disk_recordings_left")
    if left:  # 0 also before the region's first look.
        found += f"; the region has room for {left:,.0f} recordings"
    more = "Make room or add a disk; a full one refuses new recordings, and loses none."
    if free_bytes < DISK_BYTES_MIN or measures.get("tunggal_disk_takes_recordings") == 0:
        return Trouble(found, more)
    if free_bytes < DISK_BYTES_LOW or (days is not None and days < DISK_DAYS_LOW):
        return Trouble(found, more, State.WARNING)
    return Good(found)


def _days_left(free_bytes: int, measures: Mapping[str, float], now: float) -> float | None:
    sent_bytes = measures.get("tunggal_uplink_sent_bytes_total", 0.0)
    seconds = now - measures.get("process_start_time_seconds", now)
    if not sent_bytes or seconds < RATE_SECONDS_MIN:
        return None
    bytes_per_day = sent_bytes * DISK_BYTES_PER_SENT_BYTE / seconds * DAY_SECONDS
    return free_bytes / bytes_per_day
