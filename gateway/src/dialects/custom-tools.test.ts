import { describe, expect, test } from "bun:test";
import type { Part } from "./canonical/parts.ts";
import type { CanonicalRequest, Tool } from "./canonical/request.ts";
import type { CanonicalResponse } from "./canonical/response.ts";
import { codecOf, contextOf, IDS, type PairedId, streamOf, TARGETS, translate, understood, wired } from "./testing/pairs.ts";

/** OpenAI's callers may offer tools that take free text; other vendors know only JSON, and must not be noticed by them. */
const PATCH = '*** Begin Patch\n+ "quoted" \\ é 👩‍🚀\n*** End Patch';
const TOOLS: Tool[] = [{ type: "custom", name: "apply_patch", description: "Applies a patch" }, { type: "function", name: "list", parameters: { type: "object", properties: {} } }];
const CALLERS = ["openai-chat", "openai-responses"] as const;

const call = (more: Partial<Part & { type: "tool-call" }>): Part => ({ type: "tool-call", id: "call_1", name: "apply_patch", arguments: PATCH, ...more });
const answer = (parts: Part[]): CanonicalResponse => ({ id: "", model: "m", choices: [{ index: 0, parts, finish: "tool-calls" }], usage: { input: 1, output: 2 } });
/** Two calls beside each other, so that one must not disturb the other. */
const said = answer([call({ custom: true }), { type: "tool-call", id: "call_2", name: "list", arguments: "{}" }]);
const WANTED = [{ name: "apply_patch", custom: true, arguments: PATCH }, { name: "list", arguments: "{}" }];

const callsOf = (response: CanonicalResponse): object[] =>
  (response.choices[0]?.parts ?? []).flatMap((part) => (part.type === "tool-call" ? [{ name: part.name, arguments: part.arguments, ...(part.custom ? { custom: true } : {}) }] : []));

describe.each(CALLERS.flatMap((caller) => IDS.map((vendor): [PairedId, PairedId] => [caller, vendor])))("S18: a custom tool of %s, called by a model of %s", (caller, vendor) => {
  const context = contextOf({ tools: TOOLS });

  test("a whole answer holds free text", () => {
    const wire = wired(codecOf(vendor).encodeResponse(said, contextOf()));
    const got = wired(codecOf(caller).encodeResponse(codecOf(vendor).decodeResponse(wire), context));
    expect(callsOf(codecOf(caller).decodeResponse(got))).toEqual(WANTED);
  });

  test.each([1, 5, 10_000])("a stream gives free text, in pieces of %i", (size) => {
    const stream = streamOf(vendor, said, contextOf(), size);
    expect(callsOf(understood(caller, translate(caller, vendor, Buffer.from(stream), context)))).toEqual(WANTED);
  });

  test("a vendor of the dialect that knows functions only wraps the text, too", () => {
    const wrapped = answer([call({ arguments: JSON.stringify({ input: PATCH }) }), { type: "tool-call", id: "call_2", name: "list", arguments: "{}" }]);
    const whole = wired(codecOf(caller).encodeResponse(codecOf(vendor).decodeResponse(wired(codecOf(vendor).encodeResponse(wrapped, contextOf()))), context));
    expect(callsOf(codecOf(caller).decodeResponse(whole))).toEqual(WANTED);
    expect(callsOf(understood(caller, translate(caller, vendor, Buffer.from(streamOf(vendor, wrapped)), context)))).toEqual(WANTED);
  });

  test("call and result go back to the vendor as it made them", () => {
    const request: CanonicalRequest = {
      model: "m", stream: false, tools: TOOLS,
      messages: [
        { role: "user", parts: [{ type: "text", text: "patch it" }] },
        { role: "assistant", parts: [call({ custom: true })] },
        { role: "tool", parts: [{ type: "tool-result", callId: "call_1", name: "apply_patch", parts: [{ type: "text", text: "done" }], custom: true }] },
      ],
    };
    const read = codecOf(caller).decodeRequest(wired(codecOf(caller).encodeRequest(request, TARGETS[caller]).body), {});
    const { body, dropped } = codecOf(vendor).encodeRequest(read, TARGETS[vendor]);
    expect(dropped).toEqual([]);
    const calls = codecOf(vendor).decodeRequest(wired(body), { model: "m" }).messages.flatMap((message) => message.parts.filter((part) => part.type === "tool-call"));
    const native = vendor === "openai-chat" || vendor === "openai-responses";
    expect(calls.map((one) => one.arguments)).toEqual([native ? PATCH : JSON.stringify({ input: PATCH })]);
  });
});

test("what a model calls otherwise, or not at all, still arrives", () => {
  const context = contextOf({ tools: TOOLS });
  for (const [given, wanted] of [['{"patch":"a"}', "a"], ["{}", ""], ['{"a":1,"b":"c"}', '{"a":1,"b":"c"}'], ["no JSON", "no JSON"]] as const)
    for (const caller of CALLERS) {
      const encoder = codecOf(caller).streamEncoder(context, "sse");
      // A decoder that never ends the part: the end of the answer does.
      const text = [{ type: "part-start" as const, choice: 0, index: 0, part: call({ arguments: "" }) }, { type: "arguments-delta" as const, choice: 0, index: 0, text: given }, { type: "finish" as const, choice: 0, reason: "tool-calls" as const }, { type: "end" as const }];
      expect(callsOf(understood(caller, text.map((part) => encoder.push(part)).join("")))).toEqual([{ name: "apply_patch", custom: true, arguments: wanted }]);
    }
});
