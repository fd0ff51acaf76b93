import type { AnswerFacts, CallFacts, Dialect, Endpoint, Framing, PreparedRequest } from "../canonical/dialect.ts";
import { limitChoices, readCount, readFlag, readModel, refuseTwice } from "../canonical/fields.ts";
import { formCount, formFlag, formForModel, formModel, formText } from "../canonical/form-fields.ts";
import type { FormScan } from "../canonical/form-scan.ts";
import { applyEdits, type JsonScan } from "../canonical/json-scan.ts";
import { modelEdit } from "../canonical/model-edit.ts";
import { renderOpenAIError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { estimatePromptTokens } from "../canonical/token-estimate.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { readImages } from "./answer.ts";
import { imageFacts } from "./measures.ts";
import { ImagesMeter } from "./meter.ts";

/** The model of a request that names none: OpenAI's own default is retired. */
const DEFAULT_MODEL = "gpt-image-1";
const PROMPT_BYTES_PER_TOKEN = 4;
const OPTIONS = ["size", "quality"] as const;

/**
 * OpenAI images: https://platform.openai.com/docs/api-reference/images (types of the `openai` SDK), generations as JSON and edits as a form with the pictures (or as JSON that names them).
 * The answer is JSON with addresses or base64, or events with partial pictures.
 */
export const openaiImages: Dialect = {
  id: "openai-images",
  endsByClosing: true,

  readRequest(scan: JsonScan): CallFacts {
    const model = scan.member("model") ? readModel(scan) : DEFAULT_MODEL;
    for (const name of ["prompt", "n", "partial_images", "response_format", ...OPTIONS]) refuseTwice(scan, name);
    if (scan.type("prompt") === undefined) throw missing("prompt");
    if (scan.type("prompt") !== "string") throw new GatewayError("invalidRequest", { publicText: '"prompt" must be a text.', param: "prompt" });
    const promptTokens = estimatePromptTokens({ textBytes: scan.textBytes, mediaCount: 0 });
    const option = (name: string): string | undefined => (typeof scan.value(name) === "string" ? String(scan.value(name)) : undefined);
    return factsOf(model, readFlag(scan, "stream"), promptTokens, limitChoices(readCount(scan, "n"), "n"), inputsOf(scan), option);
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    return { body: applyEdits(scan.bytes, modelEdit(scan, upstreamModel)), hideUsage: false };
  },

  form: {
    readRequest(form: FormScan): CallFacts {
      const model = form.count("model") === 0 ? DEFAULT_MODEL : formModel(form);
      const prompt = formText(form, "prompt");
      if (prompt === undefined) throw missing("prompt");
      const inputs = form.parts.filter((part) => part.filename !== undefined && part.name !== "mask").length;
      if (inputs === 0) throw missing("image");
      const promptTokens = Math.ceil(Buffer.byteLength(prompt) / PROMPT_BYTES_PER_TOKEN);
      return factsOf(model, formFlag(form, "stream"), promptTokens, limitChoices(formCount(form, "n"), "n"), inputs, (name) => formText(form, name));
    },

    prepare: (form: FormScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest => formForModel(form, upstreamModel),
  },

  readAnswer: (body: Buffer): AnswerFacts => readImages(body),

  meter: (_framing?: Framing, facts?: CallFacts) => new ImagesMeter(facts),

  keepAlive: () => ": keep-alive\n\n",
  renderError: renderOpenAIError,
  renderStreamError: renderOpenAIStreamError,
};

const missing = (name: string): GatewayError => new GatewayError("invalidRequest", { publicText: `"${name}" is missing.`, param: name });

/** Pictures that a JSON edit names (`images`, or one `image`). */
function inputsOf(scan: JsonScan): number {
  return scan.member("images") === undefined && scan.member("image") === undefined ? 0 : Math.max(scan.mediaCount, 1);
}

function factsOf(model: string, stream: boolean, promptTokens: number, n: number, inputs: number, option: (name: string) => string | undefined): CallFacts {
  const options: Record<string, string> = {};
  for (const name of OPTIONS) {
    const value = option(name);
    if (value !== undefined) options[name] = value.slice(0, 50);
  }
  return { model, stream, promptTokens, maxOutputTokens: undefined, choices: n, media: imageFacts({ promptTokens, n, inputs, options }) };
}
