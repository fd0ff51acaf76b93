/** Ends this process when the harness has gone: its end of standard input closes. */
export async function exitWithParent(): Promise<void> {
  const reader = Bun.stdin.stream().getReader();
  while (!(await reader.read()).done);
  process.exit(0);
}
