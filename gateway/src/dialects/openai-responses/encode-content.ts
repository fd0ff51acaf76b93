import type { MediaSource } from "../canonical/media.ts";
import { urlOfMedia } from "../canonical/media.ts";
import type { FilePart, HostedCallPart, HostedResultPart, ImagePart, Part, TextPart } from "../canonical/parts.ts";
import { objectOf, parseJson } from "../canonical/fields.ts";
import { writeAnnotation } from "./citations.ts";
import type { Report } from "./encode-tools.ts";

type Wire = Record<string, unknown>;
/** Endings of files whose sender gave no name: OpenAI refuses file data without one. */
const ENDINGS: Record<string, string> = { "application/pdf": "pdf", "text/plain": "txt", "text/markdown": "md", "text/csv": "csv", "application/json": "json", "text/html": "html" };
/** Sound that `input_audio` takes (SDK type `ResponseInputAudio`). */
const AUDIO_FORMATS: Record<string, string> = { "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav" };

/** Parts that a user, system or developer message can hold. What it cannot is reported. */
export function encodeInputParts(parts: readonly Part[], traits: ReadonlySet<string>, report: Report): Wire[] {
  return parts.flatMap((part): Wire[] => {
    switch (part.type) {
      case "text":
        return [{ type: "input_text", text: part.text, ...breakpoint(part, traits) }];
      case "image":
        return [{ type: "input_image", ...imageSource(part.source), detail: part.detail ?? "auto", ...breakpoint(part, traits) }];
      case "file":
        return encodeFile(part, traits);
      case "audio": {
        const format = part.source.kind === "base64" ? AUDIO_FORMATS[part.source.mediaType] : undefined;
        if (part.source.kind === "base64" && format !== undefined && traits.has("input-audio")) return [{ type: "input_audio", input_audio: { data: part.source.data, format } }];
        report.drop("parts.audio");
        return [];
      }
      case "video":
        report.drop("parts.video");
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
export function encodeOutput(parts: readonly (TextPart | ImagePart | FilePart)[], traits: ReadonlySet<string>, report: Report): string | Wire[] {
  const [only] = parts;
  if (!only) return "";
  if (parts.length === 1 && only.type === "text" && !only.cache) return only.text;
  return encodeInputParts(parts, traits, report);
}

function encodeFile(part: FilePart, traits: ReadonlySet<string>): Wire[] {
  const { source, name } = part;
  const context = part.context === undefined ? [] : [{ type: "input_text", text: part.context }];
  const marks = breakpoint(part, traits);
  if (source.kind === "file-id") return [...context, { type: "input_file", file_id: source.id, ...marks }];
  if (source.kind === "url") return [...context, { type: "input_file", file_url: source.url, ...(name === undefined ? {} : { filename: name }), ...marks }];
  return [...context, { type: "input_file", filename: name ?? `file.${ENDINGS[source.mediaType] ?? "bin"}`, file_data: urlOfMedia(source), ...marks }];
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
  const code = objectOf(parseJson(part.input))["code"];
  return `\`\`\`${part.language ?? ""}\n${typeof code === "string" ? code : part.input}\n\`\`\``;
}
