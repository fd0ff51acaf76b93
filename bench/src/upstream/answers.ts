import type { Asked } from "./hints.ts";

const MODEL = "gpt-4.1-mini-2025-04-14";
const CREATED = 1_760_000_000;
const USAGE = {
  prompt_tokens: 38,
  completion_tokens: 180,
  total_tokens: 218,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const TEXT =
  "At noon sunlight crosses little air, so the short blue waves that air scatters best come to us from everywhere; " +
  "at dusk the light comes in flat through far more air, the blue is scattered away long before it reaches us, and " +
  "red remains. The sun itself turns yellow, then orange, for the same reason: what is scattered out of its light is " +
  "missing from what is left, and the dust near the ground adds to it.";

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const event = (fields: object): Uint8Array =>
  encode(
    `data: ${JSON.stringify({
      id: "chatcmpl-bench0000000000000000000000",
      object: "chat.completion.chunk",
      created: CREATED,
      model: MODEL,
      service_tier: "default",
      system_fingerprint: "fp_bench",
      ...fields,
    })}\n\n`,
  );

const delta = (content: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta: content, logprobs: null, finish_reason: finish }],
  usage: null,
});

const WORD = event(delta({ content: " light" }));
const FIRST = event(delta({ role: "assistant", content: "At", refusal: null }));
const LAST = [
  event(delta({}, "stop")),
  event({ choices: [], usage: USAGE }),
  encode("data: [DONE]\n\n"),
];

/** A whole answer of about 1.2 kB. */
export const ANSWER = encode(
  JSON.stringify(
    {
      id: "chatcmpl-bench0000000000000000000000",
      object: "chat.completion",
      created: CREATED,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: TEXT, refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: USAGE,
      service_tier: "default",
      system_fingerprint: "fp_bench",
    },
    undefined,
    2,
  ),
);

/** The same answer, compressed. */
export const ANSWER_GZIP = Bun.gzipSync(ANSWER);

/** A stream of `asked.events` words at their pace, then the finish, the usage and [DONE]. */
export async function* eventStream(asked: Asked): AsyncGenerator<Uint8Array> {
  const began = performance.now();
  const end = began + asked.seconds * 1000;
  for (let sent = 0; sent < asked.events && performance.now() < end; sent++) {
    if (asked.paceMs > 0) {
      // Counted from the start, so that late timers do not stretch the stream.
      const wait = began + sent * asked.paceMs - performance.now();
      if (wait > 0) await Bun.sleep(wait);
    }
    yield sent === 0 ? FIRST : WORD;
  }
  yield* LAST;
}
