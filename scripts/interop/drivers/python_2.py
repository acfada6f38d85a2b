"""The Python SDK 2.x (2026-07-28) as a driver: SCRIPT URL, or SCRIPT COMMAND ARGUMENT..."""

import asyncio
import json
import sys

import mcp


async def main(script, target):
    server = target[0] if target[0].startswith("http") else mcp.StdioServerParameters(command=target[0], args=target[1:])
    async with mcp.Client(server) as client:
        assert client.protocol_version == "2026-07-28", client.protocol_version
        for tool, arguments in script:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, f"{tool}: {result.content}"


asyncio.run(main(json.load(open(sys.argv[1])), sys.argv[2:]))
