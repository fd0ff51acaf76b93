/** xAI's pictures: `POST /images/generations` and `/images/edits`, both JSON (docs.x.ai, "Image generation"). Sizes are the shape's at about a thousand or two thousand pixels; what is marked "ours" is not documented. */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { inputFile } from "../../kit/media/input-file.ts";
import { keepFile } from "../../kit/media/kept-file.ts";
import { picture } from "../../kit/media/picture.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";

const RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "2:1", "1:2", "19.5:9", "9:19.5", "20:9", "9:20", "auto"];
const COUNT_MAX = 10;
const GIVEN_MAX = 3;
/** Ours: the longer side. */
const SIDES: Record<string, number> = { "1k": 1_024, "2k": 2_048 };

const json = (status: number, body: object): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const invalid = (error: string): WholeAnswer => json(400, { code: "Client specified an invalid argument", error });

/** Takes a request whose key was accepted, and whether it edits; gives the pictures. */
export async function pictures(request: Received, edits: boolean): Promise<Answer> {
  const body = asObject(request.json);
  const [model, prompt] = [asText(body["model"]), asText(body["prompt"])];
  if (!/^grok-imagine-image(-quality)?$/.test(model)) return json(404, { code: "Some requested entity was not found", error: `The model ${model} does not exist or your team does not have access to it.` });
  if (prompt === "") return invalid("prompt is required");
  for (const name of ["size", "quality", "style"]) if (body[name] !== undefined) return invalid(`Argument not supported: ${name}`);
  const given = [...(body["image"] === undefined ? [] : [asText(asObject(body["image"])["url"])]), ...asList(body["images"]).map((one) => asText(asObject(one)["url"]))];
  if (edits !== given.length > 0) return invalid(edits ? "image is required" : "Argument not supported: image");
  if (given.length > GIVEN_MAX) return invalid(`at most ${GIVEN_MAX} images are allowed`);
  for (const one of given) if (inputFile(one, "picture", false) !== "fits") return invalid("image could not be loaded");
  const count = body["n"] === undefined ? 1 : asNumber(body["n"]);
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > COUNT_MAX) return invalid(`n must be between 1 and ${COUNT_MAX}`);
  const [ratio, resolution, format] = [asText(body["aspect_ratio"]) || "1:1", asText(body["resolution"]) || "1k", asText(body["response_format"]) || "url"];
  if (!RATIOS.includes(ratio)) return invalid(`aspect_ratio must be one of ${RATIOS.join(", ")}`);
  const longest = SIDES[resolution];
  if (longest === undefined) return invalid("resolution must be 1k or 2k");
  if (format !== "url" && format !== "b64_json") return invalid("response_format must be url or b64_json");
  if (isRefused(request.faults, prompt)) return json(400, { code: "Client specified an invalid argument", error: "Generated image rejected by content moderation." });
  const [across = 1, down = 1] = ratio === "auto" ? [] : ratio.split(":").map(Number);
  const [width, height] = across >= down ? [longest, Math.round((longest * down) / across)] : [Math.round((longest * across) / down), longest];
  const data = await Promise.all(Array.from({ length: count }, async (_, index): Promise<JsonObject> => {
    const bytes = await picture({ width, height, format: "jpeg", seed: `${model} ${prompt} ${index}` });
    return { ...(format === "url" ? { url: keepFile(request, "xai", bytes, "jpeg") } : { b64_json: Buffer.from(bytes).toString("base64") }), revised_prompt: "" };
  }));
  return { ...json(200, { data }), model };
}
