import type { Config } from "../config.ts";
import type { FirstCredentials } from "./first-start.ts";

/** What a person reads when the gateway is up: where it listens, the credentials once, a line to paste. */
export function greeting(what: {
  config: Config;
  credentials: FirstCredentials | undefined;
  simulated: readonly string[];
  sandboxUrl: string | undefined;
  readyMs: number;
}): string {
  const { config, credentials } = what;
  const host = config.host === "0.0.0.0" || config.host === "::" ? "127.0.0.1" : config.host;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${config.port}`;
  const lines = ["", `  YEScale is ready on ${url} (${Math.round(what.readyMs)} ms)`, ""];
  if (what.simulated.length > 0)
    lines.push(`  No credentials for ${what.simulated.join(", ")}: played by the sandbox. Set OPENAI_API_KEY and the like to reach the vendor.`, "");
  if (credentials) {
    const shown = (value: string, preset: boolean): string => (preset ? "as you set it" : value);
    lines.push(
      "  Your credentials, shown this once:",
      `    API key       ${shown(credentials.apiKey, credentials.presets.apiKey)}`,
      `    sandbox key   ${credentials.testKey}   (simulators only, never costs anything)`,
      `    access key    ${shown(credentials.accessKey, credentials.presets.accessKey)}   (System API: ${url}/yescale/user)`,
      `    owner login   owner / ${shown(credentials.adminPassword, credentials.presets.adminPassword)}`,
      "",
      "  Try it:",
      `    curl ${url}/v1/chat/completions -H 'Authorization: Bearer ${credentials.presets.apiKey ? "$YESCALE_API_KEY" : credentials.apiKey}' -H 'Content-Type: application/json' -d '{"model":"gpt-4.1-mini","messages":[{"role":"user","content":"Say hello"}]}'`,
      "",
    );
  }
  return `${lines.join("\n")}\n`;
}
