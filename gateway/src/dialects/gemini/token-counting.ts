import { objectOf } from "../canonical/fields.ts";
import { membersOf, type TokenCounting, tokensOf } from "../canonical/token-counting.ts";

/** What Vertex AI counts beside each other (SDK: `countTokensConfigToVertex`), and which has no word for a whole request: the trait "flat-count". */
const TAKEN = ["contents", "systemInstruction", "tools", "generationConfig"];

/** `models/{m}:countTokens` (https://ai.google.dev/api/tokens): bare contents, or a whole `generateContentRequest`, which alone holds system text and tools. */
export const geminiTokenCounting: TokenCounting = {
  path: "/v1beta/models/{model}:countTokens",
  conversation(body) {
    const whole = body["generateContentRequest"] ?? body["generate_content_request"];
    return whole === undefined || whole === null ? body : objectOf(whole);
  },
  question: (body, model, traits) => (traits.has("flat-count") ? membersOf(body, TAKEN) : { generateContentRequest: { model: `models/${model}`, ...body } }),
  read: (answer) => tokensOf(answer["totalTokens"]),
  answer: (tokens) => ({ totalTokens: tokens }),
};
