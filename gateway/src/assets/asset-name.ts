import { table } from "../table.ts";

/** Random bytes of a name: 160 bits, that nobody guesses; the name alone opens the file. */
const RANDOM_BYTES = 20;
const MS_PER_DAY = 86_400_000;
const NAME = /^(\d{4})(\d{2})(\d{2})-[0-9a-z]{32}\.([a-z0-9]{1,5})$/;

/** What a file name's ending says of its type, and whether a browser may show it in place (`inline`): only what can hold no script. */
export interface AssetType {
  type: string;
  inline: boolean;
}

const TYPES: Readonly<Record<string, AssetType>> = table({
  png: { type: "image/png", inline: true },
  jpg: { type: "image/jpeg", inline: true },
  webp: { type: "image/webp", inline: true },
  gif: { type: "image/gif", inline: true },
  avif: { type: "image/avif", inline: true },
  mp3: { type: "audio/mpeg", inline: true },
  wav: { type: "audio/wav", inline: true },
  ogg: { type: "audio/ogg", inline: true },
  aac: { type: "audio/aac", inline: true },
  flac: { type: "audio/flac", inline: true },
  m4a: { type: "audio/mp4", inline: true },
  mp4: { type: "video/mp4", inline: true },
  webm: { type: "video/webm", inline: true },
  mov: { type: "video/quicktime", inline: true },
  // An SVG is a document that may run scripts: it is only ever handed over as a file.
  svg: { type: "image/svg+xml", inline: false },
  json: { type: "application/json", inline: false },
  txt: { type: "text/plain; charset=utf-8", inline: false },
  glb: { type: "model/gltf-binary", inline: false },
  bin: { type: "application/octet-stream", inline: false },
});

/** Other names of the same types. */
const SYNONYMS: Readonly<Record<string, string>> = table({ "image/jpg": "jpg", "audio/mp3": "mp3", "audio/x-wav": "wav", "audio/wave": "wav", "audio/vnd.wave": "wav", "audio/opus": "ogg", "audio/x-flac": "flac", "audio/x-m4a": "m4a" });
const ENDINGS = new Map(Object.entries(TYPES).map(([ending, { type }]) => [type.split(";")[0] ?? "", ending]));

/** The ending for a content type; `bin` for all that is not known, HTML among it: what we do not know we do not name. */
export function endingOf(contentType: string): string {
  const bare = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  return ENDINGS.get(bare) ?? SYNONYMS[bare] ?? "bin";
}

/** A new name: the day (UTC), so that age needs no look at the file, 160 random bits, the ending. */
export function newAssetName(nowUnixMs: number, contentType: string, randomBytes: (count: number) => Uint8Array): string {
  const day = new Date(nowUnixMs).toISOString().slice(0, 10).replaceAll("-", "");
  // 5 bits a character
  let [text, pool, bits] = ["", 0, 0];
  for (const byte of randomBytes(RANDOM_BYTES)) {
    pool = (pool << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ((pool >> bits) & 31).toString(32);
    }
    pool &= (1 << bits) - 1;
  }
  return `${day}-${text}.${endingOf(contentType)}`;
}

/** What a name tells; undefined for all that is no name of ours, whatever stands in it. */
export function readAssetName(name: string): { day: string; dayUnixMs: number; kind: AssetType } | undefined {
  const found = NAME.exec(name);
  const kind = TYPES[found?.[4] ?? ""];
  if (!found || !kind) return undefined;
  const [, year, month, date] = found;
  const dayUnixMs = Date.parse(`${year}-${month}-${date}T00:00:00Z`);
  return Number.isNaN(dayUnixMs) ? undefined : { day: `${year}${month}${date}`, dayUnixMs, kind };
}

/** Whether a file of that day is past its life; `days` 0: it lives for ever. The day it was made on does not count, so nothing dies early. */
export const isExpired = (dayUnixMs: number, days: number, nowUnixMs: number): boolean => days > 0 && nowUnixMs >= dayUnixMs + (days + 1) * MS_PER_DAY;
