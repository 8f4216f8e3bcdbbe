"""The OpenAPI documents of both services, made without a database or a running server."""

import json
import tempfile
from pathlib import Path
from typing import Any

from services.central.app import create_app as create_central
from services.central.settings import CentralSettings
from services.command.keys import KeyFolder
from services.regional.app import create_app as create_regional
from services.regional.settings import RegionalSettings
from shared.database.engine import Database

# Never connected to: an engine connects at its first question.
_NOWHERE = "postgresql+asyncpg://nobody@/nowhere"


def documents() -> dict[str, dict[str, Any]]:
    """The documents by service, as the servers give them at `/openapi.json`."""
    with tempfile.TemporaryDirectory() as folder:
        keys = KeyFolder(Path(folder))
        keys.make(["61.72"])
        regional = RegionalSettings(
            key_file=keys.region("61.72"), centre_jwks=str(keys.centre_jwks)
        )
        central = CentralSettings(key_file=keys.centre, regions_jwks=keys.regions_jwks)
        return {
            "central": create_central(central, Database(_NOWHERE)).openapi(),
            "regional": create_regional(regional, Database(_NOWHERE)).openapi(),
        }


def as_text(document: dict[str, Any]) -> str:
    """The document as it is kept in `docs/openapi`."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[Path]:
    """Write `central.json` and `regional.json`, and tell where."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for service, document in documents().items():
        path = folder / f"{service}.json"
        path.write_text(as_text(document))
        written.append(path)
    return written
