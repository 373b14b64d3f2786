/** What stands behind an option on the command line, `undefined` if nothing does. */
export function optionValue(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
