import { describe, expect, test } from "bun:test";
import { findBinaries } from "./binaries.ts";
import { EmbeddedPostgresError, failure, textOf } from "./errors.ts";
import { socketFile, socketFolderFor } from "./layout.ts";
import { parsePostmasterFile, sameServer } from "./postmaster-file.ts";
import { isAlive, isRunning, processName } from "./processes.ts";
import { settingsArguments } from "./settings.ts";

const note = "4711\n/data/cluster\n1764000000\n5432\n/data/socket\n\n  123456    789\nready   \n";

describe("postmaster.pid", () => {
  test("is read by its lines", () => {
    expect(parsePostmasterFile(note)).toEqual({
      pid: 4711,
      socketFolder: "/data/socket",
      status: "ready",
      text: note,
    });
    expect(parsePostmasterFile("-12\n").pid).toBe(12);
    expect(parsePostmasterFile("").pid).toBe(0);
    expect(parsePostmasterFile("nonsense\n").pid).toBe(0);
  });

  test("names one server, whatever its status", () => {
    expect(sameServer(note, note.replace("ready   ", "stopping"))).toBe(true);
    expect(sameServer(note, note.replace("1764000000", "1764000001"))).toBe(false);
  });
});

describe("the socket's folder", () => {
  test("lies in the data folder up to the longest path a socket may have, then under the temp folder", () => {
    const longest = process.platform === "darwin" ? 103 : 107;
    const home = `/${"h".repeat(longest - Buffer.byteLength(socketFile("/socket")) - 1)}`;
    expect(Buffer.byteLength(socketFile(socketFolderFor(home, "/tmp")))).toBe(longest);
    expect(socketFolderFor(`${home}h`, "/tmp")).toMatch(/^\/tmp\/yescale-[0-9a-f]{16}$/);
    expect(socketFolderFor(`${home}h`, "/tmp")).not.toBe(socketFolderFor(`${home}hh`, "/tmp"));
    expect(() => socketFolderFor(`${home}h`, home)).toThrow(EmbeddedPostgresError);
  });

  test("is one folder even with a comma or a quote in its name", () => {
    expect(settingsArguments('/a,b"c')).toContain('unix_socket_directories="/a,b""c"');
  });
});

test("settings may be changed, but not what keeps the server private", () => {
  const changed = settingsArguments("/s", {
    jit: "on",
    listen_addresses: "*",
    unix_socket_permissions: "0777",
  });
  expect(changed).toContain("jit=on");
  expect(changed).toContain("listen_addresses=");
  expect(changed).toContain("unix_socket_permissions=0700");
});

test("a full disk has its own code, whatever failed because of it", () => {
  const error = failure(
    "start_failed",
    "The database did not start",
    "could not write: No space left on device",
    ["see the log"],
  );
  expect(error.code).toBe("disk_full");
  expect(error.message).toContain("free some space");
  expect(failure("start_failed", "The database did not start", "", []).code).toBe("start_failed");
});

test("machines without binaries are told", async () => {
  expect(await findBinaries("win32", "x64").catch(textOf)).toContain("WSL");
  expect(await findBinaries("sunos", "sparc").catch(textOf)).toContain("sunos sparc");
});

test("a process name does not outlive its process", async () => {
  const child = Bun.spawn(["sleep", "60"]);
  const name = processName(child.pid);
  expect(isAlive(name)).toBe(true);
  expect(isAlive(`${process.pid}-1`)).toBe(process.platform !== "linux");
  child.kill("SIGKILL");
  await child.exited;
  expect(isAlive(name)).toBe(false);
  expect(isRunning(0)).toBe(false);
});
