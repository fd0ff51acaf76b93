import { objectOf, textOf } from "../canonical/fields.ts";
import { madeUpId } from "../canonical/made-up-id.ts";
import type { Part } from "../canonical/parts.ts";
import { readCitations } from "./citations.ts";
import { readForeignSignature } from "./seals.ts";
import { readHostedCall, readHostedResult } from "./hosted.ts";

/** A content block of an answer as a part; undefined for what is no block. Lenient: what only Anthropic understands stays opaque. A missing id is made of its place and the answer's id. */
export function readAnswerBlock(value: unknown, n: number, answerId: string): Part | undefined {
  const block = objectOf(value);
  const type = textOf(block["type"], "");
  switch (type) {
    case "":
      return undefined;
    case "text": {
      const citations = readCitations(block["citations"]);
      const text = textOf(block["text"], "");
      return citations ? { type: "text", text, citations } : { type: "text", text };
    }
    case "thinking": {
      const [text, signature] = [textOf(block["thinking"], ""), textOf(block["signature"], "")];
      if (signature === "") return { type: "reasoning", text };
      return readForeignSignature(text, signature) ?? { type: "reasoning", text, signature, sealedBy: "anthropic-messages" };
    }
    case "redacted_thinking":
      return { type: "reasoning", text: "", encrypted: textOf(block["data"], ""), sealedBy: "anthropic-messages" };
    case "tool_use":
      return { type: "tool-call", id: idOf(block, n, answerId), name: textOf(block["name"], ""), arguments: JSON.stringify(objectOf(block["input"])) };
    case "server_tool_use":
      return readHostedCall(block, idOf(block, n, answerId)) ?? opaque(type, block);
    default:
      return readHostedResult(block) ?? opaque(type, block);
  }
}

const opaque = (name: string, value: unknown): Part => ({ type: "opaque", dialect: "anthropic-messages", name, value });

const idOf = (block: Record<string, unknown>, n: number, answerId: string): string => textOf(block["id"], "") || madeUpId("toolu", n, answerId);
