import { pcm, sound } from "../../kit/media/sound.ts";
import type { WholeAnswer } from "../../kit/vendor.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** Takes status, the vendor's word, a text and what else it tells; gives `{detail: {status, message}}`. */
export function refuse(status: number, word: string, message: string, data?: object): WholeAnswer {
  return { kind: "whole", status, headers: { ...JSON_TYPE }, body: JSON.stringify({ detail: { status: word, message, ...(data ? { data } : {}) } }) };
}

/** A member that is missing or wrong: 422 with a list of faults. */
export const invalidField = (field: string, msg: string, type: string, where: "body" | "query" = "body"): WholeAnswer => ({
  kind: "whole",
  status: 422,
  headers: { ...JSON_TYPE },
  body: JSON.stringify({ detail: [{ loc: [where, field], msg, type }] }),
});

export const invalidFormat = (): WholeAnswer => invalidField("output_format", "Input should be a valid output format", "enum", "query");

/** Sound of an output format's name (`mp3_44100_128`), with its media type. Only PCM has the sample rate that was asked for; files have the sandbox's own. */
export function soundIn(format: string, seconds: number): { bytes: Buffer; type: string } {
  const [kind, rate] = format.split("_");
  switch (kind) {
    case "pcm":
      return { bytes: pcm(seconds, Number(rate)), type: "audio/pcm" };
    case "opus":
      return { bytes: sound(seconds, "opus"), type: "audio/opus" };
    case "wav":
      return { bytes: sound(seconds, "wav"), type: "audio/wav" };
    case "mp3":
      return { bytes: sound(seconds, "mp3"), type: "audio/mpeg" };
    default:
      return { bytes: Buffer.alloc(Math.round(seconds * 8_000), 0xff), type: "audio/basic" };
  }
}
