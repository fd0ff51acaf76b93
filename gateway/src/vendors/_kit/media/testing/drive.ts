import { VENDORS } from "../../../registry.ts";
import type { JsonObject, MediaOrder, MediaReading, VendorAnswer, VendorCall } from "../adapter.ts";

/** What a driving test knows of a vendor's place. */
export interface Place {
  vendor: string;
  /** the simulator's base URL, as a channel has it */
  baseUrl: string;
  credential: string;
  /** headers for the simulator: faults */
  headers?: Record<string, string>;
}

/** An adapter's way with a vendor, without the engine: sends what it makes and gives it what came back. Only for tests. */
export class Drive {
  private readonly media;
  private readonly adapter;

  constructor(private readonly place: Place) {
    const adapter = VENDORS.get(place.vendor);
    if (!adapter?.media) throw new Error(`${place.vendor} makes no media`);
    this.adapter = adapter;
    this.media = adapter.media;
  }

  async send(call: VendorCall): Promise<VendorAnswer> {
    const base = this.media.baseUrl?.(this.place.baseUrl) ?? this.place.baseUrl;
    const url = call.path.startsWith("/") ? `${base.replace(/\/+$/, "")}${call.path}` : call.path;
    const headers: Record<string, string> = { ...call.headers, ...this.place.headers };
    let body: Buffer = Buffer.alloc(0);
    let form: FormData | undefined;
    if (call.json !== undefined) {
      headers["content-type"] = "application/json";
      body = Buffer.from(JSON.stringify(call.json));
    } else if (call.form) {
      form = new FormData();
      for (const part of call.form) {
        if ("value" in part) form.append(part.name, part.value);
        else form.append(part.name, new Blob([new Uint8Array("bytes" in part ? part.bytes : Buffer.from(part.base64, "base64"))], { type: part.type }), part.filename);
      }
    }
    const request = { method: call.method, url, headers, body };
    if (this.adapter.sign) await this.adapter.sign(request, this.place.credential, { now: () => Date.now(), exchange: () => Promise.reject(new Error("no exchange in this test")) });
    else this.adapter.authorize(headers, this.place.credential);
    const answer = await fetch(request.url, { method: call.method, headers, ...(form ? { body: form } : body.length > 0 ? { body: new Uint8Array(body) } : {}) });
    return { status: answer.status, header: (name) => answer.headers.get(name), body: Buffer.from(await answer.arrayBuffer()) };
  }

  /** What the answer to the order says; a refusal that only its status tells is what `classify` makes of it. */
  async submit(order: Partial<MediaOrder> & Pick<MediaOrder, "input" | "model">): Promise<MediaReading> {
    const whole: MediaOrder = { taskId: "task-1", action: "make", ...order };
    const answer = await this.send(this.media.submit(whole).call);
    return this.media.readSubmit(answer, whole) ?? { state: "FAILURE", fault: this.adapter.classify(answer.status, answer.body.toString("utf8")) };
  }

  /** Asks until the vendor says the end; every state on the way is in `seen`. Rejects after `looks` looks. */
  async untilEnd(first: MediaReading, model: string, { looks = 200, pauseMs = 25 } = {}): Promise<{ end: MediaReading; seen: string[] }> {
    const seen: string[] = [first.state];
    let ref = first.ref ?? "";
    let memo: JsonObject = first.memo ?? {};
    let reading = first;
    for (let look = 0; (reading.state === "QUEUED" || reading.state === "IN_PROGRESS" || reading.again) && this.media.poll && this.media.readPoll; look += 1) {
      if (look >= looks) throw new Error(`no end after ${looks} looks: ${seen.join(" ")}`);
      if (!reading.again) await Bun.sleep(pauseMs);
      const job = { taskId: "task-1", model, action: "make", ref, memo };
      const next = this.media.readPoll(await this.send(this.media.poll(job)), job);
      if (!next) continue;
      reading = next;
      ref = reading.ref ?? ref;
      memo = reading.memo ?? memo;
      if (seen.at(-1) !== reading.state) seen.push(reading.state);
    }
    return { end: reading, seen };
  }
}
