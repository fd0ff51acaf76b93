/** What each of Runway's routes makes of which models (SDK `@runwayml/sdk`, create parameters; price page). Models beside Runway's own are checked less. */
import type { Fields, Rule } from "../../kit/fields.ts";
import { asNumber, asText, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { spokenSeconds } from "../../kit/media/sound.ts";

/** A model of one route. */
export interface Model {
  fields: Fields;
  /** how long it usually takes, in seconds */
  seconds: number;
  /** Takes the body; gives the files it makes. */
  files: (body: JsonObject) => FileWish[];
  /** Takes the body; gives what it costs in credits (one is a cent). */
  credits: (body: JsonObject) => number;
}

/** Addresses of Runway's own uploads. */
const OWN = /^runway:\/\/[\w.-]+/;
const file = (kind: "picture" | "video" | "sound", required = true): Rule => ({ is: "file", kind, also: OWN, required });
/** Length of what was not told and of a source that is not opened, in seconds. */
const SECONDS = 5;

const text = (required: boolean): Rule => ({ is: "text", least: 1, most: 1000, required });
const SEED: Rule = { is: "integer", least: 0, most: 4_294_967_295 };
const MODERATION: Rule = { is: "object", fields: { publicFigureThreshold: { is: "text", values: ["auto", "low"] } } };
const ratio = (values: readonly string[], required = true): Rule => ({ is: "text", values, required });
const image = (positions: readonly string[]): Rule => ({
  is: "either",
  required: true,
  of: [file("picture"), { is: "list", least: 1, most: positions.length, of: { is: "object", fields: { uri: file("picture"), position: { is: "text", values: positions, required: true } } } }],
});

const GEN4_RATIOS = ["1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"];
const VEO_RATIOS = ["1280:720", "720:1280", "1080:1920", "1920:1080"];

function sides(body: JsonObject): [number, number] {
  const found = /^(\d+):(\d+)$/.exec(asText(body["ratio"]));
  // other models name a shape, not sides
  return found && Number(found[1]) >= 100 ? [Number(found[1]), Number(found[2])] : [1280, 720];
}
const secondsOf = (body: JsonObject): number => asNumber(body["duration"]) ?? SECONDS;
const film = (body: JsonObject): FileWish[] => [{ kind: "video", width: sides(body)[0], height: sides(body)[1], duration: secondsOf(body), seed: asText(body["promptText"]) }];
const perSecond = (credits: number) => (body: JsonObject): number => Math.ceil(credits * secondsOf(body));
/** With sound as given, without at half of it or what is named. */
const withAudio = (loud: number, silent: number) => (body: JsonObject): number => (body["audio"] === false ? silent : loud) * secondsOf(body);

const gen4: Fields = { ratio: ratio(GEN4_RATIOS), seed: SEED, contentModeration: MODERATION };
const veo: Fields = { ratio: ratio(VEO_RATIOS), duration: { is: "integer", values: [4, 6, 8] }, audio: { is: "flag" }, negativePrompt: { is: "text" }, seed: SEED };
const eight = (body: JsonObject): JsonObject => ({ duration: 8, ...body });
const LENGTH: Rule = { is: "integer", least: 2, most: 10 };

/** Films of models that Runway only passes on. */
const passedOn = (fields: Fields): Model => ({ fields: { ...fields, duration: { is: "either", of: [{ is: "number", least: 1, most: 60 }, { is: "text", values: ["auto"] }] } }, seconds: 90, files: film, credits: perSecond(20) });
const OTHERS = ["hailuo3", "happyhorse_1_0", "seedance2", "seedance2_fast", "seedance2_mini", "seedance2_5", "gemini_omni_flash", "gemini_omni_flash_1.1", "grok_imagine_1_5", "wan3", "wan3_prime", "h3_max"];
const all = (names: readonly string[], model: Model): Record<string, Model> => Object.fromEntries(names.map((name) => [name, model]));

const PICTURE_RATIOS = ["1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440", "1808:768", "1920:1080", "1080:1920", "2112:912", "1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"];
const references = (required: boolean): Rule => ({ is: "list", least: required ? 1 : 0, most: 3, required, of: { is: "object", fields: { uri: file("picture"), tag: { is: "text", pattern: /^[A-Za-z]\w{2,15}$/ } } } });
const picture = (body: JsonObject): FileWish[] =>
  Array.from({ length: asNumber(body["outputCount"]) ?? 1 }, (_, index) => ({ kind: "picture" as const, width: sides(body)[0], height: sides(body)[1], format: "png" as const, seed: `${asText(body["promptText"])} ${index}` }));
/** Pictures of up to this many lines are the cheaper ones. */
const SMALL_LINES = 720;
const speech = (body: JsonObject): FileWish[] => [{ kind: "sound", duration: spokenSeconds(asText(body["promptText"])), format: "mp3" }];
/** Characters of speech and seconds of a sound effect for one credit. */
const CHARACTERS_A_CREDIT = 50;
const SOUND_SECONDS_A_CREDIT = 6;
const PICTURE_MODELS = ["gpt_image_2", "gpt_image_2_5_flare", "gpt_image_2_5_sunburst", "gemini_image3.1_flash", "gemini_image3_pro", "gemini_2.5_flash", "muse_image", "seedream5_pro", "seedream5_lite", "grok_imagine_image_2"];

/** Models by route. */
export const ROUTES: Record<string, Record<string, Model>> = {
  image_to_video: {
    "gen4.5": { fields: { ...gen4, promptImage: image(["first"]), promptText: text(true), duration: { ...LENGTH, required: true } }, seconds: 90, files: film, credits: perSecond(12) },
    gen4_turbo: { fields: { ...gen4, promptImage: image(["first"]), promptText: text(false), duration: LENGTH }, seconds: 40, files: film, credits: perSecond(5) },
    "veo3.1": { fields: { ...veo, promptImage: image(["first", "last"]), promptText: text(false) }, seconds: 90, files: (body) => film(eight(body)), credits: (body) => withAudio(40, 20)(eight(body)) },
    "veo3.1_fast": { fields: { ...veo, promptImage: image(["first", "last"]), promptText: text(false) }, seconds: 60, files: (body) => film(eight(body)), credits: (body) => withAudio(15, 10)(eight(body)) },
    // of the catalogue's time; the vendor has taken them out of its types
    veo3: {
      fields: { ratio: ratio(VEO_RATIOS), promptImage: image(["first"]), promptText: text(false), duration: { is: "integer", values: [8] }, seed: SEED },
      seconds: 90,
      files: (body) => film(eight(body)),
      credits: (body) => perSecond(40)(eight(body)),
    },
    gen3a_turbo: {
      fields: { promptImage: image(["first", "last"]), promptText: text(true), duration: { is: "integer", values: [5, 10] }, ratio: ratio(["768:1280", "1280:768"], false), watermark: { is: "flag" }, seed: SEED, contentModeration: MODERATION },
      seconds: 30,
      files: (body) => film({ duration: 10, ratio: "1280:768", ...body }),
      credits: (body) => perSecond(5)({ duration: 10, ...body }),
    },
    ...all(OTHERS, passedOn({ promptImage: { is: "either", required: true, of: [file("picture"), { is: "list", of: { is: "object", fields: { uri: file("picture") } } }] } })),
  },
  text_to_video: {
    "gen4.5": { fields: { promptText: text(true), ratio: ratio(["1280:720", "720:1280"]), duration: { ...LENGTH, required: true }, seed: SEED, contentModeration: MODERATION }, seconds: 90, files: film, credits: perSecond(12) },
    "veo3.1": { fields: { ...veo, promptText: text(true) }, seconds: 90, files: (body) => film(eight(body)), credits: (body) => withAudio(40, 20)(eight(body)) },
    "veo3.1_fast": { fields: { ...veo, promptText: text(true) }, seconds: 60, files: (body) => film(eight(body)), credits: (body) => withAudio(15, 10)(eight(body)) },
    veo3: {
      fields: { ratio: ratio(VEO_RATIOS), promptText: text(true), duration: { is: "integer", values: [8] }, seed: SEED },
      seconds: 90,
      files: (body) => film(eight(body)),
      credits: (body) => perSecond(40)(eight(body)),
    },
    ...all(OTHERS, passedOn({ promptText: { is: "text" } })),
  },
  video_to_video: {
    aleph2: {
      fields: {
        videoUri: file("video"),
        promptText: text(false),
        keyframes: { is: "list", most: 5, of: { is: "object" } },
        targetAspectRatio: { is: "text", values: ["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"] },
        seed: SEED,
        contentModeration: MODERATION,
      },
      seconds: 120,
      files: film,
      credits: perSecond(28),
    },
    // of the catalogue's time
    gen4_aleph: {
      fields: { videoUri: file("video"), promptText: text(true), ratio: ratio([...GEN4_RATIOS, "848:480", "640:480"], false), references: { is: "list", most: 1, of: { is: "object" } }, seed: SEED, contentModeration: MODERATION },
      seconds: 120,
      files: film,
      credits: perSecond(15),
    },
    ...all(["hailuo3", "seedance2", "seedance2_fast", "seedance2_mini", "seedance2_5"], passedOn({ promptVideo: file("video") })),
    ...all(["gemini_omni_flash", "gemini_omni_flash_1.1"], passedOn({ videoUri: file("video"), promptText: text(true) })),
  },
  text_to_image: {
    gen4_image: {
      fields: { promptText: text(true), ratio: ratio(PICTURE_RATIOS), referenceImages: references(false), seed: SEED, contentModeration: MODERATION },
      seconds: 20,
      files: picture,
      credits: (body) => (Math.min(...sides(body)) <= SMALL_LINES ? 5 : 8),
    },
    gen4_image_turbo: {
      fields: { promptText: text(true), ratio: ratio(PICTURE_RATIOS), referenceImages: references(true), seed: SEED, contentModeration: MODERATION },
      seconds: 10,
      files: picture,
      credits: () => 2,
    },
    ...all(PICTURE_MODELS, {
      fields: { promptText: { is: "text", least: 1, required: true }, outputCount: { is: "integer", least: 1, most: 10 } },
      seconds: 20,
      files: picture,
      credits: (body) => 5 * (asNumber(body["outputCount"]) ?? 1),
    }),
  },
  video_upscale: {
    magnific_video_upscaler_creative: { fields: { videoUri: file("video"), resolution: { is: "text", values: ["720p", "1k", "2k", "4k"] } }, seconds: 120, files: () => film({ ratio: "2560:1440" }), credits: () => 10 * SECONDS },
    enhance_frame_rate: { fields: { videoUri: file("video"), targetFramerate: { is: "text", required: true } }, seconds: 60, files: film, credits: () => 2 * SECONDS },
  },
  image_upscale: {
    magnific_precision_upscaler_v2: { fields: { imageUri: file("picture"), scaleFactor: { is: "integer", values: [2, 4, 8, 16] } }, seconds: 20, files: () => picture({ ratio: "2048:2048" }), credits: () => 10 },
  },
  character_performance: {
    act_two: {
      fields: {
        character: { is: "object", required: true },
        reference: { is: "object", required: true, fields: { type: { is: "text", values: ["video"], required: true }, uri: file("video") } },
        ratio: ratio(GEN4_RATIOS, false),
        bodyControl: { is: "flag" },
        expressionIntensity: { is: "integer", least: 1, most: 5 },
        seed: SEED,
        contentModeration: MODERATION,
      },
      seconds: 60,
      files: film,
      credits: () => 5 * SECONDS,
    },
  },
  text_to_speech: all(["eleven_multilingual_v2", "eleven_v3", "seed_audio"], {
    fields: { promptText: text(true), voice: { is: "object" } },
    seconds: 5,
    files: speech,
    credits: (body) => Math.ceil(asText(body["promptText"]).length / CHARACTERS_A_CREDIT),
  }),
  sound_effect: all(["eleven_text_to_sound_v2", "seed_audio"], {
    fields: { promptText: text(true), duration: { is: "number", least: 0.5, most: 30 }, loop: { is: "flag" } },
    seconds: 8,
    files: (body) => [{ kind: "sound", duration: secondsOf(body), format: "mp3" }],
    credits: (body) => Math.ceil(secondsOf(body) / SOUND_SECONDS_A_CREDIT),
  }),
};
