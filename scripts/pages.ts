/**
 * Sends the request of every documented page to a gateway that runs in sandbox mode, and looks at each answer, task, file and charge: `npm run pages -- [address]`, with `YESCALE_API_KEY` and `YESCALE_ACCESS_KEY` as the first start
 * printed them. The same rows are a test (`gateway/src/doors/pages.test.ts`). Ends with ` N pass` and ` N fail`, and with 1 after a failure.
 */
import { PAGES } from "../gateway/src/testing/pages/all.ts";
import { HAS_FFPROBE } from "../gateway/src/testing/pages/media.ts";
import { runPages } from "../gateway/src/testing/pages/run.ts";

const USUAL_URL = "http://127.0.0.1:3000";

const { YESCALE_API_KEY: apiKey, YESCALE_ACCESS_KEY: accessKey, YESCALE_URL } = process.env;
const url = (process.argv[2] ?? YESCALE_URL ?? USUAL_URL).replace(/\/+$/, "");
if (!apiKey || !accessKey) {
  console.error("YESCALE_API_KEY and YESCALE_ACCESS_KEY must be set: the first start prints both.");
  process.exit(2);
}
if (!HAS_FFPROBE) console.log("skipped: opening files by ffprobe, which is not installed; their types and first bytes are looked at all the same");

const results = await runPages(PAGES, { url, apiKey, accessKey });
for (const { page, faults } of results) console.log(faults.length === 0 ? `ok ${page}` : `not ok ${page}\n   ${faults.join("\n   ")}`);
const failed = results.filter(({ faults }) => faults.length > 0).length;
console.log(` ${results.length - failed} pass\n ${failed} fail`);
process.exit(failed > 0 ? 1 : 0);
