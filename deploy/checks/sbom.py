"""Write `.tunggal/sbom.cdx.json`: every package the locks name, as CycloneDX 1.6. `make sbom`.

The same locks give the same bytes: no date, and the serial number is folded from the content.
Licences are as the installed packages say; what is not installed here has none.
Source: cyclonedx.org/docs/1.6/json. Why these lines are ours: ADR 30.
"""

import hashlib
import json
import re
import tomllib
import uuid
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from deploy.checks.tracked import ROOT

OUT = Path(".tunggal/sbom.cdx.json")
RUNTIME, EVERYTHING = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
LICENCE_CHARACTERS_MAX = 100  # longer is the text of a licence, not its name

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of a lock: exactly this version, in any of the files with these hashes."""

    name: str  # normalized, as in a purl
    version: str
    sha256: tuple[str, ...]  # in the lock's order

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> list[Locked]:
    """Every package of one lock, in its order. Raises ValueError at a line it cannot read."""
    entries = re.split(r"\n(?=[^\s#])", "\n" + re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    found = []
    for entry in filter(str.strip, entries):
        pinned = _PINNED.match(entry.lstrip())
        if pinned is None:
            raise ValueError(f"not a pinned package: {entry.strip().splitlines()[0]}")
        hashes = tuple(_HASH.findall(entry))
        found.append(Locked(normalized(pinned[1]), pinned[2], hashes))
    return found


def licences(name: str) -> list[dict[str, Any]]:
    """What the installed package says of itself: an SPDX expression, else names."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return []
    if expression := told.get("License-Expression"):
        return [{"expression": expression}]
    given = (told.get("License") or "").strip()
    if given and "\n" not in given and len(given) <= LICENCE_CHARACTERS_MAX:
        return [{"license": {"name": given}}]
    classifiers = told.get_all("Classifier") or []
    names = [one.rsplit(" :: ", 1)[1] for one in classifiers if one.startswith("License :: ")]
    return [{"license": {"name": one}} for one in names]


def component(package: Locked, scope: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "scope": scope,
        "hashes": [{"alg": "SHA-256", "content": one} for one in package.sha256],
        "licenses": licences(package.name),
        "purl": package.purl,
    }


def bill(runtime: list[Locked], everything: list[Locked]) -> dict[str, Any]:
    """The whole document. What only tests and tools need is there with scope "excluded"."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {package.purl for package in runtime}
    packages = sorted({one.purl: one for one in [*runtime, *everything]}.values(), key=_by_name)
    components = [
        component(one, "required" if one.purl in needed else "excluded") for one in packages
    ]
    root = f"pkg:generic/{project['name']}@{project['version']}"
    subject = {
        "type": "application",
        "bom-ref": root,
        "name": project["name"],
        "version": project["version"],
        "licenses": [{"expression": project["license"]}],
        "purl": root,
    }
    content = json.dumps([subject, components], sort_keys=True).encode()
    serial = uuid.UUID(bytes=hashlib.sha256(content).digest()[:16], version=4)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": subject},
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": sorted(needed)}],
    }


def _by_name(package: Locked) -> tuple[str, str]:
    return package.name, package.version


def main() -> None:
    document = bill(read_lock(RUNTIME.read_text()), read_lock(EVERYTHING.read_text()))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    print(f"{len(document['components'])} packages: {OUT}")  # noqa: T201


if __name__ == "__main__":
    main()
