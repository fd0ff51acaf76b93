import { expect, test } from "bun:test";
import { EventCounter } from "./event-counter.ts";
import { ResponseReader } from "./response-reader.ts";

interface Seen {
  status: number;
  type: string | undefined;
  body: string;
}

function reader(): { seen: Seen[]; reader: ResponseReader } {
  const seen: Seen[] = [];
  let current: Seen = { status: 0, type: undefined, body: "" };
  const sink = {
    head: (head: { status: number; headers: Map<string, string> }) => {
      current = { status: head.status, type: head.headers.get("content-type"), body: "" };
    },
    body: (bytes: Uint8Array) => {
      current.body += new TextDecoder().decode(bytes);
    },
    end: () => {
      seen.push(current);
    },
  };
  return { seen, reader: new ResponseReader(sink) };
}

const LENGTH = "HTTP/1.1 200 OK\r\nContent-Type: text/a\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED =
  "HTTP/1.1 200 OK\r\ncontent-type: text/b\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "5\r\nhello\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
const EMPTY = "HTTP/1.1 204 No Content\r\n\r\n";
const NONE = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const INTERIM = "HTTP/1.1 100 Continue\r\n\r\n";
const ALL = LENGTH + CHUNKED + EMPTY + INTERIM + NONE + LENGTH;
const EXPECTED: Seen[] = [
  { status: 200, type: "text/a", body: "hello" },
  { status: 200, type: "text/b", body: "hello0123456789" },
  { status: 204, type: undefined, body: "" },
  { status: 200, type: undefined, body: "" },
  { status: 200, type: "text/a", body: "hello" },
];

test("responses are read the same when cut at any one byte", () => {
  const bytes = Buffer.from(ALL);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { seen, reader: subject } = reader();
    subject.push(bytes.subarray(0, cut));
    subject.push(bytes.subarray(cut));
    subject.close();
    expect(seen).toEqual(EXPECTED);
  }
});

test("responses are read the same byte by byte, also from one reused buffer", () => {
  const { seen, reader: subject } = reader();
  const reused = new Uint8Array(1);
  for (const byte of Buffer.from(ALL)) {
    reused[0] = byte;
    subject.push(reused);
  }
  expect(seen).toEqual(EXPECTED);
});

test("a body without a length ends with the connection", () => {
  const { seen, reader: subject } = reader();
  subject.push(Buffer.from("HTTP/1.0 200 OK\r\n\r\nsome"));
  subject.push(Buffer.from(" text"));
  expect(seen).toEqual([]);
  subject.close();
  expect(seen[0]?.body).toBe("some text");
});

test("a cut response and bytes that are no response are faults", () => {
  for (const text of [LENGTH.slice(0, -1), CHUNKED.slice(0, -1), "HTTP/1.1 2"]) {
    const { reader: subject } = reader();
    subject.push(Buffer.from(text));
    expect(() => subject.close()).toThrow("closed within");
  }
  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  for (const text of ["SSH-2.0\r\n\r\n", `${chunked}zz\r\n`, `${chunked}\r\n`, `${chunked}1\r\nab`])
    expect(() => reader().reader.push(Buffer.from(text))).toThrow();
});

test("events are counted the same when cut at any byte; comments are none", () => {
  const bytes = Buffer.from('data: {"a":1}\n\n: ping\n\nevent: x\ndata: 2\n\r\ndata: [DONE]\n\n\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const counter = new EventCounter();
    expect(counter.push(bytes.subarray(0, cut)) + counter.push(bytes.subarray(cut))).toBe(3);
  }
});
