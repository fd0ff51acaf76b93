import { objectOf, parseJson } from "../dialects/canonical/fields.ts";
import type { AnswerObserver } from "../relay/call.ts";
import { eventsOf, mayHoldResponse, type OwnMembers, responseInEvent, reworded } from "./answer.ts";
import { idsFor, type Item, itemsOf } from "./items.ts";
import { type NewResponse, type ResponseShelf, STORED_BYTES_MAX } from "./shelf.ts";

/** What was asked, for the shelf. */
export interface Asked {
  userId: number;
  keyId: number;
  model: string;
  /** the earlier turns, and their ids */
  history: readonly Item[];
  historyIds: readonly string[];
  historyBytes: number;
  /** `input` as JSON text, not yet read: most of it is never needed before the answer is out */
  input: string;
}

/**
 * Goes along with one answer of `/v1/responses`: puts our own members into the response (the vendor was told to store nothing and knows no earlier response), and puts the finished one on
 * the shelf. Of a stream it keeps the last event only, of an answer above STORED_BYTES_MAX nothing.
 */
export class ResponseObserver implements AnswerObserver {
  private finished: Buffer | undefined;

  /** `asked` undefined: nothing is stored. */
  constructor(
    private readonly shelf: ResponseShelf,
    private readonly asked: Asked | undefined,
    private readonly previous: string | undefined,
  ) {}

  whole(body: Buffer): Buffer {
    return this.take(body, true);
  }

  events(bytes: Buffer): Buffer {
    if (!mayHoldResponse(bytes)) return bytes;
    return Buffer.concat(
      eventsOf(bytes).map((event) => {
        const found = responseInEvent(event);
        return found ? found.with(this.take(found.response, found.finished)) : event;
      }),
    );
  }

  complete(): Promise<void> | undefined {
    const { asked, finished } = this;
    if (!asked || !finished) return undefined;
    const response = objectOf(parseJson(finished.toString("utf8")));
    const { id } = response;
    if (typeof id !== "string" || id === "") return undefined;
    // A text that only the vendor could read would be a history that is missing.
    const input = parseJson(asked.input);
    if (!Array.isArray(input)) return undefined;
    const own = itemsOf(input);
    const put: NewResponse = {
      id,
      userId: asked.userId,
      keyId: asked.keyId,
      model: asked.model,
      conversation: { input: [...asked.history, ...own], inputIds: [...asked.historyIds, ...idsFor(own, id)], own: own.length, response },
      bytes: finished.length + asked.historyBytes + asked.input.length,
    };
    return this.shelf.put(put);
  }

  private take(response: Buffer, finished: boolean): Buffer {
    const { asked } = this;
    const store = asked !== undefined && response.length + asked.historyBytes + asked.input.length <= STORED_BYTES_MAX;
    const own: OwnMembers = { store, previous: this.previous };
    const out = reworded(response, own);
    if (finished && store) this.finished = out;
    return out;
  }
}
