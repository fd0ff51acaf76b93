import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AnswerHead, ProtocolError } from "./answer-head.ts";
import { ResponseParser } from "./response-parser.ts";

/** Answers constructed from RFC 9112; the comment of each says what it shows. */
interface Read {
  status: number | undefined;
  type: string | null | undefined;
  body: string;
  ended: boolean;
  reusable: boolean;
  error: string | undefined;
}

function read(pieces: readonly string[], closes = false): Read {
  const seen: Read = { status: undefined, type: undefined, body: "", ended: false, reusable: false, error: undefined };
  const parser = new ResponseParser({
    head: (head) => Object.assign(seen, { status: head.status, type: head.header("content-type") }),
    piece: (bytes) => (seen.body += bytes.toString("latin1")),
    end: () => (seen.ended = true),
  });
  try {
    for (const piece of pieces) parser.push(Buffer.from(piece, "latin1"));
    if (closes) parser.closed();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    seen.error = error.message;
  }
  seen.reusable = parser.reusable;
  return seen;
}

const FIXED = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n5\r\ndata:\r\n00a;x=y\r\n 0123456\r\n\r\n0\r\nx-trailer: 1\r\n\r\n";
const UNTIL_CLOSE = "HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\n\r\nall of it";
const INTERIM = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n${FIXED}`;

describe("an answer is read the same whatever its pieces", () => {
  const cases: [string, string, boolean, Partial<Read>][] = [
    ["a length", FIXED, false, { status: 200, type: "application/json", body: '{"a":1}', ended: true, reusable: true }],
    ["chunks with extension and trailer", CHUNKED, false, { status: 200, body: "data: 0123456\r\n", ended: true, reusable: true }],
    ["until the connection closes", UNTIL_CLOSE, true, { body: "all of it", ended: true, reusable: false }],
    ["interim answers before it", INTERIM, false, { status: 200, body: '{"a":1}', ended: true, reusable: true }],
    ["no body", "HTTP/1.1 204 No Content\r\n\r\n", false, { status: 204, body: "", ended: true, reusable: true }],
    ["a closing connection", FIXED.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"), false, { ended: true, reusable: false }],
    ["bytes beyond the answer", `${FIXED}HTTP/1.1 200 OK`, false, { ended: true, reusable: false, body: '{"a":1}' }],
  ];
  test.each(cases)("S25: %s", (_name, text, closes, expected) => {
    expect(read([text], closes)).toMatchObject({ error: undefined, ...expected });
    const whole = read([text], closes);
    for (let at = 1; at < text.length; at += 1) expect(read([text.slice(0, at), text.slice(at)], closes)).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        expect(read(at.slice(1).map((end, index) => text.slice(at[index], end)), closes)).toEqual(whole);
      }),
    );
  });
});

describe("F14: what is no whole answer is told, not guessed", () => {
  const cases: [string, string, boolean][] = [
    ["cut in the body", FIXED.slice(0, -2), true],
    ["cut in a chunk", CHUNKED.slice(0, -30), true],
    ["cut in the head", FIXED.slice(0, 40), true],
    ["another protocol", "SSH-2.0-OpenSSH\r\n\r\n", false],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", false],
    ["two lengths", FIXED.replace("\r\n\r\n", "\r\nContent-Length: 8\r\n\r\n"), false],
    ["a length that is no number", FIXED.replace(": 7", ": 7x"), false],
    ["an unknown transfer coding", CHUNKED.replace("chunked", "gzip, chunked"), false],
    ["a folded field", FIXED.replace("\r\n\r\n", "\r\n folded: 1\r\n\r\n"), false],
    ["a chunk without a size", CHUNKED.replace("\r\n5\r\n", "\r\n\r\n"), false],
    ["a chunk longer than its size", CHUNKED.replace("5\r\ndata:", "4\r\ndata:"), false],
    ["an absurd chunk size", CHUNKED.replace("\r\n5\r\n", "\r\nffffffffffffffff\r\n"), false],
    ["a head without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}`, false],
    ["switched protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", false],
  ];
  test.each(cases)("%s", (_name, text, closes) => {
    const seen = read([text], closes);
    expect(seen.error).toBeString();
    expect(seen.reusable).toBeFalse();
  });
});

test("arbitrary bytes never throw anything but ProtocolError, and keep no more than a line", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary", maxLength: 300 }), { maxLength: 8 }), (pieces) => void read(["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", ...pieces], true)));
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary", maxLength: 300 }), { maxLength: 8 }), (pieces) => void read(pieces, true)));
});

test("fields are found by lower-case name, the first of several, without the space around", () => {
  const head = new AnswerHead("HTTP/1.1 429 Too Many\r\nRetry-After:  7 \r\nSet-Cookie: a\r\nset-cookie: b\r\n__proto__: c");
  expect([head.status, head.header("retry-after"), head.header("set-cookie"), head.header("absent"), head.header("constructor")]).toEqual([429, "7", "a", null, null]);
});
