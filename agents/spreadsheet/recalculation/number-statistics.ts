import { type FormulaError, errors } from './formula-value.ts'

/** A number out of numbers. */
export type Statistic = (numbers: readonly number[]) => number | FormulaError

export const total = (numbers: readonly number[]): number => {
  let sum = 0
  for (const one of numbers) sum += one
  return sum
}

export const mean: Statistic = (numbers) => (numbers.length === 0 ? errors.division : total(numbers) / numbers.length)

export const deviations = (numbers: readonly number[]): number => {
  const center = total(numbers) / numbers.length
  let sum = 0
  for (const one of numbers) sum += (one - center) ** 2
  return sum
}

export const variance =
  (correction: number, root: boolean): Statistic =>
  (numbers) => {
    if (numbers.length <= correction) return errors.division
    const value = deviations(numbers) / (numbers.length - correction)
    return root ? Math.sqrt(value) : value
  }

const extreme = (numbers: readonly number[], isBetter: (one: number, best: number) => boolean): number => {
  let [best = 0] = numbers
  for (const one of numbers) if (isBetter(one, best)) best = one
  return best
}

export const minimum: Statistic = (numbers) => extreme(numbers, (one, best) => one < best)
export const maximum: Statistic = (numbers) => extreme(numbers, (one, best) => one > best)

export const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)

export const median: Statistic = (numbers) =>
  numbers.length === 0 ? errors.number : percentile(ascending(numbers), 0.5)

export const percentile = (sorted: readonly number[], share: number): number | FormulaError => {
  if (sorted.length === 0 || share < 0 || share > 1) return errors.number
  const place = share * (sorted.length - 1)
  const low = Math.floor(place)
  const first = sorted[low] ?? 0
  return first + (place - low) * ((sorted[low + 1] ?? first) - first)
}

export const percentileExclusive = (sorted: readonly number[], share: number): number | FormulaError => {
  const place = share * (sorted.length + 1)
  if (share <= 0 || share >= 1 || place < 1 || place > sorted.length) return errors.number
  const low = Math.floor(place)
  const first = sorted[low - 1] ?? 0
  return first + (place - low) * ((sorted[low] ?? first) - first)
}

export const mode: Statistic = (numbers) => {
  const counts = new Map<number, number>()
  for (const one of numbers) counts.set(one, (counts.get(one) ?? 0) + 1)
  let best: number | null = null
  let most = 1
  for (const [value, count] of counts) {
    if (count > most) {
      most = count
      best = value
    }
  }
  return best ?? errors.notAvailable
}
