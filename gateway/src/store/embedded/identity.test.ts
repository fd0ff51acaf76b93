import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { dropTemplate, query, Scene } from "./testing/scene.ts";

/** These need root on Linux, the tools of util-linux, and a kernel that allows user namespaces. */
const namespaces =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  Bun.which("unshare") !== null &&
  Bun.which("setpriv") !== null &&
  Bun.spawnSync(["unshare", "--user", "true"]).exitCode === 0;

/** Whether another user can read these files at all: not in a clone below /root. */
const readable =
  namespaces && Bun.spawnSync(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "test", "-r", import.meta.path]).exitCode === 0;
if (namespaces && !readable) process.stderr.write("identity.test.ts: other users cannot enter this folder, so what concerns them is skipped\n");

let here: Scene | undefined;
afterAll(dropTemplate);
afterEach(() => here?.close());

/** A PATH without `unshare`, as if it were not installed. */
function pathWithoutUnshare(folder: string): string {
  mkdirSync(folder);
  for (const tool of ["setpriv", "sh", "test", "chown"]) {
    const found = Bun.which(tool);
    if (found !== null) symlinkSync(found, join(folder, tool));
  }
  return folder;
}

describe.if(namespaces)("root", () => {
  test("runs Postgres in a folder that no other user can enter, whose files stay root's", async () => {
    here = new Scene();
    chmodSync(here.root, 0o700);
    const { connection, stop } = await here.start();
    expect(statSync(here.cluster).uid).toBe(0);
    expect(await query(connection, "select 1 as one")).toEqual([{ one: 1 }]);
    await stop();
    expect(here.lines.some(({ detail }) => detail?.["runsAs"] === "user namespace")).toBe(true);
  });

  test.if(readable)("without namespaces runs it as a system user, and gives that user nothing but the database", async () => {
    here = new Scene();
    chmodSync(here.root, 0o755);
    mkdirSync(here.dataDir, { mode: 0o700 });
    const PATH = pathWithoutUnshare(join(here.root, "bin"));
    const gateway = await here.otherGateway([], { PATH });
    expect(gateway.told.how).toBe("initialised");
    const { uid } = statSync(here.cluster);
    expect(uid).not.toBe(0);
    expect(statSync(here.dataDir).uid).toBe(0);
    expect((statSync(here.dataDir).mode & 0o777).toString(8)).toBe("710");
    if (gateway.told.connection === undefined) throw new Error("no connection");
    await query(gateway.told.connection, "select 1");
    await gateway.end("SIGTERM");
    // Where namespaces are allowed again, the files' owner still is who runs it.
    const again = await here.start();
    expect(again.how).toBe("started");
    expect(statSync(`/proc/${here.serverPid}`).uid).toBe(uid);
    await again.stop();
  });

  test.if(readable)("gives root's files to a system user when namespaces are no longer allowed", async () => {
    here = new Scene();
    chmodSync(here.root, 0o755);
    await here.fill();
    const gateway = await here.otherGateway([], { PATH: pathWithoutUnshare(join(here.root, "bin")) });
    expect(gateway.told.how).toBe("started");
    if (gateway.told.connection === undefined) throw new Error("no connection");
    await query(gateway.told.connection, "select from kept");
    await gateway.end("SIGTERM");
  });

  test("is told three ways out where nothing works", async () => {
    here = new Scene();
    chmodSync(here.root, 0o700);
    const { told } = await here.otherGateway([], { PATH: pathWithoutUnshare(join(here.root, "bin")) });
    expect(told.code).toBe("cannot_run_as_root");
    expect(told.message).toContain(`cannot enter ${here.root}`);
    for (const way of ["ordinary user", "DATABASE_URL", "user namespaces"])
      expect(told.message).toContain(way);
    expect(existsSync(here.cluster)).toBe(false);
  });
});

describe.if(readable)("an ordinary user", () => {
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

  test("runs Postgres as it is", async () => {
    here = new Scene();
    Bun.spawnSync(["chown", "65534:65534", here.root]);
    const gateway = await here.otherGateway(nobody);
    expect(gateway.told.how).toBe("initialised");
    expect(statSync(here.cluster).uid).toBe(65_534);
    await gateway.end("SIGTERM");
  });

  test("is told of a data folder that it may not write", async () => {
    here = new Scene();
    chmodSync(here.root, 0o755);
    const { told } = await here.otherGateway(nobody);
    expect(told.code).toBe("data_folder");
    expect(told.message).toContain("permission denied");
  });
});
