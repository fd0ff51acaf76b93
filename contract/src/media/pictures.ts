import { z } from "zod";
import type { MediaDoc, MediaEndpoint } from "./endpoint.ts";
import { notify, text } from "./endpoint.ts";
import { IDEOGRAM_INPUTS, IDEOGRAM_UPSCALE } from "./inputs/ideogram.ts";
import { RECRAFT_INPUTS, RECRAFT_TOOL } from "./inputs/recraft.ts";
import { shapeOf } from "./inputs/rule.ts";

const PICTURE = "@picture";

const made = z.looseObject({ created: z.unknown().optional(), data: z.array(z.looseObject({ url: z.string().nullish() })) });
const slow: MediaEndpoint["further"] = { 422: { why: "the content was refused", body: z.object({ error: text }) } };

const ofIdeogram = (name: keyof typeof IDEOGRAM_INPUTS, summary: string, form: Record<string, string>, body?: z.ZodType): MediaEndpoint => ({
  method: "post",
  paths: [`/ideogram/v1/ideogram-v3/${name}`],
  summary,
  priced: true,
  form: z.looseObject(shapeOf(IDEOGRAM_INPUTS[name])),
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
    ofIdeogram("generate", "Pictures of Ideogram's; JSON too, where no file goes with it", DRAWN, z.looseObject(shapeOf(IDEOGRAM_INPUTS.generate))),
    ofIdeogram("edit", "A part of a picture made anew", { ...DRAWN, image: PICTURE, mask: PICTURE }),
    ofIdeogram("remix", "A picture made another", { ...DRAWN, image: PICTURE }),
    ofIdeogram("reframe", "A picture in another shape", { resolution: "1024x1024", image: PICTURE }),
    ofIdeogram("replace-background", "Another background", { ...DRAWN, image: PICTURE }),
    { method: "post", paths: ["/ideogram/upscale", "/ideogram/v1/upscale"], summary: "A larger picture", priced: true, form: z.looseObject({ ...shapeOf(IDEOGRAM_UPSCALE), image_request: text.describe("a JSON object: prompt, resemblance, detail, magic_prompt_option, num_images, seed") }), answer: made, further: slow, example: { form: { image_request: "{}", image_file: PICTURE } } },
  ],
};

const tool = (summary: string, ...names: string[]): MediaEndpoint => ({ method: "post", paths: names.map((name) => `/recraft/v1/images/${name}`), summary, priced: true, form: z.looseObject(shapeOf(RECRAFT_TOOL)), answer: z.looseObject({ image: z.looseObject({ url: text.optional() }) }), example: { form: { file: PICTURE } } });

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
      body: z.looseObject({ ...shapeOf(RECRAFT_INPUTS), prompt: text.min(1).max(1_000).describe("1000 bytes at most"), ...notify }),
      answer: z.object({ created: z.int(), data: z.array(z.looseObject({ url: text.optional(), b64_json: text.optional() })) }),
      example: { body: { prompt: "a red stone" } },
    },
    tool("A picture without its background", "removeBackground"),
    tool("A picture as SVG", "vectorize"),
    tool("A sharper, larger picture", "crispUpscale", "clarityUpscale"),
    tool("A larger picture with details that were not there", "creativeUpscale", "generativeUpscale"),
  ],
};
