import type { InputRule, ModelRules } from "./rule.ts";

const of = (words: string): InputRule => ({ type: "string", words: words.split(" ") });
const PICTURE: InputRule = { type: "picture", required: true };
const NUMBER: InputRule = { type: "number", written: true };
const SAID: InputRule = { type: "string" };
const TEXT: InputRule = { type: "string", most: 1_000 };
const COMMON = {
  seed: { type: "integer", from: 0, to: 4_294_967_295 }, duration: NUMBER, audio: { type: "boolean" }, watermark: { type: "boolean" }, negativePrompt: SAID, promptText: TEXT, ratio: SAID,
  contentModeration: { type: "object", members: { publicFigureThreshold: of("auto low") } },
} satisfies Readonly<Record<string, InputRule>>;
const frames = (...positions: string[]): InputRule => ({ ...PICTURE, or: { type: "list", from: 1, to: positions.length, of: { type: "object", members: { uri: PICTURE, position: { type: "string", words: positions, required: true } } } } });
const REFERENCES: InputRule = { type: "list", to: 3, of: { type: "object", members: { uri: PICTURE, tag: { type: "string", form: /^[A-Za-z]\w{2,15}$/ } } } };

/** Orders of Runway's, by route and model (SDK `@runwayml/sdk`, create parameters). Seconds are looked at with the price; a ratio may also be written as other doors have it (`16:9`). */
export const RUNWAY_INPUTS = {
  image_to_video: [[/^/, { ...COMMON, promptImage: frames("first", "last") }], [/^gen4/, { promptImage: frames("first") }], [/^gen4\.5$/, { promptText: { ...TEXT, required: true } }]],
  text_to_video: [[/^/, { ...COMMON, promptText: { ...TEXT, required: true } }]],
  text_to_image: [[/^/, { ...COMMON, promptText: { ...TEXT, required: true }, referenceImages: REFERENCES }], [/_turbo$/, { referenceImages: { ...REFERENCES, from: 1, required: true } }]],
} satisfies Readonly<Record<string, ModelRules>>;

/** Sides of the films that each model makes, by route, and of pictures. */
export const RUNWAY_RATIOS: readonly (readonly [route: string, models: RegExp, ratios: readonly string[]])[] = [
  ["image_to_video", /^gen3a/, ["1280:768", "768:1280"]],
  ["image_to_video", /^gen4/, ["1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"]],
  ["text_to_video", /^gen4/, ["1280:720", "720:1280"]],
  ["text_to_image", /^/, ["1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440", "1808:768", "1920:1080", "1080:1920", "2112:912", "1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"]],
  ["", /^veo/, ["1280:720", "720:1280", "1080:1920", "1920:1080"]],
];
