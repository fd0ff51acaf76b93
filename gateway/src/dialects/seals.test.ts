import { afterAll, describe, expect, test } from "bun:test";
import { startSandbox } from "../../../simulators/src/server.ts";
import type { RequestTarget } from "./canonical/codec.ts";
import { objectOf, parseJson } from "./canonical/fields.ts";
import { CLIENTS } from "./testing/clients.ts";
import { codecOf, contextOf, IDS, type PairedId, TARGETS, translate, wired } from "./testing/pairs.ts";

/**
 * What a vendor sealed of its model's thinking comes back to it with the next turn, whatever the caller speaks; without it the model thinks anew, and some refuse the turn.
 * Chat completions of OpenAI's seal nothing.
 */
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());

const VENDORS: { dialect: PairedId; base: string; target: RequestTarget; seal: RegExp }[] = [
  { dialect: "anthropic-messages", base: "/anthropic", target: TARGETS["anthropic-messages"], seal: /"signature":\s*"([^"]{20,})"/ },
  { dialect: "gemini", base: "/gemini", target: { ...TARGETS.gemini, model: "gemini-2.5-flash" }, seal: /"thoughtSignature":\s*"([^"]{20,})"/ },
  { dialect: "openai-responses", base: "/openai", target: TARGETS["openai-responses"], seal: /"encrypted_content":\s*"([^"]{20,})"/ },
];

/** The bodies of the last exchange, as text. */
function lastExchange(): { asked: string; answered: string; status: number } {
  const exchange = objectOf(sandbox.requests().at(-1));
  const answer = objectOf(exchange["answer"]);
  const textOf = (body: unknown): string => Buffer.from(String(objectOf(body)["base64"]), "base64").toString("utf8");
  return { asked: textOf(exchange["body"]), answered: textOf(answer), status: Number(answer["status"]) };
}

describe.each(IDS.flatMap((caller) => VENDORS.flatMap((vendor) => [false, true].map((stream) => ({ caller, vendor, to: vendor.dialect, stream })))))("$caller to $to, stream: $stream", ({ caller, vendor, stream }) => {
  const client = CLIENTS[caller];

  /** One turn through both codecs and the vendor's simulator; gives what the client receives. */
  async function turn(body: Record<string, unknown>): Promise<string> {
    const request = codecOf(caller).decodeRequest(wired(body), { model: vendor.target.model, stream });
    const encoded = codecOf(vendor.dialect).encodeRequest(request, vendor.target);
    const upstream = CLIENTS[vendor.dialect];
    const answer = await fetch(sandbox.url + vendor.base + upstream.path(vendor.target.model, stream), {
      method: "POST",
      headers: { "content-type": "application/json", ...upstream.credential("sk-test-1") },
      body: JSON.stringify(encoded.body),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect({ status: answer.status, body: answer.status === 200 ? "" : bytes.toString() }).toEqual({ status: 200, body: "" });
    const context = contextOf(request);
    if (stream) return translate(caller, vendor.dialect, bytes, context, [7, 100, 1]);
    return JSON.stringify(codecOf(caller).encodeResponse(codecOf(vendor.dialect).decodeResponse(objectOf(parseJson(bytes.toString("utf8")))), context));
  }

  test("S19: a seal returns to its vendor with the next turn", async () => {
    const first = client.ask(vendor.target.model, "What is the weather in Paris? Use the get_weather tool.", stream);
    const kept = client.keep(await turn(first), stream);
    const [, seal] = vendor.seal.exec(lastExchange().answered) ?? [];
    expect(seal).toBeString();
    await turn(client.next(first, kept, vendor.target.model));
    const { asked } = lastExchange();
    expect(asked).toContain(`"${seal}"`);
    expect(asked).not.toContain("yescale1.");
    // The tool's result is there as well: it was the second turn of the same conversation.
    expect(asked).toContain("8 degrees");
  });
});
