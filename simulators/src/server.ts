/** The sandbox as a server: receives, chooses faults, lets the vendor answer, records. */
import { control } from "./control.ts";
import { agenda } from "./kit/agenda.ts";
import { describeExchange, BODY_KEPT, sha256, type Exchange } from "./kit/exchange.ts";
import { failureInStream, replacement } from "./kit/failures.ts";
import { formOf } from "./kit/form.ts";
import { faultBook } from "./kit/fault-book.ts";
import { FaultSpecError, faultNumber, type FaultValues } from "./kit/fault-spec.ts";
import { idSource } from "./kit/identity.ts";
import { journal } from "./kit/journal.ts";
import { parseJson, type JsonObject } from "./kit/json.ts";
import { promptCache } from "./kit/prompt-cache.ts";
import { send, type Sending } from "./kit/send.ts";
import { sessionHandlers, type SessionSocket } from "./kit/session.ts";
import { shelf } from "./kit/shelf.ts";
import { sendAndClose } from "./kit/short-body.ts";
import { describeTask, taskBook } from "./kit/tasks/task-book.ts";
import type { Pace } from "./kit/tasks/task.ts";
import { trackOf, type Track } from "./kit/track.ts";
import type { Answer, Received, Vendor, WholeAnswer } from "./kit/vendor.ts";
import { pause, untilGone } from "./kit/waiting.ts";
import { VENDORS } from "./registry.ts";

/** How to start a sandbox. */
export interface SandboxOptions {
  /** 0 takes any free port */
  port: number;
  hostname: string;
  /** the clock, Unix milliseconds; the system's by default. Ids, text and timestamps of answers depend on nothing else outside */
  now?: () => number;
  /** "all" keeps single exchanges; "totals" only the sums, for load tests */
  record?: "all" | "totals";
  /** how fast tasks go: "fast" (the default) has each done in a second or two, "real" takes as long as the vendor */
  pace?: Pace;
}

/** A running sandbox. */
export interface Sandbox {
  url: string;
  /** Closes the port and every connection. */
  stop(): Promise<void>;
  /** Gives what was received, oldest first, as `GET /__sandbox/requests` does. */
  requests(): JsonObject[];
  /** Gives the tasks that were accepted, oldest first, as `GET /__sandbox/tasks` does. */
  tasks(): JsonObject[];
  /** With a clock of one's own: does what is due by it (callbacks, waits that are over), and waits until it is done. */
  run(): Promise<void>;
  /** Forgets exchanges, totals, tasks, faults, prompt caches, stored answers and counters. */
  reset(): void;
}

/** Request bodies up to this size are taken (256 MiB): more than any vendor takes. */
const BODY_MAX = 256 * 1024 * 1024;

const refuse = (status: number, message: string): Response =>
  Response.json({ error: { type: "sandbox_error", message } }, { status });

async function answerOf(vendor: Vendor, received: Received, track: Track): Promise<Answer> {
  try {
    return replacement(vendor, received) ?? (await vendor.answer(received));
  } catch (error) {
    track.exchange.status = 500;
    track.finish(false);
    throw error;
  }
}

/** The values of a form in a body, in which a mark can be read. */
const formText = (body: string): string => [...new URLSearchParams(body).values()].join("\n");

