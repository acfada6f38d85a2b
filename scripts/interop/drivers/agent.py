"""A LangGraph agent as a driver, its model a script: SCRIPT URL, or SCRIPT COMMAND ARGUMENT..."""

import asyncio
import json
import sys

from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools


class Scripted(GenericFakeChatModel):
    """Says what it was told to."""

    def bind_tools(self, tools, **_):
        return self


async def main(script, target):
    if target[0].startswith("http"):
        connection = {"transport": "streamable_http", "url": target[0]}
    else:
        connection = {"transport": "stdio", "command": target[0], "args": target[1:]}
    turns = [
        AIMessage(content="", tool_calls=[{"name": tool, "args": arguments, "id": str(n)}])
        for n, (tool, arguments) in enumerate(script)
    ]
    model = Scripted(messages=iter([*turns, AIMessage(content="done")]))
    async with MultiServerMCPClient({"cloud": connection}).session("cloud") as session:
        agent = create_agent(model, await load_mcp_tools(session))
        state = await agent.ainvoke({"messages": [("user", "go")]}, {"recursion_limit": 100})
    replies = [m for m in state["messages"] if isinstance(m, ToolMessage)]
    assert len(replies) == len(script), f"{len(replies)} replies"
    for reply in replies:
        assert reply.status != "error", reply.content


asyncio.run(main(json.load(open(sys.argv[1])), sys.argv[2:]))
