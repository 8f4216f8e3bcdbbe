"""The `tunggal` command: registers its verbs. Each lives in a module of its own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.command import (
    audit_searches,
    ballast,
    carry,
    centre,
    field,
    gallery_keys,
    matcher,
    outbox,
    region,
    retention,
    sealing,
    servers,
    service_facts,
    tokens,
    up,
)
from services.command.audit.command import audit_commands
from services.command.audit_register.command import audit_register
from services.command.demo.command import demo
from services.command.doctor import command as doctor
from services.command.exits import EPILOG, ExitCode
from services.command.storm.command import storm

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_show_locals=False,  # locals could be people
    help="Tunggal: record citizens over bad lines, prove each one unique, permit each card once.",
    epilog=EPILOG,
)
app.command("demo")(demo)
app.command("up")(up.up)
app.command("doctor")(doctor.doctor)
app.command("serve")(servers.serve)
app.command("matcher")(matcher.matcher)
app.add_typer(outbox.outbox_commands, name="outbox")
app.add_typer(ballast.ballast_commands, name="ballast")
app.add_typer(carry.carry_commands, name="carry")
app.add_typer(field.field_commands, name="field")
app.add_typer(centre.centre_commands, name="centre")
app.add_typer(region.region_commands, name="region")
app.command("token")(tokens.make_one)
app.add_typer(tokens.keys_commands, name="keys")
tokens.keys_commands.add_typer(gallery_keys.gallery_commands, name="gallery")
tokens.keys_commands.add_typer(sealing.sealing_commands, name="sealing")
app.add_typer(service_facts.config_commands, name="config")
app.command("retention")(retention.retention)
app.add_typer(audit_commands, name="audit")
app.command("audit-register")(audit_register)
app.command("audit-searches")(audit_searches.audit_searches)
app.command("migrate")(service_facts.migrate)
app.command("openapi")(service_facts.openapi)


@app.command()
def bench(
    scale: Annotated[
        float, typer.Option(min=0.01, max=4, help="Share of the usual work; less is rougher.")
    ] = 1.0,
) -> None:
    """Measure speed and memory against this machine's own limits, in one run.

    Floors are told, never enforced: a busy machine says nothing about the program.
    """
    # Not above: it brings half of everything along, and every other verb would wait for it.
    from services.command.bench.command import bench as measure

    measure(scale)


@app.command()
def letters(
    recordings: Annotated[
        int, typer.Option(min=1, help="Size of the city, by its recordings; default: the source's.")
    ] = 137_533,
    seed: Annotated[int, typer.Option(help="Of people and of letters' addresses.")] = 8,
    per_day: Annotated[
        int, typer.Option(min=1, max=100, help="Letters one ward carries out on a day.")
    ] = 40,
    folder: Annotated[Path, typer.Option(help="Where PDFs go; emptied first.")] = Path(
        ".tunggal/letters"
    ),
) -> None:
    """Invite everybody unrecorded: letters and delivery lists as PDF, ward by ward, week by week.

    The same seed gives the same files. Figures go into .tunggal/office-report.json.
    """
    from services.command.letters.command import letters as invite

    invite(recordings, seed, per_day, folder)


@app.command("bench-uniqueness")
def bench_uniqueness(
    scale: Annotated[
        float, typer.Option(min=0.001, max=4, help="Share of the usual gallery and searches.")
    ] = 1.0,
) -> None:
    """Search irises in looks and in full and compare: decisions, losses, speed, false alarms.

    Floors are told, never enforced: a busy machine says nothing about the program.
    """
    from services.command.bench.uniqueness import bench_uniqueness as measure

    measure(scale)


app.command("storm")(storm)


def main() -> None:
    """Entry point of the `tunggal` command. What the world refuses is one line; a bug is loud."""
    try:
        app()
    except OSError as trouble:
        where = f" ({trouble.filename})" if trouble.filename else ""
        sentence = f"{trouble.strerror or trouble}{where}. `tunggal doctor` looks for the cause."
        typer.echo(sentence, err=True)
        sys.exit(ExitCode.FAILED)


if __name__ == "__main__":
    main()
