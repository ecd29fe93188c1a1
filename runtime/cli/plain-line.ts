/** The text as one line. Names and keys come from files and messages: what steers a terminal must not reach it. */
export function plainLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g, ' ')
}
