import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { applyEdits, scanJson } from "../dialects/canonical/json-scan.ts";
import { eventsOf, responseInEvent, reworded } from "./answer.ts";
import { type Conversation, historyOf, idsFor, itemsOf, listedInput, newIds } from "./items.ts";
import { includeReasoning, removeMember, setMember } from "./request.ts";

const names = fc.constantFrom("model", "previous_response_id", "store", "include", "input", "a");
const bodies = fc.dictionary(names, fc.jsonValue(), { minKeys: 1 });
const spaced = fc.tuple(bodies, fc.constantFrom(undefined, 1, "\t")).map(([body, indent]) => ({ body, bytes: Buffer.from(JSON.stringify(body, null, indent)) }));

describe("a body with members set and removed is the same body otherwise", () => {
  test("removed, wherever it stands", () => {
    fc.assert(
      fc.property(spaced, names, ({ body, bytes }, name) => {
        const edit = removeMember(scanJson(bytes), name);
        const { [name]: _gone, ...rest } = body;
        expect(JSON.parse(applyEdits(bytes, edit ? [edit] : []).toString())).toEqual(JSON.parse(JSON.stringify(rest)));
      }),
    );
  });

  test("one removed, others set, in one go", () => {
    fc.assert(
      fc.property(spaced, fc.jsonValue(), ({ body, bytes }, input) => {
        const scan = scanJson(bytes);
        const removed = removeMember(scan, "previous_response_id");
        const { previous_response_id: _gone, ...rest } = body;
        if (Object.keys(rest).length === 0) return;
        const edits = [setMember(scan, "input", JSON.stringify(input)), setMember(scan, "store", "false"), ...(removed ? [removed] : [])];
        expect(JSON.parse(applyEdits(bytes, edits).toString())).toEqual(JSON.parse(JSON.stringify({ ...rest, input, store: false })));
      }),
    );
  });

  test("sealed reasoning is asked for once", () => {
    const asked = (body: string): string => {
      const scan = scanJson(Buffer.from(body));
      const edit = includeReasoning(scan);
      return applyEdits(scan.bytes, edit ? [edit] : []).toString();
    };
    expect(asked('{"model":"m","include":["x"]}')).toBe('{"model":"m","include":["x","reasoning.encrypted_content"]}');
    expect(asked('{"model":"m","include":null}')).toBe('{"model":"m","include":["reasoning.encrypted_content"]}');
    expect(asked('{"include":["reasoning.encrypted_content"]}')).toBe('{"include":["reasoning.encrypted_content"]}');
    expect(asked('{"include":7}')).toBe('{"include":7}');
  });
});

describe("answers", () => {
  test("events are cut at empty lines, whatever ends their lines, and nothing is lost", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("event: x\ndata: {}\n\n", "data: 1\r\n\r\n", ": ping\n\n", "data: é\n\n")), (events) => {
        const cut = eventsOf(Buffer.from(events.join("")));
        expect(cut.map(String)).toEqual(events);
      }),
    );
  });

  test("only our members change, and only at the top of the response", () => {
    const response = '{"id": "resp_1", "store" : false, "metadata": {"store": "false"}, "tools": [{"store":false}], "previous_response_id": null}';
    expect(reworded(Buffer.from(response), { store: true, previous: "resp_0" }).toString()).toBe(
      '{"id": "resp_1", "store" : true, "metadata": {"store": "false"}, "tools": [{"store":false}], "previous_response_id": "resp_0"}',
    );
    expect(reworded(Buffer.from("[1]"), { store: true, previous: "resp_0" }).toString()).toBe("[1]");
    const event = Buffer.from(`event: response.completed\r\ndata: {"type": "response.completed", "response": ${response}, "sequence_number": 4}\r\n\r\n`);
    const found = responseInEvent(event);
    expect(found).toMatchObject({ finished: true });
    expect(found?.response.toString()).toBe(response);
    expect(found?.with(Buffer.from("{}")).toString()).toBe('event: response.completed\r\ndata: {"type": "response.completed", "response": {}, "sequence_number": 4}\r\n\r\n');
    expect(responseInEvent(Buffer.from('data: {"type":"response.output_text.delta","delta":"\\"response\\":{}"}\n\n'))).toBeUndefined();
    expect(responseInEvent(Buffer.from('data: {"type":"response.completed", broken "response":{}\n\n'))).toBeUndefined();
  });
});

describe("items", () => {
  const conversation = (output: object[]): Conversation => {
    const input = itemsOf([{ role: "user", content: "hi" }, { type: "function_call", id: "fc_1", call_id: "c", name: "f", arguments: "{}" }, { type: "function_call_output", call_id: "c", output: "x" }]);
    return { input, inputIds: idsFor(input, "resp_9"), own: 2, response: { id: "resp_9", output } };
  };

  test("ids are their own or made once", () => {
    const kept = conversation([{ type: "message", id: "msg_a", role: "assistant", content: [] }]);
    expect(kept.inputIds).toEqual(["msg_9000000", "fc_1", "fco_9000002"]);
    expect(newIds(kept)).toEqual(["fc_1", "fco_9000002", "msg_a"]);
    expect(listedInput(kept)[0]).toEqual({ id: "msg_9000000", type: "message", status: "completed", role: "user", content: [{ type: "input_text", text: "hi" }] });
  });

  test("thinking without a seal is left out, with the ids that would ask for it", () => {
    const bare = historyOf(conversation([{ type: "reasoning", id: "rs_1", summary: [] }, { type: "function_call", id: "fc_2", call_id: "d", name: "f", arguments: "{}" }]));
    expect(bare.items.map(({ type }) => type)).toEqual([undefined, "function_call", "function_call_output", "function_call"]);
    expect(bare.items.every(({ id }) => id === undefined)).toBe(true);
    expect(bare.ids).toEqual(["msg_9000000", "fc_1", "fco_9000002", "fc_2"]);
    const sealed = historyOf(conversation([{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "e" }]));
    expect(sealed.items.at(-1)).toEqual({ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "e" });
  });
});
