/** `POST /v1/images/generations`, `POST /v1/images/edits`, and the addresses that dall-e answers with (openai SDK: ImagesResponse and its stream events). */
import type { JsonObject } from "../../../kit/json.ts";
import { picture } from "../../../kit/media/picture.ts";
import { countTokens } from "../../../kit/tokens.ts";
import type { Answer, Frame, Received } from "../../../kit/vendor.ts";
import { openAiHeaders, openAiRefusal } from "../errors.ts";
import { unknownModel } from "../models.ts";
import { familyOf, type ImageWish, readWish } from "./wish.ts";

/** Tokens of a picture by quality, square and not (image generation guide, "Cost and latency"). */
const TOKENS: Record<string, [number, number]> = { low: [272, 408], medium: [1_056, 1_584], high: [4_160, 6_240] };
/** Tokens of one picture to edit; the number is ours. */
const INPUT_TOKENS = 323;
/** Extra tokens of each partial picture (image generation guide). */
const PARTIAL_TOKENS = 100;
const OWNER = "pictures";

function usageOf(wish: ImageWish): JsonObject | undefined {
  if (familyOf(wish.model) !== "gpt") return undefined;
  const [square, wide] = TOKENS[wish.quality] ?? [0, 0];
  const output = (wish.width === wish.height ? square : wide) * wish.n + (wish.stream ? wish.partials * PARTIAL_TOKENS : 0);
  const [text, image] = [countTokens(wish.prompt), wish.inputs * INPUT_TOKENS];
  return {
    total_tokens: text + image + output,
    input_tokens: text + image,
    output_tokens: output,
    input_tokens_details: { text_tokens: text, image_tokens: image },
  };
}

const draw = (wish: ImageWish, seed: string): Promise<Uint8Array> =>
  picture({ width: wish.width, height: wish.height, format: wish.format, transparent: wish.background === "transparent", seed: `${wish.prompt} ${seed}` });

/** Takes a request and whether it edits pictures; gives the answer. */
export async function images(request: Received, edit: boolean): Promise<Answer> {
  const wish = readWish(request, edit);
  if (!("n" in wish)) return openAiRefusal(request, 400, wish);
  const { model } = wish;
  if (!/^(gpt-image-|chatgpt-image|dall-e-[23]$)/.test(model) || /nonexist|not-exist|unknown/.test(model)) return unknownModel(request, model);
  if (/forbidden picture/i.test(wish.prompt))
    return openAiRefusal(request, 400, {
      message: "Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com.",
      type: "image_generation_user_error",
      param: null,
      code: "moderation_blocked",
    });
  const usage = request.faults.has("no-usage") ? undefined : usageOf(wish);
  const common = {
    background: wish.background,
    output_format: wish.format,
    quality: wish.quality,
    size: `${wish.width}x${wish.height}`,
  };
  const created = Math.floor(request.now / 1000);
  const files: string[] = [];
  for (let index = 0; index < wish.n; index += 1) files.push(Buffer.from(await draw(wish, `final ${index}`)).toString("base64"));
  if (wish.stream) {
    const partials: string[] = [];
    for (let index = 0; index < wish.partials; index += 1) partials.push(Buffer.from(await draw(wish, `partial ${index}`)).toString("base64"));
    const headers = { ...openAiHeaders(request), "content-type": "text/event-stream; charset=utf-8" };
    return { kind: "stream", headers, frames: frames(edit ? "image_edit" : "image_generation", { ...common, created_at: created }, partials, files, usage), model };
  }
  const data = files.map((base64) => {
    if (!wish.url) return { b64_json: base64, ...(model === "dall-e-3" ? { revised_prompt: wish.prompt } : {}) };
    const id = `img-${request.ids.letters(24)}`;
    request.shelf.put(OWNER, id, base64);
    const url = new URL(`/openai/v1/__files/${id}.png`, `http://${request.headers.get("host") ?? "127.0.0.1"}`).href;
    return { url, ...(model === "dall-e-3" ? { revised_prompt: wish.prompt } : {}) };
  });
  const body = JSON.stringify({ created, ...(familyOf(model) === "gpt" ? common : {}), data, ...(usage ? { usage } : {}) });
  return { kind: "whole", status: 200, headers: openAiHeaders(request), body, model, ...(usage ? { usage } : {}) };
}

function* frames(name: string, common: JsonObject, partials: string[], files: string[], usage: JsonObject | undefined): Generator<Frame> {
  const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  for (const [index, base64] of partials.entries())
    yield { kind: "content", text: event(`${name}.partial_image`, { ...common, b64_json: base64, partial_image_index: index }) };
  for (const [index, base64] of files.entries())
    yield {
      kind: index === files.length - 1 ? "end" : "content",
      text: event(`${name}.completed`, { ...common, b64_json: base64, ...(usage ? { usage } : {}) }),
      ...(usage ? { usage: () => usage } : {}),
    };
}

/** Takes a request for a drawn picture and its id; gives the file, to anybody, as the vendor's signed addresses do. */
export function drawnFile(request: Received, id: string): Answer {
  const base64 = request.shelf.get(OWNER, id);
  if (typeof base64 !== "string") return { kind: "whole", status: 404, headers: { "content-type": "text/plain" }, body: "not found" };
  return { kind: "whole", status: 200, headers: { "content-type": "image/png" }, body: Buffer.from(base64, "base64") };
}
