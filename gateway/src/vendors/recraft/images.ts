import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import type { ImagesAnswer, ImagesRequest, MediaCall, VendorAnswer } from "../../dialects/canonical/media-call.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { nearestRatio, pictureTypeOf } from "../_kit/pictures.ts";

/** Sizes of the second and third generation, and shapes of the fourth, which takes those too (API reference, appendix). */
export const SIZES = ["1024x1024", "1365x1024", "1024x1365", "1536x1024", "1024x1536", "1820x1024", "1024x1820", "2048x1024", "1024x2048", "1280x1024", "1024x1280"];
export const RATIOS = ["1:1", "2:1", "1:2", "3:2", "2:3", "4:3", "3:4", "5:4", "4:5", "16:9", "9:16"];
const N_MAX = 6;
/** Longest prompt (the same). It may be counted in bytes, so a longer one in characters is refused for certain. */
const PROMPT_MAX = { old: 1_000, new: 10_000 };
/** Recraft's own members that go on as they are. */
const OWN = ["substyle", "style_id", "negative_prompt", "controls", "text_layout"] as const;
/** Styles of dall-e-3. */
const DALLE_STYLES = ["vivid", "natural"];
/** What the catalog's price of vector pictures is bound to. */
const VECTOR_STYLE = "vector_illustration";

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/**
 * Pictures by Recraft: https://www.recraft.ai/docs/api-reference/endpoints, `POST /images/generations`. Its edits want a strength or a mask of another kind than OpenAI's
 * (black and white, not transparency), so none is made of OpenAI's. Throws GatewayError for what it cannot be asked.
 */
export function recraftImages(request: ImagesRequest, model: string): MediaCall<ImagesAnswer> {
  const { members, n, prompt, size } = request;
  if (request.pictures.length + request.links.length > 0) throw wrong("image", "This model makes pictures but does not edit any.");
  if (n > N_MAX) throw wrong("n", `"n" may be ${N_MAX} at most with this model.`);
  const fourth = model.startsWith("recraftv4");
  const longest = fourth ? PROMPT_MAX.new : PROMPT_MAX.old;
  if (Array.from(prompt).length > longest) throw wrong("prompt", `"prompt" may have ${longest} characters at most with this model.`);
  const style = typeof members["style"] === "string" && !DALLE_STYLES.includes(members["style"]) ? members["style"] : undefined;
  if (style !== undefined && members["style_id"] !== undefined && members["style_id"] !== null) throw wrong("style_id", 'Only one of "style" and "style_id" may be given.');
  return {
    endpoint: { name: "images", upstreamPath: "/images/generations", billable: true },
    query: "",
    body: {
      model,
      prompt,
      n,
      ...(size ? { size: nearestRatio(size, fourth ? RATIOS : SIZES) } : {}),
      ...(style === undefined ? {} : { style }),
      ...Object.fromEntries(OWN.filter((name) => members[name] !== undefined && members[name] !== null).map((name) => [name, members[name]])),
      response_format: "b64_json",
    },
    dropped: request.extras.filter((name) => name !== "style" || style === undefined),
    read,
  };
}

/** Vector pictures cost twice as much, and a style of one's own does not tell what it makes: the files do. */
function read({ body }: VendorAnswer): ImagesAnswer {
  const { data } = objectOf(parseJson(body.toString("utf8")));
  const list: unknown[] = Array.isArray(data) ? data : [];
  const pictures = list.flatMap((one) => {
    const { b64_json: base64 } = objectOf(one);
    return typeof base64 === "string" && base64 !== "" ? [{ base64, contentType: pictureTypeOf(base64) }] : [];
  });
  if (pictures.length === 0) throw new Error("the answer holds no picture");
  const vector = pictures.some(({ contentType }) => contentType === "image/svg+xml");
  return { kind: "images", pictures, usage: { images: pictures.length }, options: { style: vector ? VECTOR_STYLE : "" } };
}
