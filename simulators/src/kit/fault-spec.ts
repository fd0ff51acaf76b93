/** The language of faults: `name`, `name=value`, joined by `;`. README.md explains each one to its users. */

/** What a fault's value is: none, a whole or decimal number that is not negative, or text. */
type ValueKind = "flag" | "number" | "text";

/** Every fault and condition with the kind of its value. */
export const FAULTS = {
  status: "number",
  "retry-after": "number",
  "no-balance": "flag",
  "bad-key": "flag",
  leak: "flag",
  html: "flag",
  empty: "flag",
  hang: "flag",
  "slow-first-byte": "number",
  pace: "number",
  stall: "number",
  cut: "number",
  "cut-body": "flag",
  malformed: "number",
  "error-in-stream": "number",
  "no-usage": "flag",
  "usage-zero": "flag",
  "missing-end": "flag",
  "huge-event": "number",
  split: "number",
  "duplicate-frame": "number",
  burst: "flag",
  encode: "text",
  "late-answer": "number",
  "lost-answer": "flag",
  refuse: "flag",
  "refuse-submit": "flag",
  fail: "flag",
  "fail-code": "text",
  "queue-ms": "number",
  "run-ms": "number",
  "never-starts": "flag",
  "never-ends": "flag",
  "new-state": "flag",
  partial: "flag",
  "lost-task": "flag",
  "lost-result": "flag",
  "expired-link": "flag",
  "cancel-ignored": "flag",
  "no-callback": "flag",
  "callback-late": "number",
  "callback-twice": "flag",
  "callback-order": "flag",
  "callback-forged": "flag",
  "poll-status": "number",
  "poll-retry-after": "number",
  "poll-html": "flag",
  "poll-empty": "flag",
  "poll-malformed": "flag",
  "poll-hang": "flag",
  "poll-ms": "number",
  "poll-times": "number",
  "file-status": "number",
  "file-html": "flag",
  "file-cut": "flag",
  "file-ms": "number",
  "file-times": "number",
  "only-key": "text",
  times: "number",
  rate: "number",
} as const satisfies Record<string, ValueKind>;

/** The name of a fault or condition. */
export type FaultName = keyof typeof FAULTS;

/** Faults in force for one request, by name; a flag's value is `true`. */
export type FaultValues = ReadonlyMap<FaultName, number | string | true>;

/** Statuses that `status=` takes: those with a body of their own at one of the vendors. */
export const FAULT_STATUSES = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529];
/** Encodings that `encode=` takes. */
export const ENCODINGS = ["gzip", "br", "zstd", "deflate"];
/** Most bytes that `huge-event=` adds: more would only test this machine's memory. */
export const HUGE_EVENT_MAX = 256 * 1024 * 1024;

/** A fault spec that cannot be understood; the message names the valid ones. */
export class FaultSpecError extends Error {}

const isFaultName = (name: string): name is FaultName => name in FAULTS;

function complain(text: string): never {
  const names = Object.entries(FAULTS).map(([name, kind]) =>
    kind === "flag" ? name : `${name}=${kind === "number" ? "N" : "TEXT"}`,
  );
  throw new FaultSpecError(`${text} Valid parts, joined by ';': ${names.join(", ")}.`);
}

function valueOf(name: FaultName, raw: string | undefined): number | string | true {
  const kind = FAULTS[name];
  if (kind === "flag") return raw === undefined ? true : complain(`Fault '${name}' takes no value.`);
  if (raw === undefined || raw === "") return complain(`Fault '${name}' needs a value.`);
  if (kind === "text") {
    if (name === "encode" && !ENCODINGS.includes(raw))
      complain(`Fault 'encode' takes one of ${ENCODINGS.join(", ")}.`);
    return raw;
  }
  const number = Number(raw);
  if (!Number.isFinite(number) || number < 0)
    complain(`Fault '${name}' needs a number that is not negative, not '${raw}'.`);
  if (/^(?:poll-|file-)?status$/.test(name) && !FAULT_STATUSES.includes(number))
    complain(`Fault '${name}' takes one of ${FAULT_STATUSES.join(", ")}.`);
  if (name === "huge-event" && number > HUGE_EVENT_MAX)
    complain(`Fault 'huge-event' takes at most ${HUGE_EVENT_MAX} bytes.`);
  if (name === "split" && number < 1) complain("Fault 'split' needs at least 1 byte.");
  return number;
}

/** Takes a spec such as `status=429;retry-after=2;times=1`; gives its parts. Throws `FaultSpecError`. */
export function parseFaults(spec: string): FaultValues {
  const values = new Map<FaultName, number | string | true>();
  for (const part of spec
    .split(";")
    .map((text) => text.trim())
    .filter(Boolean)) {
    const equals = part.indexOf("=");
    const name = equals === -1 ? part : part.slice(0, equals);
    if (!isFaultName(name)) complain(`There is no fault '${name}'.`);
    values.set(name, valueOf(name, equals === -1 ? undefined : part.slice(equals + 1)));
  }
  if (values.size === 0) complain("The fault spec is empty.");
  return values;
}

/** Takes the faults in force and a name; gives its number, `undefined` when it is not set. */
export function faultNumber(faults: FaultValues, name: FaultName): number | undefined {
  const value = faults.get(name);
  return typeof value === "number" ? value : undefined;
}
