"""What is installed is what the locks name by hash, and the bill of materials says all of it."""

import json
import re
from pathlib import Path

import pytest

from deploy.checks import sbom
from deploy.checks.tracked import ROOT

pytestmark = pytest.mark.rules

LOCKS = [sbom.RUNTIME, sbom.EVERYTHING]
PURL = re.compile(r"pkg:pypi/[a-z0-9-]+@[A-Za-z0-9.+!-]+")
BOM_KEYS = {
    "bomFormat",
    "specVersion",
    "serialNumber",
    "version",
    "metadata",
    "components",
    "dependencies",
}


def locked() -> tuple[list[sbom.Locked], list[sbom.Locked]]:
    runtime, everything = (sbom.read_lock(path.read_text()) for path in LOCKS)
    return runtime, everything


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_with_the_hashes_of_its_files(lock: Path) -> None:
    packages = sbom.read_lock(lock.read_text())

    assert len(packages) > 20
    assert [one.name for one in packages if not one.sha256] == []
    assert lock.read_text().count("--hash=") == sum(len(one.sha256) for one in packages)
    assert len({one.purl for one in packages}) == len(packages)


def test_a_line_that_pins_nothing_is_told() -> None:
    with pytest.raises(ValueError, match="not a pinned package: fastapi>=1"):
        sbom.read_lock("fastapi>=1\n")


def test_nothing_is_installed_without_its_hash() -> None:
    bootstrap = (ROOT / "deploy" / "bootstrap.sh").read_text()
    installs = re.findall(r"pip install (.+)", bootstrap)

    assert len(installs) == 2
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
    assert "--generate-hashes" in (ROOT / "deploy" / "lock.sh").read_text()


def test_the_bill_names_every_locked_package_with_its_hashes_and_licence() -> None:
    runtime, everything = locked()
    document = sbom.bill(runtime, everything)
    components = {one["bom-ref"]: one for one in document["components"]}

    assert components.keys() == {one.purl for one in [*runtime, *everything]}
    for package in everything:
        one = components[package.purl]
        assert [each["content"] for each in one["hashes"]] == list(package.sha256)
        assert one["scope"] == ("required" if package in runtime else "excluded")
        assert PURL.fullmatch(one["purl"])
    unsaid = {one["name"] for one in components.values() if not one["licenses"]}
    assert not unsaid & {one.name for one in runtime} - {"colorama", "tzdata"}


def test_the_bill_has_the_shape_of_cyclonedx_and_is_the_same_each_time() -> None:
    document = sbom.bill(*locked())

    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document.keys() == BOM_KEYS
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document["serialNumber"]
    )
    for one in document["components"]:
        assert one["type"] == "library"
        assert all(each["alg"] == "SHA-256" for each in one["hashes"])
        kinds = [set(each) for each in one["licenses"]]
        assert kinds in ([], [{"expression"}]) or all(kind == {"license"} for kind in kinds)
    (direct,) = document["dependencies"]
    known = {one["bom-ref"] for one in document["components"]}
    assert direct["ref"] == document["metadata"]["component"]["bom-ref"]
    assert set(direct["dependsOn"]) <= known
    assert json.dumps(document) == json.dumps(sbom.bill(*locked()))
