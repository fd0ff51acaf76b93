import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { table } from "../../table.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaRoute, MediaTools } from "./family.ts";
import { checkInputs } from "./check-inputs.ts";
import { modelOf, pictureIn, saidOnly, wordIn, wrong } from "./inputs.ts";
import { priced } from "./measured.ts";
import { asItIs, optional, ordered, requiredText } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";

const NANO_PER_CENT = 1e7;
const PROMPT_MAX = 5_000;
/** Who makes a film of another shape in Luma's place (https://fal.ai/models/fal-ai/luma-dream-machine/ray-2/reframe), by Luma's name for the model. */
const REFRAMERS: Readonly<Record<string, string>> = table({ "ray-2": "fal-luma-dream-machine-ray-2-reframe", "ray-flash-2": "fal-luma-dream-machine-ray-2-flash-reframe" });
/** Where the given film stands in the new one: the same words at Luma and at fal. */
const PLACES = ["grid_position_x", "grid_position_y", "x_start", "x_end", "y_start", "y_end"];
const SPOKEN = { prompt: ["prompt"], aspectRatio: ["aspect_ratio"], videos: ["media"], images: ["first_frame"] } satisfies FamilyWords;

interface Door {
  family: () => MediaFamily;
  /** all spellings of an address below `generations` */
  at: (rest: string) => string[];
  ratios: readonly string[];
  /** members for us */
  ours: readonly string[];
  render: (task: Task) => object;
}

/** What else Luma's SDK knows, beside films and pictures: what somebody makes still, what a key may spend, and of all that is closed what to use instead. */
export function otherRoutes(door: Door): MediaRoute[] {
  return [
    { method: "POST", paths: door.at("/video/reframe"), bodies: ["json"], priced: true, handle: (call, tools) => reframed(call, tools, door) },
    closed(door, "/video/modify", "another look for a film", "`gen4_aleph` at POST /task/submit, with the film in `config.videos`, makes one"),
    closed(door, "/image/reframe", "a picture in another shape", "POST /ideogram/v1/ideogram-v3/reframe makes one"),
    closed(door, "/{id}/upscale", "a larger film", "POST /fal-ai/topaz/upscale/video makes one of a film's address"),
    closed(door, "/{id}/audio", "sound for a film", "a film that is made with sound, such as `veo3.1`'s at POST /task/submit, has it from the beginning"),
    { method: "GET", paths: door.at("/concepts/list"), handle: () => { throw gone("the list of concepts", "the movement of the camera may be said in the prompt"); } },
    { method: "GET", paths: ["/luma/dream-machine/v1/credits", "/luma/credits"], handle: async ({ key }, { tasks }) => ({ json: { credit_balance: Number(await tasks.creditNano(key)) / NANO_PER_CENT } }) },
  ];
}

const gone = (what: string, instead: string): GatewayError => new GatewayError("operationClosed", { publicText: `Luma has closed this (${what}), and nobody else does it in its words: ${instead}.` });

function closed({ at }: Door, rest: string, what: string, instead: string): MediaRoute {
  return {
    method: "POST", paths: at(rest), bodies: ["json"],
    async handle(call, tools): Promise<MediaAnswer> {
      // Of somebody else's task it is not told that it is there.
      if (call.params["id"] !== undefined) await asItIs(call, call.params["id"], tools);
      throw gone(what, instead);
    },
  };
}

/** A film in another shape: as long as the given one, which is what it costs. */
async function reframed(call: MediaCall, tools: MediaTools, { family, ratios, ours, render }: Door): Promise<MediaAnswer> {
  const { json } = call;
  const named = modelOf(requiredText(json, "model", 100), /^ray-(?:flash-)?2$/);
  const film = objectOf(json["media"])["url"];
  if (typeof film !== "string" || !/^(?:https?:\/\/|data:video\/)/i.test(film)) throw wrong("media.url", "must be the address of a film, or a data: URI of one.");
  const aspectRatio = wordIn(json, "aspect_ratio", ratios);
  if (aspectRatio === undefined) throw wrong("aspect_ratio", "is missing: the shape to make.");
  const prompt = optional(json, "prompt", "string");
  if (prompt !== undefined && prompt.length > PROMPT_MAX) throw wrong("prompt", `may have ${PROMPT_MAX} characters at most.`);
  checkInputs(json, Object.fromEntries(PLACES.map((name) => [name, { type: "integer" }])));
  const first = pictureIn(objectOf(json["first_frame"]), "url");
  const others = Object.fromEntries(PLACES.flatMap((name) => (typeof json[name] === "number" ? [[name, json[name]]] : [])));
  const wish = {
    kind: "video", videos: [{ url: film, role: "input" }],
    ...saidOnly<unknown>({ prompt, aspectRatio, images: first ? [{ url: first.uri, role: "first_frame" }] : undefined, others: Object.keys(others).length > 0 ? others : undefined }),
  } as MediaWish;
  const { order } = await priced({ model: REFRAMERS[named] ?? "", options: {} }, film, call, tools);
  const shown = Object.fromEntries(Object.entries(json).filter(([name]) => !ours.includes(name)));
  const request = { wish, seen: { request: { ...shown, model: named, generation_type: "reframe_video", media: { url: film.startsWith("data:") ? "" : film } } }, withImages: false };
  const task = await ordered(family(), call, { action: "video", model: order.model, request, options: order.options, ...(order.counts ? { counts: order.counts } : {}), said: saidBy(json, SPOKEN, [...PLACES, ...ours, "generation_type"]) }, tools);
  return { status: 201, json: render(task) };
}
