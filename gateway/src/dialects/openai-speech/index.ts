import type { AnswerFacts, CallFacts, Dialect, Endpoint, Framing, PreparedRequest } from "../canonical/dialect.ts";
import { readModel, refuseTwice } from "../canonical/fields.ts";
import { applyEdits, type JsonScan } from "../canonical/json-scan.ts";
import { modelEdit } from "../canonical/model-edit.ts";
import { renderOpenAIError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { characterCount, spokenSeconds, spokenTokens } from "../canonical/speech-measures.ts";
import { estimatePromptTokens } from "../canonical/token-estimate.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { SpeechMeter } from "./meter.ts";

/** No vendor speaks more at once: 40,000 characters (ElevenLabs' flash models) of at most 4 bytes, or 6 as `\uXXXX`. */
const INPUT_BYTES_MAX = 256 * 1024;

/**
 * OpenAI speech: https://platform.openai.com/docs/api-reference/audio/createSpeech (types of the `openai` SDK). The answer is sound, passed on as it comes, or with
 * `stream_format: "sse"` events of it.
 */
export const openaiSpeech: Dialect = {
  id: "openai-speech",
  endsByClosing: true,
  flows: true,

  readRequest(scan: JsonScan): CallFacts {
    const model = readModel(scan);
    for (const name of ["input", "response_format", "stream_format", "speed"]) refuseTwice(scan, name);
    const input = scan.member("input");
    if (!input) throw wrong("input", '"input" is missing.');
    if (scan.type("input") !== "string") throw wrong("input", '"input" must be a text.');
    if (input.end - input.start > INPUT_BYTES_MAX) throw wrong("input", `"input" has more than ${INPUT_BYTES_MAX / 1024} kB.`);
    const characters = characterCount(String(scan.value("input")));
    if (characters === 0) throw wrong("input", '"input" is empty.');
    const speed = scan.value("speed") ?? 1;
    if (typeof speed !== "number" || !(speed > 0)) throw wrong("speed", '"speed" must be a number above 0.');
    const promptTokens = estimatePromptTokens(scan);
    const spoken = spokenTokens(spokenSeconds(characters, Math.min(Math.max(speed, 0.25), 4)));
    return {
      model,
      stream: text(scan, "stream_format") === "sse",
      promptTokens,
      maxOutputTokens: undefined,
      choices: 1,
      media: {
        expected: { input: promptTokens, outputAudio: spoken.expected, characters },
        worst: { input: promptTokens * 2, outputAudio: spoken.worst, characters },
        exact: ["characters"],
        options: { response_format: text(scan, "response_format") ?? "mp3" },
      },
    };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    return { body: applyEdits(scan.bytes, modelEdit(scan, upstreamModel)), hideUsage: false };
  },

  /** A whole answer is only read where the vendor does not answer with sound. */
  readAnswer: (): AnswerFacts => ({ usage: undefined, deliveredTokens: 0, error: "the answer is no sound" }),

  meter: (framing: Framing = "sse", facts?: CallFacts) => new SpeechMeter(framing, facts),

  keepAlive: () => ": keep-alive\n\n",
  renderError: renderOpenAIError,
  renderStreamError: renderOpenAIStreamError,
};

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/** An optional text; null counts as missing. */
function text(scan: JsonScan, name: string): string | undefined {
  const value = scan.value(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrong(name, `"${name}" must be a text.`);
  return value.slice(0, 50);
}
