import { afterAll, expect, test } from "bun:test";
import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput, ConverseStreamCommand, CountTokensCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { startSandbox } from "../../server.ts";
import { KEYS } from "./signature.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const [accessKeyId = "", secretAccessKey = ""] = Object.entries(KEYS)[0] ?? [];
const clientOf = (secret: string): BedrockRuntimeClient =>
  new BedrockRuntimeClient({ region: "us-east-1", endpoint: `${sandbox.url}/bedrock`, credentials: { accessKeyId, secretAccessKey: secret }, maxAttempts: 1, requestHandler: new NodeHttpHandler() });
const client = clientOf(secretAccessKey);
const modelId = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const input = (text: string, more: Partial<ConverseCommandInput> = {}): ConverseCommandInput => ({ modelId, messages: [{ role: "user", content: [{ text }] }], ...more });
const weather = { tools: [{ toolSpec: { name: "get_weather", inputSchema: { json: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } } }] };

test("AWS's own client signs as we check, and reads our answers", async () => {
  const answer = await client.send(new ConverseCommand(input("count to 4")));
  expect(answer.output?.message?.content).toEqual([{ text: "1, 2, 3, 4" }]);
  expect(answer.stopReason).toBe("end_turn");
  expect(answer.usage?.totalTokens).toBe((answer.usage?.inputTokens ?? 0) + (answer.usage?.outputTokens ?? 0));
});

test("it counts tokens of a model by its own name; a profile over regions has no counter", async () => {
  const count = async (id: string, converse = input("count to 4")) => (await client.send(new CountTokensCommand({ modelId: id, input: { converse: { messages: converse.messages } } }))).inputTokens ?? 0;
  const answer = await client.send(new ConverseCommand(input("count to 4")));
  expect(await count("anthropic.claude-sonnet-4-5-20250929-v1:0")).toBe(answer.usage?.inputTokens ?? -1);
  for (const id of [modelId, "amazon.nova-pro-v1:0"]) {
    const refused: unknown = await count(id).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "ValidationException", message: "The provided model doesn't support counting tokens." });
  }
});

test("it reads our frames: text, thinking with its signature, tools, usage", async () => {
  const thinking = { additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 1024 } } };
  const read = async (request: ConverseCommandInput) => {
    let [text, thought, signature, call] = ["", "", "", ""];
    let last: unknown;
    for await (const event of (await client.send(new ConverseStreamCommand(request))).stream ?? []) {
      const delta = event.contentBlockDelta?.delta;
      text += delta?.text ?? "";
      thought += delta?.reasoningContent?.text ?? "";
      signature += delta?.reasoningContent?.signature ?? "";
      call += delta?.toolUse?.input ?? "";
      last = event;
    }
    return { text, thought, signature, call, last };
  };
  const plain = await read(input("count to 4", thinking));
  expect(plain.text).toBe("1, 2, 3, 4");
  expect(plain.thought).not.toBe("");
  expect(plain.signature).not.toBe("");
  expect(plain.last).toMatchObject({ metadata: { usage: { outputTokens: expect.any(Number) } } });
  expect(JSON.parse((await read(input("get_weather in Oslo", { toolConfig: weather }))).call)).toEqual({ city: "Oslo" });
});

test("a wrong secret, an unknown key, exceptions in a stream", async () => {
  const failed = async (run: () => Promise<unknown>): Promise<string> => {
    try {
      await run();
      return "";
    } catch (error) {
      return error instanceof Error ? error.name : "";
    }
  };
  expect(await failed(() => clientOf("wrong").send(new ConverseCommand(input("hi"))))).toBe("InvalidSignatureException");
  expect(await failed(() => client.send(new ConverseCommand(input("[[fault:bad-key]]"))))).toBe("UnrecognizedClientException");
  expect(await failed(() => client.send(new ConverseCommand(input("[[fault:status=429]]"))))).toBe("ThrottlingException");
  expect(
    await failed(async () => {
      for await (const event of (await client.send(new ConverseStreamCommand(input("count to 9 [[fault:error-in-stream=2;status=429]]")))).stream ?? []) expect(event).toBeDefined();
    }),
  ).toBe("ThrottlingException");
});
