import { madeUpId } from "../canonical/made-up-id.ts";
import { invalid } from "./members.ts";

/** Longest piece of a tool's name in an id. */
const NAME_LENGTH = 24;

interface Call {
  id: string;
  name: string;
  answered: boolean;
}

/** The calls of a conversation in the order of its turns. Ids are optional at Gemini: results find their call by id, else by name and order. */
export class CallIds {
  private readonly calls: Call[] = [];
  private readonly byId = new Map<string, Call>();
  /** open calls per name, oldest first */
  private readonly open = new Map<string, Call[]>();

  /** The id of the next call. Throws when the caller's id was there before. */
  call(name: string, given: string | undefined, path: string): string {
    if (given !== undefined && this.byId.has(given)) throw invalid(path, `"${given}" is the id of an earlier call.`);
    let id = given ?? madeUpId("call", this.calls.length, name.slice(0, NAME_LENGTH));
    while (this.byId.has(id)) id = `${id}_`;
    const call = { id, name, answered: false };
    this.calls.push(call);
    this.byId.set(id, call);
    this.open.set(name, [...(this.open.get(name) ?? []), call]);
    return id;
  }

  /** The id of the call that a result answers. Throws when there is none: Gemini refuses such a turn. */
  result(name: string, given: string | undefined, path: string): string {
    const waiting = this.open.get(name)?.filter((call) => !call.answered) ?? [];
    const call = (given === undefined ? undefined : this.byId.get(given)) ?? waiting[0];
    if (!call) throw invalid(path, `answers no call of "${name}" before it.`);
    if (call.answered) throw invalid(path, `answers the call "${call.id}" a second time.`);
    call.answered = true;
    this.open.set(name, waiting.filter((other) => other !== call));
    return call.id;
  }
}
