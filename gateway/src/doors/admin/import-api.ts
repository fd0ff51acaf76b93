import type { IMPORT_ROUTES } from "@yescale/contract";
import { CatalogError } from "../../catalog/index.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { importInto, tryImport } from "../../importing/import.ts";
import { planImport } from "../../importing/plan.ts";
import { readOldBytes } from "../../importing/read-old.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";

/** Taking over other gateways' databases, for owners. */
export function importHandlers({ db, catalogWith, box }: ApiServices): Handlers<typeof IMPORT_ROUTES> {
  return {
    async take({ query: { apply, label }, raw, change }) {
      const data = await readOldBytes(raw).catch((error: unknown) => {
        throw new GatewayError("invalidRequest", { publicText: `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.` });
      });
      if (data.users.length === 0) throw new GatewayError("invalidRequest", { publicText: "The file has no users: it is no database of New API or One API, or an empty one." });
      const [plan, options] = [planImport(data), { label, catalogWith, box }];
      try {
        if (apply === "true")
          return await change(async (tx, note) => {
            const done = await importInto(tx, plan, options);
            note(done.change);
            return done.report;
          });
        const report = await tryImport(db, plan, options);
        await change((_tx, note) => Promise.resolve(note({ action: "import.try", subject: `import:${label}` })));
        return report;
      } catch (error) {
        if (!(error instanceof CatalogError)) throw error;
        throw new GatewayError("invalidRequest", { publicText: error.faults.join("\n") });
      }
    },
  };
}
