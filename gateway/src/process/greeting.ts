import type { FirstCredentials } from "./first-start.ts";

/** The credentials of a first start, as they are shown once; a preset one is not repeated. */
export function credentialsText(credentials: FirstCredentials): string {
  const { presets } = credentials;
  const shown = (value: string, preset: boolean): string => (preset ? "as you set it" : value);
  const lines = [
    "",
    "  Your credentials, shown this once:",
    `    API key       ${shown(credentials.apiKey, presets.apiKey)}`,
    `    sandbox key   ${credentials.testKey}   (simulators only, never costs anything)`,
    `    access key    ${shown(credentials.accessKey, presets.accessKey)}   (System API: /yescale/user)`,
    `    owner login   owner / ${shown(credentials.adminPassword, presets.adminPassword)}`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

/** What a person reads when the gateway is up: where it listens, what is simulated, after a first start a line to paste. */
export function readyText(what: { url: string; credentials: FirstCredentials | undefined; simulated: readonly string[]; readyMs: number }): string {
  const { credentials } = what;
  // An address that means "all of this host's" is none to ask.
  const url = what.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  const lines = ["", `  YEScale is ready on ${url} (${Math.round(what.readyMs)} ms)`, ""];
  if (what.simulated.length > 0)
    lines.push(`  No credentials for ${what.simulated.join(", ")}: played by the sandbox. Set OPENAI_API_KEY and the like to reach the vendor.`, "");
  if (credentials)
    lines.push(
      "  Try it:",
      `    curl ${url}/v1/chat/completions -H 'Authorization: Bearer ${credentials.presets.apiKey ? credentials.testKey : credentials.apiKey}' -H 'Content-Type: application/json' -d '{"model":"gpt-4.1-mini","messages":[{"role":"user","content":"Say hello"}]}'`,
      "",
    );
  return `${lines.join("\n")}\n`;
}
