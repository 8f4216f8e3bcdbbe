"""`python served_world.py FOLDER PORT_FILE [name=value …]`: the small world as a process."""

import sys
from pathlib import Path

from door_world import World
from fastapi import FastAPI

from shared.doors.serve import Draining, run
from shared.telemetry import logs


def main() -> None:
    folder, port_file, *changes = sys.argv[1:]
    settings = {name: float(value) for name, _, value in (one.partition("=") for one in changes)}
    world = World(Path(folder), **settings)

    def make_app(draining: Draining) -> FastAPI:
        world.draining = draining
        return world.app

    logs.set_up("world", "json", "info")
    run(make_app, world.settings, Path(port_file))
    sys.stdout.write("ended in order\n")


if __name__ == "__main__":
    main()
