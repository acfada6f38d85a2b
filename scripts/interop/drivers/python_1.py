"""The Python SDK 1.x (2025-11-25) as a driver: SCRIPT URL, or SCRIPT COMMAND ARGUMENT..."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


async def main(script, target):
    if target[0].startswith("http"):
        opened = streamablehttp_client(target[0])
    else:
        opened = stdio_client(StdioServerParameters(command=target[0], args=target[1:]))
    async with opened as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        for tool, arguments in script:
            result = await session.call_tool(tool, arguments)
            assert not result.isError, f"{tool}: {result.content}"


asyncio.run(main(json.load(open(sys.argv[1])), sys.argv[2:]))
