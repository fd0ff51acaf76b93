/** What the sandbox said can be understood again: a transcription of a sound file it made gives the text. */
import { sha256 } from "../../../kit/exchange.ts";
import type { Received } from "../../../kit/vendor.ts";

const OWNER = "spoken";

/** Takes a request, a sound file and its text; keeps the text under the file's digest. */
export const shelve = (request: Received, bytes: Uint8Array, text: string): void => request.shelf.put(OWNER, sha256(bytes), text);

/** Takes a request and a sound file; gives what is said in it, `undefined` when the sandbox did not make it. */
export function heard(request: Received, bytes: Uint8Array): string | undefined {
  const text = request.shelf.get(OWNER, sha256(bytes));
  return typeof text === "string" ? text : undefined;
}
