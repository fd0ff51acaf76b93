/** Sends pages to a gateway over HTTP and says where an answer is not what the documentation promises. */
import { withReferences } from "@yescale/contract/media";
import { type Charge, chargeFaults } from "./charges.ts";
import { few } from "./few.ts";
import { formOf, given } from "./given.ts";
import { faultOf } from "./media.ts";
import { anyTask, type Ended, failedTask, type MediaKind, type Page } from "./page.ts";
import { all, bodyOf, Fault, held, member, shown } from "./read.ts";

/** A gateway whose vendors are simulated, and an account of it that can pay. */
export interface Target {
  url: string;
  apiKey: string;
  accessKey: string;
}

export interface PageResult {
  page: string;
  /** where the answers are not as documented; empty when they are */
  faults: readonly string[];
}

/** Vendors' work takes no time: the sandbox's own header, which no other vendor gets. */
const FAST = { "x-sandbox-fault": "queue-ms=20;run-ms=40" };
const PAGES_AT_ONCE = 24;
const WAIT_SECONDS = 40;

/** Any answer: what it is, shapes say. */
type Json = Readonly<Record<string, unknown>>;
type Answers = ReadonlyMap<string, PromiseWithResolvers<Json>>;

/** Sends all pages, many at a time, each after those that it refers to. Never rejects for what a gateway answers. */
export async function runPages(pages: readonly Page[], target: Target): Promise<PageResult[]> {
  const started = Math.floor(Date.now() / 1000);
  const values = await given(target.apiKey, started);
  const answers: Answers = new Map(pages.flatMap(({ name }) => (name === undefined ? [] : [[name, Promise.withResolvers<Json>()] as const])));
  const running = few(PAGES_AT_ONCE);
  const charges: Charge[] = [];
  const results = await Promise.all(
    pages.map(async (page): Promise<PageResult> => {
      const named = answers.get(page.name ?? "");
      // Nobody may be waiting for it.
      named?.promise.catch(() => undefined);
      try {
        const filled = await withAnswers(page, values, answers);
        const answer = await running(() => send(filled, target, charges));
        named?.resolve(answer);
        return { page: page.page, faults: [] };
      } catch (error) {
        named?.reject(new Fault(`needs ${page.name}, which failed`));
        return { page: page.page, faults: [error instanceof Fault ? error.message : String(error)] };
      }
    }),
  );
  const wrong = await chargeFaults(charges, target, started);
  return results.map(({ page, faults }) => ({ page, faults: [...faults, ...(wrong.get(page) ?? [])] }));
}

/** A page with what it refers to in the place of each reference. */
async function withAnswers(page: Page, values: Json, answers: Answers): Promise<Page> {
  const { answer, media, ended, text, ...sent } = page;
  const names = [...JSON.stringify(sent).matchAll(/\{(\w+)\.[\w.]+\}/g)].map(([, name = ""]) => name).filter((name) => name !== "given");
  const known: Record<string, Json> = { given: values };
  for (const name of new Set([...names, ...(page.after ?? [])])) {
    const other = answers.get(name);
    if (!other) throw new Fault(`refers to ${name}, which is no page's name`);
    known[name] = await other.promise;
  }
  const filled = withReferences(sent, (reference) => member(known, reference));
  return { ...filled, answer, ...(media ? { media } : {}), ...(ended ? { ended } : {}), ...(text ? { text } : {}) };
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

/** Sends a page and follows it to the end of its task. Gives the answer, with `task` (as `/task` shows it) and `ended` (as its family does). Rejects with Fault. */
async function send(page: Page, target: Target, charges: Charge[]): Promise<Json> {
  const { method, path, as, json, form, status = 200, ended } = page;
  const price = page.quote ? await quoted(page.quote, target) : undefined;
  const credential = as === "nobody" ? {} : bearer(as === "access key" ? target.accessKey : target.apiKey);
  const body = form ? await formOf(form) : json === undefined ? undefined : JSON.stringify(json);
  const response = await fetch(`${target.url}${path}`, { method, headers: { ...FAST, ...credential, ...page.headers, ...(json === undefined ? {} : { "content-type": "application/json" }) }, ...(body === undefined ? {} : { body }) });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== status) throw new Fault(`answers ${response.status}, not ${status}: ${shown(bytes.toString())}`);
  charges.push({ page: page.page, requestId: response.headers.get("x-request-id") ?? "", cost: costOf(page, price) });
  const type = response.headers.get("content-type") ?? "";
  if (typeof page.answer === "string") {
    const fault = await faultOf(page.answer, type, bytes);
    if (fault !== undefined) throw new Fault(`the answer ${fault}`);
    return {};
  }
  const answer = await bodyOf(type, bytes, page.text);
  held("the answer", page.answer, answer);
  await follow("the answer", answer, page.media ?? {});
  return { ...(answer as Json), ...(ended ? await endOf(answer as Json, ended, target) : {}) };
}

