import type { Dialect } from "./dialect.ts";

/** The stream members of a dialect whose answers always come whole: `readRequest` never gives `stream: true`, so the meter is never asked for. */
export const WHOLE_ONLY: Pick<Dialect, "endsByClosing" | "meter"> = {
  endsByClosing: false,
  meter() {
    throw new Error("this endpoint has no streams");
  },
};
