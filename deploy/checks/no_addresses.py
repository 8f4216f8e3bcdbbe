"""No file names a package registry's host or a path of somebody's machine.

Both make a copy of the repository depend on where it was written.
"""

import re
import sys

from deploy.checks.tracked import texts

REGISTRIES = ("pypi", "pythonhosted", "npmjs", "debian", "docker", "ghcr", "quay")
HOST = re.compile(r"\b(?:" + "|".join(REGISTRIES) + r")\.(?:org|com|io)\b")
# The homes of people and of build machines; a container's own paths are none of these.
MACHINE_PATH = re.compile(r"(?<![\w.:])/(?:work|farm|root|Users|home/[a-z]+)/")


def main() -> int:
    found = [
        f"{path}:{number}: {what}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, what in ((HOST, "names a registry's host"), (MACHINE_PATH, "a machine's path"))
        if pattern.search(line)
    ]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
