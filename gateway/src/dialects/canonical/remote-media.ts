import type { MediaSource } from "./media.ts";
import type { Part, ToolResultPart } from "./parts.ts";
import type { CanonicalRequest } from "./request.ts";

type MediaPart = Extract<Part, { source: MediaSource }>;
type InnerPart = ToolResultPart["parts"][number];

/**
 * A dialect's rule: whether the bytes of a medium of that kind, given by address, must be fetched before a request can be encoded for a target with these traits
 * (see RequestTarget).
 */
export type NeedsBytes = (source: MediaSource, kind: MediaPart["type"], traits: ReadonlySet<string>) => boolean;

/** Something a request names by its address. */
export interface RemoteMedia {
  kind: MediaPart["type"];
  url: string;
}

/** What a remote medium is known by: the same address may stand for an image in one place and a file in another. */
export const remoteMediaKey = (media: RemoteMedia): string => `${media.kind} ${media.url}`;

const isMedia = (part: Part): part is MediaPart => part.type === "image" || part.type === "audio" || part.type === "video" || part.type === "file";

/**
 * The media of a request, those inside tool results too, whose bytes the dialect it goes to wants: each once, in the order they stand. `needsBytes` is that dialect's rule; only
 * sources given by address are asked about. `traits`: the target's.
 */
export function mediaToResolve(request: CanonicalRequest, needsBytes: NeedsBytes, traits: ReadonlySet<string>): RemoteMedia[] {
  let found: Map<string, RemoteMedia> | undefined;
  const look = (part: Part): void => {
    if (part.type === "tool-result") for (const inner of part.parts) look(inner);
    if (!isMedia(part) || part.source.kind !== "url" || !needsBytes(part.source, part.type, traits)) return;
    const media: RemoteMedia = { kind: part.type, url: part.source.url };
    (found ??= new Map()).set(remoteMediaKey(media), media);
  };
  for (const message of request.messages) for (const part of message.parts) look(part);
  return found ? [...found.values()] : [];
}

/**
 * The request with the sources of remote media replaced (`replacements`: by `remoteMediaKey`); names, marks and all else of the parts stay. The request given is not changed, and
 * what has no replacement is shared with it.
 */
export function withMedia(request: CanonicalRequest, replacements: ReadonlyMap<string, MediaSource>): CanonicalRequest {
  if (replacements.size === 0) return request;
  const replaced = <P extends Part>(part: P): P => {
    if (part.type === "tool-result") {
      const parts = mapped(part.parts, (inner: InnerPart) => replaced(inner));
      return parts === part.parts ? part : { ...part, parts };
    }
    if (!isMedia(part) || part.source.kind !== "url") return part;
    const source = replacements.get(remoteMediaKey({ kind: part.type, url: part.source.url }));
    return source ? { ...part, source } : part;
  };
  const messages = mapped(request.messages, (message) => {
    const parts = mapped(message.parts, replaced);
    return parts === message.parts ? message : { ...message, parts };
  });
  return messages === request.messages ? request : { ...request, messages };
}

/** Like `map`, but the list itself when no entry became another. */
function mapped<T>(list: T[], change: (entry: T) => T): T[] {
  const changed = list.map(change);
  return changed.some((entry, index) => entry !== list[index]) ? changed : list;
}
