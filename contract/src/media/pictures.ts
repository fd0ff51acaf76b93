import { z } from "zod";
import type { MediaDoc, MediaEndpoint } from "./endpoint.ts";
import { text } from "./endpoint.ts";

const file = z.string().meta({ format: "binary" });
const PICTURE = "@picture";

const made = z.looseObject({ created: z.unknown().optional(), data: z.array(z.looseObject({ url: z.string().nullish() })) });
const slow: MediaEndpoint["further"] = { 422: { why: "the content was refused", body: z.object({ error: text }) } };

const words = {
  negative_prompt: text.optional(),
  seed: text.optional(),
  resolution: text.optional(),
  aspect_ratio: text.optional().describe("not beside resolution"),
  rendering_speed: z.enum(["FLASH", "TURBO", "DEFAULT", "QUALITY"]).optional(),
  num_images: text.optional().describe("1 to 8"),
  magic_prompt: text.optional(),
  style_type: text.optional(),
  character_reference_images: file.optional(),
};
const ofIdeogram = (name: string, summary: string, members: z.ZodRawShape, form: Record<string, string>, body?: z.ZodType): MediaEndpoint => ({
  method: "post",
  paths: [`/ideogram/v1/ideogram-v3/${name}`],
  summary,
  priced: true,
  form: z.looseObject({ ...words, ...members }),
  ...(body ? { body } : {}),
  answer: made,
  further: slow,
  example: { form, ...(body ? { body: form } : {}) },
});
const DRAWN = { prompt: "a red stone", rendering_speed: "TURBO" };

/** Ideogram 3.0: each call waits for its pictures; the header x-task-id names the task. */
export const IDEOGRAM_DOC: MediaDoc = {
  id: "ideogram",
  shownId: "",
  error: z.object({ error: text }),
  shared: { IdeogramPictures: made },
  endpoints: [
    ofIdeogram("generate", "Pictures of Ideogram's; JSON too, where no file goes with it", { prompt: text.min(1) }, DRAWN, z.looseObject({ prompt: text.min(1), negative_prompt: text.optional(), aspect_ratio: text.optional(), rendering_speed: words.rendering_speed })),
    ofIdeogram("edit", "A part of a picture made anew", { prompt: text.min(1), image: file, mask: file }, { ...DRAWN, image: PICTURE, mask: PICTURE }),
    ofIdeogram("remix", "A picture made another", { prompt: text.min(1), image: file }, { ...DRAWN, image: PICTURE }),
    ofIdeogram("reframe", "A picture in another shape", { resolution: text.min(1), image: file }, { resolution: "1024x1024", image: PICTURE }),
    ofIdeogram("replace-background", "Another background", { prompt: text.min(1), image: file }, { ...DRAWN, image: PICTURE }),
    { method: "post", paths: ["/ideogram/upscale", "/ideogram/v1/upscale"], summary: "A larger picture", priced: true, form: z.looseObject({ image_request: text.describe("a JSON object: prompt, resemblance, detail, num_images"), image_file: file }), answer: made, further: slow, example: { form: { image_request: "{}", image_file: PICTURE } } },
  ],
};

const tool = (summary: string, ...names: string[]): MediaEndpoint => ({ method: "post", paths: names.map((name) => `/recraft/v1/images/${name}`), summary, priced: true, form: z.looseObject({ file, response_format: text.optional() }), answer: z.looseObject({ image: z.looseObject({ url: text.optional() }) }), example: { form: { file: PICTURE } } });

/** Recraft's pictures and tools: each call waits for what is made; the header x-task-id names the task. */
export const RECRAFT_DOC: MediaDoc = {
  id: "recraft",
  shownId: "",
  error: z.object({ code: text, message: text }),
  endpoints: [
    {
      method: "post",
      paths: ["/recraft/v1/images/generations"],
      summary: "Pictures of Recraft's",
      priced: true,
      body: z.looseObject({ prompt: text.min(1).max(1_000).describe("1000 bytes at most"), model: z.enum(["recraftv3", "recraftv2"]).optional(), n: z.int().min(1).max(6).optional(), size: text.optional(), style: text.optional(), substyle: text.optional(), response_format: z.enum(["url", "b64_json"]).optional() }),
      answer: z.object({ created: z.int(), data: z.array(z.looseObject({ url: text.optional(), b64_json: text.optional() })) }),
      example: { body: { prompt: "a red stone" } },
    },
    tool("A picture without its background", "removeBackground"),
    tool("A picture as SVG", "vectorize"),
    tool("A sharper, larger picture", "crispUpscale", "clarityUpscale"),
    tool("A larger picture with details that were not there", "creativeUpscale", "generativeUpscale"),
  ],
};
