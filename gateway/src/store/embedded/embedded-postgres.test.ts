import { afterAll, afterEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { EmbeddedPostgresError, startEmbeddedPostgres } from "./index.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { isRunning, processesOf } from "./processes.ts";
import { dropTemplate, query, Scene } from "./testing/scene.ts";

const onLinux = process.platform === "linux";

let scenes: Scene[] = [];
const scene = (dataDir?: string): Scene => {
  const made = new Scene(dataDir);
  scenes.push(made);
  return made;
};
/** A scene after an earlier run: its database holds the table `kept`. */
const sceneWithDatabase = async (dataDir?: string): Promise<Scene> => {
  const made = scene(dataDir);
  await made.fill();
  return made;
};
afterAll(dropTemplate);
afterEach(async () => {
  for (const each of scenes) await each.close();
  scenes = [];
});

const keepOne = "create table kept (value int); insert into kept values (1)";
const kept = "select value from kept";

async function failureOf(work: Promise<unknown>): Promise<EmbeddedPostgresError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EmbeddedPostgresError))
    throw new Error("no EmbeddedPostgresError", { cause: error });
  return error;
}

describe("start and stop", () => {
  test("the first start makes a database, the second uses it again", async () => {
    const here = scene();
    const first = await here.start();
    expect(first.how).toBe("initialised");
    await query(first.connection, keepOne);
    const [facts] = await query(
      first.connection,
      `select current_database() as database, getdatabaseencoding() as encoding, upper('é') as upper, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('jit') as jit, current_setting('data_checksums') as checksums`,
    );
    expect(facts).toEqual({
      database: "yescale",
      encoding: "UTF8",
      upper: "É",
      fsync: "on",
      commit: "on",
      jit: "off",
      checksums: "on",
    });
    const pid = here.serverPid;
    await Promise.all([first.stop(), first.stop()]);
    expect(isRunning(pid)).toBe(false);
    expect(readPostmasterFile(here.cluster)).toBeUndefined();

    const logFile = join(here.dataDir, "postgres", "server.log");
    writeFileSync(logFile, "x".repeat(5_000_000));
    const begun = performance.now();
    const second = await here.start();
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(second.how).toBe("started");
    expect(await query(second.connection, kept)).toEqual([{ value: 1 }]);
    expect(statSync(logFile).size).toBeLessThan(100_000);
    expect(statSync(`${logFile}.old`).size).toBe(5_000_000);
    await second.stop();
  });

  test.if(onLinux)(
    "the server has a session of its own, a private socket, no TCP port and none of our files",
    async () => {
      const here = await sceneWithDatabase();
      const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
      const { connection, stop } = await here.start();
      const pid = here.serverPid;
      // Behind the name: state, parent, group, session (proc(5)).
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      expect([Number(fields[2]), Number(fields[3])]).toEqual([pid, pid]);
      expect((statSync(connection.host).mode & 0o777).toString(8)).toBe("700");
      expect(await query(connection, "select current_setting('listen_addresses') as addresses")).toEqual([
        { addresses: "" },
      ]);

      const inodes = new Set(
        readdirSync(`/proc/${pid}/fd`).map(
          (fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? "",
        ),
      );
      const tcp = [readFileSync("/proc/net/tcp", "utf8"), readFileSync("/proc/net/tcp6", "utf8")]
        .join("\n")
        .split("\n");
      expect(tcp.filter((line) => inodes.has(line.trim().split(/\s+/)[9] ?? "none"))).toEqual([]);
      listener.stop();
      await stop();
    },
  );

  test("a data folder whose socket path would be too long gets a short socket folder, which may be lost", async () => {
    const here = await sceneWithDatabase(`data-${"long-".repeat(20)}name`);
    const first = await here.start();
    expect(first.connection.host).not.toStartWith(here.dataDir);
    await first.stop();
    rmSync(first.connection.host, { recursive: true });

    const killed = await here.otherGateway();
    expect(killed.told.how).toBe("started");
    await killed.end("SIGKILL");
    // The temp folder is cleaned under a running server: nobody can reach it any more.
    rmSync(first.connection.host, { recursive: true });
    const again = await here.start();
    expect(again.how).toBe("recovered");
    expect(await query(again.connection, kept)).toEqual([{ value: 1 }]);
    await again.stop();
  });

  test.if(process.getuid?.() === 0)("a socket folder of another user is not used", async () => {
    const here = await sceneWithDatabase(`data-${"long-".repeat(20)}name`);
    const { connection, stop } = await here.start();
    await stop();
    Bun.spawnSync(["chown", "1:1", connection.host]);
    expect((await failureOf(here.start())).code).toBe("socket_folder");
  });
});

describe("after a kill", () => {
  test("a server that a killed gateway left is taken over", async () => {
    const here = await sceneWithDatabase();
    const killed = await here.otherGateway();
    const pid = here.serverPid;
    await killed.end("SIGKILL");
    const taken = await here.start();
    expect(taken.how).toBe("reattached");
    expect(here.serverPid).toBe(pid);
    expect(await query(taken.connection, kept)).toEqual([{ value: 1 }]);
    await taken.stop();
    expect(isRunning(pid)).toBe(false);
  });

  test("a killed server is recovered with all that was committed", async () => {
    const here = await sceneWithDatabase();
    const first = await here.start();
    process.kill(here.serverPid, "SIGKILL");
    const again = await here.start();
    expect(again.how).toBe("recovered");
    expect(await query(again.connection, kept)).toEqual([{ value: 1 }]);
    await first.stop();
    // The first handle's use has ended; the second's has not.
    expect(await query(again.connection, kept)).toEqual([{ value: 1 }]);
    await again.stop();
    expect(processesOf(here.cluster)).toEqual([]);
  });

  test.if(onLinux)("processes that outlive their killed server are waited for", async () => {
    const here = await sceneWithDatabase();
    await here.start();
    const server = here.serverPid;
    const child = processesOf(here.cluster).find((pid) => pid !== server) ?? 0;
    process.kill(child, "SIGSTOP");
    process.kill(server, "SIGKILL");
    setTimeout(() => process.kill(child, "SIGCONT"), 400);
    const begun = performance.now();
    expect((await here.start()).how).toBe("recovered");
    expect(performance.now() - begun).toBeGreaterThan(350);
  });

  test("a stale pid file does not hinder, whether its process is dead, another program, or not told", async () => {
    const here = await sceneWithDatabase();
    const first = await here.start();
    const note = readPostmasterFile(here.cluster)?.text ?? "";
    const file = join(here.cluster, "postmaster.pid");
    await first.stop();

    const dead = Bun.spawn(["true"]);
    await dead.exited;
    const living = Bun.spawn(["sleep", "60"]);
    for (const text of [
      note.replace(/^\d+/, String(dead.pid)),
      note.replace(/^\d+/, String(living.pid)),
      "",
    ]) {
      writeFileSync(file, text, { mode: 0o600 });
      writeFileSync(
        join(first.connection.host, ".s.PGSQL.5432.lock"),
        note.replace(/^\d+/, String(living.pid)),
      );
      const again = await here.start();
      expect(again.how).toBe("recovered");
      expect(await query(again.connection, kept)).toEqual([{ value: 1 }]);
      await again.stop();
    }
    expect(living.exitCode).toBeNull();
    living.kill();
  });

  test("what a killed first start left is cleaned away", async () => {
    const here = scene();
    mkdirSync(join(here.dataDir, "postgres", "unfinished-abc", "base"), { recursive: true });
    writeFileSync(join(here.dataDir, "postgres", "unfinished-abc", "PG_VERSION"), "18\n");
    expect((await here.start()).how).toBe("initialised");
    expect(
      readdirSync(join(here.dataDir, "postgres")).filter((name) => name.startsWith("unfinished")),
    ).toEqual([]);
  });

  test("a gateway killed in the middle of its first start leaves nothing that hinders the next", async () => {
    const here = scene();
    const failed = here.otherGateway().catch(() => undefined);
    const home = join(here.dataDir, "postgres");
    const unfinished = (): string[] =>
      existsSync(home) ? readdirSync(home).filter((name) => name.startsWith("unfinished-")) : [];
    for (
      let left = 1_000;
      left > 0 && !unfinished().some((name) => existsSync(join(home, name, "base")));
      left -= 1
    )
      await Bun.sleep(5);
    here.killGateways();
    expect(await failed).toBeUndefined();
    expect(existsSync(here.cluster)).toBe(false);
    const { how, connection } = await here.start();
    expect(how).toBe("initialised");
    expect(unfinished()).toEqual([]);
    expect(await query(connection, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("two gateways on one folder", () => {
  test("share one server, and the last to leave stops it", async () => {
    const here = scene();
    const [one, two] = await Promise.all([here.otherGateway(), here.otherGateway()]);
    expect([one.told.how, two.told.how].toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      "initialised",
      "reattached",
    ]);
    const pid = here.serverPid;
    const third = await here.start();
    expect(third.how).toBe("reattached");
    await query(third.connection, keepOne);
    await one.end("SIGTERM");
    expect(isRunning(pid)).toBe(true);
    await third.stop();
    expect(isRunning(pid)).toBe(true);
    if (two.told.connection === undefined) throw new Error("no connection");
    expect(await query(two.told.connection, kept)).toEqual([{ value: 1 }]);
    await two.end("SIGTERM");
    expect(isRunning(pid)).toBe(false);
  });
});

describe("folders that cannot be used", () => {
  test("another version's files are left alone", async () => {
    const here = scene();
    mkdirSync(here.cluster, { recursive: true });
    writeFileSync(join(here.cluster, "PG_VERSION"), "17\n");
    const error = await failureOf(here.start());
    expect(error.code).toBe("wrong_version");
    expect(error.message).toContain("Postgres 17");
    expect(readdirSync(here.cluster)).toEqual(["PG_VERSION"]);
  });

  test("files that are no database are left alone", async () => {
    const here = scene();
    mkdirSync(here.cluster, { recursive: true });
    writeFileSync(join(here.cluster, "something"), "");
    expect((await failureOf(here.start())).code).toBe("data_folder");
    expect(readdirSync(here.cluster)).toEqual(["something"]);
  });

  test("a data folder that cannot be made", async () => {
    const here = scene("file/data");
    writeFileSync(join(here.root, "file"), "");
    const error = await failureOf(here.start());
    expect(error.code).toBe("data_folder");
    expect(error.hints.join(" ")).toContain("DATABASE_URL");
  });

  test("settings that Postgres refuses are told in its words", async () => {
    const here = await sceneWithDatabase();
    const error = await failureOf(
      startEmbeddedPostgres({ dataDir: here.dataDir, log: () => undefined, settings: { jit: "perhaps" } }),
    );
    expect(error.code).toBe("start_failed");
    expect(error.message).toContain('parameter "jit" requires a Boolean value');
  });
});
