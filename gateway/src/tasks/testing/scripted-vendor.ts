import { Webhook } from "standardwebhooks";

/** How the vendor answers an order: `lost` takes it and answers with an intermediary's page, `silent` takes it and never answers, `slow` answers when it is told to, `done` has made it by then. */
export type OrderMood = "ok" | "refuse" | "busy" | "broken" | "lost" | "silent" | "slow" | "done";
export type LookMood = "ok" | "down" | "page";
export type JobState = "starting" | "processing" | "succeeded" | "failed" | "canceled";

export interface Job {
  id: string;
  /** the name in the address of its notices: a task's secret and the number of its order */
  hook: string;
  state: JobState;
  /** the credential that it was ordered with */
  credential: string;
  /** those that asked for it */
  askedWith: Set<string>;
}

const SECRET = `whsec_${Buffer.from("a scripted vendor's own secret 32").toString("base64")}`;
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
const credentialOf = (request: Request): string => (request.headers.get("authorization") ?? "").replace(/^\w+ /, "");
const isOver = (state: JobState): boolean => state !== "starting" && state !== "processing";

/** A vendor with Replicate's wire whose mood the test decides, and whose jobs move only when told to. */
export class ScriptedVendor {
  order: OrderMood = "ok";
  look: LookMood = "ok";
  /** its files are there, and hold nothing */
  emptyFiles = false;
  /** how it answers who wants a job stopped; what it refuses goes on */
  cancelling: "ok" | "refuse" | "down" = "ok";
  readonly jobs: Job[] = [];
  /** resolves at the next order that is never answered */
  silent = Promise.withResolvers<void>();
  /** resolved, it lets the answer to a slow order go */
  slow = Promise.withResolvers<void>();
  private readonly server;

  constructor() {
    this.server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: (request) => this.answer(request) });
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  stop(): Promise<void> {
    return this.server.stop(true);
  }

  /** A job goes on; what is over stays so. */
  move(job: Job, state: JobState): void {
    if (!isOver(job.state)) job.state = state;
  }

  /** The notice of a job as it stands, signed at that time (Unix milliseconds), or by somebody else. */
  notice(job: Job, nowMs: number, forged: boolean): { name: string; body: Buffer; header: (name: string) => string | null } {
    const body = JSON.stringify(this.shown(job));
    const at = new Date(nowMs);
    const signature = new Webhook(forged ? `whsec_${Buffer.from("somebody else entirely, 32 bytes!").toString("base64")}` : SECRET).sign("msg", at, body);
    const headers: Record<string, string> = { "webhook-id": "msg", "webhook-timestamp": String(Math.floor(nowMs / 1000)), "webhook-signature": signature };
    return { name: job.hook, body: Buffer.from(body), header: (name) => headers[name] ?? null };
  }

  private shown(job: Job): object {
    return { id: job.id, status: job.state, output: job.state === "succeeded" ? [`${this.url}/file.png`] : null, error: job.state === "failed" ? "it broke" : null };
  }

  private async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/file.png") return new Response(this.emptyFiles ? new Uint8Array() : PNG, { headers: { "content-type": "image/png" } });
    if (pathname === "/v1/webhooks/default/secret") return Response.json({ key: SECRET });
    if (pathname.startsWith("/v1/models/")) return this.ordered((await request.json()) as { webhook?: string }, credentialOf(request));
    const job = this.jobs.find(({ id }) => pathname.includes(id));
    if (!job) return Response.json({ detail: "not found" }, { status: 404 });
    job.askedWith.add(credentialOf(request));
    if (pathname.endsWith("/cancel")) {
      if (this.cancelling !== "ok") return Response.json({ detail: "no" }, { status: this.cancelling === "refuse" ? 409 : 503 });
      this.move(job, "canceled");
    } else if (this.look !== "ok") return this.look === "down" ? Response.json({ detail: "later" }, { status: 503 }) : new Response("<html>", { headers: { "content-type": "text/html" } });
    return Response.json(this.shown(job));
  }

  private ordered({ webhook = "" }: { webhook?: string }, credential: string): Response | Promise<Response> {
    const mood = this.order;
    if (mood === "refuse") return Response.json({ detail: "input is wrong" }, { status: 422 });
    if (mood === "busy") return Response.json({ detail: "Request was throttled." }, { status: 429 });
    if (mood === "broken") return Response.json({ detail: "it broke" }, { status: 500 });
    const job: Job = { id: `job${this.jobs.length}x`, hook: webhook.split("/").at(-1) ?? "", state: "starting", credential, askedWith: new Set() };
    this.jobs.push(job);
    if (mood === "lost") return new Response("<html>bad gateway", { status: 502 });
    if (mood === "done") this.move(job, "succeeded");
    if (mood === "ok" || mood === "done") return Response.json(this.shown(job), { status: 201 });
    this.silent.resolve();
    if (mood === "slow") return this.slow.promise.then(() => Response.json(this.shown(job), { status: 201 }));
    return new Promise<Response>(() => undefined);
  }
}
