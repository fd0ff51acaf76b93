/** fal's video and sound endpoints: the documented ones with their inputs, and what any other one is taken to be. */
import type { Fields, Rule } from "../../kit/fields.ts";
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { sidesOfLines } from "../../kit/media/shape.ts";
import { spokenSeconds } from "../../kit/media/sound.ts";
import type { Endpoint } from "./endpoint.ts";

const UNIT: Rule = { is: "number", least: 0, most: 1 };
const PROMPT: Rule = { is: "text", required: true };
const SEED: Rule = { is: "integer" };
/** Length of a video that an address names, in seconds: the sandbox does not open it. */
const SOURCE_SECONDS = 5;
/** Longest video of an endpoint whose limits the sandbox does not know, in seconds. */
const LONGEST_SECONDS = 60;

const perThousand = (price: number): Pick<Endpoint, "price" | "units"> => ({ price: { unit: "1000 characters", unit_price: price }, units: (input) => asText(input["text"]).length / 1000 });

function speech(format: "mp3" | "flac" | "wav" | "pcm", input: JsonObject, speed = 1): FileWish[] {
  return [{ kind: "sound", duration: spokenSeconds(asText(input["text"]), speed), format }];
}

const EMOTIONS = ["happy", "sad", "angry", "fearful", "disgusted", "surprised", "neutral"];
const LANGUAGES = ["Chinese", "Chinese,Yue", "English", "Arabic", "Russian", "Spanish", "French", "Portuguese", "German", "Turkish", "Dutch", "Ukrainian", "Vietnamese", "Indonesian", "Japanese", "Italian", "Korean", "Thai", "Polish", "Romanian", "Greek", "Czech", "Finnish", "Hindi", "auto"];
const minimaxSpeech = (price: number): Endpoint => ({
  fields: {
    text: { is: "text", required: true, least: 1, most: 5000 },
    voice_setting: {
      is: "object",
      fields: {
        voice_id: { is: "text" },
        speed: { is: "number", least: 0.5, most: 2 },
        vol: { is: "number", least: 0, most: 10 },
        pitch: { is: "integer", least: -12, most: 12 },
        emotion: { is: "text", values: EMOTIONS },
        english_normalization: { is: "flag" },
      },
    },
    audio_setting: {
      is: "object",
      // fal's own types have these numbers as text as well
      fields: {
        sample_rate: { is: "either", of: [{ is: "integer", values: [8000, 16000, 22050, 24000, 32000, 44100] }, { is: "text", values: ["8000", "16000", "22050", "24000", "32000", "44100"] }] },
        bitrate: { is: "either", of: [{ is: "integer", values: [32000, 64000, 128000, 256000] }, { is: "text", values: ["32000", "64000", "128000", "256000"] }] },
        format: { is: "text", values: ["mp3", "pcm", "flac"] },
        channel: { is: "either", of: [{ is: "integer", values: [1, 2] }, { is: "text", values: ["1", "2"] }] },
      },
    },
    language_boost: { is: "text", values: LANGUAGES },
    output_format: { is: "text", values: ["url", "hex"] },
    pronunciation_dict: { is: "object", fields: { tone_list: { is: "list", of: { is: "text" } } } },
  },
  seconds: 5,
  files(input) {
    const format = asText(asObject(input["audio_setting"])["format"]);
    return speech(format === "flac" || format === "pcm" ? format : "mp3", input, asNumber(asObject(input["voice_setting"])["speed"]));
  },
  show: (_, [audio], [wish]) => ({ audio, duration_ms: Math.round((wish?.kind === "sound" ? wish.duration : 0) * 1000) }),
  ...perThousand(price),
});

const elevenlabsSpeech = (price: number): Endpoint => ({
  fields: {
    text: { is: "text", required: true, least: 1 },
    voice: { is: "text" },
    stability: UNIT,
    similarity_boost: UNIT,
    style: UNIT,
    speed: { is: "number", least: 0.7, most: 1.2 },
    timestamps: { is: "flag" },
    previous_text: { is: "text" },
    next_text: { is: "text" },
    language_code: { is: "text" },
    apply_text_normalization: { is: "text", values: ["auto", "on", "off"] },
  },
  seconds: 4,
  files: (input) => speech("mp3", input, asNumber(input["speed"])),
  show: (input, [audio], [wish]) => ({ audio, ...(input["timestamps"] === true ? { timestamps: timestampsOf(asText(input["text"]), wish) } : {}) }),
  ...perThousand(price),
});

/** ElevenLabs' alignment: when each character begins and ends. */
function timestampsOf(text: string, wish: FileWish | undefined): JsonObject[] {
  const characters = Array.from(text);
  const each = (wish?.kind === "sound" ? wish.duration : 0) / Math.max(characters.length, 1);
  return [{ characters, character_start_times_seconds: characters.map((_, index) => index * each), character_end_times_seconds: characters.map((_, index) => (index + 1) * each) }];
}

const TOPAZ_MODELS = (
  "Proteus,Artemis HQ,Artemis MQ,Artemis LQ,Nyx,Nyx Fast,Nyx XL,Nyx HF,Gaia HQ,Gaia CG,Gaia 2," +
  "Starlight Precise 1,Starlight Precise 2,Starlight Precise 2.5,Starlight HQ,Starlight Mini,Starlight Sharp,Starlight Fast 1,Starlight Fast 2"
).split(",");
const topaz: Endpoint = {
  fields: {
    video_url: { is: "file", kind: "video", required: true },
    model: { is: "text", values: TOPAZ_MODELS },
    upscale_factor: { is: "number", least: 1, most: 8 },
    target_fps: { is: "integer", least: 16, most: 60 },
    compression: UNIT,
    noise: UNIT,
    halo: UNIT,
    recover_detail: UNIT,
    grain: { is: "number", least: 0, most: 0.1 },
    H264_output: { is: "flag" },
  },
  seconds: 60,
  files(input) {
    const factor = asNumber(input["upscale_factor"]) ?? 2;
    return [{ kind: "video", width: 640 * factor, height: 360 * factor, duration: SOURCE_SECONDS, seed: asText(input["video_url"]).slice(0, 200) }];
  },
  show: (_, [video]) => ({ video }),
  price: { unit: "seconds", unit_price: 0.02 },
  units: () => SOURCE_SECONDS,
};

