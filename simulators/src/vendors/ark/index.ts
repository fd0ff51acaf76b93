/** Ark (Volcengine, BytePlus) beside chat: Seedream's pictures and Seedance's films. The chat of the same vendor is `doubao` of the compatible family. */
import { decodePath } from "../../kit/json.ts";
import type { Beside } from "../compatible/beside.ts";
import { arkFailure } from "./errors.ts";
import { cancelFilm, listFilms, showFilm, submitFilm } from "./films.ts";
import { pictures } from "./pictures.ts";

const TASKS = "/contents/generations/tasks";

/** Ark's media. */
export const ark: Beside = {
  routes: ["POST /images/generations", `POST ${TASKS}`, `GET ${TASKS}/{id}`, `GET ${TASKS}?page_num&page_size&filter.status&filter.task_ids&filter.model`, `DELETE ${TASKS}/{id}`],
  fail: arkFailure,
  answer(request, route, owner) {
    if (route === "POST /images/generations") return pictures(request);
    if (route === `POST ${TASKS}`) return submitFilm(request, owner);
    if (route === `GET ${TASKS}`) return listFilms(request, owner);
    const [, verb, id = ""] = new RegExp(`^(GET|DELETE) ${TASKS}/([^/]+)$`).exec(route) ?? [];
    if (verb === undefined) return undefined;
    return verb === "GET" ? showFilm(request, owner, decodePath(id)) : cancelFilm(request, owner, decodePath(id));
  },
};
