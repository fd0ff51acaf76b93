/** Pictures that are answered at once: pages 37 and 38, 44 to 47, 57 to 66, 69, and Qwen's. */
import { z } from "zod";
import { exact, open, type Page, seconds, some, text } from "./page.ts";

const PROMPT = "a red stone";
const drawn = open({ created: seconds, data: z.array(open({ b64_json: z.base64().min(100) })).min(1) });
const tokens = drawn.extend({ usage: open({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int(), input_tokens_details: open({}) }) });
/** `revised_prompt` is DALL-E's own. */
const linked = exact({ created: seconds, data: z.array(exact({ url: some, revised_prompt: text.optional(), expires_at: z.int().optional() })).min(1) });
const LINKS = { "data[].url": "picture" } as const;
const draw = (page: string, json: object, rest: Partial<Page> = {}): Page => ({ page, method: "POST", path: "/v1/images/generations", from: "fields", json: { prompt: PROMPT, ...json }, answer: linked, media: LINKS, charge: "usage", ...rest });
const edit = (page: string, form: NonNullable<Page["form"]>, rest: Partial<Page> = {}): Page => ({ page, method: "POST", path: "/v1/images/edits", from: "fields", form: { prompt: PROMPT, ...form }, answer: tokens, charge: "usage", ...rest });

const ideogram = exact({ created: z.union([seconds, z.iso.datetime({ offset: true })]), data: z.array(exact({ prompt: text, resolution: z.string().regex(/^\d+x\d+$/), is_image_safe: z.literal(true), seed: z.int(), url: some, style_type: text.nullable() })).min(1) });
const ofIdeogram = (page: string, name: string, form: NonNullable<Page["form"]>, quote: object, path = `/ideogram/v1/ideogram-v3/${name}`): Page => ({ page, method: "POST", path, from: "fields", form, answer: ideogram, media: LINKS, quote: { model: `ideogram-v3-${name}`, prompt: PROMPT, ...quote } });
const upscale = (page: string, path: string): Page => ({ ...ofIdeogram(page, "upscale", { image_file: "@picture", image_request: JSON.stringify({ prompt: PROMPT, resemblance: 50, detail: 50, magic_prompt_option: "AUTO", num_images: 1, seed: 7 }) }, {}, path), quote: { model: "ideogram-upscale", prompt: PROMPT, config: { images: ["{given.picture}"] } } });

const recraft = exact({ created: seconds, data: z.array(exact({ url: some })).min(1) });
const ofRecraft = (page: string, json: object, rest: Partial<Page> = {}): Page => ({ page, method: "POST", path: "/recraft/v1/images/generations", from: "fields", json: { prompt: PROMPT, ...json }, answer: recraft, media: LINKS, charge: "usage", ...rest });
const tool = (page: string, name: string, model: string): Page => ({ page, method: "POST", path: `/recraft/v1/images/${name}`, from: "fields", form: { file: "@picture", response_format: "url" }, answer: open({ image: open({ url: some }) }), media: { "image.url": "picture" }, quote: { model, config: { images: ["{given.picture}"] } } });

