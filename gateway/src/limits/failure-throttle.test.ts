import { expect, test } from "bun:test";
import { FakeClock } from "../clock/fake-clock.ts";
import { FailureThrottle, networkOf } from "./failure-throttle.ts";

test("F21: an address has its tries in a minute, and then is told when it has them again", () => {
  const clock = new FakeClock();
  const throttle = new FailureThrottle(clock, 3);
  expect([1, 2, 3, 4].map(() => throttle.failed("192.0.2.1"))).toEqual([undefined, undefined, undefined, 60]);
  expect(throttle.failed("192.0.2.2")).toBeUndefined();
  clock.advance(45_500);
  expect(throttle.failed("192.0.2.1")).toBe(15);
  clock.advance(14_500);
  expect(throttle.failed("192.0.2.1")).toBeUndefined();
});

test("F21: an IPv6 customer has one count for all its addresses, IPv4 over IPv6 is IPv4", () => {
  expect(networkOf("2001:db8:1:2:aaaa::1")).toBe(networkOf("2001:db8:1:2::2"));
  expect(networkOf("2001:db8:1:2::1")).not.toBe(networkOf("2001:db8:1:3::1"));
  expect(networkOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
  const throttle = new FailureThrottle(new FakeClock(), 2);
  throttle.failed("2001:db8::1");
  throttle.failed("2001:db8::2");
  expect(throttle.failed("2001:db8::3")).toBe(60);
});

test("F21: a flood from a million addresses keeps no more than a bound, and forgets it with the minute", () => {
  const clock = new FakeClock();
  const throttle = new FailureThrottle(clock, 60);
  for (let i = 0; i < 200_000; i += 1) throttle.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  expect(throttle.size).toBe(50_000);
  clock.advance(60_000);
  throttle.failed("192.0.2.1");
  expect(throttle.size).toBe(1);
});

test("F21: several processes have the tries of one together, each its share rounded up", () => {
  const clock = new FakeClock();
  const four = Array.from({ length: 4 }, () => new FailureThrottle(clock, 10));
  for (const throttle of four) throttle.processes = 4;
  const listened = (): number => Array.from({ length: 40 }, (_, i) => four[i % 4]?.failed("192.0.2.1")).filter((wait) => wait === undefined).length;
  expect(listened()).toBe(12);
  expect(four.every((throttle) => throttle.over("192.0.2.1") !== undefined)).toBe(true);
  clock.advance(60_000);
  // Fewer of them have more each, more of them less, from now on.
  for (const throttle of four) throttle.processes = 2;
  expect(listened()).toBe(20);
  for (const throttle of four) throttle.processes = 1_000;
  expect(listened()).toBe(0);
  const none = new FailureThrottle(clock, 0);
  none.processes = 4;
  expect(Array.from({ length: 40 }, () => none.failed("192.0.2.1")).every((wait) => wait === undefined)).toBe(true);
});
