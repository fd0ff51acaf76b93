/** Turns a vendor's answer, with the faults in force, into Bun's Response. */
import { codingFor, encodeWhole } from "./encode.ts";
import { faultNumber, type FaultValues } from "./fault-spec.ts";
import { breakJson, disturbed, padJson } from "./frame-faults.ts";
import type { Track } from "./track.ts";
import type { Answer, StreamAnswer, WholeAnswer } from "./vendor.ts";
import { shortAnswer } from "./short-body.ts";
import { pause, untilGone } from "./waiting.ts";
import { wireTo } from "./wire.ts";

/** What sending needs beside the answer. */
export interface Sending {
  faults: FaultValues;
  /** the request's accept-encoding header */
  accepted: string | null;
  /** the request's x-sandbox-encode header */
  encode: string | null;
  track: Track;
  /** aborts when the client leaves */
  signal: AbortSignal;
  /** takes bytes; sends them past Bun and closes the connection, or gives false */
  sendAndClose: (bytes: Uint8Array) => boolean;
  /** takes a time; waits for it or until the client leaves */
  until: (time: number) => Promise<void>;
  /** takes whether nothing was sent before; gives the vendor's error event */
  errorFrame: (first: boolean) => string;
}

/** Time for the client to read what was sent before the socket is reset under it, in ms. */
const BEFORE_RESET = 3;

/** Takes an answer and how to send it; gives the response. */
export function send(answer: Answer, sending: Sending): Response | Promise<Response> {
  const { exchange } = sending.track;
  exchange.status = answer.kind === "whole" ? answer.status : 200;
  exchange.model = answer.model ?? exchange.model;
  exchange.stream = answer.kind === "stream";
  const wished = sending.faults.get("encode");
  const coding = codingFor(typeof wished === "string" ? wished : sending.encode, sending.accepted);
  exchange.answerHeaders = coding ? { ...answer.headers, "content-encoding": coding } : answer.headers;
  return answer.kind === "whole" ? sendWhole(answer, sending, coding) : sendStream(answer, sending, coding);
}

type Coding = ReturnType<typeof codingFor>;

/** Resets the connection: Bun does it when a response stream fails. Failing without a reason keeps Bun's log silent. */
async function reset(): Promise<never> {
  await Bun.sleep(BEFORE_RESET);
  return Promise.reject();
}

function sendStream(answer: StreamAnswer, sending: Sending, coding: Coding): Response {
  const { faults, track, signal } = sending;
  const pace = faultNumber(faults, "pace");
  const steps = faults.size === 0 ? answer.frames : disturbed(answer.frames, faults, sending.errorFrame);
  const body = new ReadableStream({
    type: "direct",
    async pull(controller: ReadableStreamDirectController): Promise<void> {
      const wire = wireTo(controller, faults, coding, track, signal);
      // the head goes out even when the first event is late
      await controller.flush();
      let ended = false;
      for (const step of steps) {
        if (signal.aborted) break;
        if (step === "cut" || step === "stall") {
          await wire.end();
          if (step === "stall") await untilGone(signal);
          track.finish(false);
          return step === "cut" ? reset() : undefined;
        }
        if (step.at !== undefined) await sending.until(step.at);
        if (signal.aborted) break;
        await wire.put(answer.pack ? answer.pack(step.text) : step.text);
        if (signal.aborted) break;
        track.sent(step);
        ended ||= step.kind === "end";
        if (pace !== undefined && !ended) await pause(pace, signal);
      }
      await wire.end();
      track.finish(ended);
    },
  });
  return new Response(body, { headers: track.exchange.answerHeaders });
}

/** `cut-body`: half of the body under its whole length. Where that cannot be done, a chunked half and a reset. */
async function sendHalf(answer: WholeAnswer, bytes: Uint8Array, sending: Sending): Promise<Response> {
  const { track, signal } = sending;
  const half = Math.floor(bytes.length / 2);
  const short = shortAnswer(answer.status, track.exchange.answerHeaders, bytes, half);
  if (!sending.sendAndClose(short))
    return new Response(piecesOf(Buffer.from(bytes), sending, true), {
      status: answer.status,
      headers: track.exchange.answerHeaders,
    });
  track.wrote(bytes.subarray(0, half));
  track.finish(false);
  await untilGone(signal);
  return new Response(null);
}

function sendWhole(answer: WholeAnswer, sending: Sending, coding: Coding): Response | Promise<Response> {
  const { faults, track } = sending;
  let { body } = answer;
  if (typeof body === "string" && faults.has("huge-event")) body = padJson(body, faultNumber(faults, "huge-event") ?? 0);
  if (typeof body === "string" && faults.has("malformed")) body = breakJson(body);
  const bytes = coding ? encodeWhole(coding, Buffer.from(body)) : body;
  const init = { status: answer.status, headers: track.exchange.answerHeaders };
  const { exchange } = track;
  if (answer.cut || faults.has("cut-body")) return sendHalf(answer, Buffer.from(bytes), sending);
  const piecewise = faults.has("cut") || faults.has("stall") || faults.has("split");
  if (piecewise) return new Response(piecesOf(Buffer.from(bytes), sending), init);
  track.wrote(bytes);
  exchange.usage = answer.usage;
  exchange.contentTokens = answer.tokens ?? 0;
  track.finish(true);
  return new Response(bytes, init);
}

function piecesOf(bytes: Buffer, { faults, track, signal }: Sending, cut = false): ReadableStream {
  const whole = !cut && !faults.has("cut-body") && !faults.has("cut") && !faults.has("stall");
  const sent = whole ? bytes : bytes.subarray(0, Math.floor(bytes.length / 2));
  return new ReadableStream({
    type: "direct",
    async pull(controller: ReadableStreamDirectController): Promise<void> {
      const size = faultNumber(faults, "split") ?? sent.length;
      for (let from = 0; from < sent.length && !signal.aborted; from += size) {
        const piece = sent.subarray(from, from + size);
        await controller.write(piece);
        await controller.flush();
        track.wrote(piece);
        await pause(0, signal);
      }
      if (faults.has("stall")) await untilGone(signal);
      track.finish(whole && !signal.aborted);
      return whole || faults.has("stall") ? undefined : reset();
    },
  });
}
