import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../clock/clock.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { Deadlines } from "./deadlines.ts";
import { FetchRules } from "./guarded/fetch-rules.ts";
import { hop, HopError } from "./guarded/hop.ts";
import { Stop } from "./guarded/stop.ts";
import type { Resolve } from "./guarded/target.ts";
import { type FetchedMedia, type FetchLimits, GuardedFetcher, type MediaWant } from "./guarded-fetch.ts";
import { ConnectionPool, type Origin } from "./http1/pool.ts";
import { httpAnswer, type RawOptions, type RawServer, rawServer, TEST_ROOT } from "./testing/raw-server.ts";

/** A PNG of one pixel, constructed from the PNG specification (signature, IHDR, IDAT, IEND). */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function server(options: RawOptions = {}): RawServer {
  const made = rawServer(options);
  ends.push(() => made.stop());
  return made;
}

const whole = (request: string): boolean => request.endsWith("\r\n\r\n");
/** A server that gives each request the same answer. */
const giving = (answer: Buffer | string, options: RawOptions = {}): RawServer => server({ ...options, onData: (socket, request) => void (whole(request) && socket.write(answer)) });
const image = (): RawServer => giving(httpAnswer(200, { "content-type": "image/png" }, PNG));

const LOOPBACK_NAMES: Resolve = async (name) => {
  if (name.endsWith(".test")) return ["127.0.0.1"];
  throw new Error(`${name} does not exist`);
};

interface Setup {
  allow?: string[];
  http?: boolean;
  resolve?: Resolve;
  limits?: Partial<FetchLimits>;
}

/** The machine of a test run may stand still for seconds; where time matters a test sets its own limits. */
const PATIENT = { totalMs: 300_000, firstByteMs: 300_000 };

const deadlines = new Deadlines(systemClock);
function fetcher({ allow = ["*.test"], http = true, resolve = LOOPBACK_NAMES, limits = {} }: Setup = {}): GuardedFetcher {
  const pool = new ConnectionPool(systemClock, TEST_ROOT);
  ends.push(() => pool.close());
  return new GuardedFetcher({ pool, deadlines, clock: systemClock }, new FetchRules(allow, http), { ...PATIENT, ...limits }, resolve);
}

const STAYS = { left: () => false };
const one = async (from: GuardedFetcher, url: string, kind: MediaWant["kind"] = "image"): Promise<FetchedMedia> => (await from.fetchAll([{ url, kind }], STAYS))[0] as FetchedMedia;