const POSITION: Rule = { is: "integer" };
const reframe = (price: number, seconds: number): Endpoint => ({
  fields: {
    video_url: { is: "file", kind: "video", required: true },
    aspect_ratio: { is: "text", required: true, values: ["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"] },
    prompt: { is: "text" },
    image_url: { is: "file", kind: "picture" },
    grid_position_x: POSITION,
    grid_position_y: POSITION,
    x_start: POSITION,
    x_end: POSITION,
    y_start: POSITION,
    y_end: POSITION,
  },
  seconds,
  files: (input) => films(input, SOURCE_SECONDS),
  show: (_, [video]) => ({ video }),
  price: { unit: "seconds", unit_price: price },
  units: () => SOURCE_SECONDS,
});

function films(input: JsonObject, seconds: number): FileWish[] {
  const [width, height] = sidesOfLines(asText(input["aspect_ratio"]) || "16:9", asText(input["resolution"]));
  return [{ kind: "video", width, height, duration: seconds, seed: asText(input["prompt"]) }];
}

/** Takes an input; gives its `duration` in seconds, written as 5, "5" or "5s". */
function secondsAsked(input: JsonObject): number {
  const { duration } = input;
  const seconds = typeof duration === "number" ? duration : Number.parseFloat(asText(duration));
  return seconds > 0 ? Math.min(seconds, LONGEST_SECONDS) : SOURCE_SECONDS;
}

const perClip = (seconds: number): Pick<Endpoint, "seconds" | "files" | "show" | "price" | "units"> => ({
  seconds,
  files: (input) => films(input, secondsAsked(input)),
  show: (_, [video]) => ({ video }),
  price: { unit: "seconds", unit_price: 0.04 },
  units: secondsAsked,
});

const PIKA_LENGTH: Rule = { is: "either", of: [{ is: "integer", values: [5, 10] }, { is: "text", values: ["5", "10"] }] };
const PIKA_SHAPE: Fields = { negative_prompt: { is: "text" }, aspect_ratio: { is: "text", values: ["16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3"] }, duration: PIKA_LENGTH, resolution: { is: "text", values: ["720p", "1080p"] }, seed: SEED };
const PICTURES: Rule = { is: "list", of: { is: "file", kind: "picture" }, required: true };
const pika = (more: Fields): Endpoint => ({ fields: { ...PIKA_SHAPE, ...more }, ...perClip(80) });

/** The documented endpoints. */
export const FILM_AND_SPEECH_ENDPOINTS: Record<string, Endpoint> = {
  "fal-ai/minimax/speech-02-hd": minimaxSpeech(0.1),
  "fal-ai/minimax/speech-02-turbo": minimaxSpeech(0.06),
  "fal-ai/elevenlabs/tts/turbo-v2.5": elevenlabsSpeech(0.05),
  "fal-ai/elevenlabs/tts/multilingual-v2": elevenlabsSpeech(0.1),
  "fal-ai/topaz/upscale/video": topaz,
  "fal-ai/luma-dream-machine/ray-2-flash/reframe": reframe(0.06, 60),
  "fal-ai/luma-dream-machine/ray-2/reframe": reframe(0.2, 120),
  "fal-ai/pika/v2.2/text-to-video": pika({ prompt: PROMPT }),
  "fal-ai/pika/v2.2/image-to-video": pika({ prompt: PROMPT, image_url: { is: "file", kind: "picture", required: true } }),
  "fal-ai/pika/v2.2/pikaframes": pika({ image_urls: { ...PICTURES, least: 2, most: 5 }, transitions: { is: "list", of: { is: "object" } } }),
  "fal-ai/pika/v2.2/pikascenes": pika({ prompt: PROMPT, image_urls: { ...PICTURES, least: 1 }, ingredients_mode: { is: "text", values: ["precise", "creative"] } }),
};

/** Any other endpoint whose name speaks of video. */
export const anyFilm: Endpoint = { fields: { image_url: { is: "file", kind: "picture" }, video_url: { is: "file", kind: "video" } }, ...perClip(60) };

/** Any other endpoint whose name speaks of speech or sound. */
export const anySound: Endpoint = {
  fields: {},
  seconds: 5,
  files: (input) => (asText(input["text"]) === "" ? [{ kind: "sound", duration: asNumber(input["duration"]) ?? SOURCE_SECONDS, format: "mp3" }] : speech("mp3", input)),
  show: (_, [audio]) => ({ audio }),
  ...perThousand(0.05),
};

/** Any other endpoint whose name speaks of transcribing. */
export const anyTranscript: Endpoint = {
  fields: { audio_url: { is: "file", kind: "sound", required: true } },
  seconds: 5,
  files: () => [],
  show: () => ({ text: "This is the text of the sound.", chunks: [{ timestamp: [0, SOURCE_SECONDS], text: "This is the text of the sound." }], inferred_languages: ["en"] }),
  price: { unit: "seconds", unit_price: 0.0005 },
  units: () => SOURCE_SECONDS,
};
