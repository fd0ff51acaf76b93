import type { Binaries } from "./binaries.ts";
import type { Identity } from "./identity.ts";
import type { Layout } from "./layout.ts";

/** A line for the gateway's log. */
export interface LogLine {
  level: "info" | "warn" | "error";
  message: string;
  detail?: Record<string, unknown>;
}

/** All that stays the same while one server is started, used and stopped. */
export interface Installation {
  layout: Layout;
  binaries: Binaries;
  identity: Identity;
  settings: Record<string, string>;
  log: (line: LogLine) => void;
}
