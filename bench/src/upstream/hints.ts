/** What a request asks of the upstream. */
export interface Asked {
  stream: boolean;
  events: number;
  paceMs: number;
  seconds: number;
  gzip: boolean;
}

/** Events of one stream at most, so that a lost benchmark ends some day. */
const EVENTS_MAX = 1e12;

/** What a request asks when its body is not looked into. */
export const PLAIN: Asked = {
  stream: false,
  events: 0,
  paceMs: 0,
  seconds: Number.POSITIVE_INFINITY,
  gzip: false,
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Reads the hints of a request body (see `UpstreamHints`). */
export function askedOf(body: string): Asked {
  const request: unknown = JSON.parse(body);
  if (!isRecord(request)) return PLAIN;
  const metadata = isRecord(request["metadata"]) ? request["metadata"] : hintsOfUser(request["user"]);
  const number = (name: string, otherwise: number): number => {
    const value = Number(metadata[name] ?? otherwise);
    return Number.isNaN(value) ? otherwise : value;
  };
  return {
    stream: request["stream"] === true,
    events: Math.min(number("events", 20), EVENTS_MAX),
    paceMs: number("pace_ms", 0),
    seconds: number("seconds", Number.POSITIVE_INFINITY),
    gzip: metadata["gzip"] === "1",
  };
}

/** A translated request brings its hints in `user`. */
function hintsOfUser(user: unknown): Record<string, unknown> {
  if (typeof user !== "string" || !user.startsWith("{")) return {};
  const hints: unknown = JSON.parse(user);
  return isRecord(hints) ? hints : {};
}
