import type { RequestTarget } from "../canonical/codec.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { fileIdAt, urlOfMedia } from "../canonical/media.ts";
import { isTextual, soundFormatOf } from "../canonical/media-types.ts";
import type { CacheMark, FilePart, Part, TextPart } from "../canonical/parts.ts";
import type { NeedsBytes } from "../canonical/remote-media.ts";
import { has } from "./traits.ts";

type Json = Record<string, unknown>;

/**
 * Chat completions take images by address, files and sound as bytes only (SDK types ChatCompletionContentPart.File and ...InputAudio). What lies at a vendor (`gs:`) is no address
 * of the web.
 */
export const needsBytes: NeedsBytes = (source, kind, traits) => {
  if (source.kind !== "url" || !/^https?:/i.test(source.url)) return false;
  return kind === "audio" || (kind === "file" && !traits.has("file-url") && !traits.has("no-files"));
};

/** Where a request goes and what of it is lost. */
export interface EncodeState {
  target: RequestTarget;
  dropped: DroppedFeatures;
}

/** A cache mark as the target takes it. Where it takes none the mark is left out: it changes nothing of the answer. */
function marked(part: Json, cache: CacheMark | undefined, target: RequestTarget): Json {
  if (!cache) return part;
  if (has(target, "cache-control")) return { ...part, cache_control: { type: "ephemeral", ...(cache.ttl ? { ttl: cache.ttl } : {}) } };
  return has(target, "cache-breakpoint") ? { ...part, prompt_cache_breakpoint: { mode: "explicit" } } : part;
}

/** Separates texts that were parts of their own where only one text can be sent. */
const TEXT_SEPARATOR = "\n\n";

/** Texts as `content`: one as a plain text, several as parts. */
export function textContent(texts: TextPart[], { target }: EncodeState): unknown {
  const [first] = texts;
  if (texts.length === 1 && first && !(first.cache && (has(target, "cache-control") || has(target, "cache-breakpoint")))) return first.text;
  if (texts.length === 0) return "";
  if (has(target, "string-content")) return texts.map((part) => part.text).join(TEXT_SEPARATOR);
  return texts.map((part) => marked({ type: "text", text: part.text }, part.cache, target));
}

/** Parts of a user's message as `content`. What the target cannot take is reported. */
export function userContent(parts: Part[], state: EncodeState): unknown {
  const sent = parts.flatMap((part): (TextPart | Json)[] => {
    if (part.type === "text") return [part];
    const wire = mediaPart(part, state);
    return wire ? [wire] : [];
  });
  if (sent.every((part): part is TextPart => part["type"] === "text" && typeof part["text"] === "string")) return textContent(sent, state);
  return sent.map((part) => (part["type"] === "text" ? marked({ type: "text", text: part["text"] }, (part as TextPart).cache, state.target) : part));
}

/** One part that is no text, or undefined where it is left out. */
export function mediaPart(part: Part, state: EncodeState): Json | undefined {
  const { target, dropped } = state;
  const lost = (): undefined => {
    dropped.add(`parts.${part.type}`);
    return undefined;
  };
  switch (part.type) {
    case "image": {
      const url = urlOfMedia(part.source);
      if (url === undefined || has(target, "no-images")) return lost();
      return marked({ type: "image_url", image_url: { url, ...(part.detail === undefined ? {} : { detail: part.detail }) } }, part.cache, target);
    }
    case "audio": {
      const format = part.source.kind === "base64" ? soundFormatOf(part.source.mediaType) : undefined;
      if (part.source.kind !== "base64" || format === undefined) return lost();
      return { type: "input_audio", input_audio: { data: part.source.data, format } };
    }
    case "video": {
      const url = urlOfMedia(part.source);
      return url === undefined || !has(target, "video-url") ? lost() : { type: "video_url", video_url: { url } };
    }
    case "file":
      return filePart(part, state) ?? lost();
    case "opaque":
      if (part.dialect === "openai-chat") return part.value as Json;
      dropped.add(part.name);
      return undefined;
    case "refusal":
      return { type: "text", text: part.text };
    default:
      // Thinking and hosted tools in a user's message: no dialect's decoder makes them.
      return undefined;
  }
}

function filePart(part: FilePart, { target, dropped }: EncodeState): Json | undefined {
  const { source } = part;
  if (part.citable) dropped.add("parts.file.citable");
  const filename = part.name;
  if (source.kind === "base64" && isTextual(source.mediaType)) return marked({ type: "text", text: fileText(part, source.data) }, part.cache, target);
  // Sound in a tool's result is a file of its kind; OpenAI takes documents as files, and sound as sound.
  const kind = source.kind === "file-id" ? undefined : source.mediaType?.split("/")[0]?.toLowerCase();
  if (kind === "video") return undefined;
  if (kind === "audio") return mediaPart({ type: "audio", source }, { target, dropped });
  if (has(target, "no-files")) return undefined;
  if (source.kind === "file-id" && fileIdAt("openai", source) === undefined) return undefined;
  if (source.kind === "file-id") return marked({ type: "file", file: { file_id: source.id, ...(filename === undefined ? {} : { filename }) } }, part.cache, target);
  if (source.kind === "url" && !has(target, "file-url")) return undefined;
  // OpenAI wants a name beside the bytes.
  return marked({ type: "file", file: { filename: filename ?? "document.pdf", file_data: urlOfMedia(source) } }, part.cache, target);
}

/** A text file in the prompt itself: chat completions read files of type PDF only (OpenAI guide "File inputs"). */
function fileText(part: FilePart, data: string): string {
  const name = (part.name ?? "document").replaceAll(/["<>\n]/g, " ");
  const context = part.context === undefined ? "" : `${part.context}\n`;
  return `<document name="${name}">\n${context}${Buffer.from(data, "base64").toString("utf8")}\n</document>`;
}
