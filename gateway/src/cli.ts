import { join } from "node:path";
import { defineCommand, runMain } from "citty";
import { channelCommand } from "./cli/channels.ts";
import { doctorCommand } from "./cli/doctor.ts";
import { keyCommand } from "./cli/keys.ts";
import { userCommand } from "./cli/users.ts";

/** Another program of ours, in its own process with our terminal. */
const program = (name: string, description: string, file: string) =>
  defineCommand({
    meta: { name, description },
    async run({ rawArgs }) {
      const child = Bun.spawn([process.execPath, join(import.meta.dir, file), ...(name === "start" ? ["start"] : rawArgs)], { stdio: ["inherit", "inherit", "inherit"] });
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill(signal));
      process.exit(await child.exited);
    },
  });

await runMain(
  defineCommand({
    meta: { name: "yescale", description: "One key and one wallet for every AI model" },
    subCommands: {
      start: program("start", "run the gateway", "main.ts"),
      sandbox: program("sandbox", "run the simulators alone", "../../simulators/src/main.ts"),
      key: keyCommand,
      user: userCommand,
      channel: channelCommand,
      doctor: doctorCommand,
    },
  }),
);
