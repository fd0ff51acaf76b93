import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import { cpuOf } from "../../testing/cpu.ts";
import { FormScan, scanForm } from "./form-scan.ts";
import { applyEdits } from "./json-scan.ts";

const TYPE = "multipart/form-data; boundary=XX";
const form = (...parts: string[]): Buffer => Buffer.from(`${parts.map((part) => `--XX\r\n${part}\r\n`).join("")}--XX--\r\n`);
const field = (name: string, value: string): string => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
const refusal = (bytes: Buffer, type = TYPE): string => {
  try {
    scanForm(bytes, type);
    return "taken";
  } catch (error) {
    return error instanceof GatewayError ? `${error.kind.status} ${error.publicText}` : String(error);
  }
};

/** The body that the platform's own FormData writes. */
async function written(entries: readonly (readonly [string, string | Uint8Array])[]) {
  const data = new FormData();
  for (const [name, value] of entries) {
    if (typeof value === "string") data.append(name, value);
    else data.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), "a.bin");
  }
  const response = new Response(data);
  return { type: response.headers.get("content-type") ?? "", bytes: Buffer.from(await response.arrayBuffer()) };
}

describe("forms", () => {
  test("fields, files, empty values, lists", () => {
    const scan = scanForm(form(field("model", "whisper-1"), field("empty", ""), 'Content-Disposition: form-data; name="file"; filename="a \\"b\\".wav"\r\nContent-Type: audio/wav\r\n\r\n\r\n--X\r\n', field("l[]", "1"), field("l[]", "2")), TYPE);
    expect(scan.value("model")).toBe("whisper-1");
    expect(scan.value("empty")).toBe("");
    expect(scan.value("none")).toBeUndefined();
    expect(scan.count("l[]")).toBe(2);
    const file = scan.parts.find((part) => part.name === "file");
    expect(file).toMatchObject({ filename: 'a "b".wav', contentType: "audio/wav" });
    expect(scan.bytes.toString("latin1", file?.start, file?.end)).toBe("\r\n--X\r\n");
    expect(() => scan.value("file")).toThrow("must be a text");
  });

  test("a name inside a file's name is none", () => {
    const scan = scanForm(form('Content-Disposition: form-data; filename="x; name=\\"model\\""; name="file"\r\n\r\nx'), TYPE);
    expect(scan.parts[0]).toMatchObject({ name: "file", filename: 'x; name="model"' });
  });

  test("preamble, padding after a boundary, quoted boundary", () => {
    const bytes = Buffer.from(`ignored\r\n--a b\t \r\n${field("model", "m")}\r\n--a b--`);
    expect(scanForm(bytes, 'multipart/form-data; charset=x; boundary="a b"').value("model")).toBe("m");
  });

  test("property: what the platform writes is read, however the work is sliced, and a field can be replaced", async () => {
    const value = fc.oneof(fc.string({ unit: "binary" }).map((text) => text.toWellFormed().replaceAll(/\r?\n|\r/g, "\r\n")), fc.uint8Array({ maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.stringMatching(/^[a-z[\]]{1,8}$/), value), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 50 }), async (entries, slice) => {
        const { type, bytes } = await written([...entries, ["model", "mine"]]);
        const scan = new FormScan(bytes, type);
        while (!scan.run(slice));
        expect(scan.parts.map((part) => [part.name, bytes.toString("hex", part.start, part.end)])).toEqual([
          ...entries.map(([name, one]) => [name, Buffer.from(one).toString("hex")]),
          ["model", Buffer.from("mine").toString("hex")],
        ]);
        const model = scan.parts.findLast((part) => part.name === "model");
        const edited = applyEdits(bytes, [{ start: model?.start ?? 0, end: model?.end ?? 0, text: "another" }]);
        const again = await new Response(edited, { headers: { "content-type": type } }).formData();
        expect(again.getAll("model").at(-1)).toBe("another");
      }),
      { numRuns: 100 },
    );
  });

  test("property: any bytes are read or refused, never worse", () => {
    const piece = fc.constantFrom("--XX", "\r\n", "--", "Content-Disposition: form-data; name=a", "\r\n\r\n", "x", '"', ";");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(refusal(Buffer.from(pieces.join("")))).toMatch(/^(taken|400 )/);
      }),
    );
  });

  test("a file of 64 MB costs no copy and little time", () => {
    const file = Buffer.alloc(64 * 1024 * 1024, "\r\n--X");
    const bytes = Buffer.concat([Buffer.from(`--XX\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n`), file, Buffer.from(`\r\n--XX\r\n${field("model", "m")}\r\n--XX--`)]);
    const scan = new FormScan(bytes, TYPE);
    let slices = 1;
    const { ms } = cpuOf(() => {
      while (!scan.run(1024 * 1024)) slices += 1;
    });
    expect(slices).toBeGreaterThan(60);
    expect(scan.value("model")).toBe("m");
    expect(ms).toBeLessThan(2_000);
  });
});

describe("V23: every size but that of a file is bounded", () => {
  test.each([
    ["an endless boundary", form(field("a", "b")), `multipart/form-data; boundary=${"x".repeat(71)}`, "more than 70"],
    ["no boundary", form(field("a", "b")), "multipart/form-data", "no boundary"],
    ["a boundary of strange bytes", form(field("a", "b")), "multipart/form-data; boundary=a\u0000b", "no boundary"],
    ["too many parts", form(...Array.from({ length: 129 }, () => field("a", ""))), TYPE, "more than 128 parts"],
    ["a huge head", form(`Content-Disposition: form-data; name="a"\r\nx: ${"y".repeat(65_536)}\r\n\r\n`), TYPE, "more than 4096 bytes"],
    ["huge fields", form(field("a", "x".repeat(300_000)), field("b", "x".repeat(300_000))), TYPE, "512 kB"],
    ["no name", form("Content-Disposition: form-data\r\n\r\nx"), TYPE, "no name"],
    ["two names", form('Content-Disposition: form-data; name="a"; name="model"\r\n\r\nx'), TYPE, "no name, or two"],
    ["two dispositions", form('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="model"\r\n\r\nx'), TYPE, "no name, or two"],
    ["an unclosed quote", form('Content-Disposition: form-data; name="a\r\n\r\nx'), TYPE, "no name, or two"],
    ["a transfer encoding", form('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\neA=='), TYPE, "transfer encoding"],
    ["no end", Buffer.from(`--XX\r\n${field("a", "b")}`), TYPE, "ends before its last boundary"],
    ["an end inside a head", Buffer.from("--XX\r\nContent-Disp"), TYPE, "inside the head"],
    ["nothing", Buffer.alloc(0), TYPE, "ends before its last boundary"],
    ["10^5 parts", form(...Array.from({ length: 100_000 }, () => field("a", ""))), TYPE, "more than 128 parts"],
  ])("%s is refused", (_name, bytes, type, why) => {
    const { value, ms } = cpuOf(() => refusal(bytes, type));
    expect(value).toContain(`400 `);
    expect(value).toContain(why);
    expect(ms).toBeLessThan(200);
  });

  test("text that is no UTF-8 is refused where it is read", () => {
    const bytes = Buffer.concat([Buffer.from(`--XX\r\n${field("model", "")}`), Buffer.from([0xff]), Buffer.from("\r\n--XX--")]);
    expect(() => scanForm(bytes, TYPE).value("model")).toThrow("no UTF-8");
  });
});