async function refusal(fetching: Promise<unknown>): Promise<GatewayError> {
  try {
    await fetching;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("it was fetched");
}

afterAll(() => expect(deadlines.size).toBe(0));

describe("V04, V05: addresses that are not public are refused before a socket opens", () => {
  /** Ranges of the IANA IPv4 and IPv6 Special-Purpose Address Registries, and spellings that URL parsers fold into them. */
  const LITERALS = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.31.196.1", "192.52.193.1", "192.175.48.1",
    "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "2130706433", "127.1", "127.0.1", "0", "0x0a.0.0.1", "0xA9FEA9FE", "2852039166", "127.0.0.1.", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "127%2e0%2e0%2e1", "%31%32%37.0.0.1",
    "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::8.8.8.8]", "[64:ff9b:1::a00:1]",
    "[100::1]", "[2001::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:2::1]", "[2001:3::1]", "[2001:4:112::1]", "[2001:10::1]", "[2001:20::1]", "[2001:30::1]", "[2001:1ff::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[2002:a00:1::1]",
    "[2620:4f:8000::1]", "[3fff::1]", "[3fff:fff::1]", "[5f00::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[ff0e::1]", "[4000::1]", "[1::1]",
  ];

  test.each(LITERALS)("http://%s/", async (host) => {
    const error = await refusal(one(fetcher(), `http://${host}:9000/latest/meta-data`));
    expect([error.kind.code, error.kind.status, error.publicText]).toEqual(["invalid_media_url", 400, "The media address does not lead to a public web server."]);
    expect(error.internalText).toContain("the media host leads to");
  });

  const plain = (host: string): string => host.replace(/^\[|\]$/g, "");
  const REAL = LITERALS.filter((host) => /^[\d.]+\d$/.test(host) ? host.split(".").length === 4 && !host.startsWith("01") : host.startsWith("["));

  test.each(REAL)("a name that leads to %s, also beside a public address", async (host) => {
    for (const found of [[plain(host)], ["8.8.8.8", plain(host)], [plain(host), "2606:4700::1"]]) {
      const error = await refusal(one(fetcher({ resolve: async () => found }), "https://innocent.example/x.png"));
      expect(error.kind.code).toBe("invalid_media_url");
    }
  });

  test.each(["localhost", "LOCALHOST", "localhost.", "a.localhost", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "bücher.internal", "metadata.google.internal", "fe80::1%25eth0"])("a name inside, resolved: %s", async (host) => {
    const inside: Resolve = async (name) => (/^[ -~]+[^.]$/.test(name) ? ["127.0.0.1", "::1"] : []);
    expect((await refusal(one(fetcher({ resolve: inside }), `http://${host}/`))).kind.code).toBe("invalid_media_url");
  });

  test("the system's own resolver: localhost", async () => {
    const up = image();
    const pool = new ConnectionPool(systemClock);
    const error = await refusal(one(new GuardedFetcher({ pool, deadlines, clock: systemClock }), `http://localhost:${up.port}/`));
    expect([error.kind.code, up.connections.length]).toEqual(["invalid_media_url", 0]);
    expect(error.internalText).toContain("(loopback)");
  });

  test("a name that does not exist, one without an address and one inside read the same", async () => {
    const texts = await Promise.all(
      [async () => { throw new Error("ENOTFOUND"); }, async () => [], async () => ["10.0.0.1"], async () => ["no address"]].map(async (resolve) => (await refusal(one(fetcher({ resolve }), "https://x.example/"))).publicText),
    );
    expect(new Set(texts).size).toBe(1);
  });

  test.each([
    ["file:///etc/passwd", "https://"], ["ftp://files.test/x", "https://"], ["data:image/png;base64,AAAA", "https://"], ["gopher://files.test/", "https://"], ["//files.test/x", "valid"], ["", "valid"], ["http://", "valid"],
    ["http://a:b@files.test/", "user name"], ["http://b@files.test/", "user name"], [`https://files.test/${"x".repeat(9_000)}`, "longer"], ["http://[::1", "valid"], ["http://1.2.3.4.5/", "valid"],
  ])("%s is no address", async (url, text) => expect((await refusal(one(fetcher(), url))).publicText).toContain(text));

  test("ports of other protocols", async () => {
    const public_ = fetcher({ resolve: async () => ["8.8.8.8"] });
    for (const port of [22, 25, 110, 445, 993]) expect((await refusal(one(public_, `https://x.example:${port}/`))).publicText).toContain(`port ${port}`);
  });

  test("http can be switched off, but not for what the operator names", async () => {
    const up = image();
    const strict = fetcher({ http: false, allow: ["files.test"] });
    expect((await refusal(one(fetcher({ http: false, resolve: async () => ["8.8.8.8"] }), "http://x.example/"))).publicText).toContain("https://");
    expect((await one(strict, `http://files.test:${up.port}/`)).bytes.equals(PNG)).toBeTrue();
  });
});

