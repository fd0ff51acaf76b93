import { errorField, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { balanceOf } from "../_kit/balance.ts";
import { keptQuery } from "../_kit/query.ts";
import { elevenlabsMedia } from "./media.ts";
import { elevenlabsSpeech, OUTPUT_FORMATS } from "./speech.ts";

/** ElevenLabs: https://elevenlabs.io/docs/api-reference/text-to-speech/convert (types of `@elevenlabs/elevenlabs-js`). */
export const elevenlabs: VendorAdapter = {
  id: "elevenlabs",
  displayName: "ElevenLabs",
  dialects: [],
  speech: elevenlabsSpeech,
  media: elevenlabsMedia,
  defaultBaseUrl: "https://api.elevenlabs.io",
  environment: { keys: ["ELEVENLABS_API_KEY"], baseUrl: "ELEVENLABS_BASE_URL" },
  testPath: "/v1/user",
  // elevenlabs.io/docs/api-reference/user/subscription/get: what is used of the period's characters
  balance: {
    address: (baseUrl) => `${trimSlashes(baseUrl).replace(/\/v1$/, "")}/v1/user/subscription`,
    read: ({ character_count: used, character_limit: limit }) => (typeof used === "number" && typeof limit === "number" ? balanceOf(limit - used, "characters") : []),
  },

  address: (baseUrl, endpoint, _upstreamModel, query) => `${trimSlashes(baseUrl).replace(/\/v1$/, "")}${endpoint.upstreamPath}${keptQuery(query, { output_format: OUTPUT_FORMATS })}`,

  authorize(headers, credential) {
    headers["xi-api-key"] = credential;
  },

  /** `{detail: {status, message}}`, or a list of faulty fields with 422. An account without credits is a 401 too. */
  classify(status, body): UpstreamFault {
    const { word, text } = detailOf(body);
    if (word === "quota_exceeded") return { kind: "no_balance", text };
    if (word === "system_busy") return { kind: "overloaded", text };
    if (word === "model_not_found") return { kind: "no_model", text };
    // Music: the prompt names artists or protected works, or something harmful (elevenlabs.io/docs, music quickstart).
    if (word === "bad_prompt" || word === "bad_composition_plan") return { kind: "caller", policy: true, text };
    // Voices belong to accounts, but their names are the caller's.
    if (word === "voice_not_found") return { kind: "caller", text };
    return { kind: faultByStatus(status), text };
  },
};

function detailOf(body: string): { word: string; text: string } {
  try {
    const detail: unknown = (JSON.parse(body) as { detail?: unknown }).detail;
    if (Array.isArray(detail)) {
      const texts = detail.map((one) => errorField(one as Record<string, unknown>, "msg")).filter((one) => one !== "");
      return { word: "", text: texts.join("; ") || body.slice(0, 500) };
    }
    if (typeof detail === "object" && detail !== null) {
      const fields = detail as Record<string, unknown>;
      return { word: errorField(fields, "status"), text: errorField(fields, "message") || body.slice(0, 500) };
    }
  } catch {
    // no JSON: the text is all there is
  }
  return { word: "", text: body.slice(0, 500) };
}
