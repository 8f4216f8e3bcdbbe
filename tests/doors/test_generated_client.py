"""A client generated from the region's document works against the running region."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.ids import new_id
from shared.roles import Role
from tests.town import Town

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi" / "regional.json"
PACKAGE = "tunggal_region_client"
# The generator knows no CSV, PDF and batch: they are bytes to it. Nobody reads its files here.
SETTINGS = f"""
package_name_override: {PACKAGE}
post_hooks: []
content_type_overrides:
  text/csv: application/octet-stream
  application/pdf: application/octet-stream
  application/vnd.tunggal.field-batch+x-ndjson: application/octet-stream
"""

# Other tests of this town claim its name, as a second server would.
STATES = {"up", "slow", "down", "unknown", "fenced", "foreign"}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The client's package, made by openapi-python-client."""
    folder = tmp_path_factory.mktemp("client")
    settings = folder / "settings.yml"
    settings.write_text(SETTINGS)
    made = subprocess.run(
        [
            *(Path(sys.executable).parent / "openapi-python-client", "generate"),
            *("--path", DOCUMENT, "--meta", "none", "--output-path", folder / PACKAGE),
            *("--config", settings, "--fail-on-warning"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))


async def test_a_generated_client_reads_the_queue(standing_town: Town, generated: Any) -> None:
    get_queue = importlib.import_module(f"{PACKAGE}.api.status.get_queue")
    client = generated.AuthenticatedClient(
        base_url=standing_town.region.address, token=standing_town.token(Role.OPERATIONS)
    )

    async with client:
        queue = await get_queue.asyncio(client=client)

    assert type(queue).__name__ == "QueueView"
    assert queue.waiting >= 0
    assert queue.line.state in STATES


async def test_a_generated_client_reads_a_refusal_as_a_problem(
    standing_town: Town, generated: Any
) -> None:
    get_status = importlib.import_module(f"{PACKAGE}.api.status.get_recording_status")
    client = generated.AuthenticatedClient(
        base_url=standing_town.region.address, token=standing_town.token(Role.OFFICER)
    )

    async with client:
        problem = await get_status.asyncio(client=client, recording_id=new_id())

    assert type(problem).__name__ == "Problem"
    assert (problem.code, problem.status) == ("not-found", 404)
