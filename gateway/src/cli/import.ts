import { defineCommand } from "citty";
import { loadCatalog, type Overrides } from "../catalog/index.ts";
import { importInto, tryImport } from "../importing/import.ts";
import { planImport } from "../importing/plan.ts";
import { readOldData } from "../importing/read-old.ts";
import { openSecretBox } from "../process/master-key.ts";
import { reason } from "../process/start-error.ts";
import { changed, print, refuse, withDatabase } from "./open.ts";

const LABEL = /^[\w.-]{1,40}$/;

export const importCommand = defineCommand({
  meta: { name: "import", description: "take over users, keys, balances, channels, groups and prices from a New API or One API database; shows what it would do until --apply" },
  args: {
    json: { type: "boolean", description: "print JSON" },
    source: { type: "positional", description: "SQLite file, dump of MySQL or Postgres (also gzipped), or mysql:// or postgres:// address", required: true },
    apply: { type: "boolean", description: "do it" },
    label: { type: "string", default: "new-api", description: "names the source: under one label nothing is taken over twice" },
  },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      if (!LABEL.test(args.label)) refuse(`--label: "${args.label}" is no name of letters, digits, "_", "." and "-".`);
      const data = await readOldData(args.source).catch((error: unknown) => refuse(`The source cannot be read: ${reason(error)}.`));
      if (data.users.length === 0) refuse("The source has no users: it is no database of New API or One API, or an empty one.");
      const [plan, box] = [planImport(data), await openSecretBox(db, config)];
      const options = { label: args.label, catalogWith: (stored: Overrides) => loadCatalog({ models: config.models, groups: config.groups }, stored), box };
      const report = !args.apply
        ? await tryImport(db, plan, options)
        : await changed(db, async (tx, note) => {
            const done = await importInto(tx, plan, options);
            note(done.change);
            return done.report;
          });
      if (args.json) return print({ ...report }, true);
      const { notes, ...counts } = report;
      print(counts, false);
      for (const note of notes) console.log(`- ${note}`);
      if (!report.applied) console.log("\nNothing was changed. With --apply it is done.");
    }),
});
