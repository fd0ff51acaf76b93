/** Faults that concern single events of a stream. */
import { faultNumber, type FaultValues } from "./fault-spec.ts";
import type { Frame } from "./vendor.ts";

/** What to do next on the wire: send a frame, close the socket, or fall silent. */
export type Step = Frame | "cut" | "stall";

/** Takes one event's text; gives it with its last quarter missing and its line ends kept, so that its JSON is broken. */
export function breakJson(text: string): string {
  const body = text.trimEnd();
  return body.slice(0, Math.max(Math.floor(body.length * 0.75), 1)) + text.slice(body.length);
}

/** Takes JSON text (or an event with JSON in it) and a size in bytes; gives it with that much white space inside its first object. */
export function padJson(text: string, bytes: number): string {
  const brace = text.indexOf("{");
  return brace === -1 ? text : `${text.slice(0, brace + 1)}${" ".repeat(bytes)}${text.slice(brace + 1)}`;
}

/** Takes a vendor's frames, the faults in force and its error event; gives the steps to take. */
export function* disturbed(
  frames: Iterable<Frame>,
  faults: FaultValues,
  errorFrame: (first: boolean) => string,
): Generator<Step> {
  const [cut, stall, broken] = [
    faultNumber(faults, "cut"),
    faultNumber(faults, "stall"),
    faultNumber(faults, "error-in-stream"),
  ];
  const [malformed, twice] = [faultNumber(faults, "malformed"), faultNumber(faults, "duplicate-frame")];
  let huge = faultNumber(faults, "huge-event");
  let [events, content] = [0, 0];
  const due = function* (): Generator<Step, boolean> {
    if (content === broken) yield { kind: "other", text: errorFrame(events === 0) };
    if (content === cut) yield "cut";
    if (content === stall) yield "stall";
    return content === broken || content === cut || content === stall;
  };
  for (const frame of frames) {
    if (yield* due()) return;
    if (frame.kind === "end" && faults.has("missing-end")) continue;
    events += 1;
    if (frame.kind === "content") content += 1;
    let sent = frame;
    if (huge !== undefined && frame.kind === "content") {
      sent = { ...sent, text: padJson(frame.text, huge) };
      huge = undefined;
    }
    if (events === malformed) sent = { kind: frame.kind, text: breakJson(sent.text) };
    yield sent;
    if (events === twice) yield sent;
  }
  yield* due();
}
