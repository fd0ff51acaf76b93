import { type Acceptance, acceptTasks, endTasks, type NewTask, noteTurns, type TaskEnd, type TurnNote } from "../store/queries/tasks.ts";
import type { Db } from "../store/database.ts";
import { Gather } from "./gather.ts";
import { patiently } from "./patience.ts";

/** Items of one statement: its rows are locked for a few milliseconds. */
const BATCH_MAX = 100;
/** Statements of one kind at a time; more would wait for each other at the same wallet. */
const STATEMENTS_MAX = 1;
/** Notes and ends begin this far apart (ms): a caller who waits for a task hears of it so much later, and a caller who waits to be rid of one has the database for himself meanwhile. */
const BEHIND_APART_MS = 10;

/** The moves of tasks in the database, gathered into batches. Notes and ends wait for a database that is away; an acceptance, which somebody waits for, does not. */
export class Moves {
  private readonly accepting: Gather<NewTask, Acceptance>;
  private readonly noting: Gather<TurnNote, boolean>;
  private readonly ending: Gather<TaskEnd, boolean>;

  /** `news`: callers of these tasks see something new, which is in the database by now. */
  constructor(db: Db, news: (ids: readonly string[]) => void) {
    const note = async (notes: TurnNote[]): Promise<boolean[]> => {
      const done = await noteTurns(db, notes);
      news(done.news);
      return notes.map(({ id }) => done.noted.has(id));
    };
    const end = async (ends: TaskEnd[]): Promise<boolean[]> => {
      const done = await endTasks(db, ends);
      news([...done]);
      return ends.map(({ id }) => done.has(id));
    };
    this.accepting = new Gather((tasks) => acceptTasks(db, tasks), BATCH_MAX, STATEMENTS_MAX);
    this.noting = new Gather(note, BATCH_MAX, STATEMENTS_MAX, BEHIND_APART_MS);
    this.ending = new Gather(end, BATCH_MAX, STATEMENTS_MAX, BEHIND_APART_MS);
  }

  /** Row, hold and first turn, or why not. */
  accept(task: NewTask): Promise<Acceptance> {
    return this.accepting.add(task);
  }

  /** Notes what a turn brought; false: the turn is somebody else's by now, and nothing was noted. */
  note(note: TurnNote): Promise<boolean> {
    return patiently(() => this.noting.add(note));
  }

  /** Ends a task; false: it had ended before, or the turn is somebody else's. */
  end(end: TaskEnd): Promise<boolean> {
    return patiently(() => this.ending.add(end));
  }
}
