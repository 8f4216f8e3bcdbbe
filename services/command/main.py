"""The `tunggal` command: registers its verbs. Each lives in a module of its own."""

import typer

from services.command import servers, tokens, up
from services.command.exits import EPILOG

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_show_locals=False,  # locals could be people
    help="Tunggal: record citizens over bad lines, prove each one unique, permit each card once.",
    epilog=EPILOG,
)
app.command("up")(up.up)
app.command("serve")(servers.serve)
app.command("token")(tokens.make_one)
app.add_typer(tokens.keys_commands, name="keys")


def main() -> None:
    """Entry point of the `tunggal` command."""
    app()


if __name__ == "__main__":
    main()
