import type { TaskTarget } from "../channels/task-plan.ts";
import { credentialMark } from "../channels/task-plan.ts";
import { openUpstream } from "../egress/upstream.ts";
import type { KeysCall, MediaCallback, Notice } from "../vendors/_kit/media/adapter.ts";
import type { TaskServices } from "./services.ts";
import { callVendor, NOBODY } from "./vendor-call.ts";

/** Keys are kept as long as fal allows. */
const KEPT_MS = 86_400_000;
/** A signature that does not hold has the keys asked for anew, but not more often than this: anybody can send such. */
const ANEW_MS = 60_000;
const ASK_MS_MAX = 10_000;

/** `unknown`: the vendor's keys cannot be had. */
export type Signature = "holds" | "wrong" | "unknown";

/** The keys that vendors sign their notices with, kept for each account. */
export class VendorKeys {
  private readonly kept = new Map<string, { at: number; keys: unknown }>();

  constructor(private readonly services: TaskServices) {}

  /** Whether a notice is the vendor's. Never rejects. */
  async check(notice: Notice, signed: NonNullable<MediaCallback["signed"]>, place: Pick<TaskTarget, "channel" | "key">): Promise<Signature> {
    const { clock, log } = this.services;
    const name = `${place.channel.id} ${credentialMark(place.channel.credentials[place.key] ?? "")}`;
    const known = this.kept.get(name);
    const age = known ? clock.now() - known.at : Number.POSITIVE_INFINITY;
    if (known && age < KEPT_MS && signed.holds(notice, known.keys, clock.now())) return "holds";
    if (known && age < ANEW_MS) return "wrong";
    try {
      const keys = await this.ask(signed.keys(place.channel.baseUrl), place);
      this.kept.set(name, { at: clock.now(), keys });
      return signed.holds(notice, keys, clock.now()) ? "holds" : "wrong";
    } catch (error) {
      log.warn({ channel: place.channel.name, error: String(error) }, "the keys of a vendor's notices could not be had");
      return known ? "wrong" : "unknown";
    }
  }

  private async ask(call: KeysCall, place: Pick<TaskTarget, "channel" | "key">): Promise<unknown> {
    const { services } = this;
    const answer = "publicUrl" in call
      ? await openUpstream({ url: call.publicUrl, method: "GET", headers: { accept: "application/json", "accept-encoding": "identity", "user-agent": "yescale" }, firstByteMs: ASK_MS_MAX, idleMs: ASK_MS_MAX, proxy: place.channel.proxy, stream: false, caller: NOBODY }, services.egress).then((upstream) => ({ status: upstream.status, body: upstream.body() }))
      : await callVendor(call, place, { timeoutMs: ASK_MS_MAX }, services);
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    return JSON.parse(answer.body.toString("utf8")) as unknown;
  }
}
