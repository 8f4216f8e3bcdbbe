#!/bin/sh
# Pins the dependencies of pyproject.toml for every platform. No address of a registry gets in:
# the locks work with whatever index the reader's pip is set to.
set -eu
python=${1:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install -qq uv

# Pins already in a lock are kept unless pyproject.toml asks for more; UPGRADE=1 takes the newest.
pin() {
    "$scratch/venv/bin/uv" pip compile pyproject.toml ${UPGRADE:+--upgrade} "$@" -q \
        --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
}
pin --output-file requirements.lock
pin --extra dev --output-file requirements-dev.lock
