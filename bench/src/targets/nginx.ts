import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plainEnvironment, type Child, type Children } from "../process/children.ts";
import { descendants } from "../process/process-tree.ts";
import { answersOk, freePort, waitUntil } from "../process/wait.ts";
import { NGINX, type Target } from "./target.ts";

const configuration = (port: number, upstreamPort: number): string => `
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
worker_rlimit_nofile 16384;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 8192; }
http {
  access_log off;
  default_type application/json;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 64m;
  keepalive_requests 100000000;
  keepalive_timeout 3600s;
  upstream bench { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 3600s;
    }
  }
}
`;

/** Where nginx is; undefined if it is not installed. */
export const nginxProgram = (): string | undefined =>
  Bun.which("nginx", { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` }) ??
  undefined;

/** Starts nginx with one worker and connections to the upstream kept alive. */
export async function startNginx(
  children: Children,
  program: string,
  upstream: Target,
  temporaryFolder: string,
): Promise<Target> {
  const folder = join(temporaryFolder, "nginx");
  mkdirSync(folder);
  const port = freePort();
  const file = join(folder, "nginx.conf");
  writeFileSync(file, configuration(port, upstream.port));
  let child: Child | undefined;
  const start = async (): Promise<void> => {
    child = children.start({
      command: [
        program,
        "-c",
        file,
        "-p",
        folder,
        "-e",
        join(folder, "error.log"),
        "-g",
        "daemon off;",
      ],
      environment: plainEnvironment(),
      stderr: "inherit",
    });
    const check = (): Promise<boolean> => answersOk(`http://127.0.0.1:${port}/v1/models`);
    await waitUntil(check, { ms: 10_000, everyMs: 20, what: "nginx", child });
  };
  await start();
  return {
    ...upstream,
    name: NGINX,
    port,
    pids: () => (child === undefined ? [] : [child.pid, ...descendants([child.pid])]),
    restart: async () => {
      if (child !== undefined) await children.stop(child);
      await start();
    },
  };
}
