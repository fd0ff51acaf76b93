import { appendPart } from "./collect-part.ts";
import type { Part } from "./parts.ts";
import type { CanonicalResponse, Choice } from "./response.ts";
import type { StreamPart } from "./stream.ts";

/**
 * A whole answer out of the parts of a stream, for callers who did not ask for one and for tests. Lenient: deltas without a part are passed over, and a
 * choice that never finished ends with "error". It holds the whole answer, so it is no tool for passing streams on.
 */
export function collectStream(parts: Iterable<StreamPart>): CanonicalResponse {
  const response: CanonicalResponse = { id: "", model: "", choices: [], usage: undefined };
  const open = new Map<string, Part>();
  const ended = new Map<string, Part>();
  const choiceOf = (index: number): Choice => {
    let choice = response.choices.find((candidate) => candidate.index === index);
    if (!choice) response.choices.push((choice = { index, parts: [], finish: "error" }));
    return choice;
  };
  for (const part of parts)
    switch (part.type) {
      case "start":
        response.id = part.id;
        response.model = part.model;
        if (part.created !== undefined) response.created = part.created;
        if (part.serviceTier !== undefined) response.serviceTier = part.serviceTier;
        break;
      case "part-start": {
        const copy = structuredClone(part.part);
        open.set(`${part.choice}/${part.index}`, copy);
        choiceOf(part.choice).parts.push(copy);
        break;
      }
      case "part-end": {
        const key = `${part.choice}/${part.index}`;
        const known = open.get(key);
        if (known && part.part) {
          // The finished part replaces what is known of it.
          for (const name of Object.keys(known)) delete (known as unknown as Record<string, unknown>)[name];
          Object.assign(known, structuredClone(part.part));
        }
        if (known?.type === "text") ended.set(key, known);
        open.delete(key);
        break;
      }
      case "finish": {
        const choice = choiceOf(part.choice);
        choice.finish = part.reason;
        if (part.detail !== undefined) choice.finishDetail = part.detail;
        if (part.stopSequence !== undefined) choice.stopSequence = part.stopSequence;
        break;
      }
      case "usage":
        response.usage = part.usage;
        if (part.anomaly !== undefined) response.anomaly = part.anomaly;
        break;
      case "ping":
      case "error":
      case "end":
        break;
      default: {
        const key = `${part.choice}/${part.index}`;
        const known = open.get(key) ?? (part.type === "citation" ? ended.get(key) : undefined);
        if (known) appendPart(known, part);
        if (part.type === "text-delta" && part.logprobs) {
          const choice = choiceOf(part.choice);
          choice.logprobs = [...(choice.logprobs ?? []), ...part.logprobs];
        }
      }
    }
  response.choices.sort((a, b) => a.index - b.index);
  return response;
}
