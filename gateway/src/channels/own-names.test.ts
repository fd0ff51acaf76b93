import { expect, test } from "bun:test";
import { redact } from "../errors/redact.ts";
import { type Channel, DEFAULT_TIMEOUTS } from "./channel.ts";
import { ownNames } from "./own-names.ts";

const channel = (more: Partial<Channel>): Channel => ({
  id: "file:a", name: "a", source: "file", vendor: "openai", baseUrl: "http://vm:3790/v1", credentials: ["a-secret-1"], models: undefined, modelMapping: {}, groups: undefined,
  priority: 0, weight: 1, timeouts: DEFAULT_TIMEOUTS, proxy: undefined, enabled: true, simulated: false, servesLive: true, ...more,
});

test("V29: address, host with and without its port, every credential, and the proxy with its password", () => {
  const names = ownNames(channel({ credentials: ["a-secret-1", "a-secret-2"], proxy: "http://me:pa%24%24word1%@proxyhost:8080" }));
  const text = redact("http://vm:3790/v1 | vm:3790 | vm | a-secret-1 | a-secret-2 | proxyhost:8080 | proxyhost | pa%24%24word1%", names);
  expect(text).not.toMatch(/vm|secret|proxyhost|word1/);
});

test.each(["none", "EMPTY", "dummy", "ollama", "placeholder", "x"])("a placeholder for a credential (%s) is no secret: the word stays in what a vendor says", (word) => {
  const names = ownNames(channel({ credentials: [word] }));
  expect(redact(`tool_choice must be one of ${word}, auto`, names)).toBe(`tool_choice must be one of ${word}, auto`);
});

test("a broken address does no harm", () => {
  expect(ownNames(channel({ baseUrl: "nowhere" }))).toContain("nowhere");
});
