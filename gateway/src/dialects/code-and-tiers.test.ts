import { describe, expect, test } from "bun:test";
import type { CanonicalResponse } from "./canonical/response.ts";
import { codecOf, contextOf, partsOf, type PairedId } from "./testing/pairs.ts";
import { openaiCompletionsCodec } from "./openai-completions/codec.ts";
import { eventsOf, objects } from "./testing/clients.ts";

type Wire = Record<string, unknown>;

/** An answer of Anthropic's `code_execution_20250825` (constructed after the SDK types BashCodeExecutionToolResultBlock and TextEditorCodeExecutionToolResultBlock). */
const ANSWER: Wire = {
  id: "msg_1", type: "message", role: "assistant", model: "m", stop_reason: "end_turn", usage: { input_tokens: 1, output_tokens: 1, service_tier: "standard" },
  content: [
    { type: "server_tool_use", id: "srvtoolu_1", name: "bash_code_execution", input: { command: "ls" } },
    { type: "bash_code_execution_tool_result", tool_use_id: "srvtoolu_1", content: { type: "bash_code_execution_result", stdout: "a.py", stderr: "", return_code: 0, content: [] } },
    { type: "server_tool_use", id: "srvtoolu_2", name: "text_editor_code_execution", input: { command: "create", path: "b.py", file_text: "print(2)" } },
    { type: "text_editor_code_execution_tool_result", tool_use_id: "srvtoolu_2", content: { type: "text_editor_code_execution_create_result", is_file_update: false } },
    { type: "server_tool_use", id: "srvtoolu_3", name: "text_editor_code_execution", input: { command: "view", path: "b.py" } },
    { type: "text_editor_code_execution_tool_result", tool_use_id: "srvtoolu_3", content: { type: "text_editor_code_execution_view_result", content: "print(2)", file_type: "text", num_lines: 1, start_line: 1, total_lines: 1 } },
  ],
};
const read = (): CanonicalResponse => codecOf("anthropic-messages").decodeResponse(ANSWER);
const whole = (caller: PairedId): string => JSON.stringify(codecOf(caller).encodeResponse(read(), contextOf()));
function streamed(caller: PairedId): string {
  const encoder = codecOf(caller).streamEncoder(contextOf(), "sse");
  return [...partsOf(read(), 3)].map((part) => encoder.push(part)).join("") + encoder.flush();
}

describe("code that Claude ran in a shell and what it did with files reach every caller as what they are", () => {
  test("S18: Responses: the command is the code", () => {
    for (const text of [whole("openai-responses"), streamed("openai-responses")])
      for (const code of ["ls", "create b.py\\nprint(2)", "view b.py"]) expect(text).toContain(`"code":"${code}"`);
  });

  test.each(["openai-chat", "gemini"] as const)("S18: %s", (caller) => {
    for (const text of [whole(caller), streamed(caller)]) for (const code of ["ls", "a.py", "create b.py\\nprint(2)", "view b.py"]) expect(text).toContain(code);
  });

  test("S18: and go back to Claude under their own names", () => {
    const content = codecOf("anthropic-messages").encodeResponse(read(), contextOf())["content"] as Wire[];
    expect(content.map((block) => block["name"] ?? block["type"])).toEqual((ANSWER["content"] as Wire[]).map((block) => block["name"] ?? block["type"]));
  });
});

test.each(["openai-chat", "openai-responses"] as const)("the tier of an answer is one of OpenAI's: %s", (caller) => {
  const tiers = (tier: string): unknown[] => {
    const answer = { ...read(), serviceTier: tier };
    const encoder = codecOf(caller).streamEncoder(contextOf(), "sse");
    const stream = encoder.push({ type: "start", id: "", model: "m", serviceTier: tier }) + encoder.flush();
    const [first] = eventsOf(stream).map((event) => (caller === "openai-chat" ? event : (event["response"] as Wire)));
    return [codecOf(caller).encodeResponse(answer, contextOf())["service_tier"], first?.["service_tier"]];
  };
  expect(tiers("standard")).toEqual(["default", "default"]);
  expect(tiers("priority")).toEqual(["priority", "priority"]);
  const other = caller === "openai-chat" ? undefined : "default";
  expect(tiers("batch")).toEqual([other, other]);
});

test("completions: positions count characters, also where a token ends in the middle of one, and a stream tells the same (tokens as OpenAI's chat gives them, constructed)", () => {
  const logprobs = [
    { token: "H", logprob: -1, bytes: [72] },
    { token: "\\xf0\\x9f\\x98", logprob: -1, bytes: [240, 159, 152] },
    { token: "\\x80", logprob: -1, bytes: [128] },
    { token: "é", logprob: -1, bytes: [195, 169] },
  ];
  const context = contextOf({ logprobs: { top: 1 } });
  const answer: CanonicalResponse = { id: "c", model: "m", choices: [{ index: 0, parts: [{ type: "text", text: "H😀é" }], finish: "stop", logprobs }], usage: undefined };
  const [choice] = objects(openaiCompletionsCodec.encodeResponse(answer, context)["choices"]);
  expect(choice?.["logprobs"]).toMatchObject({ text_offset: [0, 1, 1, 2], top_logprobs: [{}, {}, {}, {}] });
  const encoder = openaiCompletionsCodec.streamEncoder(context, "sse");
  const at = { choice: 0, index: 0 };
  const pieces = ["H", "", "😀", "é"];
  const text = [
    encoder.push({ type: "start", id: "c", model: "m" }), encoder.push({ type: "part-start", ...at, part: { type: "text", text: "" } }),
    ...logprobs.map((token, n) => encoder.push({ type: "text-delta", ...at, text: pieces[n] ?? "", logprobs: [token] })),
  ].join("");
  const told = eventsOf(text).flatMap((event) => objects(event["choices"])).map((one) => one["logprobs"] as Wire | null).filter((one) => one !== null);
  expect(told.flatMap((one) => one["text_offset"])).toEqual([0, 1, 1, 2]);
  expect(told.flatMap((one) => one["top_logprobs"])).toEqual([{}, {}, {}, {}]);
});
