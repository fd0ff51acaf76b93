import { dirname, join } from "node:path";

/** How long steady may take to read its document. */
const START_MS_MAX = 10_000;

/** What steady found in one request. */
export interface Verdict {
  path: string;
  /** the JSON body exactly as the gateway sent it, parsed; undefined for a form */
  body: unknown;
  valid: boolean;
  /** one per finding, warnings included: `CODE path: what is wrong` */
  faults: string[];
}

/**
 * steady (`@stdy/cli`, MIT) as an upstream: checks every request against an OpenAPI document,
 * refuses a faulty one with 400 and answers the others with the document's example.
 *
 * Before it stands a listener of ours, for three things: it keeps the verdicts, which steady tells in headers; it takes the version prefix
 * of the document's `servers` off the path, which steady does not; and it asks for an event stream when the body does, since steady chooses
 * by `accept` and OpenAI by `stream`. The request's body passes through it untouched.
 *
 * `document` is the path of the OpenAPI document. Gives the base URL for a channel, and the verdicts in order. Throws when steady does not start.
 */
export async function startSteady(document: string): Promise<{ baseUrl: string; verdicts: Verdict[]; stop(): Promise<void> }> {
  const { servers } = (await Bun.file(document).json()) as { servers: { url: string }[] };
  const prefix = new URL(servers[0]?.url ?? "http://none").pathname.replace(/\/$/, "");
  const port = freePort();
  // The program itself and not its launcher: a signal to the launcher's child would depend on the launcher.
  const program = join(dirname(Bun.resolveSync(`@stdy/cli-${process.platform}-${process.arch}/package.json`, import.meta.dir)), "bin", "steady");
  const child = Bun.spawn([program, "--port", String(port), "--reject-on-sdk-error", "--log=false", "--validator-form-array-format=brackets", document], { stdout: "ignore", stderr: "pipe" });
  const steadyUrl = `http://127.0.0.1:${port}`;
  await untilHealthy(`${steadyUrl}/_x-steady/health`, child);

  const verdicts: Verdict[] = [];
  const listener = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const bytes = await request.arrayBuffer();
      const json = request.headers.get("content-type")?.includes("json") === true;
      const body: unknown = json ? JSON.parse(Buffer.from(bytes).toString("utf8")) : undefined;
      const headers = new Headers(request.headers);
      if ((body as { stream?: unknown } | undefined)?.stream === true) headers.set("accept", "text/event-stream");
      const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname;
      const answer = await fetch(`${steadyUrl}${path}`, { method: request.method, headers, body: bytes });
      verdicts.push({ path: pathname, body, ...verdictOf(answer.headers) });
      return new Response(await answer.text(), { status: answer.status, headers: { "content-type": answer.headers.get("content-type") ?? "" } });
    },
  });

  return {
    baseUrl: `http://127.0.0.1:${listener.port}${prefix}`,
    verdicts,
    async stop() {
      await listener.stop(true);
      child.kill();
      await child.exited;
    },
  };
}

/** Two kinds of the document that both fit (an `InputMessage` is an `EasyInputMessage` too) are no fault of the request. Headers `x-steady-*`, as steady's README names them; an answer without them is no verdict and counts as invalid. */
function verdictOf(headers: Headers): Pick<Verdict, "valid" | "faults"> {
  const count = Number(headers.get("x-steady-error-count") ?? "NaN");
  const faults = Array.from({ length: count >= 0 ? count : 0 }, (_, index) => {
    const part = (name: string): string => headers.get(`x-steady-error-${index + 1}-${name}`) ?? "";
    return `${part("code")} ${part("path")}: ${part("message")}`;
  }).filter((fault) => !fault.endsWith("structurally match, ambiguous"));
  return { valid: headers.get("x-steady-request-valid") !== null && count >= 0 && faults.length === 0, faults };
}

/** A port that was free a moment ago: steady takes port 0 but does not tell which one it got. */
function freePort(): number {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  void server.stop(true);
  return port ?? 0;
}

async function untilHealthy(url: string, child: Bun.Subprocess<"ignore", "ignore", "pipe">): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  while (performance.now() < deadline && child.exitCode === null) {
    const healthy = await fetch(url).then((response) => response.ok, () => false);
    if (healthy) return;
    await Bun.sleep(20);
  }
  child.kill();
  throw new Error(`steady did not start: ${await new Response(child.stderr).text()}`);
}
