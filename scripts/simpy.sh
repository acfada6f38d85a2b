#!/usr/bin/env bash
# Makes target/simpy, a Python environment with SimPy, the peer that the event engine is compared with
# (sim/validation/simpy). Does nothing where it is there. Ends with 75 where the package registry does not answer.
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.1.2
home=target/simpy
if "$home/bin/python" -c "import simpy; assert simpy.__version__ == '$version'" 2>/dev/null; then exit 0; fi

echo "simpy: installing SimPy $version into $home"
python3 -m venv --clear "$home"
pip=("$home/bin/python" -m pip --disable-pip-version-check --retries 1 --timeout 20)
if "${pip[@]}" install --quiet "simpy==$version"; then exit 0; fi

# It failed: because nobody answers, or in spite of an answer?
if "${pip[@]}" download --quiet --no-deps --dest "$home/probe" setuptools >/dev/null 2>&1; then
    echo "simpy: the package registry answers, but SimPy $version cannot be installed" >&2
    exit 1
fi
echo "simpy: the package registry does not answer: SimPy is not there" >&2
exit 75
