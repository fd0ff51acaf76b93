import { RECRAFT_SUBSTYLES } from "./recraft-styles.ts";
import type { InputRule, InputRules } from "./rule.ts";

const SAID: InputRule = { type: "string" };
const of = (words: string): InputRule => ({ type: "string", words: words.split(" ") });
/** Bytes of a picture that a tool works on. */
const FILE_MAX = 10 * 1024 * 1024;
const BYTE: InputRule = { type: "integer", from: 0, to: 255 };
const COLOUR: InputRule = { type: "object", members: { rgb: { type: "list", from: 3, to: 3, of: BYTE, required: true }, weight: { type: "number", from: 0, to: 1 } } };
const POINT: InputRule = { type: "list", from: 2, to: 2, of: { type: "number" } };

/** What Recraft draws with its second and third model (https://www.recraft.ai/docs/api-reference/endpoints, appendix). */
export const RECRAFT_INPUTS: InputRules = {
  prompt: { type: "string", required: true },
  model: of("recraftv3 recraftv2"),
  n: { type: "integer", from: 1, to: 6, written: true },
  size: of("1024x1024 1365x1024 1024x1365 1536x1024 1024x1536 1820x1024 1024x1820 1024x2048 2048x1024 1434x1024 1024x1434 1024x1280 1280x1024 1024x1707 1707x1024"),
  // Families alone: which of today's named styles (`Photorealism`, `Vector art`) draw vectors, which cost twice, no document says.
  style: { ...of("any realistic_image digital_illustration vector_illustration logo_raster icon"), without: ["style_id"] },
  substyle: { type: "string", words: RECRAFT_SUBSTYLES },
  style_id: { type: "string", form: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
  negative_prompt: SAID,
  response_format: of("url b64_json"),
  controls: { type: "object", members: { colors: { type: "list", of: COLOUR }, background_color: COLOUR, artistic_level: { type: "integer", from: 0, to: 5 }, no_text: { type: "boolean" } } },
  text_layout: { type: "list", of: { type: "object", members: { text: { type: "string", required: true }, bbox: { type: "list", from: 4, to: 4, of: POINT, required: true } } } },
};

/** Fields of the form of a tool (the same: tools). */
export const RECRAFT_TOOL: InputRules = { file: { type: "file", required: true, most: FILE_MAX }, response_format: of("url b64_json"), image_format: of("webp png") };
