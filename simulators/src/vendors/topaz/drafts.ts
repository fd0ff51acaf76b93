/** Requests before the work begins: quoted, accepted, waiting for the source (its API reference: create, express, accept, complete upload). */
import { problemsOf, type Fields, type Rule } from "../../kit/fields.ts";
import type { FaultValues } from "../../kit/fault-spec.ts";
import { asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { invalidBody, refused, said } from "./errors.ts";

/** A request that is not at work yet. */
export interface Draft {
  id: string;
  state: "requested" | "accepted";
  body: JsonObject;
  estimates: { cost: [number, number]; time: [number, number] };
  faults: FaultValues;
  /** what each part's upload was answered with; `undefined` until it has come */
  parts: (string | undefined)[];
  /** the last part begins the work, without a call that completes the upload */
  express: boolean;
}

/** Largest source that comes in one part, in bytes, fewest frames of one in several, and most parts. */
const PART_BYTES = 500 * 1000 * 1000;
const PART_FRAMES = 1_000;
const PARTS_MAX = 150;
/** Credits of a megapixel-second of output and seconds of work for a second of it; ours, the vendor publishes none. */
const CREDITS_A_MEGAPIXEL_SECOND = 0.5;
const WORK_A_SECOND = 6;
/** The upper bound of an estimate against the lower. */
const SPREAD = 1.3;
/** Length of a source that was not told, in seconds. */
const SECONDS = 5;

const OWNER = "topaz drafts";
const UPSCALERS = "aaa-9 aaa-10 ahq-12 alq-13 alqs-2 amq-13 amqs-2 ddv-3 dtd-4 dtds-2 dtv-4 dtvs-2 gcg-5 ghq-5 hyp-1 iris-2 iris-3 nxf-1 nxl-1 nyx-3 prob-4 rhea-1 stab-1 thd-3 thf-4 thm-2 slf-1 slf-2 slhq slm slp-2.5".split(" ");
const INTERPOLATORS = "aion-1 apf-2 apo-8 chf-3 chr-2".split(" ");
/** Models as `GET /video/status` lists them. */
export const MODELS = [...UPSCALERS, ...INTERPOLATORS];

const SIDE: Rule = { is: "integer", required: true, least: 32, most: 16_384 };
const RESOLUTION: Rule = { is: "object", required: true, fields: { width: SIDE, height: SIDE } };
const EXTERNAL: Rule = { is: "object", fields: { provider: { is: "text", required: true }, presignedUrl: { is: "file", kind: "video" } } };
const CONTAINER: Rule = { is: "text", required: true, values: ["mp4", "mov", "mkv"] };
const NUMBER: Rule = { is: "number", required: true, least: 0 };
const shared: Fields = {
  filters: { is: "list", required: true, least: 1, of: { is: "object", fields: { model: { is: "text", required: true, values: MODELS }, slowmo: { is: "number", least: 1, most: 16 }, fps: { is: "number", least: 15, most: 240 } } } },
  notifications: { is: "object", fields: { webhookUrl: { is: "text", pattern: /^https?:\/\/\S+$/ } } },
};
const LONG: Fields = {
  source: { is: "object", required: true, fields: { container: CONTAINER, size: NUMBER, duration: NUMBER, frameCount: NUMBER, frameRate: NUMBER, resolution: RESOLUTION, external: EXTERNAL } },
  output: {
    is: "object",
    required: true,
    fields: {
      resolution: RESOLUTION,
      frameRate: { is: "number", required: true, least: 1, most: 240 },
      audioTransfer: { is: "text", values: ["Copy", "Convert", "None"] },
      audioCodec: { is: "text" },
      videoEncoder: { is: "text" },
      videoProfile: { is: "text" },
      dynamicCompressionLevel: { is: "text", values: ["Low", "Mid", "High"] },
      container: { is: "text", values: ["mp4", "mov", "mkv"] },
    },
  },
  ...shared,
};
const EXPRESS: Fields = { source: { is: "object", required: true, fields: { container: CONTAINER, external: EXTERNAL } }, output: { is: "object", required: true, fields: { resolution: RESOLUTION } }, ...shared };

/** Takes a draft's body; gives the length of its source in seconds. */
export const secondsOf = (body: JsonObject): number => asNumber(asObject(body["source"])["duration"]) ?? SECONDS;

/** Takes a draft's body; gives the sides of the output. */
export function outputSides(body: JsonObject): [number, number] {
  const resolution = asObject(asObject(body["output"])["resolution"]);
  return [asNumber(resolution["width"]) ?? 0, asNumber(resolution["height"]) ?? 0];
}

/** Takes a draft; tells whether the vendor fetches the source itself. */
export const isExternal = (draft: Draft): boolean => asText(asObject(asObject(draft.body["source"])["external"])["presignedUrl"]) !== "";

function estimate(body: JsonObject): Draft["estimates"] {
  const [width, height] = outputSides(body);
  const cost = Math.max(Math.ceil(((width * height) / 1e6) * secondsOf(body) * CREDITS_A_MEGAPIXEL_SECOND), 1);
  const time = Math.ceil(secondsOf(body) * WORK_A_SECOND);
  return { cost: [cost, Math.ceil(cost * SPREAD)], time: [time, Math.ceil(time * SPREAD)] };
}

function partsOf(body: JsonObject): number {
  const source = asObject(body["source"]);
  const [size, frames] = [asNumber(source["size"]) ?? 0, asNumber(source["frameCount"]) ?? 0];
  return size <= PART_BYTES || frames <= PART_FRAMES ? 1 : Math.min(Math.max(Math.ceil(size / PART_BYTES), 2), PARTS_MAX);
}

/** Takes a request, the owner and whether it is the short way; keeps a draft and gives it, or the refusal. */
export function makeDraft(request: Received, owner: string, express: boolean): Draft | WholeAnswer {
  const body = request.json;
  if (!isObject(body)) return refused(400, "INVALID_INPUT", "The request body is not valid JSON");
  const problems = problemsOf(express ? EXPRESS : LONG, body);
  if (problems.length > 0) return invalidBody(problems);
  const draft: Draft = {
    id: `${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-8${request.ids.hex(3)}-${request.ids.hex(12)}`,
    state: express ? "accepted" : "requested",
    body,
    estimates: estimate(body),
    faults: request.faults,
    parts: Array.from({ length: partsOf(body) }, () => undefined),
    express,
  };
  request.shelf.put(`${OWNER} ${owner}`, draft.id, draft);
  // whoever has an upload's address may use it
  request.shelf.put(OWNER, `parts of ${draft.id}`, { draft, owner });
  return draft;
}

/** Takes a request, the owner and an id; gives the draft. */
export const draftOf = (request: Received, owner: string, id: string): Draft | undefined => request.shelf.get(`${OWNER} ${owner}`, id) as Draft | undefined;

/** Takes a request and a draft; gives the addresses of its parts. */
export const uploadAddresses = (request: Received, draft: Draft): string[] => draft.parts.map((_, index) => `${request.origin}/__uploads/${draft.id}/${index + 1}?X-Signature=1`);

/** Takes a request that brings a part; gives the answer, and the draft with its owner when its source is complete and nothing else has to be called. */
export function takePart(request: Received): { answer: WholeAnswer; complete?: { draft: Draft; owner: string } } {
  const [, id = "", part = ""] = /^\/__uploads\/([^/]+)\/(\d+)$/.exec(request.path) ?? [];
  const kept = request.shelf.get(OWNER, `parts of ${id}`) as { draft: Draft; owner: string } | undefined;
  const index = Number(part) - 1;
  if (!kept || request.method !== "PUT" || index < 0 || index >= kept.draft.parts.length) return { answer: { kind: "whole", status: 403, headers: { "content-type": "application/xml" }, body: "<Error><Code>AccessDenied</Code></Error>" } };
  const tag = `"${new Bun.CryptoHasher("md5").update(request.body).digest("hex")}"`;
  kept.draft.parts[index] = tag;
  return { answer: { kind: "whole", status: 200, headers: { etag: tag }, body: "" }, ...(kept.draft.express ? { complete: kept } : {}) };
}

/** Takes a draft whose parts have come, and the body that completes it; gives what is wrong with it. */
export function uploadFault(draft: Draft, body: JsonObject): WholeAnswer | undefined {
  const given = body["uploadResults"];
  if (!Array.isArray(given)) return refused(400, "INVALID_INPUT", "uploadResults is required");
  if (draft.parts.some((tag) => tag === undefined)) return refused(400, "INVALID_INPUT", "The source has not been uploaded");
  const bare = (tag: string): string => tag.replaceAll('"', "");
  const whole = draft.parts[0];
  // with a single part the results are not looked at
  if (draft.parts.length === 1) {
    const hash = asText(body["md5Hash"]);
    return hash !== "" && whole !== undefined && hash !== bare(whole) ? refused(400, "INVALID_INPUT", "md5Hash does not match the source") : undefined;
  }
  const right = draft.parts.every((tag, index) => given.map(asObject).some((one) => one["partNum"] === index + 1 && bare(asText(one["eTag"])) === bare(tag ?? "")));
  return right ? undefined : refused(400, "INVALID_INPUT", "uploadResults do not match the uploaded parts");
}

/** Takes a draft; gives what its making is answered with. */
export const quote = (draft: Draft): WholeAnswer => said(200, { requestId: draft.id, estimates: draft.estimates });
