/** How many seeds a test looks at: its share of a thousand, or of `SEEDS`. */
export function seedCount(share: number): number {
  return Math.max(1, Math.round(Number(process.env['SEEDS'] ?? 1_000) * share))
}
