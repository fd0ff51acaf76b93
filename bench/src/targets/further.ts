import type { Target } from "./target.ts";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** A target given by `--target name=url[,pid]`. Throws if it is not on the loopback. */
export function furtherTarget(flag: string, upstream: Target): Target {
  const [, name, address, pid] = /^([^=]+)=([^,]+)(?:,(\d+))?$/.exec(flag) ?? [];
  if (name === undefined || address === undefined || !URL.canParse(address))
    throw new Error(`--target ${flag}: must be name=url or name=url,pid`);
  const url = new URL(address);
  if (url.protocol !== "http:" || !LOOPBACK.has(url.hostname))
    throw new Error(
      `--target ${flag}: only http on the loopback; this load is not for other machines`,
    );
  return {
    ...upstream,
    name,
    host: url.hostname.replaceAll(/[[\]]/g, ""),
    port: Number(url.port || 80),
    prefix: url.pathname.replace(/\/$/, ""),
    pids: () => (pid === undefined ? [] : [Number(pid)]),
  };
}
