/** A file as stores of files hand it out: whole or in part (RFC 9110, 14). */
import type { Received, WholeAnswer } from "../vendor.ts";

/** The range of a Range header; only a single one, as downloads that go on ask for. `undefined`: all of it; null: not to be had. */
function rangeOf(header: string | null, length: number): [number, number] | null | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!found || (found[1] === "" && found[2] === "")) return undefined;
  const from = found[1] === "" ? Math.max(length - Number(found[2]), 0) : Number(found[1]);
  const to = found[1] === "" || found[2] === "" ? length - 1 : Math.min(Number(found[2]), length - 1);
  return from <= to ? [from, to] : null;
}

/** Takes a request, a file's bytes and its type; gives the answer. */
export function serveFile(request: Received, bytes: Uint8Array, type: string): WholeAnswer {
  const tag = `"${Bun.hash(bytes).toString(16)}"`;
  const headers = { "content-type": type, etag: tag, "accept-ranges": "bytes" };
  // a part of another file is of no use (RFC 9110, 13.1.5)
  const condition = request.headers.get("if-range");
  const range = condition === null || condition === tag ? rangeOf(request.headers.get("range"), bytes.length) : undefined;
  if (range === null) return { kind: "whole", status: 416, headers: { ...headers, "content-range": `bytes */${bytes.length}` }, body: "" };
  if (!range) return { kind: "whole", status: 200, headers, body: bytes };
  return { kind: "whole", status: 206, headers: { ...headers, "content-range": `bytes ${range[0]}-${range[1]}/${bytes.length}` }, body: bytes.subarray(range[0], range[1] + 1) };
}

/** The answer of an address that is dead or wrong. */
export const noFile = (status: 403 | 404): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "text/plain" }, body: status === 403 ? "Request has expired" : "not found" });
