import type { ApiWho, ApiWords } from "@yescale/contract";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import type { BodyKind } from "./body.ts";

/** Who may call a route (a kept file: whoever knows its name, which nobody guesses). An OPTIONS request (a browser's question) is answered to anybody, with nothing but headers. */
export type Who = ApiWho | "this host or the metrics token";

/** What every address of the gateway declares of itself. */
export interface RouteRule {
  methods: readonly ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE")[];
  /** all its spellings, with `{model}`, `{id}` or `{name}` where a name stands */
  paths: readonly string[];
  who: Who;
  /** `catalog`: the model's price, held before the vendor is asked (a session: turn by turn); `free`: nothing is charged */
  price: "catalog" | "free";
  /** what the body may be; none: no body is read */
  bodies: readonly BodyKind[];
  bodyBytesMax: number;
  /** in whose words it refuses; `caller`: those of the SDK that the headers show; `media`: those of its family; of management routes those of the contract */
  errors: DialectId | "caller" | "media" | ApiWords;
}

/** Largest body of a task: several pictures in base64. */
export const TASK_BODY_BYTES_MAX = 64 * 1024 * 1024;
