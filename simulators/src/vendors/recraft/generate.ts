/** Recraft: `POST /images/generations` (its API reference and appendix). */
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { keepFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import { svg } from "../../kit/media/svg.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { bad } from "./errors.ts";

const SIZES = ["1024x1024", "1365x1024", "1024x1365", "1536x1024", "1024x1536", "1820x1024", "1024x1820", "1024x2048", "2048x1024", "1434x1024", "1024x1434", "1024x1280", "1280x1024", "1024x1707", "1707x1024"];
/** Shapes of the fourth generation. */
const RATIOS: Record<string, [number, number]> = {
  "1:1": [1024, 1024], "2:1": [1536, 768], "1:2": [768, 1536], "3:2": [1280, 832], "2:3": [832, 1280], "4:3": [1216, 896], "3:4": [896, 1216], "5:4": [1152, 896], "4:5": [896, 1152], "16:9": [1344, 768], "9:16": [768, 1344],
};
const STYLES = /^(any|realistic_image|digital_illustration|vector_illustration|logo_raster|icon)$/;
/** A custom style whose id begins so makes vector pictures; the rule is ours. */
const VECTOR_STYLE_ID = /^0{8}-/;
/** Units of one picture by model ($1 is 1,000 units); vectors of the second and third generation cost twice that. */
const UNITS: [RegExp, number][] = [[/^recraftv4_pro/, 250], [/^recraftv4_1/, 35], [/^recraftv4_vector/, 80], [/^recraftv4/, 40], [/^recraftv2/, 22], [/^recraftv3/, 40]];

function sidesOf(size: string, fourth: boolean): [number, number] | undefined {
  if (fourth) return RATIOS[size] ?? Object.values(RATIOS).find((sides) => sides.join("x") === size);
  if (!SIZES.includes(size)) return undefined;
  const [width = 0, height = 0] = size.split("x").map(Number);
  return [width, height];
}

/** Takes a request; gives the pictures. */
export async function generate(request: Received): Promise<Answer> {
  const body = asObject(request.json);
  const model = asText(body["model"]) || "recraftv3";
  const [prompt, style, styleId] = [asText(body["prompt"]), asText(body["style"]), asText(body["style_id"])];
  const fourth = model.startsWith("recraftv4");
  if (request.json === undefined) return bad("request body is not valid JSON");
  const units = UNITS.find(([pattern]) => pattern.test(model))?.[1];
  if (units === undefined || /nonexist|unknown/.test(model)) return bad(`unknown model: ${model}`);
  if (prompt === "") return bad("prompt is required");
  if (Buffer.byteLength(prompt) > (fourth ? 10_000 : 1_000)) return bad("prompt is too long");
  const n = asNumber(body["n"]) ?? 1;
  if (!Number.isInteger(n) || n < 1 || n > 6) return bad("n must be between 1 and 6");
  if (style !== "" && styleId !== "") return bad("style and style_id are mutually exclusive");
  if (style !== "" && !STYLES.test(style)) return bad(`unknown style: ${style}`);
  const sides = sidesOf(asText(body["size"]) || (fourth ? "1:1" : "1024x1024"), fourth);
  if (!sides) return bad(`unsupported size: ${asText(body["size"])}`);
  const format = asText(body["response_format"]) || "url";
  if (format !== "url" && format !== "b64_json") return bad("response_format must be url or b64_json");
  if (/forbidden picture/i.test(prompt)) return bad("the prompt was rejected by moderation");
  const vector = /_vector/.test(model) || style === "vector_illustration" || style === "icon" || VECTOR_STYLE_ID.test(styleId);
  const data: JsonObject[] = [];
  for (let index = 0; index < n; index += 1) {
    const seed = `${model} ${style} ${prompt} ${index}`;
    const bytes = vector ? svg(...sides, seed) : await picture({ width: sides[0], height: sides[1], format: "webp", seed });
    const shown = format === "b64_json" ? { b64_json: Buffer.from(bytes).toString("base64") } : { url: keepFile(request, "recraft", bytes, vector ? "svg" : "webp") };
    data.push({ image_id: request.ids.hex(32), ...shown });
  }
  const credits = units * n * (vector && !fourth ? 2 : 1);
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ created: Math.floor(request.now / 1000), credits, data }), model, usage: { credits } };
}
