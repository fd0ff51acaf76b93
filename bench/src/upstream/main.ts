/** The upstream of the benchmark: a cheap stand-in for a vendor. Prints its port as JSON on its first line. */
import { exitWithParent } from "../process/exit-with-parent.ts";
import { ANSWER, ANSWER_GZIP, eventStream } from "./answers.ts";
import { askedOf, PLAIN } from "./hints.ts";

/** Larger bodies are read and dropped: parsing them would measure the upstream. */
const PARSED_BYTES_MAX = 65_536;

const JSON_HEADERS = { "content-type": "application/json", "x-request-id": "req_bench" };
const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
};

/** Reads a body to its end; undefined if it was larger than is parsed. */
async function smallBody(request: Request): Promise<string | undefined> {
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) <= PARSED_BYTES_MAX) return request.text();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size <= PARSED_BYTES_MAX) parts.push(part);
  }
  return size <= PARSED_BYTES_MAX ? Buffer.concat(parts).toString() : undefined;
}

/** Chat requests received; any GET tells them. */
let received = 0;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2] ?? 0),
  idleTimeout: 0,
  maxRequestBodySize: 1 << 30,
  async fetch(request) {
    if (request.method !== "POST") return Response.json({ object: "list", data: [], received });
    received++;
    const body = await smallBody(request);
    const asked = body === undefined ? PLAIN : askedOf(body);
    if (asked.stream) {
      // Bun takes a generator of bytes as a body; its types do not know it.
      return new Response(eventStream(asked), { headers: STREAM_HEADERS });
    }
    if (asked.gzip && /\bgzip\b/.test(request.headers.get("accept-encoding") ?? ""))
      return new Response(ANSWER_GZIP, {
        headers: { ...JSON_HEADERS, "content-encoding": "gzip" },
      });
    return new Response(ANSWER, { headers: JSON_HEADERS });
  },
});

console.log(JSON.stringify({ port: server.port, answerBytes: ANSWER.length }));
void exitWithParent();
