import type { SessionDialect } from "../../canonical/session.ts";
import { GeminiLiveMeter } from "./meter.ts";
import { modelOfSetup } from "./setup.ts";

/** Gemini's Live API: https://ai.google.dev/api/live (SDK types `LiveClientMessage`, `LiveServerMessage`). It has no error message: closing carries the reason. */
export const geminiLive: SessionDialect = {
  id: "gemini-live",
  endpoint: "live",
  refusals: "gemini",
  modelOfSetup,
  meter: (names) => new GeminiLiveMeter(names),
  errorMessage: () => undefined,
};
