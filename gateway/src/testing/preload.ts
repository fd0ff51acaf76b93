import { afterAll } from "bun:test";
import { stopTestServer } from "./postgres.ts";

// Bun's test runner calls no exit handlers: the one server of the run is stopped here, after the last file.
afterAll(stopTestServer);
