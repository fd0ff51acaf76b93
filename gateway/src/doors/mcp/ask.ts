import { GatewayError } from "../../errors/gateway-error.ts";

/** Asks an address of the management APIs in the caller's name: what a tool may see is what the access key may see there, checked and refused the same way. */
export type Ask = (path: string, query?: Readonly<Record<string, Given>>) => Promise<Record<string, unknown>>;

/** What stands in a query; undefined does not. */
type Given = string | number | boolean | readonly string[] | undefined;

/** What answers a request of ours as the door would. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** Makes questions of an access key. They throw GatewayError with the API's own words. */
export const askWith = (accessKey: string, fetch: Fetch): Ask =>
  async function ask(path, query = {}) {
    const url = new URL(path, "http://gateway");
    for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") url.searchParams.set(name, Array.isArray(value) ? value.join(",") : String(value));
    const response = await fetch(new Request(url.href, { headers: { authorization: `Bearer ${accessKey}` } }));
    const body = (await response.json()) as Record<string, unknown>;
    if (response.status === 200) return body;
    throw new GatewayError("invalidRequest", { publicText: wordsOf(body), internalText: `${response.status} of ${path}` });
  };

function wordsOf(body: Record<string, unknown>): string {
  const { error, message } = body as { error?: { message?: string }; message?: string };
  return error?.message ?? message ?? "The request was refused.";
}
