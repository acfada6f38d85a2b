"""The Inspector's command line as a driver, one command a call: SCRIPT URL, or SCRIPT COMMAND ARGUMENT..."""

import json
import os
import subprocess
import sys

script, target = json.load(open(sys.argv[1])), sys.argv[2:]
inspector = [os.environ["NODE"], os.environ["PEER"] + "/node_modules/.bin/mcp-inspector", "--cli", *target]
if target[0].startswith("http"):
    inspector += ["--transport", "http"]
inspector += ["--protocol-era", os.environ["ERA"], "--method", "tools/call"]
for tool, arguments in script:
    words = lambda value: value if isinstance(value, str) else json.dumps(value)
    pairs = [word for name, value in arguments.items() for word in ("--tool-arg", f"{name}={words(value)}")]
    ran = subprocess.run([*inspector, "--tool-name", tool, *pairs], capture_output=True, text=True, timeout=60)
    reply = json.loads(ran.stdout) if ran.returncode == 0 else {"isError": True}
    assert not reply.get("isError"), f"{tool}: {ran.stdout[-300:]} {ran.stderr[-300:]}"
