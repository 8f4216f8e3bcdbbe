"""The report on a terminal: calm, in Indonesian and English where a citizen would look."""

from typing import Any

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from shared.wilayah import Wilayah

BAR_CHARACTERS = 8
_CLAIMS = {
    "every_recording_receipted": "Every recording handed in has its receipt",
    "nothing_lost": "Recorded = at the region = at the centre = decided",
    "nothing_doubled": "At most one live permission and one card per person",
    "contents_equal_everywhere": "The same bytes at the station, the region and the centre",
    "nothing_held_back": "The centre understood every envelope, the region every entry",
    "seq_gapless": "No gap in what climbed to the centre",
    "feed_gapless": "No gap in what came back",
    "nobody_overtaken_without_cause": "Nobody overtaken without a named cause",
    "permissions_verify_offline": "Permissions verify without the line",
    "outcomes_as_planned": "Outcomes as planned",
    "duplicates_name_the_neighbour": "Each duplicate names the region that recorded first",
    "coverage_as_planned": "Coverage by district equals the city's plan",
    "resent_got_the_same_receipt": "Sent again: the same receipt, byte for byte",
    "second_attempts_refused": "Recorded a second time: refused",
    "double_spend_refused": "A permission used a second time: refused",
    "spoiled_blank_got_a_fresh_permission": "A spoiled blank got a fresh permission",
    "under_17_held": "Under 17: permission here, card waits for the birthday",
    "planted_cases_found": "Planted cases found: as many as thresholds can find",
    "officers_irises_refused": "An officer's own irises: refused at the door",
    "false_alarms_rare": "Hardly anybody held up for the irises of another",
    "outages_survived": "At least three outages survived",
}


def show(report: dict[str, Any], console: Console) -> None:
    console.print()
    console.print(
        Panel(
            Group(_headline(report), Padding(_districts(report), (1, 0, 0, 0))),
            title="TUNGGAL · Laporan perekaman KTP-el · recording report",
            subtitle=f"seed {report['seed']} · all people are synthetic",
            box=box.ROUNDED,
            border_style="blue",
            padding=(1, 1),
        )
    )
    console.print(_figures(report))
    console.print(_invariants(report))
    console.print(_conditions(report))


def _headline(report: dict[str, Any]) -> Text:
    return Text.assemble(
        ("Cakupan · coverage  ", "bold"),
        (f"{report['coverage_percent']:.2f} %", "bold green"),
        f"   {report['recorded']:,} recorded of {report['obliged']:,} obliged,"
        f" in a city of {report['population']:,}\n",
        (report["city"], "dim"),
    )


def _districts(report: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Kecamatan\ndistrict", no_wrap=True)
    for heading in ("Penduduk\npopulation", "Wajib KTP\nobliged", "Direkam\nrecorded", "%"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in report["districts"]:
        filled = round(one["percent"] * BAR_CHARACTERS / 100)
        table.add_row(
            Wilayah.builtin().name(one["code"]),
            f"{one['population']:,}",
            f"{one['obliged']:,}",
            f"{one['recorded']:,}",
            f"{one['percent']:.2f}",
            Text("━" * filled, "green") + Text("━" * (BAR_CHARACTERS - filled), "dim"),
        )
    return table


def _figures(report: dict[str, Any]) -> Table:
    waited, cards, handed = report["waited_seconds"], report["cards"], report["handed_in"]
    table = Table(box=box.SIMPLE_HEAD, title="What happened", title_justify="left")
    table.add_column("Angka · figure", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("")
    rows = (
        ("Boleh dicetak · permitted", f"{report['authorized']:,}", ""),
        (
            "Data ganda · duplicates",
            f"{report['duplicates']:,}",
            "recorded before, by region 61.07 or under another NIK",
        ),
        ("Hilang · lost", f"{report['lost']:,}", "from station to decision"),
        ("Izin ganda · doubled", f"{report['doubled']:,}", "permissions or cards beyond one"),
        (
            "Disalip · overtakes unexplained",
            f"{report['overtakes']:,}",
            f"{report['overtakes_late_arrival']:,} pairs with a cause: a field team came late",
        ),
        (
            "Jalur putus · outages survived",
            f"{report['outages']:,}",
            f"{report['conditions']['connections_reset']:,} connections reset by the weather",
        ),
        *_iris_figures(report["irises"]),
        (
            "Menunggu · waited",
            f"{waited['p50']:.1f} s",
            f"half of them; 95 % at most {waited['p95']:.1f} s, the longest {waited['max']:.1f} s",
        ),
        (
            "Kecepatan · recordings/s",
            f"{report['recordings_per_second']:,.0f}",
            f"first POST to last decision back, {report['seconds']:.1f} s, storm included",
        ),
        (
            "Dikirim ulang · sent again",
            f"{handed['resent']:,}",
            f"{handed['resent_same_receipt']:,} got the same receipt",
        ),
        (
            "Kartu · cards",
            f"{cards['printed']:,}",
            (
                f"printed; {cards['issued']:,} handed over, {cards['spoiled']:,} blanks spoiled and"
                f" replaced, {cards['under_17_held']:,} held for the 17th birthday"
            ),
        ),
    )
    for row in rows:
        table.add_row(*row)
    return table


def _iris_figures(irises: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Nothing where no recording had irises to search."""
    if not irises["searched"]:
        return []
    planted = {
        case: f"{one['found']} of {one['planted']}" for case, one in irises["planted"].items()
    }
    return [
        (
            "Iris dicari · irises searched",
            f"{irises['searched']:,}",
            (
                f"one person under two NIKs: {planted['two_niks']} found; same lenses:"
                f" {planted['lenses']}; irises filed under another: {planted['swapped']};"
                f" an officer's of the neighbour: {planted['officer']}"
            ),
        ),
        (
            "Alarm palsu · false alarms",
            f"{irises['false_alarms']:,}",
            f"of {irises['honest']:,} honest recordings, {irises['twins']} pairs of twins included",
        ),
        (
            "Menunggu petugas · cases waiting",
            f"{irises['cases_waiting']:,}",
            f"for two officers each; {irises['validations_waiting']:,} more for the region",
        ),
    ]


def _invariants(report: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="What must hold", title_justify="left")
    table.add_column("")
    table.add_column("Checked from both databases and every receipt")
    for name, has_held in report["invariants"].items():
        mark = Text("✓", "green") if has_held else Text("✗ FAILED", "bold red")
        table.add_row(mark, _CLAIMS.get(name, name))
    return table


def _conditions(report: dict[str, Any]) -> Text:
    told = report["conditions"]
    phases = ", ".join(
        f"{name.replace('_', ' ')} {seconds:.1f} s"
        for name, seconds in report["seconds_by_phase"].items()
    )
    return Text(
        f"Conditions: {told['cores']} cores for both services, both databases, the line and the"
        f" stations; Python {told['python']}, PostgreSQL {told['postgres']}, fsync {told['fsync']};"
        f" stations spread their recordings over {told['stations_paced_over_seconds']:.0f} s;"
        f" {told['payload_bytes_mean']:,} bytes a recording (synthetic templates; real ones are"
        f" 10 to 15 KB); a storm of {told['storm_seconds']:.0f} s; a dead line is tried again"
        f" after at most {told['retry_cap_seconds']:.0f} s (60 s in service).\nSeconds: {phases}.",
        style="dim",
    )
