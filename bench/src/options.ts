import { parseArgs } from "node:util";

/** The flags of one run. */
export interface Options {
  only: Set<number> | undefined;
  quick: boolean;
  withoutGateway: boolean;
  /** `name=url[,pid]` */
  targets: string[];
  /** length of the soak in seconds; undefined: the profile's */
  soakSeconds: number | undefined;
  /** file for the raw data */
  json: string | undefined;
  /** 0: any */
  upstreamPort: number;
  /** the caller's key, sent to every target */
  key: string | undefined;
  help: boolean;
}

/** How to call the benchmark. */
export const USAGE = `npm run bench -- [flags]
  --only 1,2             these scenarios only
  --quick                under a minute; numbers worth little
  --without-gateway      direct, nginx and the bare proxy only
  --soak SECONDS         length of scenario 4 (default 60, 4 if quick)
  --target NAME=URL[,PID]  a further target on the loopback (repeatable); with a PID its CPU and memory are measured
  --upstream-port PORT   fixed port of the upstream, for further targets
  --key KEY              the caller's key sent to every target (sk- and 48 letters or digits)
  --json FILE            write the raw data`;

function wholeNumber(text: string | undefined, flag: string, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Error(`--${flag}: must be from 1 to ${most}`);
  return value;
}

/** Reads the flags. Throws on a wrong one. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      "without-gateway": { type: "boolean", default: false },
      target: { type: "string", multiple: true, default: [] },
      soak: { type: "string" },
      json: { type: "string" },
      "upstream-port": { type: "string" },
      key: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const only = values.only?.split(",").map((each) => wholeNumber(each.trim(), "only", 10) ?? 0);
  return {
    only: only === undefined ? undefined : new Set(only),
    quick: values.quick,
    withoutGateway: values["without-gateway"],
    targets: values.target,
    soakSeconds: wholeNumber(values.soak, "soak", 86_400),
    json: values.json,
    upstreamPort: wholeNumber(values["upstream-port"], "upstream-port", 65_535) ?? 0,
    key: values.key,
    help: values.help,
  };
}
