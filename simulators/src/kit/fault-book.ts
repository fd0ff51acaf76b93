/** Which faults apply to a request: from its header, from its prompt, and standing ones set out of band. */
import { faultNumber, parseFaults, type FaultName, type FaultValues } from "./fault-spec.ts";

/** A fault that stays until cleared. Each filter that is set must match. */
export interface StandingFault {
  /** vendor name, such as "openai" */
  vendor?: string;
  /** substring of the path below the vendor */
  path?: string;
  /** substring of the credential */
  key?: string;
  /** fault spec, see fault-spec.ts */
  spec: string;
}

/** What is known of a request when its faults are chosen. */
export interface FaultSubject {
  vendor: string;
  path: string;
  credential: string;
  /** value of the x-sandbox-fault header */
  header: string | null;
  /** the request body as text */
  body: string;
}

/** Keeps standing faults and counts for `times` and `rate`. */
export interface FaultBook {
  /** Takes a standing fault; throws `FaultSpecError` when its spec is wrong. */
  add(fault: StandingFault): void;
  list(): StandingFault[];
  /** Forgets standing faults and counts. */
  clear(): void;
  /** Takes a request; gives its faults, later sources winning: standing, prompt, header. Throws `FaultSpecError`. */
  faultsOf(subject: FaultSubject): FaultValues;
}

const NONE: FaultValues = new Map();
const MARK = "[[fault:";
/** Different specs counted at most, so that a test that varies them does not grow memory without end. */
const COUNTERS_MAX = 10_000;

/** Takes a request body as text; gives the spec of its last `[[fault:...]]` mark, null without one. */
export function specInBody(body: string): string | null {
  const start = body.lastIndexOf(MARK);
  if (start === -1) return null;
  const end = body.indexOf("]]", start);
  return end === -1 ? null : body.slice(start + MARK.length, end);
}

/** Gives an empty book. */
export function faultBook(): FaultBook {
  let standing: { fault: StandingFault; values: FaultValues }[] = [];
  const counts = new Map<string, number>();

  const matches = ({ fault }: { fault: StandingFault }, subject: FaultSubject): boolean =>
    (fault.vendor === undefined || fault.vendor === subject.vendor) &&
    (fault.path === undefined || subject.path.includes(fault.path)) &&
    (fault.key === undefined || subject.credential.includes(fault.key));

  function applies(spec: string, values: FaultValues, subject: FaultSubject): boolean {
    const onlyKey = values.get("only-key");
    if (typeof onlyKey === "string" && !subject.credential.includes(onlyKey)) return false;
    const [times, rate] = [faultNumber(values, "times"), faultNumber(values, "rate")];
    if (times === undefined && rate === undefined) return true;
    const counter = `${subject.vendor} ${spec}`;
    const seen = (counts.get(counter) ?? 0) + 1;
    if (counts.size < COUNTERS_MAX || counts.has(counter)) counts.set(counter, seen);
    if (times !== undefined && seen > times) return false;
    // the n-th request is hit when the running share of hits, rounded down, grows with it
    return rate === undefined || Math.floor((seen * rate) / 100) > Math.floor(((seen - 1) * rate) / 100);
  }

  return {
    add: (fault) => void standing.push({ fault, values: parseFaults(fault.spec) }),
    list: () => standing.map((entry) => entry.fault),
    clear() {
      standing = [];
      counts.clear();
    },
    faultsOf(subject) {
      const inBody = specInBody(subject.body);
      if (standing.length === 0 && inBody === null && subject.header === null) return NONE;
      const found = standing
        .filter((entry) => matches(entry, subject))
        .map((entry) => ({ spec: entry.fault.spec, values: entry.values }));
      for (const spec of [inBody, subject.header])
        if (spec !== null) found.push({ spec, values: parseFaults(spec) });
      const merged = new Map<FaultName, number | string | true>();
      for (const { spec, values } of found)
        if (applies(spec, values, subject)) for (const [name, value] of values) merged.set(name, value);
      return merged;
    },
  };
}
