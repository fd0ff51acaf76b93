import type { AnswerAbout, AnswerFacts, CallFacts, Dialect, Framing, PreparedRequest } from "../canonical/dialect.ts";
import { formFlag, formForModel, formModel, formText } from "../canonical/form-fields.ts";
import type { FormScan } from "../canonical/form-scan.ts";
import { renderOpenAIError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { soundSeconds } from "../canonical/sound-length.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { readTranscript } from "./answer.ts";
import { TranscriptMeter } from "./meter.ts";

/** Sound tokens a second: what $0.006 a minute at $6 a million tokens comes to (OpenAI's price page, gpt-4o-transcribe). */
const HEARD_TOKENS_A_SECOND = 17;
/** Text tokens a second: fast speech. */
const WRITTEN_TOKENS_A_SECOND = 4;
/** A file whose head tells no length may hold this many times more than its size suggests. */
const WORST = 3;
const PROMPT_BYTES_PER_TOKEN = 4;

const NEEDS_FORM = (): never => {
  throw new GatewayError("unsupportedMediaType", { publicText: "Send the body as multipart/form-data." });
};

/**
 * OpenAI transcriptions and translations: https://platform.openai.com/docs/api-reference/audio (types of the `openai` SDK). The body is a form with the sound file; the answer is JSON,
 * plain text (`text`, `srt`, `vtt`) or events.
 */
export const openaiTranscriptions: Dialect = {
  id: "openai-transcriptions",
  endsByClosing: false,

  readRequest: NEEDS_FORM,
  prepare: NEEDS_FORM,

  form: {
    readRequest(form: FormScan): CallFacts {
      const model = formModel(form);
      const files = form.parts.filter((part) => part.name === "file");
      const [file] = files;
      if (!file) throw new GatewayError("invalidRequest", { publicText: '"file" is missing.', param: "file" });
      if (files.length > 1) throw new GatewayError("invalidRequest", { publicText: '"file" is given twice.', param: "file" });
      if (file.filename === undefined) throw new GatewayError("invalidRequest", { publicText: '"file" must be a file and not a text.', param: "file" });
      if (file.end === file.start) throw new GatewayError("invalidRequest", { publicText: '"file" is empty.', param: "file" });
      const seconds = soundSeconds(form.bytes.subarray(file.start, file.end));
      const promptTokens = Math.ceil(Buffer.byteLength(formText(form, "prompt") ?? "") / PROMPT_BYTES_PER_TOKEN);
      const heard = (times: number) => ({
        input: promptTokens,
        inputAudio: Math.ceil(seconds * HEARD_TOKENS_A_SECOND * times),
        output: Math.ceil(seconds * WRITTEN_TOKENS_A_SECOND * times),
        audioSeconds: Math.ceil(seconds * times),
      });
      return {
        model,
        // OpenAI ignores the wish there and answers whole (openai SDK: TranscriptionCreateParams.stream); translations know only this model.
        stream: formFlag(form, "stream") && model !== "whisper-1",
        promptTokens,
        maxOutputTokens: undefined,
        choices: 1,
        media: { expected: heard(1), worst: heard(WORST), exact: [], options: { response_format: (formText(form, "response_format") ?? "json").slice(0, 50) } },
      };
    },

    prepare: (form: FormScan, _endpoint, upstreamModel: string): PreparedRequest => formForModel(form, upstreamModel),
  },

  takesAnswer: (contentType) => contentType.includes("json") || contentType.startsWith("text/plain") || contentType.startsWith("text/vtt") || contentType.startsWith("application/x-subrip"),

  readAnswer: (body: Buffer, about?: AnswerAbout): AnswerFacts => readTranscript(body, about?.contentType ?? ""),

  meter: (_framing?: Framing, facts?: CallFacts) => new TranscriptMeter(facts),

  keepAlive: () => ": keep-alive\n\n",
  renderError: renderOpenAIError,
  renderStreamError: renderOpenAIStreamError,
};