function costOf({ charge = "usage" }: Page, price: { price: number; most: number } | undefined): Charge["cost"] {
  if (charge === "free") return "none";
  if (!price) return "some";
  return charge === "at most the quote" ? { most: price.most } : { exactly: price.price };
}

/** Waits for the end of a task; looks at it by `/task` and by its family's own fetch, and opens every file of it. */
async function endOf(submitted: Json, { fetch: path, id, state = "SUCCESS", running, answer, media = {} }: Ended, target: Target): Promise<{ task: Json; ended: Json }> {
  const at = withReferences(path, (reference) => member(submitted, reference));
  if (running) held(`${path}, while it runs,`, running, await get(at, target));
  const task = await get(`/task/${String(member(submitted, id))}?wait=${WAIT_SECONDS}`, target);
  if (task["status"] !== state) throw new Fault(`the task ends so: ${shown(task)}`);
  held("/task/{id}", state === "SUCCESS" ? anyTask : failedTask, task);
  const ended = await get(at, target);
  held(path, answer, ended);
  await follow(path, ended, media);
  await follow("/task/{id}", task, { "task_result.videos[].url": "film", "task_result.audio[].url": "sound" }, true);
  for (const image of all(task, "task_result.images[]") as { url: string; content_type?: string }[]) await opened("/task/{id}", image.url, image.content_type === "image/svg+xml" ? "vector" : "picture");
  return { task, ended };
}

async function follow(where: string, json: unknown, media: Readonly<Record<string, MediaKind>>, mayLack = false): Promise<void> {
  for (const [at, kind] of Object.entries(media)) {
    const links = all(json, at);
    if (links.length === 0 && !mayLack) throw new Fault(`${where} has nothing at ${at}: ${shown(json)}`);
    for (const url of links) await opened(`${where}, ${at}`, String(url), kind);
  }
}

async function opened(where: string, url: string, kind: MediaKind): Promise<void> {
  if (!URL.canParse(url)) throw new Fault(`${where}: ${JSON.stringify(url)} is no address`);
  const response = await fetch(url);
  const bytes = Buffer.from(await response.arrayBuffer());
  const fault = response.ok ? await faultOf(kind, response.headers.get("content-type") ?? "", bytes) : `answers ${response.status}`;
  if (fault !== undefined) throw new Fault(`${where}: ${url} ${fault}`);
}

/** Dollars that `POST /task/quote` tells. */
async function quoted(order: object, { url, apiKey }: Target): Promise<{ price: number; most: number }> {
  const response = await fetch(`${url}/task/quote`, { method: "POST", headers: { ...bearer(apiKey), "content-type": "application/json" }, body: JSON.stringify(order) });
  const json = (await response.json()) as Json;
  const { price_usd: price, most_usd: most } = json;
  if (typeof price !== "number" || typeof most !== "number") throw new Fault(`has no quote: ${response.status} ${shown(json)}`);
  return { price, most };
}

async function get(path: string, { url, apiKey }: Target): Promise<Json> {
  const response = await fetch(`${url}${path}`, { headers: bearer(apiKey) });
  const said = await response.text();
  if (response.status !== 200) throw new Fault(`${path} answers ${response.status}: ${shown(said)}`);
  return JSON.parse(said) as Json;
}
