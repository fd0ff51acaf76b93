import { GatewayError } from "../../errors/gateway-error.ts";
import type { MediaAdapter, MediaOrder } from "../_kit/media/adapter.ts";
import { jsonOf } from "../_kit/media/fields.ts";
import { gone, present } from "../_kit/media/gone.ts";
import { versioned } from "../_kit/openai-api.ts";
import { filmCall, filmList, findFilm, readFilm, readFilmOrder } from "./films.ts";
import { pictureCall, readPictures } from "./pictures.ts";

/** Models that answer with their pictures; all others make films. */
const PICTURES = /image|dall-e/;
/** Films take some minutes, the greatest pictures one or two. */
const GIVE_UP_MS = { film: 1_800_000, picture: 600_000 };

const makesPictures = ({ model }: Pick<MediaOrder, "model">): boolean => PICTURES.test(model);

/** OpenAI's films and pictures as tasks. The Videos API closed on 2026-09-24; servers that speak it are reached by a base URL. OpenAI's webhooks have no event for films or pictures (types of the `openai` SDK, `webhooks`), so there is no notice to take. */
export const openaiMedia: MediaAdapter = {
  /** Addresses of pictures are valid for 60 minutes (types of the `openai` SDK, `ImageGenerateParams.response_format`); films say themselves when they end. */
  outputHours: (model) => (PICTURES.test(model) ? 1 : undefined),
  wantsBytes: () => true,
  baseUrl: (baseUrl) => versioned(baseUrl, "/v1"),
  atOnce: (model) => PICTURES.test(model),

  submit(order) {
    const kind = "wish" in order.input ? order.input.wish.kind : undefined;
    if (kind !== undefined && kind !== (makesPictures(order) ? "image" : "video")) throw new GatewayError("invalidRequest", { publicText: "This model makes something else." });
    const { call, dropped } = makesPictures(order) ? pictureCall(order) : filmCall(order);
    return { call, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit: (answer, order) => (makesPictures(order) ? readPictures(answer) : readFilmOrder(answer)),

  poll: ({ ref }) => ({ method: "GET", path: `/videos/${encodeURIComponent(ref)}` }),

  readPoll(answer, { memo }) {
    const said = jsonOf(answer);
    if (answer.status === 404 && said?.["error"] !== undefined) return gone(memo);
    const reading = said && answer.status === 200 ? readFilm(said) : undefined;
    return reading && { ...reading, ...present(memo) };
  },

  find: { call: () => filmList, read: findFilm },

  pace: (model) => (PICTURES.test(model) ? { firstMs: 5_000, everyMs: 10_000, giveUpMs: GIVE_UP_MS.picture } : { firstMs: 10_000, everyMs: 10_000, giveUpMs: GIVE_UP_MS.film }),
};
