/** Text from elsewhere must not steer the terminal. */
export function printable(line: string): string {
  return line.replace(/\p{C}/gu, "\ufffd");
}
