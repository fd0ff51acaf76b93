import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOutput } from "../_kit/media/adapter.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { gone, present } from "../_kit/media/gone.ts";
import { filmWords, readFilmOrder, readOperation } from "../_kit/media/veo.ts";

const GIVE_UP_MS = 900_000;

/** Without a bucket of the caller's the films stand in the answer (`GenerateVideoResponse`). */
function videos(response: JsonObject): { outputs: MediaOutput[]; counted: JsonObject } {
  const outputs = objectsIn(response, "videos").flatMap((video): MediaOutput[] => {
    const bytes = textIn(video, "bytesBase64Encoded");
    return bytes === "" ? [] : [{ kind: "video", bytes: Buffer.from(bytes, "base64"), mime: textIn(video, "mimeType") || "video/mp4" }];
  });
  return { outputs, counted: response };
}

/** Veo on Vertex AI: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/veo-video-generation. Operations cannot be stopped, and there is no list of them. Pictures are not made here as tasks. */
export const vertexMedia: Omit<MediaAdapter, "baseUrl"> = {
  wantsBytes: () => true,

  submit({ input, model }) {
    if (!model.startsWith("veo-") || ("wish" in input && input.wish.kind !== "video")) throw new GatewayError("invalidRequest", { publicText: "This model makes something else." });
    const { json, dropped } = "native" in input ? { json: input.native.json ?? {}, dropped: [] } : filmWords(input.wish, model, { vertex: true });
    return { call: { method: "POST", path: `${pathOf(model)}:predictLongRunning`, json }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit: readFilmOrder,

  poll: ({ ref, model }) => ({ method: "POST", path: `${pathOf(model)}:fetchPredictOperation`, json: { operationName: ref } }),

  readPoll(answer, { memo }) {
    const said = jsonOf(answer);
    if (answer.status === 404 && said?.["error"] !== undefined) return gone(memo);
    const reading = said && answer.status === 200 ? readOperation(said, videos) : undefined;
    return reading && { ...reading, ...present(memo) };
  },

  pace: () => ({ firstMs: 10_000, everyMs: 10_000, giveUpMs: GIVE_UP_MS }),
};

const pathOf = (model: string): string => `/publishers/google/models/${encodeURIComponent(model)}`;
