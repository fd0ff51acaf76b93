import { z } from "zod";
import { serverSentEvent } from "./fields.ts";
import { route } from "./route.ts";

/** Messages of one batch of clients of before June 2025. */
const BATCH_MAX = 20;

/** A JSON-RPC 2.0 message. What stands in it is the protocol's: https://modelcontextprotocol.io/specification */
const message = z.looseObject({ jsonrpc: z.literal("2.0") });
const answer = z.looseObject({ jsonrpc: z.literal("2.0") });

export const MCP_ROUTES = {
  message: route({
    method: "post",
    path: "/mcp",
    summary: "Model Context Protocol (streamable HTTP, without sessions): tools that read what the access key may read",
    who: "access key",
    words: "openai",
    body: z.union([message, z.array(message).min(1).max(BATCH_MAX)]),
    answer: z.union([answer, z.array(answer)]),
    otherAnswers: { "text/event-stream": serverSentEvent },
    further: { 202: { why: "a notification was taken" }, 400: { why: "no message of the protocol", body: answer }, 406: { why: "the client does not take both JSON and events", body: answer } },
  }),
};
