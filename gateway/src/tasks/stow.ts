import type { AssetStore } from "../assets/asset-store.ts";
import type { MediaWish } from "../dialects/canonical/media-wish.ts";
import type { StandIns } from "../dialects/canonical/stand-ins.ts";
import { newStandIns } from "../relay/lifted-body.ts";
import type { FormPart, JsonObject, NativeRequest } from "../vendors/_kit/media/adapter.ts";
import type { TaskRequest } from "./task.ts";

/** Texts longer than this are pictures in base64 and the like; they lie with the outputs, so that rows stay small. */
const LONG_TEXT = 16 * 1024;
/** What stands in the row instead of a text or a file: no caller can write it, since a caller's own is taken for a text and stowed too. */
const MARK = "yescale-stowed:";
/** The same of a text that is a file in base64 and nothing else: it need not be a text again. */
const FILE_MARK = `${MARK}base64:`;
/** So much of a text is put away at once, with others served in between. */
const SLICE_CHARACTERS = 256 * 1024;
const HEAD = /^data:[\w.+-]*\/?[\w.+-]*(?:;[\w.+-]+=[\w.+-]*)*;base64,/i;
const LETTERS = /^[A-Za-z0-9+/_-]*$/;
const LAST_LETTERS = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** What callers see in its place. */
const OMITTED = "[a file, or a long text]";

/** A request whose long texts and files have been put into the store. Byte for byte they come back (`restored`). Rejects with AssetError. */
export async function stowed(request: TaskRequest, assets: AssetStore): Promise<TaskRequest> {
  const walk = (value: unknown): Promise<unknown> => mapped(value, (text) => (text.length > LONG_TEXT || text.startsWith(MARK) ? put(text, assets) : text));
  const { native, wish } = request;
  const form = native?.request.form && (await Promise.all(native.request.form.map(async (part) => ("value" in part ? { ...part, value: (await walk(part.value)) as string } : { ...part, bytes: `${MARK}${(await assets.put(part.bytes, part.type)).name}` }))));
  return {
    ...request,
    ...(native ? { native: { ...native, request: { ...native.request, ...(native.request.json ? { json: (await walk(native.request.json)) as JsonObject } : {}), ...(form ? { form: form as unknown as FormPart[] } : {}) } } } : {}),
    ...(wish ? { wish: (await walk(wish)) as MediaWish } : {}),
  };
}

async function put(text: string, assets: AssetStore): Promise<string> {
  let isFile = true;
  async function* slices(): AsyncGenerator<Buffer> {
    for (let at = 0, end = 0; at < text.length; at = end) {
      end = Math.min(at + SLICE_CHARACTERS, text.length);
      // A character of two halves stays whole.
      if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
      const slice = text.slice(at, end);
      isFile &&= (end < text.length ? LETTERS : LAST_LETTERS).test(at === 0 ? slice.replace(HEAD, "") : slice);
      yield Buffer.from(slice, "utf8");
    }
  }
  const { name } = await assets.put(slices(), "application/octet-stream");
  return `${isFile ? FILE_MARK : MARK}${name}`;
}

/**
 * The request as it came. Large files in base64 are never texts again: a stand-in takes the place of each, and `files` puts them into what is sent. `whole`: without stand-ins, for who compares. Rejects when what was stowed is gone.
 */
export async function restored(request: TaskRequest, assets: AssetStore, { whole = false } = {}): Promise<{ request: TaskRequest; files: StandIns }> {
  const files = newStandIns();
  const bytesOf = async (name: string): Promise<Buffer> => {
    const opened = await assets.open(name);
    if (!opened) throw new Error("an input of the task is no longer kept");
    return Buffer.from(await new Response(opened.body(0, opened.size) as Blob).arrayBuffer());
  };
  const textOf = async (text: string): Promise<string> => {
    if (!text.startsWith(FILE_MARK)) return text.startsWith(MARK) ? (await bytesOf(text.slice(MARK.length))).toString("utf8") : text;
    const bytes = await bytesOf(text.slice(FILE_MARK.length));
    return whole ? bytes.toString("latin1") : files.ofText(bytes);
  };
  const walk = (value: unknown): Promise<unknown> => mapped(value, textOf);
  const { native, wish } = request;
  const parts: FormPart[] | undefined = native?.request.form && (await Promise.all(native.request.form.map(async (part): Promise<FormPart> => ("value" in part ? { ...part, value: (await walk(part.value)) as string } : { ...part, bytes: await bytesOf(String(part.bytes).slice(MARK.length)) }))));
  const asSent: NativeRequest | undefined = native && { ...native.request, ...(native.request.json ? { json: (await walk(native.request.json)) as JsonObject } : {}), ...(parts ? { form: parts } : {}) };
  return { request: { ...request, ...(native && asSent ? { native: { ...native, request: asSent } } : {}), ...(wish ? { wish: (await walk(wish)) as MediaWish } : {}) }, files };
}

/** A request as callers see it again, as far as it lies in the row: what was stowed away is not repeated. */
export function withoutStowed(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith(MARK) ? OMITTED : value;
  if (Array.isArray(value)) return value.map(withoutStowed);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutStowed(member)])) : value;
}

/** A value with each of its texts replaced. */
async function mapped(value: unknown, replace: (text: string) => string | Promise<string>): Promise<unknown> {
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return Promise.all(value.map((entry) => mapped(entry, replace)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, member]) => [name, await mapped(member, replace)] as const)));
}
