import { GatewayError } from "../../errors/gateway-error.ts";
import { trimSlashes } from "../_kit/adapter.ts";
import type { MediaAdapter } from "../_kit/media/adapter.ts";
import { jsonOf } from "../_kit/media/fields.ts";
import { gone, present } from "../_kit/media/gone.ts";
import { filmCall, readFilmOrder, readOperation } from "../_kit/media/veo.ts";
import { pictureCall, readPictures } from "./pictures.ts";

const GIVE_UP_MS = { film: 900_000, picture: 600_000 };
const isVeo = (model: string): boolean => model.startsWith("veo-");
const OPERATION = /^(?:models\/[\w.-]+\/)?operations\/[\w.-]+$/;

/** Google's films (Veo) and pictures (Gemini, Imagen) on the Gemini API. Operations cannot be stopped, and there is no list of them. */
export const geminiMedia: MediaAdapter = {
  wantsBytes: () => true,
  baseUrl: (baseUrl) => trimSlashes(baseUrl).replace(/\/v1(beta)?$/, ""),
  atOnce: (model) => !isVeo(model),

  submit(order) {
    const { model, input } = order;
    const kind = isVeo(model) ? "video" : /image|^imagen-/.test(model) ? "image" : undefined;
    if (kind === undefined || ("wish" in input && input.wish.kind !== kind)) throw new GatewayError("invalidRequest", { publicText: "This model makes something else." });
    const { call, dropped } = kind === "video" ? filmCall(order) : pictureCall(order);
    return { call, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit: (answer, { model }) => (isVeo(model) ? readFilmOrder(answer) : readPictures(answer, model)),

  poll: ({ ref }) => ({ method: "GET", path: OPERATION.test(ref) ? `/v1beta/${ref}` : `/v1beta/operations/${encodeURIComponent(ref)}` }),

  readPoll(answer, { memo }) {
    const said = jsonOf(answer);
    if (answer.status === 404 && said?.["error"] !== undefined) return gone(memo);
    const reading = said && answer.status === 200 ? readOperation(said) : undefined;
    return reading && { ...reading, ...present(memo) };
  },

  pace: (model) => (isVeo(model) ? { firstMs: 10_000, everyMs: 10_000, giveUpMs: GIVE_UP_MS.film } : { firstMs: 5_000, everyMs: 10_000, giveUpMs: GIVE_UP_MS.picture }),
};
