// The TypeScript client 2.x (the revision that ERA says) as a driver: SCRIPT URL, or SCRIPT COMMAND ARGUMENT...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.PEER + "/");
const load = (path) => import(pathToFileURL(require.resolve(path)).href);
const { Client, StreamableHTTPClientTransport } = await load("@modelcontextprotocol/client");
const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");

const [script, ...target] = process.argv.slice(2);
const transport = target[0].startsWith("http")
  ? new StreamableHTTPClientTransport(new URL(target[0]))
  : new StdioClientTransport({ command: target[0], args: target.slice(1) });
const [mode, revision] = process.env.ERA === "legacy" ? ["legacy", "2025-11-25"] : ["auto", "2026-07-28"];
const client = new Client({ name: "interop", version: "1" }, { versionNegotiation: { mode } });
await client.connect(transport);
if (client.getNegotiatedProtocolVersion() !== revision) throw new Error(client.getNegotiatedProtocolVersion());
for (const [name, args] of JSON.parse(readFileSync(script))) {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.content)}`);
}
await client.close();
