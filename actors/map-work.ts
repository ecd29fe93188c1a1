import { keptOf } from '../machines/workflow-context.ts'
import { judgeItems } from '../machines/workflow-items.ts'
import type { StepOutcome } from '../machines/workflow-changes.ts'
import type { ItemOutcome } from '../machines/workflow.contract.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { isThenable, ofFailure, ofPromise, ofResult, runActor } from './actor-work.ts'
import { childKey } from './child-key.ts'
import type { ItemWork, StepWork } from './step-body.ts'
import { decisionScope, itemScope } from './job-scope.ts'
import { closeItemNode } from './step-budget.ts'
import { change, outcomeOf, type StepJob } from './step-job.ts'

type MapWork = Extract<StepWork, { kind: 'map' }>

/**
 * Does the items of a map step, `limit` at a time, all in the one task of the step. What an earlier attempt has finished
 * is not done again. Resolves when every item has ended; a job that was called off never does.
 */
export function runMap(job: StepJob, work: MapWork, settle: (outcome: StepOutcome) => void): void {
  const { limit } = job.step
  const items = itemsOf(job, work)
  const keys = keysOf(job, work, items)
  const outcomes = earlier(job, items.length)
  let left = outcomes.filter((outcome) => outcome === null).length
  let next = 0
  let active = 0
  let filling = false
  const prefix = childKey(job)
  job.total = items.length
  job.map = { items, outcomes }

  function fill(): void {
    // An item that ends at once comes back here: the loop that started it goes on.
    if (filling) return
    filling = true
    while (job.open && active < limit && next < items.length) {
      const index = next++
      if (outcomes[index]) continue
      active++
      start(index)
    }
    filling = false
    if (left === 0 && job.open) settle(conclude(job, outcomes as readonly ItemOutcome[]))
  }

  function start(index: number): void {
    const result = attempt(job, work.each, { items, index, key: keys[index] ?? `${prefix}.${index}` })
    if (result instanceof Promise) void result.then((outcome) => end(index, outcome))
    else end(index, result)
  }

  function end(index: number, outcome: ItemOutcome): void {
    if (!job.open) return
    outcomes[index] = outcome
    closeItemNode(job, index)
    ;(job.ended ??= []).push([index, outcome])
    active--
    left--
    if (left > 0) change(job)
    fill()
  }

  fill()
}

function itemsOf(job: StepJob, { over }: MapWork): readonly unknown[] {
  const items = over(decisionScope(job))
  // A copy: what the caller does to the array afterwards must not change the work.
  if (Array.isArray(items)) return Array.from<unknown>(items)
  const { name } = job.step
  throw new TroupeError(
    'INVALID_MESSAGE',
    `'over' of '${name}' gave ${items === null ? 'null' : `a ${typeof items}`}`,
    {
      where: name,
      hint: 'give an array',
    },
  )
}

function earlier(job: StepJob, total: number): (ItemOutcome | null)[] {
  const kept = keptOf(job.context, job.step.name)
  if (kept?.length !== total) return Array.from({ length: total }, () => null)
  return kept.map((outcome) => (outcome?.status === 'done' || outcome?.status === 'degraded' ? outcome : null))
}

// Two items with one key would be one actor. A key that cannot be made fails its item.
function keysOf(job: StepJob, { each }: MapWork, items: readonly unknown[]): readonly (string | ItemOutcome)[] {
  if (each.kind === 'task' || !each.key) return []
  const seen = new Map<string, number>()
  const keys: (string | ItemOutcome)[] = []
  for (const [index, item] of items.entries()) {
    try {
      keys.push(each.key({ ...decisionScope(job), item, index, items }))
    } catch (error) {
      keys.push(ofFailure(error))
    }
    const key = keys[index]
    if (typeof key !== 'string') continue
    const other = seen.get(key)
    if (other !== undefined) {
      const { name } = job.step
      throw new TroupeError('INVALID_MESSAGE', `items ${other} and ${index} of '${name}' have the key '${key}'`, {
        where: name,
        hint: 'give each item a key of its own, with its index for example',
      })
    }
    seen.set(key, index)
  }
  return keys
}

interface Place {
  readonly items: readonly unknown[]
  readonly index: number
  readonly key: string | ItemOutcome
}

function attempt(job: StepJob, each: ItemWork, { items, index, key }: Place): ItemOutcome | Promise<ItemOutcome> {
  const item = items[index]
  try {
    if (each.kind === 'task') {
      const result = each.run(itemScope(job, item, index))
      return isThenable(result) ? ofPromise(result) : ofResult(result)
    }
    if (typeof key !== 'string') return key
    const scope = { ...decisionScope(job), item, index, items }
    return runActor(job, { definition: each.definition, key, input: each.input?.(scope), usage: each.usage })
  } catch (error) {
    return ofFailure(error)
  }
}

// Items that failed are tried again with the step, as long as it has attempts left and there is hope.
function conclude(job: StepJob, items: readonly ItemOutcome[]): StepOutcome {
  const { tolerate, retries, name } = job.step
  const { status, reason } = judgeItems(items, tolerate)
  const failed = items.filter((item) => item.status === 'failed' || item.status === 'cancelled')
  const final = failed.every((item) => 'final' in item)
  const attempts = job.context.steps[name]?.attempts ?? 1
  const tryAgain = failed.length > 0 && tolerate !== 'all' && !final && attempts <= retries
  return outcomeOf(job, tryAgain ? 'failed' : status, reason, { value: items, items, final: final || !tryAgain })
}
