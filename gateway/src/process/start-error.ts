/** Why the gateway does not start, as a message for the operator; told without a stack trace. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The text of anything thrown. An AggregateError (a host with several addresses) has none of its own. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return [...new Set(error.errors.map(reason))].join("; ");
  return error instanceof Error ? error.message : String(error);
}
