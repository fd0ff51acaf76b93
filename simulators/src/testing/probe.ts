/** Looks at a media file with ffprobe, where it is installed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What ffprobe says of a file. */
export interface Probed {
  codec: string;
  width: number | undefined;
  height: number | undefined;
  /** seconds */
  duration: number;
}

/** Whether ffprobe is there; tests that need it skip themselves without it. */
export const HAS_FFPROBE = Bun.which("ffprobe") !== null && Bun.which("ffmpeg") !== null;

/** Takes a file's bytes; decodes all of it and gives what its first stream is. Throws for whatever ffmpeg complains about. */
export function probe(bytes: Uint8Array): Probed {
  const folder = mkdtempSync(join(tmpdir(), "probe-"));
  try {
    const file = join(folder, "media");
    writeFileSync(file, bytes);
    const asked = Bun.spawnSync(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height:format=duration", "-of", "json", file]);
    if (asked.exitCode !== 0) throw new Error(asked.stderr.toString());
    const { streams, format } = JSON.parse(asked.stdout.toString()) as { streams: { codec_name: string; width?: number; height?: number }[]; format: { duration?: string } };
    const decoded = Bun.spawnSync(["ffmpeg", "-v", "error", "-xerror", "-i", file, "-f", "null", "-"]);
    if (decoded.exitCode !== 0 || decoded.stderr.length > 0) throw new Error(decoded.stderr.toString());
    return { codec: streams[0]?.codec_name ?? "", width: streams[0]?.width, height: streams[0]?.height, duration: Number(format.duration ?? 0) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
