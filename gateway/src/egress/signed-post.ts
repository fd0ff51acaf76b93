import { Webhook } from "standardwebhooks";
import { GatewayError } from "../errors/gateway-error.ts";
import type { Downloader } from "./download.ts";

/** Tries of one notice, and how long it is waited before each but the first: about a day in all. */
const PAUSES_MS = [5_000, 60_000, 600_000, 7_200_000, 72_000_000];
/** A receiver must answer within this. */
export const NOTICE_ANSWER_MS_MAX = 15_000;

/** A notice to an address that a caller named. */
export interface SignedNotice {
  id: string;
  url: string;
  body: string;
  /** `whsec_` and base64 (https://www.standardwebhooks.com) */
  secret: string;
}

/** How a notice went. Without `error`: well. `never`: no further try can go better. */
export interface NoticeOutcome {
  status?: number;
  error?: string;
  never?: boolean;
}

/** Posts a notice, signed as Standard Webhooks has it; receivers know it by its `webhook-id`. Rejects only for faults of ours. */
export async function postSigned(downloader: Pick<Downloader, "post">, { id, url, body, secret }: SignedNotice, nowMs: number): Promise<NoticeOutcome> {
  const at = new Date(nowMs);
  const headers = { "content-type": "application/json", "user-agent": "YEScale-Webhook/1", "webhook-id": id, "webhook-timestamp": String(Math.floor(nowMs / 1000)), "webhook-signature": new Webhook(secret).sign(id, at, body) };
  try {
    const status = await downloader.post(url, headers, Buffer.from(body), NOTICE_ANSWER_MS_MAX);
    // 410: the receiver wants to hear no more (Standard Webhooks).
    return status >= 200 && status < 300 ? { status } : { status, error: `status ${status}`, ...(status === 410 ? { never: true } : {}) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return error.gatewayErrorName === "mediaAddress" ? { error: "the address does not lead to a public web server", never: true } : { error: error.internalText };
  }
}

/** What is noted of an outcome: with the time of the next try, if there is one. `attempts`: tries so far; `random`: from 0 to 1. */
export function afterNotice({ status, error, never }: NoticeOutcome, attempts: number, nowMs: number, random: number): { nowMs: number; status?: number; error?: string; dueMs?: number } {
  const pause = PAUSES_MS[attempts - 1];
  const again = error !== undefined && pause !== undefined && !never;
  return { nowMs, ...(status === undefined ? {} : { status }), ...(error === undefined ? {} : { error }), ...(again ? { dueMs: nowMs + pause * (0.9 + random * 0.2) } : {}) };
}
