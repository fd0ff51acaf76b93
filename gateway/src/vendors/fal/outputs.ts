import { objectOf } from "../../dialects/canonical/fields.ts";
import type { JsonObject, MediaOutput, MediaOutputKind } from "../_kit/media/adapter.ts";
import { numberIn, textIn } from "../_kit/media/fields.ts";

/** Members that hold files, in the order in which callers expect the main one. */
const MEMBERS: readonly [name: string, kind: MediaOutputKind][] = [["images", "image"], ["image", "image"], ["videos", "video"], ["video", "video"], ["audio", "audio"], ["audio_file", "audio"], ["audios", "audio"]];
const KINDS: readonly [start: string, kind: MediaOutputKind][] = [["image/", "image"], ["video/", "video"], ["audio/", "audio"]];

/** The files of a model's output: `File` is `{url, content_type?, file_name?, file_size?, width?, height?}`, one or a list of them. */
export function falOutputs(output: JsonObject): MediaOutput[] {
  const milliseconds = numberIn(output, "duration_ms");
  return MEMBERS.flatMap(([name, usual]) => {
    const value = output[name];
    return (Array.isArray(value) ? value : [value]).flatMap((one): MediaOutput[] => {
      const file = objectOf(one);
      const url = textIn(file, "url");
      if (url === "") return [];
      const type = textIn(file, "content_type");
      const [size, width, height] = [numberIn(file, "file_size"), numberIn(file, "width"), numberIn(file, "height")];
      const duration = numberIn(file, "duration") ?? (usual === "audio" && milliseconds !== undefined ? milliseconds / 1000 : undefined);
      return [
        {
          kind: KINDS.find(([start]) => type.startsWith(start))?.[1] ?? usual,
          url,
          ...(type === "" ? {} : { mime: type }),
          ...(size === undefined ? {} : { size }),
          ...(width === undefined || height === undefined ? {} : { width, height }),
          ...(duration === undefined ? {} : { duration }),
        },
      ];
    });
  });
}
