import type { Db } from "../../store/database.ts";
import { countLog, countWholeLog, type LogFilter, type LogRow, listLog, skipLog } from "../../store/queries/logs.ts";
import { countTasks, listTasks, skipTasks, type TaskFilter, type TaskListed } from "../../store/queries/task-lists.ts";
import type { ListSource } from "./numbered-pages.ts";

/** Rows counted of a list without a counter: an index is read through for them. */
const COUNTED_MAX = 20_000;

/** Logs; an account's whole log has a counter. */
export const logSource = (db: Db): ListSource<LogFilter, LogRow> => ({
  list: (filter, page) => listLog(db, filter, page),
  skip: (filter, page) => skipLog(db, filter, page),
  count(filter) {
    const { owner, ...rest } = filter;
    const whole = Object.values(rest).every((value) => value === undefined);
    return whole && typeof owner === "object" && "userId" in owner ? countWholeLog(db, owner.userId) : countLog(db, filter, COUNTED_MAX);
  },
});

export const taskSource = (db: Db): ListSource<TaskFilter, TaskListed> => ({
  list: (filter, page) => listTasks(db, filter, page),
  skip: (filter, page) => skipTasks(db, filter, page),
  count: (filter) => countTasks(db, filter, COUNTED_MAX),
});
