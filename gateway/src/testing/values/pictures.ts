import { each, type ValueBody, type ValueCase } from "./case.ts";

type Fields = Readonly<Record<string, string | readonly string[]>>;
const forms = (good: Fields, wrong: readonly (readonly [string, ...(string | readonly string[] | undefined)[]])[]): (readonly [string, ValueBody])[] =>
  each(good, wrong).map(([member, form]) => [member, { form: Object.fromEntries(Object.entries(form).filter(([, value]) => value !== undefined)) as Fields }] as const);
const NO_PICTURE = ["@mp4", "@mp4-as-png", "@text", "@html", "@pdf", "a text"] as const;

const ideogram = (route: string, good: Fields, wrong: readonly (readonly [string, ...(string | readonly string[] | undefined)[]])[], taken: readonly Fields[]): ValueCase => ({
  door: "Ideogram: generate", path: `/ideogram/v1/ideogram-v3/${route}`, wrong: forms(good, wrong), taken: taken.map((more) => ({ form: { ...good, ...more } })),
});
const COMMON = [
  ["seed", "-1", "2147483648", "1.5", "x"], ["rendering_speed", "FAST", "turbo"], ["magic_prompt", "MAYBE"], ["num_images", "0", "9", "x", "1.5"], ["style_type", "FOO"], ["style_codes", "zz", ["0011aabb", "xyz"], '["zz"]'],
  ["color_palette", "x", '{"name":"NONE"}', '{"members":[{"color_hex":"red"}]}', '{"members":[{"color_hex":"#aabbcc","color_weight":2}]}'], ["style_reference_images", ...NO_PICTURE, ["@png", "@6MB", "@6MB"]], ["character_reference_images", ["@png", "@png"], "@text"],
] as const;
const SIZED = [["aspect_ratio", "5x7", "16:9"], ["resolution", "1x1", "1024x1025"]] as const;

export const IDEOGRAM_VALUES: readonly ValueCase[] = [
  {
    ...ideogram("generate", { prompt: "x" }, [["prompt", "", undefined], ...COMMON, ...SIZED], [
      { aspect_ratio: "5x4", num_images: "1", seed: "2147483647", rendering_speed: "TURBO", magic_prompt: "OFF", negative_prompt: "b", style_type: "REALISTIC", color_palette: '{"name":"EMBER"}' },
      { resolution: "1312x736", style_codes: ["AAFF64E4", "0011aabb"], color_palette: '{"members":[{"color_hex":"#AABBCC","color_weight":0.05}]}' }, { "style_reference_images[]": ["@png", "@jpeg", "@webp"] }, { character_reference_images: "@png" },
    ]),
  },
  { door: "Ideogram: generate", path: "/ideogram/v1/ideogram-v3/generate", wrong: [["aspect_ratio", { form: { prompt: "x", aspect_ratio: "1x1", resolution: "1024x1024" } }], ["style_codes", { form: { prompt: "x", style_codes: "AAFF64E4", style_type: "GENERAL" } }], ["style_codes", { form: { prompt: "x", style_codes: "AAFF64E4", style_reference_images: "@png" } }], ["seed", { prompt: "x", seed: -1 }], ["style_codes", { prompt: "x", style_codes: ["zz"] }]], taken: [{ prompt: "x", num_images: 1, seed: 0, style_codes: ["AAFF64E4"] }] },
  ideogram("edit", { prompt: "x", image: "@png", mask: "@png" }, [["prompt", ""], ["image", undefined, ...NO_PICTURE], ["mask", undefined, ...NO_PICTURE], ...COMMON], [{ num_images: "1", seed: "0" }]),
  ideogram("remix", { prompt: "x", image: "@png" }, [["prompt", ""], ["image", undefined, ...NO_PICTURE], ["image_weight", "0", "101", "x"], ...COMMON, ...SIZED], [{ image_weight: "100", negative_prompt: "b", aspect_ratio: "1x3" }]),
  ideogram("reframe", { image: "@png", resolution: "1024x1024" }, [["image", undefined, ...NO_PICTURE], ["resolution", undefined, "1x1"], ...COMMON], [{ rendering_speed: "TURBO" }]),
  ideogram("replace-background", { prompt: "x", image: "@png" }, [["image", undefined, ...NO_PICTURE], ...COMMON], [{}]),
  {
    door: "Ideogram: upscale", path: "/ideogram/upscale",
    wrong: forms({ image_file: "@png", image_request: "{}" }, [["image_file", undefined, ...NO_PICTURE], ["image_request", undefined, "x", "[]", '{"resemblance":0}', '{"detail":101}', '{"resemblance":"a"}', '{"magic_prompt_option":"MAYBE"}', '{"num_images":9}', '{"seed":-1}', '{"prompt":5}']]),
    taken: [{ form: { image_file: "@png", image_request: '{"prompt":"x","resemblance":1,"detail":100,"magic_prompt_option":"ON","num_images":1,"seed":5}' } }],
  },
];

const tool = (...names: string[]): ValueCase[] => names.map((name) => ({ door: "Recraft: tools", path: `/recraft/v1/images/${name}`, wrong: forms({ file: "@png" }, [["file", undefined, ...NO_PICTURE, "@11MB"], ["response_format", "x"], ["image_format", "gif"]]), taken: [{ form: { file: "@png", response_format: "url" } }] }));

export const RECRAFT_VALUES: readonly ValueCase[] = [
  {
    door: "Recraft: generate", path: "/recraft/v1/images/generations",
    wrong: each({ prompt: "x" }, [
      ["prompt", "", "x".repeat(1_001), "é".repeat(501)], ["n", 0, 7, 1.5, "many"], ["size", "1x1", "100x100"], ["style", "foo", 5], ["substyle", "foo"], ["style_id", "nope"], ["negative_prompt", 5], ["response_format", "gif"],
      ["controls", "x", { colors: "red" }, { colors: [{ rgb: [1, 2] }] }, { colors: [{ rgb: [1, 2, 300] }] }, { background_color: {} }, { artistic_level: 6 }, { no_text: "yes" }], ["text_layout", "x", [{ text: "A" }], [{ text: "A", bbox: [[0, 0]] }]],
    ]).concat([["style", { prompt: "x", style: "icon", style_id: "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f" }]]),
    taken: [
      { prompt: "x", n: 2, size: "1707x1024", style: "digital_illustration", substyle: "hand_drawn", negative_prompt: "b", response_format: "b64_json", controls: { colors: [{ rgb: [0, 128, 255] }], background_color: { rgb: [1, 2, 3] }, artistic_level: 5, no_text: true } },
      { prompt: "x", n: "1", model: "recraftv2", style_id: "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", text_layout: [{ text: "A", bbox: [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2], [0.1, 0.2]] }] }, { prompt: "x", style: "logo_raster", substyle: "emblem_punk" },
    ],
  },
  ...tool("removeBackground", "vectorize", "crispUpscale", "clarityUpscale", "creativeUpscale", "generativeUpscale"),
];
