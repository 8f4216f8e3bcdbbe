#!/bin/sh
# Makes .venv from the lock, every package hash-checked. Called by `make setup`; safe to repeat.
set -eu
python=${1:-python3}

if ! command -v "$python" >/dev/null 2>&1; then
    echo "$python is not there. On Debian: apt-get install python3 python3-venv" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Tunggal needs Python 3.11 or newer; $python is $("$python" -V). Try: make PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    echo "$python has no ensurepip. On Debian: apt-get install $package" >&2
    exit 1
fi

# A terminal sees one line that changes, a log file one line per step.
if [ -t 1 ]; then start='\r\033[K'; end=''; else start=''; end='\n'; fi
say() { printf "${start}%s${end}" "$1"; }
trap '[ $? = 0 ] || printf "\nNot set up; the step above says why. Repeat with: make setup\n" >&2' EXIT

say "Setting up, once: 1/3 virtual environment"
# One whose Python was removed or whose making was interrupted is made anew.
.venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear .venv

say "Setting up, once: 2/3 packages of requirements-dev.lock (about a minute)"
.venv/bin/python -m pip install -qq --require-hashes -r requirements-dev.lock

say "Setting up, once: 3/3 tunggal itself"
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation -e .

if [ -t 1 ]; then printf '\r\033[K'; fi