export const PICTURE_PAGES: readonly Page[] = [
  draw("37 Generate Image by gpt-image-1", { model: "gpt-image-1", n: 2, size: "1024x1024", quality: "low", background: "transparent", output_format: "png", moderation: "low", user: "u-1" }, { answer: tokens, media: {} }),
  draw("37 Generate Image by gpt-image-1: compressed", { model: "gpt-image-1", size: "1536x1024", quality: "medium", output_format: "webp", output_compression: 80 }, { answer: tokens, media: {} }),
  edit("38 Edit Image by gpt-image-1", { model: "gpt-image-1", image: "@picture", mask: "@mask", n: "1", size: "1024x1024", quality: "low" }),
  edit("38 Edit Image by gpt-image-1: several pictures", { model: "gpt-image-1", "image[]": ["@picture", "@picture"], quality: "low" }),
  draw("63 Google Imagen (Dall-e format)", { model: "imagen4", n: 1, size: "1024x1024", quality: "standard" }, { from: "example" }),
  draw("64 Bytedance – seedream-3.0", { model: "seedream-3.0", size: "1024x1024" }, { quote: { model: "seedream-3.0", prompt: PROMPT } }),
  draw("65 Recraftv3 use Dall-e endpoint", { model: "recraftv3", size: "1024x1024", style: "realistic_image" }),
  ...["flux-kontext-pro", "flux-kontext-max", "flux-pro", "flux-1.1-pro-ultra"].map((model) => draw(`66 Flux use Dall-e endpoint: ${model}`, { model, size: "1024x1024" }, { quote: { model, prompt: PROMPT } })),
  draw("69 DALL·E 3", { model: "dall-e-3", n: 1, size: "1792x1024", quality: "hd", style: "natural", response_format: "url" }, { quote: { model: "dall-e-3", prompt: PROMPT } }),
  draw("Generate Image by qwen-image", { model: "qwen-image" }, { quote: { model: "qwen-image", prompt: PROMPT } }),
  edit("Edit Image by qwen-image-edit", { model: "qwen-image-edit", image: "@picture" }, { answer: linked, media: LINKS, quote: { model: "qwen-image-edit", prompt: PROMPT, config: { images: ["{given.picture}"] } } }),

  ofIdeogram("44 Generate", "generate", { prompt: PROMPT, seed: "7", aspect_ratio: "1x1", rendering_speed: "TURBO", magic_prompt: "OFF", num_images: "2", style_type: "REALISTIC" }, { config: { n: 2, rendering_speed: "TURBO" } }),
  ofIdeogram("44 Generate: style codes", "generate", { prompt: PROMPT, resolution: "1024x1024", style_codes: "0A1B2C3D" }, {}),
  ofIdeogram("44 Generate: style by pictures", "generate", { prompt: PROMPT, style_reference_images: "@picture", color_palette: JSON.stringify({ name: "EMBER" }) }, {}),
  ofIdeogram("45 Edit", "edit", { image: "@picture", mask: "@mask", prompt: PROMPT, magic_prompt: "AUTO", num_images: "1", seed: "7", rendering_speed: "DEFAULT" }, { config: { images: ["{given.picture}"], mask: "{given.picture}" } }),
  ofIdeogram("46 Remix", "remix", { image: "@picture", prompt: PROMPT, image_weight: "50", negative_prompt: "trees", rendering_speed: "QUALITY" }, { config: { images: ["{given.picture}"], rendering_speed: "QUALITY" } }),
  ofIdeogram("Ideogram: reframe", "reframe", { image: "@picture", resolution: "512x1536" }, { prompt: undefined, config: { images: ["{given.picture}"], size: "512x1536" } }),
  ofIdeogram("Ideogram: replace background", "replace-background", { image: "@picture", prompt: PROMPT }, { config: { images: ["{given.picture}"] } }),
  upscale("47 Ideogram Upscale", "/ideogram/upscale"),
  upscale("47 Ideogram Upscale: alias", "/ideogram/v1/upscale"),

  ofRecraft("58 Generate Image", { model: "recraftv3", n: 2, style: "realistic_image", size: "1024x1024", response_format: "url", negative_prompt: "trees" }),
  ofRecraft("58 Generate Image: defaults", {}),
  ofRecraft("58 Generate Image: recraftv2", { model: "recraftv2", substyle: "b_and_w", style: "realistic_image" }),
  ofRecraft("58 Generate Image: b64_json", { response_format: "b64_json" }, { answer: drawn, media: {} }),
  ofRecraft("59 Generate Vector Image", { style: "vector_illustration" }, { media: { "data[].url": "vector" } }),
  tool("60 Remove Background", "removeBackground", "recraft-remove-background"),
  tool("61 Clarity Upscale", "clarityUpscale", "recraft-crisp-upscale"),
  tool("61 Clarity Upscale: alias", "crispUpscale", "recraft-crisp-upscale"),
  { ...tool("Recraft: vectorize", "vectorize", "recraft-vectorize"), media: { "image.url": "vector" } },
  tool("62 Generative Upscale", "generativeUpscale", "recraft-creative-upscale"),
  tool("62 Generative Upscale: alias", "creativeUpscale", "recraft-creative-upscale"),
];
