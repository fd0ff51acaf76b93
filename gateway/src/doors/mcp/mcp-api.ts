import type { MCP_ROUTES } from "@yescale/contract";
import type { McpHttpHandler, McpServer } from "@modelcontextprotocol/server";
import { mayUseGroup } from "../../catalog/index.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Api } from "../api/api.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { isOffered } from "../models.ts";
import { callAddress, modelList } from "../system/model-list.ts";
import { askWith, type Fetch } from "./ask.ts";
import { TOOLS, type ToolSources } from "./tools.ts";

const INSTRUCTIONS = "Reads an account of an AI gateway: its models and how to call them, usage, requests, tasks and money. Nothing is changed.";

/** A question of the tools comes whole. */
const HERE = { waits: () => undefined, served: () => undefined };

/**
 * The Model Context Protocol by its official SDK: `createMcpHandler` speaks the protocol's revisions, the one with a handshake too, and keeps no session, so any of several processes answers. The SDK is loaded with
 * the first message. `fetch`: what answers the management APIs.
 */
export function mcpHandlers(services: ApiServices, fetch: Api["fetch"]): Handlers<typeof MCP_ROUTES> {
  let made: Promise<McpHttpHandler> | undefined;
  const handler = () => (made ??= handlerOf(services));
  return {
    async message({ caller, body, request, requestId, address }) {
      const ask: Fetch = (question) => fetch(question, { requestId, address, connection: HERE });
      const sources = sourcesOf(services, caller.account.id, caller.accessKey ?? "", ask);
      const { fetch: serve } = await handler();
      // The body has been read and bounded by the door.
      const head = new Request(request.url, { method: "POST", headers: request.headers, signal: request.signal });
      return serve(head, { parsedBody: body, authInfo: { token: "", clientId: caller.account.id, scopes: [], extra: { sources } } });
    },
  };
}

function sourcesOf(services: ApiServices, userId: string, accessKey: string, fetch: Fetch): ToolSources {
  return {
    ask: askWith(accessKey, fetch),
    origin: services.publicUrl().replace(/\/$/, ""),
    model(name) {
      const catalog = services.catalog();
      const model = catalog.find(name);
      if (!model || !modelList(services, userId).some((listed) => listed.model_name === model.id)) return undefined;
      const groups = catalog.groups().filter((group) => mayUseGroup(group, Number(userId)) && isOffered(model, group, false, services.channels, services.clock.now()));
      return { model, address: callAddress(model), groups };
    },
  };
}

async function handlerOf({ version, brand, log }: ApiServices): Promise<McpHttpHandler> {
  const sdk = await import("@modelcontextprotocol/server");
  return sdk.createMcpHandler(
    ({ authInfo }) => {
      const server = new sdk.McpServer({ name: brand(), version }, { instructions: INSTRUCTIONS });
      register(server, authInfo?.extra?.["sources"] as ToolSources, (error) => log.error({ error: String(error) }, "tool failed"));
      return server;
    },
    { onerror: (error) => log.debug({ error: error.message }, "message refused") },
  );
}

function register(server: McpServer, sources: ToolSources, failed: (error: unknown) => void): void {
  for (const [name, { title, description, input, run }] of Object.entries(TOOLS))
    server.registerTool(name, { title, description, inputSchema: input, annotations: { readOnlyHint: true, openWorldHint: false } }, async (given) => {
      try {
        const told = await run(given, sources);
        return { content: [{ type: "text", text: typeof told === "string" ? told : JSON.stringify(told) }] };
      } catch (error) {
        // A refusal is for the model to read, so that it can ask better; a fault of ours says nothing of itself.
        if (!(error instanceof GatewayError)) failed(error);
        return { isError: true, content: [{ type: "text", text: error instanceof GatewayError ? error.publicText : "The tool failed." }] };
      }
    });
}
