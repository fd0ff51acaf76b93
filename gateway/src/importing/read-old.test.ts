import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { dumpKindOf, DumpStatements } from "./dump-statements.ts";
import { planImport } from "./plan.ts";
import { readDump, readOldData } from "./read-old.ts";

/**
 * One database, constructed by us after New API's models (model/user.go, token.go, channel.go, option.go), written by the real tools: mariadb-dump 10.11, pg_dump 15 with COPY and with --inserts, and sqlite3 3.40.
 */
const DUMPS = ["mariadb-dump.sql", "pg-dump.sql", "pg-dump-inserts.sql", "sqlite-dump.sql"];
const fileOf = (name: string): string => join(import.meta.dir, "testing", name);
const textOf = (name: string): string => readFileSync(fileOf(name), "utf8");

/** Bytes cut at the given places. */
const streamOf = (bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> => {
  const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return new Blob(at.slice(1).map((end, index) => new Uint8Array(bytes.subarray(at[index], end)))).stream();
};

describe("dumps and files of one database", () => {
  test.each(DUMPS)("%s says the same as the others", async (name) => {
    const data = await readOldData(fileOf(name));
    expect([data.users.length, data.tokens.length, data.channels.length, data.options.length]).toEqual([5, 6, 6, 8]);
    expect(planImport(data)).toEqual(planImport(await readOldData(fileOf("pg-dump.sql"))));
  });

  test("a SQLite file, and a gzipped dump", async () => {
    const folder = mkdtempSync(join(tmpdir(), "yescale-import-"));
    const db = new Database(join(folder, "one-api.db"));
    db.run("PRAGMA foreign_keys = off");
    for (const statement of textOf("sqlite-dump.sql").split(/;\n(?=INSERT|CREATE|COMMIT)/)) if (/^(CREATE|INSERT)/.test(statement.trim().replace(/^PRAGMA[^;]*;\nBEGIN TRANSACTION;\n/, ""))) db.run(statement.trim().replace(/^PRAGMA[^;]*;\nBEGIN TRANSACTION;\n/, ""));
    db.close();
    writeFileSync(join(folder, "dump.sql.gz"), gzipSync(textOf("mariadb-dump.sql")));
    const expected = planImport(await readOldData(fileOf("pg-dump.sql")));
    expect(planImport(await readOldData(join(folder, "one-api.db")))).toEqual(expected);
    expect(planImport(await readOldData(join(folder, "dump.sql.gz")))).toEqual(expected);
    rmSync(folder, { recursive: true });
  });

  test.each(DUMPS)("%s: any cut gives the same pieces, within a string, a mark or a comment too", (name) => {
    const text = textOf(name);
    const piecesOf = (parts: readonly string[]): unknown[] => {
      const statements = new DumpStatements(dumpKindOf(text));
      return [...parts.flatMap((part) => statements.push(part)), ...statements.end()];
    };
    const whole = piecesOf([text]);
    expect(piecesOf(text.split(""))).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 40 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        expect(piecesOf(at.slice(1).map((end, index) => text.slice(at[index], end)))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test("a letter whose bytes come apart is whole", async () => {
    const bytes = new TextEncoder().encode(textOf("mariadb-dump.sql"));
    expect(await readDump(streamOf(bytes, Array.from(bytes.keys())))).toEqual(await readDump(streamOf(bytes, [])));
  });

  test.each(["utf-16le", "utf-16be"])("a dump that a Windows shell wrote as %s", async (encoding) => {
    const bytes = Buffer.from(`\uFEFF${textOf("mariadb-dump.sql")}`, "utf16le");
    if (encoding === "utf-16be") bytes.swap16();
    expect(await readDump(streamOf(bytes, [1, 3, 1_001]))).toEqual(await readOldData(fileOf("mariadb-dump.sql")));
  });

  test.each(["INSERT INTO `logs` VALUES (1,'", "COPY public.logs (a) FROM stdin;\n", "/* ", ""])("a piece without an end (%p) is refused before it fills the memory", async (head) => {
    const part = new TextEncoder().encode("a".repeat(1_000_000));
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(sent === 0 ? new TextEncoder().encode(head === "" ? "a" : head) : part);
        sent += 1;
      },
    });
    await expect(readDump(endless)).rejects.toThrow("longer than");
    expect(sent).toBeLessThan(80);
  }, 20_000);

  test("others get their turn while a dump is read", async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const row = "(1,'some words of a log')";
    await readDump(new Blob([`INSERT INTO \`logs\` VALUES ${Array.from({ length: 20_000 }, () => row).join(",")};\n`.repeat(20)]).stream());
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  test("what is no database of theirs says so", async () => {
    await expect(readOldData(join(import.meta.dir, "no-such-file"))).rejects.toThrow();
    expect((await readOldData(join(import.meta.dir, "plan.ts"))).users).toEqual([]);
    await expect(readDump(streamOf(new TextEncoder().encode("CREATE TABLE `users` (`id` int);\nINSERT INTO `users` VALUES (1,2);"), []))).rejects.toThrow("2 values for 1 columns");
  });
});

test("strings of any kind come out of a MySQL dump as they went in", async () => {
  const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\0", "\\0").replaceAll("\u001a", "\\Z");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 5 }), async (names) => {
      const dump = `-- MySQL dump 10.13\nCREATE TABLE \`users\` (\n  \`id\` int,\n  \`username\` text,\n  PRIMARY KEY (\`id\`)\n);\n/*!40000 ALTER TABLE \`users\` DISABLE KEYS */;\nINSERT INTO \`users\` VALUES ${names.map((name, index) => `(${index},'${escaped(name)}')`).join(",")};\n`;
      expect((await readDump(streamOf(new TextEncoder().encode(dump), []))).users.map((row) => row["username"])).toEqual(names);
    }),
  );
});
