/** Whether a defined name is one that programs keep for themselves: print areas, filters, chart series, newer functions. */
export function isBuiltInName(name: string): boolean {
  return /^_xl[a-z]+\.|^Print_(?:Area|Titles)$|^_FilterDatabase$/i.test(name)
}
