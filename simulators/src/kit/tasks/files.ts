/** The files of tasks: their addresses, and their bytes, whole or in part. Anybody who knows an address may read, as with signed addresses. */
import { faultNumber } from "../fault-spec.ts";
import { htmlPage } from "../failures.ts";
import { endingOf, fileOf, typeOf } from "../media/file.ts";
import { noFile, serveFile } from "../media/serve-file.ts";
import { keptFile } from "../media/kept-file.ts";
import type { Received, WholeAnswer } from "../vendor.ts";
import { endOf, type Task } from "./task.ts";

/** Downloads that a `file-…` fault spoils when `file-times` does not say it. */
const SPOILT_DOWNLOADS = 1;

/** How long a vendor's addresses live. */
export interface LinkLife {
  /** seconds after the end of the task, or after the answer for an address that is renewed */
  seconds: number;
  /** every answer has a fresh address */
  renewed?: boolean;
}

/** Takes where and when the answer is given, the task, the number of the output and the life of addresses; gives the address. With the fault `expired-link` it is dead, a renewed one the first time only. */
export function fileAddress({ origin, now }: Pick<Received, "origin" | "now">, task: Task, index: number, life: LinkLife): string {
  const wish = task.outputs[index];
  if (!wish) throw new Error(`task ${task.id} has no output ${index}`);
  const from = life.renewed ? now : endOf(task);
  const dead = task.faults.has("expired-link") && !(life.renewed && task.toldAt !== undefined);
  const url = new URL(`${origin}/__files/${encodeURIComponent(task.id)}/${index}.${endingOf(wish)}`);
  url.searchParams.set("Expires", String(dead ? now - 1 : from + life.seconds * 1000));
  return url.href;
}

/** Takes a request below `/__files/` and the vendor's name; gives the file, or what is wrong with its address. */
export async function taskFile(request: Received, vendor: string): Promise<WholeAnswer> {
  const [, , id = "", name = ""] = request.path.split("/");
  const task = request.tasks.byId(vendor, decodeURIComponent(id));
  const wish = task?.outputs[Number.parseInt(name, 10)];
  if (!task || !wish || name !== `${Number.parseInt(name, 10)}.${endingOf(wish)}`) return noFile(404);
  task.downloads += 1;
  request.note(task);
  if (Number(request.query.get("Expires") ?? 0) < request.now) return noFile(403);
  const { faults } = task;
  const spoilt = task.downloads <= (faultNumber(faults, "file-times") ?? SPOILT_DOWNLOADS);
  const late = faultNumber(faults, "file-ms");
  if (spoilt && late !== undefined) await request.until(request.now + late);
  const status = faultNumber(faults, "file-status");
  if (spoilt && status !== undefined) return { kind: "whole", status, headers: { "content-type": "text/plain" }, body: "the store is out of order" };
  if (spoilt && faults.has("file-html")) return htmlPage();
  const answer = serveFile(request, await fileOf(wish), typeOf(wish));
  return spoilt && faults.has("file-cut") ? { ...answer, cut: true } : answer;
}

/** Takes a request below `/__files/` and the vendor's name; gives the file of a task, or one that an answer made at once has named. */
export const servedFile = (request: Received, vendor: string): WholeAnswer | Promise<WholeAnswer> => (request.path.split("/").length > 3 ? taskFile(request, vendor) : keptFile(request));
