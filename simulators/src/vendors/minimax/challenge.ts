/** Before MiniMax takes a `callback_url`, it posts a word there that must come back ("Callback" of the API reference). */
import { asObject } from "../../kit/json.ts";
import type { Received } from "../../kit/vendor.ts";

/** Time for the echo in ms. */
const ECHO_LIMIT_MS = 3_000;

/** Takes a request and its `callback_url`; tells whether the word did not come back. */
export async function refusesChallenge(request: Received, url: string): Promise<boolean> {
  const challenge = request.ids.hex(32);
  try {
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ challenge }), redirect: "manual", signal: AbortSignal.timeout(ECHO_LIMIT_MS) });
    return asObject(await answer.json())["challenge"] !== challenge;
  } catch {
    return true;
  }
}
