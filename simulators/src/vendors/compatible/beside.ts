/** How a vendor of the family offers more than chat. */
import type { Answer, Failure, Received, WholeAnswer } from "../../kit/vendor.ts";

/** What a vendor offers at the same address beside chat. */
export interface Beside {
  /** paths below the prefix */
  routes: string[];
  /** Takes a request whose key was accepted, its method and path below the prefix, and its credential; gives the answer, `undefined` when it is none of the routes. */
  answer(request: Received, route: string, owner: string): Answer | Promise<Answer> | undefined;
  /** Takes a request and a wished failure; gives the vendor's error, of chat too, where it is another than the family's. */
  fail?(request: Received, failure: Failure): WholeAnswer;
}
