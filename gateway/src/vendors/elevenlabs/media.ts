import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { trimSlashes } from "../_kit/adapter.ts";
import type { JsonObject, MediaAdapter, MediaSubmit } from "../_kit/media/adapter.ts";
import { encodeWish, type WishWords } from "../_kit/media/encode-wish.ts";
import { table } from "../../table.ts";

/** Output formats (query `output_format`) by the words of a wish. What else the vendor has (PCM, mu-law) is no file. */
const FORMATS: Readonly<Record<string, string>> = table({ mp3: "mp3_44100_128", opus: "opus_48000_128", ogg: "opus_48000_128" });
const USUAL_FORMAT = "mp3_44100_128";
const EFFECTS = /sound/;
/** The answer comes with the request; the vendor's SDK waits four minutes for it. */
const GIVE_UP_MS = 600_000;

/** Lengths are the price, so the vendor is never left to choose one: the catalog's default stands in every wish that a door makes. */
const music: WishWords = {
  prompt: "prompt",
  duration: (seconds, body) => void (body["music_length_ms"] = Math.round(seconds * 1_000)),
  others: ownWords({ instrumental: ["force_instrumental", "boolean"] }),
};
const effects: WishWords = {
  prompt: "text",
  duration: "duration_seconds",
  others: ownWords({ loop: ["loop", "boolean"], prompt_influence: ["prompt_influence", "number"] }),
};

/** Music (`POST /v1/music`) and sound effects (`POST /v1/sound-generation`) of ElevenLabs: https://elevenlabs.io/docs/api-reference/music/compose, .../text-to-sound-effects/convert (types of `@elevenlabs/elevenlabs-js`). The answer is the sound. */
export const elevenlabsMedia: MediaAdapter = {
  baseUrl: (baseUrl) => trimSlashes(baseUrl).replace(/\/v1$/, ""),

  submit({ input, model }): MediaSubmit {
    const path = EFFECTS.test(model) ? "/v1/sound-generation" : "/v1/music";
    if ("native" in input) return { call: call(input.native.path ?? path, { ...input.native.json, model_id: model }) };
    const { wish } = input;
    check(wish, model);
    let format = USUAL_FORMAT;
    const outputFormat = (wanted: string): boolean => {
      format = FORMATS[wanted.toLowerCase()] ?? USUAL_FORMAT;
      return Object.hasOwn(FORMATS, wanted.toLowerCase());
    };
    const { body, dropped } = encodeWish(wish, { ...(EFFECTS.test(model) ? effects : music), outputFormat }, { model_id: model });
    return { call: call(`${path}?output_format=${format}`, body), ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const mime = answer.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (answer.status !== 200 || !mime.startsWith("audio/") || answer.body.length === 0) return undefined;
    return { state: "SUCCESS", outputs: [{ kind: "audio", bytes: answer.body, mime }] };
  },

  pace: () => ({ firstMs: 1_000, everyMs: 5_000, giveUpMs: GIVE_UP_MS }),
};

const call = (path: string, json: JsonObject): MediaSubmit["call"] => ({ method: "POST", path, headers: { accept: "audio/*, application/json" }, json });

function check({ kind }: MediaWish, model: string): void {
  if (kind !== (EFFECTS.test(model) ? "audio" : "music")) throw new GatewayError("invalidRequest", { publicText: "This model makes something else.", param: "model" });
}

/** Members of the catalog's own names, in the vendor's. */
function ownWords(words: Readonly<Record<string, [name: string, type: "boolean" | "number"]>>): NonNullable<WishWords["others"]> {
  return (others, body) => {
    for (const [known, [name, type]] of Object.entries(words)) if (typeof others[known] === type) body[name] = others[known];
    return Object.keys(others).filter((name) => !Object.hasOwn(words, name));
  };
}
