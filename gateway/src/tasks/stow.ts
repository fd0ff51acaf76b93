import type { AssetStore } from "../assets/asset-store.ts";
import type { MediaWish } from "../dialects/canonical/media-wish.ts";
import type { FormPart, JsonObject, NativeRequest } from "../vendors/_kit/media/adapter.ts";
import type { TaskRequest } from "./task.ts";

/** Texts longer than this are pictures in base64 and the like; they lie with the outputs, so that rows stay small. */
const LONG_TEXT = 16 * 1024;
/** What stands in the row instead of a text or a file: no caller can write it, since a caller's own is taken for a text and stowed too. */
const MARK = "yescale-stowed:";

/** A request whose long texts and files have been put into the store. Byte for byte they come back (`restored`). Rejects with AssetError. */
export async function stowed(request: TaskRequest, assets: AssetStore): Promise<TaskRequest> {
  const put = async (text: string): Promise<string> => `${MARK}${(await assets.put(Buffer.from(text, "utf8"), "application/octet-stream")).name}`;
  const walk = (value: unknown): Promise<unknown> => mapped(value, (text) => (text.length > LONG_TEXT || text.startsWith(MARK) ? put(text) : text));
  const { native, wish } = request;
  const form = native?.request.form && (await Promise.all(native.request.form.map(async (part) => ("value" in part ? { ...part, value: (await walk(part.value)) as string } : { ...part, bytes: `${MARK}${(await assets.put(part.bytes, part.type)).name}` }))));
  return {
    ...request,
    ...(native ? { native: { ...native, request: { ...native.request, ...(native.request.json ? { json: (await walk(native.request.json)) as JsonObject } : {}), ...(form ? { form: form as unknown as FormPart[] } : {}) } } } : {}),
    ...(wish ? { wish: (await walk(wish)) as MediaWish } : {}),
  };
}

/** The request as it came. Rejects when what was stowed is gone. */
export async function restored(request: TaskRequest, assets: AssetStore): Promise<TaskRequest> {
  const bytesOf = async (mark: string): Promise<Buffer> => {
    const opened = await assets.open(mark.slice(MARK.length));
    if (!opened) throw new Error("an input of the task is no longer kept");
    return Buffer.from(await new Response(opened.body(0, opened.size) as Blob).arrayBuffer());
  };
  const walk = (value: unknown): Promise<unknown> => mapped(value, async (text) => (text.startsWith(MARK) ? (await bytesOf(text)).toString("utf8") : text));
  const { native, wish } = request;
  const parts: FormPart[] | undefined = native?.request.form && (await Promise.all(native.request.form.map(async (part): Promise<FormPart> => ("value" in part ? { ...part, value: (await walk(part.value)) as string } : { ...part, bytes: await bytesOf(String(part.bytes)) }))));
  const whole: NativeRequest | undefined = native && { ...native.request, ...(native.request.json ? { json: (await walk(native.request.json)) as JsonObject } : {}), ...(parts ? { form: parts } : {}) };
  return { ...request, ...(native && whole ? { native: { ...native, request: whole } } : {}), ...(wish ? { wish: (await walk(wish)) as MediaWish } : {}) };
}

/** A value with each of its texts replaced. */
async function mapped(value: unknown, replace: (text: string) => string | Promise<string>): Promise<unknown> {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return Promise.all(value.map((entry) => mapped(entry, replace)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, member]) => [name, await mapped(member, replace)] as const)));
}
