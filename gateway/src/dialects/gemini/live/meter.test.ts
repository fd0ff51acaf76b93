import { describe, expect, test } from "bun:test";
import { GeminiLiveMeter } from "./meter.ts";
import { modelOfSetup, withModel } from "./setup.ts";

// Messages are constructed from the SDK's types (LiveServerMessage, UsageMetadata).
const said = (text: string) => ({ serverContent: { modelTurn: { parts: [{ text }] } } });
const usage = (prompt: number, response: number) => ({ usageMetadata: { promptTokenCount: prompt, responseTokenCount: response, totalTokenCount: prompt + response } });
const complete = { serverContent: { turnComplete: true } };
const meter = () => new GeminiLiveMeter({ asked: "m", upstream: "m" });
/** What is billed for a run of messages, and what is left open. */
function play(...messages: object[]) {
  const one = meter();
  const ended = messages.flatMap((message) => one.vendor(JSON.stringify(message)).ended).map(({ metered }) => [metered.usage.input, metered.usage.output, metered.estimated]);
  return { ended, open: one.unfinished().map(({ metered }) => [metered.usage.input, metered.usage.output, metered.estimated]) };
}

describe("turns of a live session", () => {
  test("usage with the end, before it, or after it: one turn", () => {
    expect(play(said("a"), { ...complete, ...usage(10, 1) })).toEqual({ ended: [[10, 1, false]], open: [] });
    expect(play(said("a"), usage(10, 1), complete)).toEqual({ ended: [[10, 1, false]], open: [] });
    expect(play(said("a"), complete, usage(10, 1))).toEqual({ ended: [[10, 1, false]], open: [] });
  });

  test("growing reports are one turn, billed by the last; a report repeated after the end is not billed again", () => {
    expect(play(said("a"), usage(10, 1), said("b"), usage(10, 2), complete, usage(10, 2))).toEqual({ ended: [[10, 2, false]], open: [] });
  });

  test("a report that is smaller belongs to the next turn", () => {
    expect(play(said("a"), usage(10, 5), usage(16, 2), complete)).toEqual({ ended: [[10, 5, false], [16, 2, false]], open: [] });
  });

  test("a call of tools ends a turn", () => {
    expect(play({ toolCall: { functionCalls: [] }, ...usage(10, 4) }, said("x"), { ...complete, ...usage(20, 6) })).toEqual({ ended: [[10, 4, false], [20, 6, false]], open: [] });
  });

  test("a turn without a report is estimated, when the next begins or the session ends; nothing delivered costs nothing", () => {
    expect(play(said("one two"), complete, said("three"))).toEqual({ ended: [[0, 2, true]], open: [[0, 1, true]] });
    expect(play(complete, { setupComplete: {} })).toEqual({ ended: [], open: [] });
  });
});

describe("the setup message", () => {
  test("the model's name is replaced, and no other byte", () => {
    const text = '{ "setup" : {"x": [1,"model"], "model" : "models/mine" , "y":{}} }';
    expect(modelOfSetup(text)).toBe("models/mine");
    expect(withModel(text, "theirs")).toBe('{ "setup" : {"x": [1,"model"], "model" : "models/theirs" , "y":{}} }');
  });

  test.each(["{}", '{"setup":[]}', '{"setup":{}}', '{"setup":{"model":1}}', '{"setup":{"model":"a","model":"b"}}', '{"setup":{"model":"a"},"setup":{"model":"b"}}', "x"])("V36: %s names no one model", (text) => {
    expect(() => modelOfSetup(text)).toThrow();
  });
});
