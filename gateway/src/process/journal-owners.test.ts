import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { livingOwners, ownJournal } from "./journal-owners.ts";

test("M18: a journal's owner lives as long as its process; notes of the dead are taken away", async () => {
  const folder = join(mkdtempSync(join(tmpdir(), "yescale-owners-")), "journal");
  expect(livingOwners(folder)).toEqual(new Set());
  const disown = ownJournal(folder, "mine");
  const child = Bun.spawn([process.execPath, "-e", `const { ownJournal } = await import(${JSON.stringify(join(import.meta.dir, "journal-owners.ts"))}); ownJournal(${JSON.stringify(folder)}, "theirs"); console.log("up"); await Bun.sleep(60000);`], { stdout: "pipe" });
  await child.stdout.getReader().read();
  // A process id that was given again to another process: the start time differs.
  writeFileSync(join(folder, "reused.owner"), `${process.pid}-1`);
  expect(livingOwners(folder)).toEqual(new Set(["mine", "theirs"]));
  child.kill("SIGKILL");
  await child.exited;
  expect(livingOwners(folder)).toEqual(new Set(["mine"]));
  expect(readdirSync(folder)).toEqual(["mine.owner"]);
  disown();
  expect(livingOwners(folder)).toEqual(new Set());
  rmSync(join(folder, ".."), { recursive: true });
});
