import type { MediaSource } from "../canonical/media.ts";
import { fileIdAt, urlOfMedia } from "../canonical/media.ts";
import { endingOf, soundFormatOf } from "../canonical/media-types.ts";
import { codeOf } from "../canonical/hosted-code.ts";
import { audioFeature, type FilePart, type HostedCallPart, type HostedResultPart, type ImagePart, type Part, type TextPart } from "../canonical/parts.ts";
import { writeAnnotation } from "./citations.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";

type Wire = Record<string, unknown>;
/** Sound that `input_audio` takes (SDK type `ResponseInputAudio`). */
const SOUND_FORMATS: ReadonlySet<string> = new Set(["mp3", "wav"]);

/** Parts that a user, system or developer message can hold. What it cannot is reported. */
export function encodeInputParts(parts: readonly Part[], traits: ReadonlySet<string>, dropped: DroppedFeatures): Wire[] {
  return parts.flatMap((part): Wire[] => {
    switch (part.type) {
      case "text":
        return [{ type: "input_text", text: part.text, ...breakpoint(part, traits) }];
      case "image":
        if (part.source.kind === "file-id" && fileIdAt("openai", part.source) === undefined) {
          dropped.add("parts.image");
          return [];
        }
        return [{ type: "input_image", ...imageSource(part.source), detail: part.detail ?? "auto", ...breakpoint(part, traits) }];
      case "file":
        // Sound in a tool's result is a file of its kind, and no document.
        if ((part.source.kind === "file-id" && fileIdAt("openai", part.source) === undefined) || /^(audio|video)\//i.test(part.source.mediaType ?? "")) {
          dropped.add("parts.file");
          return [];
        }
        if (part.citable) dropped.add("parts.file.citable");
        return encodeFile(part, traits);
      case "audio": {
        const format = part.source.kind === "base64" ? soundFormatOf(part.source.mediaType) : undefined;
        if (part.source.kind === "base64" && format !== undefined && SOUND_FORMATS.has(format) && traits.has("input-audio")) return [{ type: "input_audio", input_audio: { data: part.source.data, format } }];
        dropped.add(audioFeature(part));
        return [];
      }
      case "video":
        dropped.add("parts.video");
        return [];
      case "refusal":
        return [{ type: "input_text", text: part.text }];
      default:
        // What the model made has no place in the caller's message.
        return [];
    }
  });
}

/** A tool's output: one text as it is, everything else as a list. */
export function encodeOutput(parts: readonly (TextPart | ImagePart | FilePart)[], traits: ReadonlySet<string>, dropped: DroppedFeatures): string | Wire[] {
  const [only] = parts;
  if (!only) return "";
  if (parts.length === 1 && only.type === "text" && !only.cache) return only.text;
  return encodeInputParts(parts, traits, dropped);
}

function encodeFile(part: FilePart, traits: ReadonlySet<string>): Wire[] {
  const { source, name } = part;
  const context = part.context === undefined ? [] : [{ type: "input_text", text: part.context }];
  const marks = breakpoint(part, traits);
  if (source.kind === "file-id") return [...context, { type: "input_file", file_id: source.id, ...marks }];
  if (source.kind === "url") return [...context, { type: "input_file", file_url: source.url, ...(name === undefined ? {} : { filename: name }), ...marks }];
  // OpenAI refuses file data without a name.
  return [...context, { type: "input_file", filename: name ?? `file.${endingOf(source.mediaType) ?? "bin"}`, file_data: urlOfMedia(source), ...marks }];
}

const imageSource = (source: MediaSource): Wire => (source.kind === "file-id" ? { file_id: source.id } : { image_url: urlOfMedia(source) });

/** Breakpoints exist for some models only (`prompt_cache_options`), so they go out where the target is known to take them. */
const breakpoint = (part: TextPart | ImagePart | FilePart, traits: ReadonlySet<string>): Wire =>
  part.cache && traits.has("cache-breakpoints") ? { prompt_cache_breakpoint: { mode: "explicit" } } : {};

/** A text of the model's as it stands in the history. */
export function encodeModelText(part: TextPart): Wire {
  const { text, citations } = part;
  return { type: "output_text", text, ...(citations ? { annotations: citations.map((one) => writeAnnotation(one, text.length)) } : {}) };
}

/**
 * Code that a vendor ran in an earlier turn, in words: an item of OpenAI's own needs a container that exists there.
 */
export function codeInWords(part: HostedCallPart | HostedResultPart): string {
  if (part.type === "hosted-result") return `Output of the code:\n${part.output ?? part.errorCode ?? ""}`;
  const found = codeOf(part);
  return `\`\`\`${found?.language ?? ""}\n${found?.code ?? part.input}\n\`\`\``;
}