describe("what an operator allows", () => {
  test.each([
    [["127.0.0.1"], "http://127.0.0.1", true], [["127.0.0.0/8"], "http://2130706433", true], [["files.test"], "http://files.test", true], [["Files.Test"], "http://FILES.test.", true], [["*.test"], "http://files.test", true], [["127.0.0.1"], "http://files.test", true],
    [["test"], "http://files.test", false], [["*.files.test"], "http://files.test", false], [["10.0.0.0/8"], "http://127.0.0.1", false], [["files.test"], "http://127.0.0.1", false], [["::1"], "http://127.0.0.1", false], [["files.test"], "http://evilfiles.test", false],
  ])("%j: %s: %p", async (allow, origin, fetched) => {
    const up = image();
    const fetching = one(fetcher({ allow }), `${origin}:${up.port}/x.png`);
    if (fetched) expect((await fetching).mediaType).toBe("image/png");
    else expect((await refusal(fetching)).kind.code).toBe("invalid_media_url");
    expect(up.connections.length).toBe(fetched ? 1 : 0);
  });

  test.each(["", "*", "*.", "http://x", "10.0.0.0/33", "1.2.3", "a..b", "x:80", "x/y"])("%j is no entry", (entry) => expect(() => new FetchRules([entry])).toThrow(JSON.stringify(entry)));
});

describe("V05: the connection goes to the checked address", () => {
  test("a name server that changes its answer is asked once a hop, and its second answer is judged anew", async () => {
    let asked = 0;
    const rebinding: Resolve = async () => [(asked += 1) === 1 ? "127.0.0.1" : "10.0.0.1"];
    const up = image();
    expect((await one(fetcher({ allow: ["127.0.0.1"], resolve: rebinding }), `http://rebind.example:${up.port}/`)).mediaType).toBe("image/png");
    expect([asked, up.connections.length]).toEqual([1, 1]);
    asked = 0;
    const turning = giving(httpAnswer(302, { location: "/again" }));
    const error = await refusal(one(fetcher({ allow: ["127.0.0.1"], resolve: rebinding }), `http://rebind.example:${turning.port}/`));
    expect([error.kind.code, asked, turning.connections.length]).toEqual(["invalid_media_url", 2, 1]);
  });

  test("TLS: the name is asked for and its certificate wanted, whatever the address", async () => {
    const up = giving(httpAnswer(200, { "content-type": "image/png" }, PNG), { certificate: "media.test" });
    expect((await one(fetcher(), `https://media.test:${up.port}/x?y=1#z`)).mediaType).toBe("image/png");
    expect(up.received()[0]).toStartWith(`GET /x?y=1 HTTP/1.1\r\nhost: media.test:${up.port}\r\n`);
    const wrong = await refusal(one(fetcher(), `https://other.test:${up.port}/`));
    expect([wrong.kind.code, wrong.internalText]).toEqual(["media_download_failed", expect.stringMatching(/altname/i)]);
    expect(up.received().slice(1).join("")).toBe("");
  });

  test("another address of the name is tried when one takes no connection, and only then", async () => {
    const [up, broken, closed] = [image(), server({ onData: (socket) => socket.terminate() }), server()];
    closed.stop();
    const pool = new ConnectionPool(systemClock);
    const at = (port: number): Origin => ({ key: String(port), secure: false, hostname: "files.test", address: "127.0.0.1", port, authority: "files.test" });
    const read = async (first: Origin, ...others: Origin[]): Promise<number> => {
      const stop = new Stop(deadlines, systemClock, 5_000, () => false);
      const answer = { status: 0 };
      try {
        await hop({ method: "GET", headers: {} }, { url: new URL("http://files.test/"), path: "/", origins: [first, ...others] }, pool, { head: (head) => ((answer.status = head.status), true), piece: () => {} }, stop);
      } finally {
        stop.stop(new GatewayError("internal"));
      }
      return answer.status;
    };
    expect(await read(at(closed.port), at(up.port))).toBe(200);
    await expect(read(at(closed.port))).rejects.toThrow("cannot connect");
    await expect(read(at(broken.port), at(up.port))).rejects.toThrow(HopError);
    expect(up.connections.length).toBe(1);
  });

  test("no credential, no cookie, no proxy of the environment", async () => {
    const proxy = server();
    const up = giving(Buffer.concat([Buffer.from("HTTP/1.1 302 X\r\nset-cookie: a=b\r\nlocation: /2\r\ncontent-length: 0\r\n\r\n")]));
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, http_proxy: `http://127.0.0.1:${proxy.port}`, ALL_PROXY: `http://127.0.0.1:${proxy.port}` });
    try {
      await refusal(one(fetcher(), `http://files.test:${up.port}/1`));
    } finally {
      for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) if (before[name] === undefined) delete process.env[name]; else process.env[name] = before[name];
    }
    expect([proxy.connections.length, up.connections.length]).toEqual([0, 6]);
    for (const request of up.received()) expect(request.toLowerCase()).not.toMatch(/cookie|authorization|referer|x-forwarded/);
  });
});

