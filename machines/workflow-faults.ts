import { isName } from '../runtime/protocol/address.ts'
import { milliseconds, type Duration } from '../runtime/protocol/duration.ts'
import { isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import type { WorkflowSettings, WorkflowStep } from './workflow-step.ts'

// Shares are written as decimals: ten times 0.1 is a little more than 1.
const ROUNDING = 1e-9

/** Throws INVALID_MESSAGE, naming the steps, for the first fault of a list of steps. */
export function refuseFaults(name: string, steps: readonly WorkflowStep[], settings: WorkflowSettings): void {
  if (steps.length === 0) throw fault(name, `the workflow '${name}' has no steps`, 'give it at least one step')
  assertDuration(settings.timeout, `${name}.timeout`)
  assertNames(name, steps)
  for (const step of steps) assertStep(`${name}.${step.name}`, step)
  assertDependencies(name, steps)
  assertShares(name, steps)
}

/** Like `refuseFaults`, for a list of which all but the last step are known to be sound: a list may grow step by step. */
export function refuseStep(name: string, steps: readonly WorkflowStep[], settings: WorkflowSettings): void {
  const before = steps.slice(0, -1)
  const step = steps[before.length]
  const has = (wanted: string): boolean => before.some((other) => other.name === wanted)
  const isSound = before.length > 0 && step && !has(step.name) && (step.after ?? []).every(has)
  if (!isSound) return refuseFaults(name, steps, settings)
  assertNames(name, [step])
  assertStep(`${name}.${step.name}`, step)
  assertShares(name, steps)
}

function assertNames(name: string, steps: readonly WorkflowStep[]): void {
  const seen = new Set<string>()
  for (const { name: step } of steps) {
    if (!isName(step)) {
      throw fault(name, `'${step}' cannot name a step`, 'use a letter, then up to 63 letters, digits, _ and -')
    }
    if (seen.has(step)) {
      throw fault(`${name}.${step}`, `'${name}' has two steps named '${step}'`, 'give one of them another name')
    }
    seen.add(step)
  }
}

function assertStep(where: string, step: WorkflowStep): void {
  assertDuration(step.timeout, `${where}.timeout`)
  if (step.backoff !== undefined) readDuration(step.backoff, `${where}.backoff`)
  assertWhole(step.retries, 0, `${where}.retries`)
  assertWhole(step.limit, 1, `${where}.limit`)
  const { budget } = step
  if (budget !== undefined && !(budget >= 0 && budget <= 1)) {
    throw fault(`${where}.budget`, `${where}.budget is ${budget}`, 'give a share of the budget from 0 to 1')
  }
}

function assertDependencies(name: string, steps: readonly WorkflowStep[]): void {
  const known = new Set(steps.map((step) => step.name))
  for (const { name: step, after = [] } of steps) {
    for (const dependency of after) {
      if (known.has(dependency)) continue
      const names = [...known].filter((other) => other !== step).join(', ') || 'none'
      throw fault(`${name}.${step}.after`, `'${step}' comes after '${dependency}', which is no step`, `known: ${names}`)
    }
  }
  const cycle = findCycle(steps)
  if (!cycle) return
  const circle = [...cycle, cycle[0]].join(' -> ')
  throw fault(`${name}.${cycle[0]}.after`, `steps of '${name}' wait for each other: ${circle}`, 'take one `after` out')
}

function assertShares(name: string, steps: readonly WorkflowStep[]): void {
  const shares = steps.filter(({ budget = 0 }) => budget > 0)
  const sum = shares.reduce((total, { budget = 0 }) => total + budget, 0)
  if (sum <= 1 + ROUNDING) return
  const list = shares.map((step) => `${step.name} ${step.budget}`).join(', ')
  throw fault(`${name}.budget`, `the budget shares of '${name}' add up to ${sum}: ${list}`, 'keep the sum within 1')
}

function assertDuration(duration: Duration | undefined, where: string): void {
  if (duration === undefined || readDuration(duration, where) > 0) return
  throw fault(where, `${where} is ${duration}`, "give a length of time above 0, such as '30s'")
}

function readDuration(duration: Duration, where: string): number {
  try {
    return milliseconds(duration)
  } catch (error) {
    if (!isTroupeError(error)) throw error
    throw new TroupeError('INVALID_MESSAGE', `${where}: ${error.message}`, {
      where,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}

function assertWhole(value: number | undefined, least: number, where: string): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return
  throw fault(where, `${where} is ${value}`, `give a whole number from ${least}`)
}

// Depth first without recursion: a list from a file may be as long as it likes.
function findCycle(steps: readonly WorkflowStep[]): readonly string[] | null {
  const after = new Map(steps.map((step) => [step.name, step.after ?? []]))
  const cleared = new Set<string>()
  for (const { name } of steps) {
    const trail = [{ name, at: 0 }]
    const onTrail = new Set([name])
    while (trail.length > 0) {
      const top = trail[trail.length - 1] as { name: string; at: number }
      const dependency = cleared.has(top.name) ? undefined : after.get(top.name)?.[top.at++]
      if (dependency === undefined) {
        cleared.add(top.name)
        onTrail.delete(top.name)
        trail.pop()
      } else if (onTrail.has(dependency)) {
        const names = trail.map((entry) => entry.name)
        return names.slice(names.indexOf(dependency)).reverse()
      } else if (!cleared.has(dependency)) {
        trail.push({ name: dependency, at: 0 })
        onTrail.add(dependency)
      }
    }
  }
  return null
}

function fault(where: string, message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where, hint })
}
