import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaRefusal } from "../../dialects/canonical/media-call.ts";

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Media in the parts of all candidates, thoughts left out. */
export function blobsOf(answer: Record<string, unknown>): { base64: string; contentType: string }[] {
  return listOf(answer["candidates"]).flatMap((candidate) =>
    listOf(objectOf(objectOf(candidate)["content"])["parts"]).flatMap((part) => {
      const { inlineData, thought } = objectOf(part);
      const { mimeType, data } = objectOf(inlineData);
      return typeof data === "string" && data !== "" && thought !== true ? [{ base64: data, contentType: typeof mimeType === "string" ? mimeType : "" }] : [];
    }),
  );
}

/** Why an answer holds no media: the reasons that the vendor names (SDK enums FinishReason and BlockedReason). Throws Error where it names none. */
export function refusalOf(answer: Record<string, unknown>, wanted: string): MediaRefusal {
  const finish = listOf(answer["candidates"]).map((candidate) => objectOf(candidate)["finishReason"]).find((reason) => typeof reason === "string" && reason !== "STOP");
  const block = objectOf(answer["promptFeedback"])["blockReason"];
  const reason = typeof block === "string" ? block : finish;
  if (typeof reason !== "string") throw new Error(`the answer holds no ${wanted}`);
  const policy = /SAFETY|PROHIBITED|BLOCKLIST|SPII|RECITATION/.test(reason);
  return { kind: "refused", status: policy ? 400 : 500, body: JSON.stringify({ error: { code: policy ? 400 : 500, message: `The model made no ${wanted}: ${reason}.`, status: policy ? "INVALID_ARGUMENT" : "INTERNAL" } }), policy };
}