describe("V05: each redirect is a new address", () => {
  const redirecting = (location: string, status = 302): RawServer => giving(httpAnswer(status, { location }));

  test.each([301, 302, 303, 307, 308])("%d is followed, relative or not", async (status) => {
    const up = image();
    const first = redirecting(`//files.test:${up.port}/x.png`, status);
    expect((await one(fetcher(), `http://files.test:${first.port}/`)).bytes.equals(PNG)).toBeTrue();
  });

  test.each(["http://127.0.0.1:1/", "http://169.254.169.254/latest", "http://[::ffff:7f00:1]/", "http://0x7f.1/", "//10.0.0.1/", "file:///etc/passwd", "http://localhost./", "gopher://files.test/", "http://u:p@files.test/"])("to %s: refused", async (location) => {
    const first = redirecting(location);
    expect((await refusal(one(fetcher(), `http://files.test:${first.port}/`))).kind.code).toBe("invalid_media_url");
  });

  test("five are enough, six too many, none without an address", async () => {
    const chain = (length: number): RawServer =>
      server({
        onData(socket, request) {
          const step = Number(/GET \/(\d+)/.exec(request)?.[1]);
          socket.write(step < length ? httpAnswer(302, { location: `/${step + 1}` }) : httpAnswer(200, { "content-type": "image/png" }, PNG));
        },
      });
    expect((await one(fetcher(), `http://files.test:${chain(5).port}/0`)).mediaType).toBe("image/png");
    const long = chain(6);
    expect((await refusal(one(fetcher(), `http://files.test:${long.port}/0`))).publicText).toContain("redirects more than 5 times");
    expect(long.connections.length).toBe(6);
    expect((await refusal(one(fetcher(), `http://files.test:${giving(httpAnswer(302, {})).port}/`))).kind.code).toBe("media_download_failed");
  });
});

