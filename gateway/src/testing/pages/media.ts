/** Whether a file is what it is said to be: by its content type and first bytes, and opened by ffprobe where that is installed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { few } from "./few.ts";
import type { MediaKind } from "./page.ts";

export const HAS_FFPROBE = Bun.which("ffprobe") !== null;
/** Runs of ffprobe at a time: each is a process. */
const probing = few(2);

const startsWith = (bytes: Buffer, text: string, at = 0): boolean => bytes.subarray(at, at + text.length).toString("latin1") === text;
const riff = (bytes: Buffer, form: string): boolean => startsWith(bytes, "RIFF") && startsWith(bytes, form, 8);
/** MP3 without a tag and AAC begin with a frame's sync word of 11 or 12 ones. */
const synced = (bytes: Buffer): boolean => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0;

const KINDS: Readonly<Record<MediaKind, { type: RegExp; begins: (bytes: Buffer) => boolean; stream?: "video" | "audio" }>> = {
  picture: { type: /^image\/(?:png|jpeg|webp)$/, begins: (bytes) => startsWith(bytes, "\x89PNG\r\n\x1a\n") || startsWith(bytes, "\xff\xd8\xff") || riff(bytes, "WEBP"), stream: "video" },
  vector: { type: /^image\/svg\+xml$/, begins: (bytes) => /^(?:<\?xml[^>]*>\s*)?<svg[\s>]/.test(bytes.subarray(0, 500).toString()) },
  film: { type: /^video\/mp4$/, begins: (bytes) => startsWith(bytes, "ftyp", 4), stream: "video" },
  sound: { type: /^audio\//, begins: (bytes) => startsWith(bytes, "ID3") || synced(bytes) || startsWith(bytes, "OggS") || startsWith(bytes, "fLaC") || riff(bytes, "WAVE"), stream: "audio" },
};
/** Samples without a head: there is nothing to open. */
const BARE = /^audio\/(?:pcm|l16)/i;

/** What is wrong with a file that came with this content type; undefined when nothing is. */
export async function faultOf(kind: MediaKind, contentType: string, bytes: Buffer): Promise<string | undefined> {
  const { type, begins, stream } = KINDS[kind];
  const [said = ""] = contentType.split(";");
  if (!type.test(said)) return `is ${JSON.stringify(contentType)}, no ${kind}`;
  if (BARE.test(said)) return bytes.length > 0 && bytes.length % 2 === 0 ? undefined : "holds no samples";
  if (!begins(bytes)) return `does not begin as a ${kind} does: ${bytes.subarray(0, 16).toString("hex")}`;
  return HAS_FFPROBE && stream !== undefined ? await probed(bytes, stream) : undefined;
}

/** Files that have been opened, by their bytes: simulators make many that are alike. */
const known = new Map<string, Promise<string | undefined>>();

function probed(bytes: Buffer, stream: "video" | "audio"): Promise<string | undefined> {
  const name = `${stream} ${Bun.hash(bytes)}`;
  const found = known.get(name) ?? probing(() => opened(bytes, stream));
  known.set(name, found);
  return found;
}

async function opened(bytes: Buffer, stream: "video" | "audio"): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "yescale-pages-"));
  try {
    const file = join(folder, "media");
    await Bun.write(file, bytes);
    const child = Bun.spawn(["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", file], { stdout: "pipe", stderr: "pipe" });
    const [out, complaint] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0 || complaint !== "") return `cannot be opened by ffprobe: ${complaint}`;
    return out.split("\n").includes(stream) ? undefined : `has no ${stream} stream, but ${JSON.stringify(out)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
