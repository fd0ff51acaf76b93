import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import { MailFolder } from "./mail-folder.ts";
import { mailerOf } from "./mailer.ts";

const path = mkdtempSync(join(tmpdir(), "yescale-mails-"));
afterAll(() => rmSync(path, { recursive: true }));
const folder = new MailFolder(path);
const send = mailerOf({ smtpUrl: undefined, from: "gateway@example.com" }, folder);
const texts = (): string[] => readdirSync(path).map((name) => readFileSync(join(path, name), "utf8"));

test("mails to an address are found and go, however it is written; others stay", async () => {
  for (const to of ["Ada@Example.com", "ada@example.com", "bob@example.com", "ada@example.com.au", "čaj@příklad.cz"]) await send({ to, subject: "hello", text: `of ${to}` });
  expect(texts()).toHaveLength(5);
  folder.forget(" ADA@example.com");
  expect(texts().filter((text) => /^To: ada@example\.com$/im.test(text))).toEqual([]);
  expect(texts()).toHaveLength(3);
  folder.forget("čaj@příklad.cz");
  folder.forget("nobody@example.com");
  expect(texts()).toHaveLength(2);
});

test("after 30 days a mail goes; a file that is none stays", () => {
  writeFileSync(join(path, "notes.txt"), "mine");
  writeFileSync(join(path, "old.eml"), "mine too");
  const now = Date.now();
  folder.sweep(now + 29 * 86_400_000);
  expect(readdirSync(path)).toHaveLength(4);
  folder.sweep(now + 31 * 86_400_000);
  expect(readdirSync(path).toSorted()).toEqual(["notes.txt", "old.eml"]);
  new MailFolder(join(path, "never made")).sweep(now);
  new MailFolder(join(path, "never made")).forget("x");
});
