/** Largest message of a caller, in bytes: OpenAI takes 15 MiB of sound in one event (SDK type `InputAudioBufferAppendEvent`), which is 20 MiB of base64. */
export const MESSAGE_BYTES_MAX = 22 * 1024 * 1024;
/** What may wait for a vendor that takes it slowly; a caller that sends on all the same is closed, since a WebSocket of Bun's server cannot be paused. */
export const VENDOR_BACKLOG_BYTES_MAX = 32 * 1024 * 1024;
/** What may wait for a caller that takes it slowly: the vendor is paused at once, so it is what had been read by then. */
export const CALLER_BACKLOG_BYTES_MAX = 64 * 1024 * 1024;
/** A caller that takes nothing for this long, with more waiting for it, has left without saying so (milliseconds). */
export const CALLER_STALL_MS_MAX = 60_000;
/** A session in which nobody says anything is closed after this (milliseconds). */
export const IDLE_MS_MAX = 15 * 60_000;
/** Bun pings a silent caller and closes the connection when nothing comes back for this long (seconds). */
export const CALLER_SILENCE_SECONDS = 120;
/** A silent vendor is pinged this often, and given up after three pings without an answer (milliseconds). */
export const VENDOR_PING_MS = 30_000;
export const VENDOR_SILENCE_MS_MAX = 90_000;
/** Longest life of a session (milliseconds). OpenAI ends one after 60 minutes, Gemini after 15 or fewer; this is for those that do not. */
export const SESSION_MS_MAX = 2 * 60 * 60_000;
/** How long a caller may take to say which model it wants, where that is the first message (milliseconds). */
export const SETUP_MS_MAX = 30_000;
/** How soon a disabled or expired key is noticed while nothing else happens (milliseconds). */
export const KEY_CHECK_MS = 1_000;
/** How long a vendor's handshake may take (milliseconds): no model has to think for it. */
export const HANDSHAKE_MS_MAX = 15_000;

/** What a hold assumes of a turn before any has been: instructions and a sentence, and an answer of less than a minute of speech. */
export const TURN_PROMPT_TOKENS = 1_024;
export const TURN_OUTPUT_TOKENS = 1_024;

/** Codes of RFC 6455, 7.4.1, and its registry at IANA. */
export const CLOSE = { normal: 1000, goingAway: 1001, badData: 1007, policy: 1008, tooBig: 1009, internal: 1011, tryAgain: 1013 } as const;
/** Bytes of a close frame's reason (RFC 6455, 5.5: a control frame carries 125, two are the code). */
const REASON_BYTES_MAX = 123;

/** A text that fits into a close frame. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= REASON_BYTES_MAX ? text : bytes.subarray(0, REASON_BYTES_MAX).toString("utf8").replace(/\uFFFD+$/, "");
}

/** The code a vendor closed with, as it may be passed on: some only say that none was sent. */
export function passedOnCode(code: number): number {
  const sendable = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
  return sendable ? code : CLOSE.internal;
}
