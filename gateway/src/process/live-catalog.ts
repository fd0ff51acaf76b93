import { type Catalog, CatalogError, loadCatalog, type Overrides } from "../catalog/index.ts";
import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { catalogOverrides, lockCatalog, savePriceVersion } from "../store/queries/prices.ts";
import { StartError } from "./start-error.ts";

/** The catalog that new requests see: shipped data, settings and database in one. It is replaced as a whole; requests under way keep the one they came in with. */
export class LiveCatalog {
  private reloading: Promise<void> = Promise.resolve();

  private constructor(
    private readonly db: Db,
    private readonly settings: Overrides,
    private readonly log: Logger,
    public current: Catalog,
  ) {}

  /** Throws StartError when the database's entries do not fit the shipped ones any more: guessing at prices is no way to start. */
  static async open(db: Db, settings: Overrides, log: Logger): Promise<LiveCatalog> {
    try {
      return new LiveCatalog(db, settings, log, await inForce(db, (stored) => loadCatalog(settings, stored)));
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      throw new StartError(`Models or groups set through the gateway do not fit this version:\n${error.faults.map((fault) => `  - ${fault}`).join("\n")}\nTake them away with \`npm run cli -- catalog remove\`.`);
    }
  }

  /** The catalog as it would be with other entries in the database. Throws CatalogError. */
  with(stored: Overrides): Catalog {
    return loadCatalog(this.settings, stored);
  }

  /** Reads the database's entries again. Entries that make no catalog leave the last one in force. */
  reload(): Promise<void> {
    // One after another: what was read last is what stays.
    this.reloading = this.reloading.catch(() => undefined).then(() => this.read());
    return this.reloading;
  }

  private async read(): Promise<void> {
    try {
      const read = this.with(await catalogOverrides(this.db));
      this.current = read.priceVersion === this.current.priceVersion ? read : await inForce(this.db, (stored) => this.with(stored));
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      this.log.error({ faults: error.faults }, "models or groups of the database make no catalog; the last one stays in force");
    }
  }
}

/** The catalog of what the database holds, noted as in force from now on. No change comes between: a process that is late notes no prices that others have left behind. */
const inForce = (db: Db, load: (stored: Overrides) => Catalog): Promise<Catalog> =>
  db.transaction().execute(async (tx) => {
    await lockCatalog(tx);
    const catalog = load(await catalogOverrides(tx));
    await savePriceVersion(tx, catalog.priceVersion, catalog.priceData());
    return catalog;
  });
