import { Base64Lifter } from "../dialects/canonical/base64-lifter.ts";
import { JsonScan } from "../dialects/canonical/json-scan.ts";
import { StandIns } from "../dialects/canonical/stand-ins.ts";
import type { RelayCall } from "./call.ts";
import type { BodyScan } from "./request-body.ts";

/** Base64 is looked through in slices of this size, about a millisecond each, with others served in between. */
const LIFT_SLICE_BYTES = 1024 * 1024;

/** A body's JSON text with stand-ins for its large base64; without `standIns` it has none and is whole. */
export interface LiftedBody {
  text: string;
  standIns?: StandIns;
}

/** A secret for stand-ins: 122 random bits, in letters and digits. */
export const newStandIns = (): StandIns => new StandIns(crypto.randomUUID().replaceAll("-", ""));

/** The text of a call's JSON body, its large base64 left where it lies; at once where it holds none. */
export function liftedBody(call: RelayCall, scan: BodyScan): LiftedBody | Promise<LiftedBody> {
  return scan instanceof JsonScan && scan.largeMedia.length > 0 ? lifted(scan) : { text: call.body.toString("utf8") };
}

async function lifted(scan: JsonScan): Promise<LiftedBody> {
  const standIns = newStandIns();
  const lifter = new Base64Lifter(scan);
  while (!lifter.run(LIFT_SLICE_BYTES)) await new Promise<void>((resolve) => setImmediate(resolve));
  return { text: lifter.text(standIns), standIns };
}