/** Takes options; gives a sandbox that listens. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const [book, kept, cache, stored] = [faultBook(), journal(), promptCache(), shelf()];
  const later = agenda(now, options.now === undefined);
  const tasks = taskBook(later, now, options.pace ?? "fast");
  let sequence = 0;
  const reset = (): void => {
    kept.clear();
    kept.totals.clear();
    book.clear();
    cache.clear();
    stored.clear();
    later.clear();
    tasks.clear();
    sequence = 0;
  };

  /** Opens the record of one exchange: of a request, or of a turn of a session (its body is the message that asked for it). */
  function open(request: Request, vendor: Vendor, path: string, credential: string, body: Uint8Array, method = request.method): Track {
    const recorded = options.record !== "totals" && request.headers.get("x-sandbox-record") !== "off";
    sequence += 1;
    const exchange: Exchange = {
      id: `exchange-${sequence}`,
      sequence,
      receivedAt: now(),
      vendor: vendor.name,
      method,
      path,
      credential,
      headers: recorded ? [...request.headers] : [],
      body: recorded ? body.slice(0, BODY_KEPT) : new Uint8Array(),
      bodyLength: body.length,
      bodySha256: recorded ? sha256(body) : "",
      status: 0,
      answerHeaders: {},
      answerLength: 0,
      answerSha256: "",
      answerPieces: [],
      answerTruncated: false,
      completed: false,
      model: "",
      stream: false,
      usage: undefined,
      contentTokens: 0,
      faults: "",
      task: undefined,
      abortedAt: undefined,
      finishedAt: undefined,
    };
    if (recorded) kept.open(exchange);
    const track = trackOf(exchange, kept, recorded, now);
    request.signal.addEventListener("abort", () => {
      if (exchange.finishedAt !== undefined) return;
      exchange.abortedAt = now();
      track.finish(false);
    });
    return track;
  }

  async function play(vendor: Vendor, request: Request, url: URL): Promise<Response | undefined> {
    const body = request.body === null ? new Uint8Array() : await request.bytes();
    const path = url.pathname.slice(vendor.name.length + 1) || "/";
    const { headers, signal } = request;
    const credential = vendor.credentialOf(headers, url.searchParams);
    const text = new TextDecoder().decode(body);
    const track = open(request, vendor, path + url.search, credential, body);
    let faults: FaultValues;
    try {
      faults = book.faultsOf({
        vendor: vendor.name,
        path,
        credential,
        header: headers.get("x-sandbox-fault"),
        body: headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") ? formText(text) : text,
      });
    } catch (error) {
      if (!(error instanceof FaultSpecError)) throw error;
      track.exchange.status = 400;
      track.finish(true);
      return refuse(400, error.message);
    }
    if (faults.size > 0)
      track.exchange.faults = [...faults]
        .map(([name, value]) => (value === true ? name : `${name}=${value}`))
        .join(";");
    const late = faultNumber(faults, "slow-first-byte");
    if (late !== undefined) await pause(late, signal);
    if (faults.has("hang")) await untilGone(signal);
    // nobody is left to answer, and the exchange is closed
    if (signal.aborted) return new Response(null);
    const received: Received = {
      method: request.method,
      path,
      query: url.searchParams,
      headers,
      body,
      json: body.length === 0 ? undefined : parseJson(text),
      form: await formOf(headers, body),
      now: track.exchange.receivedAt,
      ids: idSource(body, track.exchange.sequence),
      faults,
      cache,
      shelf: stored,
      tasks,
      origin: `http://${headers.get("host") ?? `${options.hostname}:${server.port}`}/${vendor.name}`,
      exchange: track.exchange.id,
      note: (task) => void (track.exchange.task = task.id),
      later: (time, work) => later.at(time, work),
      until: (time) => later.until(time, signal),
    };
    if (headers.get("upgrade")?.toLowerCase() === "websocket") {
      const opened = upgrade(vendor, request, received, track, path + url.search, credential);
      if (opened === true) return undefined;
      if (opened) return send(opened, sendingOf(vendor, request, received, track));
    }
    const answer = await answerOf(vendor, received, track);
    const after = faultNumber(faults, "late-answer");
    if (after !== undefined) await pause(after, signal);
    const sending = sendingOf(vendor, request, received, track);
    return faults.has("lost-answer") ? lose(sending) : send(answer, sending);
  }

  /** `lost-answer`: the vendor has done it, and the connection ends without a byte (beyond Linux: after the head). */
  async function lose({ track, signal, sendAndClose: close }: Sending): Promise<Response> {
    track.finish(false);
    if (close(new Uint8Array())) await untilGone(signal);
    return new Response(new ReadableStream({ type: "direct", pull: () => Promise.reject() }));
  }

  function sendingOf(vendor: Vendor, request: Request, received: Received, track: Track): Sending {
    const { faults, headers } = received;
    return {
      faults,
      accepted: headers.get("accept-encoding"),
      encode: headers.get("x-sandbox-encode"),
      track,
      signal: request.signal,
      until: (time) => later.until(time, request.signal),
      sendAndClose: (bytes) => sendAndClose(server.port ?? 0, server.requestIP(request)?.port ?? 0, bytes),
      errorFrame: (atStart) => vendor.errorFrame(received, failureInStream(faults), atStart),
    };
  }

  /** Gives true when a session has begun, the vendor's refusal, or false when there is no session at that address. */
  function upgrade(vendor: Vendor, request: Request, received: Received, track: Track, path: string, credential: string): WholeAnswer | boolean {
    const session = replacement(vendor, received) ?? vendor.session?.(received);
    if (!session) return false;
    if ("status" in session) return session;
    // Bun's own request ends with the upgrade.
    const asked = new Request(request.url, { headers: [...request.headers] });
    const data: SessionSocket = {
      session,
      room: undefined,
      faultsOf: (text) => {
        const subject = { vendor: vendor.name, path: received.path, credential, header: asked.headers.get("x-sandbox-fault"), body: text };
        return book.faultsOf(subject);
      },
      turn(text) {
        const turn = open(asked, vendor, path, credential, Buffer.from(text), "TURN");
        Object.assign(turn.exchange, { status: 101, model: session.model, stream: true });
        return turn;
      },
    };
    Object.assign(track.exchange, { status: 101, model: session.model, stream: true });
    track.finish(true);
    return server.upgrade(request, { data });
  }

  const server = Bun.serve<SessionSocket>({
    port: options.port,
    hostname: options.hostname,
    idleTimeout: 0,
    maxRequestBodySize: BODY_MAX,
    development: false,
    fetch(request) {
      const url = new URL(request.url);
      const first = url.pathname.split("/", 2)[1] ?? "";
      const vendor = VENDORS.get(first);
      if (vendor) return play(vendor, request, url);
      if (first === "__sandbox") return control(request, url, { book, journal: kept, tasks, now });
      return refuse(
        404,
        `There is no vendor '${first}'. Vendors: ${[...VENDORS.keys()].join(", ")}. GET /__sandbox explains everything.`,
      );
    },
    websocket: sessionHandlers,
    error: (error) => refuse(500, `The sandbox itself failed: ${error.message}`),
  });
  return {
    url: `http://${options.hostname}:${server.port}`,
    stop() {
      later.clear();
      return server.stop(true);
    },
    requests: () => kept.list({}).map(describeExchange),
    tasks: () => tasks.all().map((task) => describeTask(task, now())),
    run: () => later.run(),
    reset,
  };
}
