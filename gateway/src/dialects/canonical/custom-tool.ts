import { objectOf, parseJson } from "./fields.ts";
import type { Part } from "./parts.ts";
import type { CanonicalRequest, JsonSchema } from "./request.ts";
import type { CanonicalResponse } from "./response.ts";
import type { StreamEncoder, StreamPart } from "./stream.ts";

/**
 * OpenAI's custom tools take free text instead of JSON arguments. A dialect without them offers a function with one text member, and its arguments are
 * unwrapped again before they reach the caller, who is known by the tools of the request.
 */
const MEMBER = "input";

export const CUSTOM_TOOL_SCHEMA: JsonSchema = { type: "object", properties: { [MEMBER]: { type: "string" } }, required: [MEMBER], additionalProperties: false };

/** Free text as the JSON arguments of such a function. */
export function wrapCustomInput(text: string): string {
  return JSON.stringify({ [MEMBER]: text });
}

/** The free text out of such arguments, or out of the only member where a model called it otherwise; arguments of any other form stay as they are. */
export function unwrapCustomInput(argumentsJson: string): string {
  const parsed = parseJson(argumentsJson);
  const input = objectOf(parsed);
  if (typeof input[MEMBER] === "string") return input[MEMBER];
  const [only, ...others] = Object.values(input);
  if (only === undefined) return argumentsJson.trim() === "{}" ? "" : argumentsJson;
  return typeof only === "string" && others.length === 0 ? only : argumentsJson;
}

/** Names of the request's custom tools. */
const customNames = ({ tools }: CanonicalRequest): ReadonlySet<string> => new Set((tools ?? []).flatMap((tool) => (tool.type === "custom" ? [tool.name] : [])));

/** The answer as the caller of custom tools expects it: their calls hold free text, whatever the vendor's dialect made of it. */
export function withCustomCalls(response: CanonicalResponse, request: CanonicalRequest): CanonicalResponse {
  const names = customNames(request);
  if (names.size === 0) return response;
  const restored = (part: Part): Part => (part.type === "tool-call" && !part.custom && names.has(part.name) ? { ...part, custom: true, arguments: unwrapCustomInput(part.arguments) } : part);
  return { ...response, choices: response.choices.map((choice) => ({ ...choice, parts: choice.parts.map(restored) })) };
}

/** As withCustomCalls, for the encoder of a stream. The encoder itself where the request offers no custom tools. */
export function withCustomCallStream(encoder: StreamEncoder, request: CanonicalRequest): StreamEncoder {
  const names = customNames(request);
  return names.size === 0 ? encoder : new CustomCallEncoder(encoder, names);
}

/** Holds the arguments of such calls until they are whole, since only whole JSON can be unwrapped. */
class CustomCallEncoder implements StreamEncoder {
  /** arguments so far, by choice and index */
  private readonly held = new Map<string, { choice: number; index: number; json: string }>();

  constructor(
    private readonly encoder: StreamEncoder,
    private readonly names: ReadonlySet<string>,
  ) {}

  push(part: StreamPart): string {
    switch (part.type) {
      case "part-start": {
        const call = part.part;
        if (call.type !== "tool-call" || call.custom || !this.names.has(call.name)) break;
        this.held.set(`${part.choice}/${part.index}`, { choice: part.choice, index: part.index, json: call.arguments });
        return this.encoder.push({ ...part, part: { ...call, custom: true, arguments: "" } });
      }
      case "arguments-delta": {
        const held = this.held.get(`${part.choice}/${part.index}`);
        if (!held) break;
        held.json += part.text;
        return "";
      }
      case "part-end": {
        const whole = part.part?.type === "tool-call" ? part.part : undefined;
        const text = this.release(`${part.choice}/${part.index}`, whole?.arguments ?? "");
        if (text === undefined) break;
        const said = text === "" ? "" : this.encoder.push({ type: "arguments-delta", choice: part.choice, index: part.index, text });
        return said + this.encoder.push(whole ? { ...part, part: { ...whole, custom: true, arguments: text } } : part);
      }
      case "finish": {
        // Calls that never ended: what came of them is told.
        let said = "";
        for (const [key, { choice, index }] of this.held) {
          if (choice !== part.choice) continue;
          const text = this.release(key, "");
          if (text) said += this.encoder.push({ type: "arguments-delta", choice, index, text });
        }
        return said + this.encoder.push(part);
      }
      default:
    }
    return this.encoder.push(part);
  }

  flush(): string {
    return this.encoder.flush();
  }

  ping(): string {
    return this.encoder.ping();
  }

  /** The free text of a held call; `whole`: its arguments where only the end told them. Undefined when it is no such call. */
  private release(key: string, whole: string): string | undefined {
    const held = this.held.get(key);
    this.held.delete(key);
    return held && unwrapCustomInput(held.json || whole);
  }
}
