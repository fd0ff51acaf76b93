/** Sound and pictures of Gemini's models: `:generateContent` of the `-tts` and `-image` ones (SDK: GenerateContentResponse). */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { picture } from "../../kit/media/picture.ts";
import { pcm, spokenSeconds } from "../../kit/media/sound.ts";
import { countTokens } from "../../kit/tokens.ts";
import type { Answer, Frame, Received } from "../../kit/vendor.ts";
import { GEMINI_HEADERS, geminiRefusal } from "./errors.ts";

/** Tokens of a second of sound and of a picture of 1K (token guide; price page). */
const SOUND_TOKENS_A_SECOND = 25;
const PICTURE_TOKENS = 1_290;
const INPUT_PICTURE_TOKENS = 258;
/** Sides by aspect ratio at 1K (image generation guide). */
const SIDES: Record<string, [number, number]> = { "1:1": [1024, 1024], "2:3": [832, 1248], "3:2": [1248, 832], "3:4": [864, 1184], "4:3": [1184, 864], "9:16": [768, 1344], "16:9": [1344, 768], "21:9": [1536, 672] };

/** What a model makes beside text. */
export const mediumOf = (model: string): "sound" | "picture" | undefined => (/-tts$|-tts-/.test(model) ? "sound" : /-image/.test(model) ? "picture" : undefined);

const field = (object: JsonObject, name: string): unknown => object[name] ?? object[name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];

function textOfContents(body: JsonObject): { text: string; pictures: number } {
  const parts = asList(body["contents"]).flatMap((content) => asList(asObject(content)["parts"]).map(asObject));
  return { text: parts.map((part) => asText(part["text"])).filter(Boolean).join("\n"), pictures: parts.filter((part) => field(part, "inlineData") !== undefined).length };
}

/** Takes a request to a model of sound or pictures whose body was checked; gives the answer. */
export async function generateMedia(request: Received, model: string): Promise<Answer> {
  const body = asObject(request.json);
  const config = asObject(field(body, "generationConfig"));
  const modalities = asList(field(config, "responseModalities")).map((one) => asText(one).toUpperCase());
  const { text, pictures } = textOfContents(body);
  const answerWith = (parts: JsonObject[], modality: string, tokens: number, finishReason = "STOP"): Answer => {
    const prompt = countTokens(text) + pictures * INPUT_PICTURE_TOKENS;
    const usage = {
      promptTokenCount: prompt,
      ...(tokens > 0 ? { candidatesTokenCount: tokens } : {}),
      totalTokenCount: prompt + tokens,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: countTokens(text) }, ...(pictures > 0 ? [{ modality: "IMAGE", tokenCount: pictures * INPUT_PICTURE_TOKENS }] : [])],
      ...(tokens > 0 ? { candidatesTokensDetails: [{ modality, tokenCount: tokens }] } : {}),
    };
    const shown = request.faults.has("no-usage") ? {} : { usageMetadata: usage };
    const candidate = { ...(parts.length > 0 ? { content: { parts, role: "model" } } : {}), finishReason, index: 0 };
    const answered = { candidates: [candidate], ...shown, modelVersion: model, responseId: request.ids.letters(22) };
    return { kind: "whole", status: 200, headers: { ...GEMINI_HEADERS }, body: `${JSON.stringify(answered, null, 2)}\n`, model, tokens, ...(request.faults.has("no-usage") ? {} : { usage }) };
  };
  if (mediumOf(model) === "sound") {
    if (!modalities.includes("AUDIO")) return geminiRefusal(400, "The requested combination of response modalities (TEXT) is not supported by the model.");
    const voice = asObject(field(asObject(field(asObject(field(config, "speechConfig")), "voiceConfig")), "prebuiltVoiceConfig"));
    const name = asText(field(voice, "voiceName"));
    if (/nonexist|unknown/i.test(name)) return geminiRefusal(400, `Voice name ${name} is not supported.`);
    const seconds = spokenSeconds(text);
    return answerWith([{ inlineData: { mimeType: "audio/L16;codec=pcm;rate=24000", data: pcm(seconds, 24_000).toString("base64") } }], "AUDIO", Math.ceil(seconds * SOUND_TOKENS_A_SECOND));
  }
  if (/forbidden picture/i.test(text)) return answerWith([], "IMAGE", 0, "IMAGE_SAFETY");
  if (asNumber(field(config, "candidateCount")) !== undefined && asNumber(field(config, "candidateCount")) !== 1) return geminiRefusal(400, "Multiple candidates is not enabled for this model");
  const wanted = asObject(field(config, "imageConfig"));
  const ratio = asText(field(wanted, "aspectRatio")) || "1:1";
  const sides = SIDES[ratio];
  if (!sides) return geminiRefusal(400, `aspect_ratio must be one of ${Object.keys(SIDES).map((one) => `'${one}'`).join(", ")}.`);
  const scale = { "2K": 2, "4K": 4 }[asText(field(wanted, "imageSize"))] ?? 1;
  const bytes = await picture({ width: sides[0] * scale, height: sides[1] * scale, format: "png", seed: text });
  const parts: JsonObject[] = [...(modalities.includes("TEXT") ? [{ text: "Here is the picture." }] : []), { inlineData: { mimeType: "image/png", data: Buffer.from(bytes).toString("base64") } }];
  return answerWith(parts, "IMAGE", PICTURE_TOKENS);
}

/** As `generateMedia`, part by part: each in a chunk of its own, the last with the end and the usage. A refusal stays whole. */
export async function streamMedia(request: Received, model: string): Promise<Answer> {
  const whole = await generateMedia(request, model);
  if (whole.kind !== "whole" || whole.status !== 200) return whole;
  const answered = asObject(JSON.parse(String(whole.body)));
  const { usageMetadata: usage, candidates, ...tail } = answered;
  const { content, ...end } = asObject(asList(candidates)[0]);
  const parts = asList(asObject(content)["parts"]);
  const chunks: JsonObject[] = [
    ...parts.map((part) => ({ candidates: [{ content: { parts: [part], role: "model" }, index: 0 }], ...tail })),
    { candidates: [end], ...(usage === undefined ? {} : { usageMetadata: usage }), ...tail },
  ];
  const sse = request.query.get("alt") === "sse";
  const frames: Frame[] = chunks.map((chunk, index) => {
    const last = index === chunks.length - 1;
    const text = sse ? `data: ${JSON.stringify(chunk)}\r\n\r\n` : `${index === 0 ? "[" : ",\r\n"}${JSON.stringify(chunk)}${last ? "]" : ""}`;
    return { kind: last ? "end" : "content", text, tokens: index === chunks.length - 2 ? (whole.tokens ?? 0) : 0, ...(last && usage !== undefined ? { usage: () => asObject(usage) } : {}) };
  });
  return { kind: "stream", headers: { ...GEMINI_HEADERS, ...(sse ? { "content-type": "text/event-stream" } : {}) }, frames, model };
}