describe("size and time", () => {
  const SMALL: Setup = { limits: { bytesMax: 100_000, totalMs: 400, firstByteMs: 150 } };
  const closes = async (up: RawServer): Promise<void> => {
    for (const end = Date.now() + 20_000; up.connections.some((socket) => socket.readyState > 0); await Bun.sleep(5)) if (Date.now() > end) throw new Error("a connection stays open");
  };

  test("too large by its own word: not read", async () => {
    const up = giving("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 100001\r\n\r\n");
    expect((await refusal(one(fetcher(SMALL), `http://files.test:${up.port}/`))).kind.code).toBe("media_too_large");
    await closes(up);
  });

  test("endless, in chunks or until it closes: stopped at the limit", async () => {
    for (const head of ["transfer-encoding: chunked\r\n", ""]) {
      const piece = head === "" ? "x".repeat(10_000) : `2710\r\n${"x".repeat(10_000)}\r\n`;
      const up = server({
        onData: (socket) => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n${head}\r\n`);
          for (let n = 0; n < 200; n += 1) socket.write(piece);
        },
      });
      expect((await refusal(one(fetcher(SMALL), `http://files.test:${up.port}/`))).kind.code).toBe("media_too_large");
      await closes(up);
    }
  });

  test.each([
    ["no answer", { onData: () => {} }],
    ["no TLS handshake", { onOpen: () => {} }],
    ["a head that never ends", { onData: (socket) => void socket.write("HTTP/1.1 200 OK\r\n") }],
    ["a body that drips", { onData: (socket) => { socket.write("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n"); const timer = setInterval(() => { if (socket.write("x") < 0) clearInterval(timer); }, 20); ends.push(() => clearInterval(timer)); } }],
  ] as [string, RawOptions][])("%s: given up in time, and the connection closed", async (what, options) => {
    const up = server(options);
    const error = await refusal(one(fetcher(SMALL), `${what.includes("TLS") ? "https" : "http"}://files.test:${up.port}/`));
    expect([error.kind.code, error.publicText]).toEqual(["media_download_failed", expect.stringContaining("in time")]);
    await closes(up);
  });

  test("a name server that is silent", async () => {
    expect((await refusal(one(fetcher({ ...SMALL, resolve: () => new Promise(() => {}) }), "https://x.example/"))).publicText).toContain("in time");
  });

  test("redirects share the time", async () => {
    const up = server({ onData: (socket) => void setTimeout(() => socket.write(httpAnswer(302, { location: "/" })), 110) });
    expect((await refusal(one(fetcher(SMALL), `http://files.test:${up.port}/`))).publicText).toContain("in time");
    expect(up.connections.length).toBeLessThan(6);
  });

  test("a gateway that stops ends it", async () => {
    const up = server({ onData: () => {} });
    const fetching = refusal(one(fetcher(), `http://files.test:${up.port}/`));
    await Bun.sleep(30);
    deadlines.endAll();
    expect((await fetching).kind.status).toBe(503);
    await closes(up);
  });

  test("a caller that leaves ends it", async () => {
    const up = server({ onData: () => {} });
    let left = false;
    const fetching = refusal(fetcher().fetchAll([{ url: `http://files.test:${up.port}/`, kind: "image" }], { left: () => left }));
    await Bun.sleep(30);
    left = true;
    expect((await fetching).internalText).toBe("the caller left");
    await closes(up);
  });
});

describe("V06: only media come back", () => {
  const SECRET = "root:x:0:0 internal-secret";
  test.each([
    ["a text page", { "content-type": "text/html" }, `<html>${SECRET}</html>`],
    ["text that says it is an image", { "content-type": "image/png" }, SECRET],
    ["text of unknown type", {}, SECRET],
    ["text as octets", { "content-type": "application/octet-stream" }, SECRET],
    ["an image that says it is text", { "content-type": "text/html" }, PNG],
    ["a PDF that says it is an image", { "content-type": "image/png" }, "%PDF-1.7"],
    ["an image cut in its head", { "content-type": "image/png" }, PNG.subarray(0, 12)],
    ["nothing", { "content-type": "image/png" }, ""],
  ] as [string, Record<string, string>, Buffer | string][])("%s: a neutral error", async (_what, headers, body) => {
    const error = await refusal(one(fetcher(), `http://files.test:${giving(httpAnswer(200, headers, body)).port}/`));
    expect([error.kind.code, error.kind.status]).toEqual(["invalid_media_type", 400]);
    expect(error.publicText + error.internalText).not.toContain("secret");
  });

  test.each([401, 403, 404, 500, 204, 206, 304])("status %d: its text is not echoed", async (status) => {
    const error = await refusal(one(fetcher(), `http://files.test:${giving(httpAnswer(status, { "content-type": "text/plain", "www-authenticate": SECRET }, SECRET)).port}/`));
    expect([error.kind.code, error.publicText]).toEqual(["media_download_failed", `The server at the media address answered with status ${status}.`]);
    expect(error.internalText).not.toContain("secret");
  });

  test.each(["SSH-2.0-OpenSSH_9 internal-secret\r\n", "-ERR internal-secret\r\n", "HTTP/1.1 200 OK\r\ninternal-secret\r\n\r\n"])("what is not HTTP: %j", async (banner) => {
    const error = await refusal(one(fetcher(), `http://files.test:${server({ onData: (socket) => { socket.write(banner + "\r\n\r\n"); socket.end(); } }).port}/`));
    expect(error.kind.code).toBe("media_download_failed");
    expect(error.publicText + error.internalText).not.toContain("secret");
  });

  test("an encoded body is refused: it may grow a thousandfold", async () => {
    const up = giving(httpAnswer(200, { "content-type": "image/png", "content-encoding": "gzip" }, Buffer.from(Bun.gzipSync(PNG))));
    expect((await refusal(one(fetcher(), `http://files.test:${up.port}/`))).kind.code).toBe("media_download_failed");
    expect(up.received()[0]).toContain("accept-encoding: identity");
  });

  test("an image of absurd size, told by its head", async () => {
    const huge = Buffer.from(PNG);
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    expect((await refusal(one(fetcher(), `http://files.test:${giving(httpAnswer(200, { "content-type": "image/png" }, huge)).port}/`))).kind.code).toBe("media_too_large");
  });
});

describe("several media of one request", () => {
  const wants = (port: number, paths: readonly string[]): MediaWant[] => paths.map((path) => ({ url: `http://files.test:${port}/${path}`, kind: "image" }));
  /** Answers after a moment and counts how many are under way. */
  function slow(): { up: RawServer; most: () => number } {
    let now = 0;
    let most = 0;
    const up = server({
      onData(socket) {
        most = Math.max(most, (now += 1));
        setTimeout(() => {
          now -= 1;
          socket.write(httpAnswer(200, { "content-type": "image/png" }, PNG));
        }, 20);
      },
    });
    return { up, most: () => most };
  }

  test("each address once, in the order asked for", async () => {
    const up = image();
    const got = await fetcher().fetchAll(wants(up.port, ["a", "b", "a", "a"]), STAYS);
    expect([got.length, up.connections.length, got[0] === got[2]]).toEqual([4, 2, true]);
  });

  test("so many at a time, of a request and of all", async () => {
    const { up, most } = slow();
    const narrow = fetcher({ limits: { atOncePerRequest: 3, atOnce: 100 } });
    await narrow.fetchAll(wants(up.port, "abcdefghij".split("")), STAYS);
    expect([most(), up.connections.length]).toEqual([3, 10]);
    const { up: other, most: mostOfAll } = slow();
    const shared = fetcher({ limits: { atOncePerRequest: 3, atOnce: 4 } });
    await Promise.all("xyz".split("").map((name) => shared.fetchAll(wants(other.port, "abcd".split("").map((path) => name + path)), STAYS)));
    expect([mostOfAll(), other.connections.length]).toEqual([4, 12]);
  });

  test("a full line is told as 429; who gives up waiting frees its place", async () => {
    const stuck = server({ onData: () => {} });
    const tight = fetcher({ limits: { atOnce: 1, lineMax: 1, totalMs: 200 } });
    const waiting = "ab".split("").map((path) => refusal(tight.fetchAll(wants(stuck.port, [path]), STAYS)));
    await Bun.sleep(10);
    expect((await refusal(tight.fetchAll(wants(stuck.port, ["c"]), STAYS))).kind.status).toBe(429);
    for (const error of await Promise.all(waiting)) expect(error.kind.code).toBe("media_download_failed");
    expect((await one(tight, `http://files.test:${image().port}/`)).mediaType).toBe("image/png");
  });

  test("the first failure ends the others", async () => {
    const stuck = server({ onData: () => {} });
    const bad = giving(httpAnswer(404, {}));
    const error = await refusal(fetcher().fetchAll([...wants(stuck.port, ["a", "b"]), ...wants(bad.port, ["c"])], STAYS));
    expect(error.publicText).toContain("404");
    for (const end = Date.now() + 20_000; stuck.connections.some((socket) => socket.readyState > 0); await Bun.sleep(5)) if (Date.now() > end) throw new Error("a connection stays open");
  });

  test("their sizes are counted together, and how many there are", async () => {
    const up = image();
    expect((await refusal(fetcher({ limits: { requestBytesMax: PNG.length * 2 } }).fetchAll(wants(up.port, "abc".split("")), STAYS))).publicText).toContain("together");
    expect((await refusal(fetcher({ limits: { addressesMax: 2 } }).fetchAll(wants(up.port, "abc".split("")), STAYS))).publicText).toContain("at most 2");
  });
});
