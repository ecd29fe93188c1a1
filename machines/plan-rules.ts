import type { z } from 'zod'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { type PlanCondition, type PlanTest, planTest } from './plan-condition.ts'
import { checkPlanFields, planFault, planList } from './plan-fields.ts'
import type { Plan, PlannedTool, planRequest } from './plan-rules.contract.ts'
import { MOST_TOOLS } from './tool-call.contract.ts'

/** A tool as a rule names it: its name, or its name with options. */
export type RuleTool = string | { readonly tool: string; readonly options?: Readonly<Record<string, unknown>> }

/** What to do, in a rule or by default. */
export interface PlanAction {
  /** `id`, or `id@version`. */
  readonly tool: string
  readonly options?: Readonly<Record<string, unknown>>
  /** What to try after it, two at most. The options of the rule hold for them too, theirs before those. */
  readonly fallbacks?: readonly RuleTool[]
  /** Default 1, and 0.5 for the default plan. */
  readonly confidence?: number
  /** How many times to ask, where answers are compared. Default 3. */
  readonly replicates?: number
}

/** A rule of a planner. */
export interface PlanRule extends PlanAction {
  readonly name: string
  /** The highest goes first; of equals the one that stands first. Default 0. */
  readonly priority?: number
  /** All of them must hold. Default: none, which always holds. */
  readonly when?: readonly PlanCondition[]
}

/** A tool as a planner knows it. */
export interface PlanTool {
  readonly id: string
  /** `id@version`. */
  readonly key: string
  readonly options: Readonly<Record<string, unknown>>
  estimate(input: unknown): { readonly tokens?: number; readonly costUsd?: number; readonly ms?: number }
}

/** What a planner goes by. */
export interface PlanSource {
  readonly rules: readonly PlanRule[]
  /** The tools there are, in their order. */
  readonly tools: readonly PlanTool[]
  /** The tool of a name. Throws NOT_FOUND. */
  readonly find: (name: string) => PlanTool
  /** Default: the first tool that need not be avoided. */
  readonly otherwise?: PlanAction
}

/** A request with its defaults filled in. */
export type WholeRequest = z.output<typeof planRequest>

interface ReadyRule extends PlanRule {
  readonly tests: readonly PlanTest[]
}

const ACTION = ['tool', 'options', 'fallbacks', 'confidence', 'replicates']
const RULE = ['name', 'priority', 'when', ...ACTION]
const LOW = { tokens: 1_000, costUsd: 0.05 }
const REPLICATES = 3
const FEW_REPLICATES = 2
const MOST_REPLICATES = 10

/**
 * Makes a planner's decision out of its rules, as a pure function. Throws INVALID_MESSAGE for a rule that cannot be, and
 * where there are no tools; NOT_FOUND for a tool that is not there. The function throws UNAVAILABLE when every tool that
 * could be planned is to be avoided.
 */
export function planRules(source: PlanSource): (request: WholeRequest) => Plan {
  if (source.tools.length === 0) throw planFault('tools', 'a planner has no tools', 'give it at least one')
  const rules = planList(source.rules, 'rules').map((rule, index) => readyRule(rule, `rules.${index}`, source))
  const repeated = rules.find(({ name }, index) => rules.findIndex((other) => other.name === name) !== index)
  if (repeated) throw planFault(repeated.name, `two rules are named '${repeated.name}'`, 'name one of them differently')
  // Sorting is stable: of equals the one that stands first stays first.
  rules.sort((one, other) => (other.priority ?? 0) - (one.priority ?? 0))
  if (source.otherwise) {
    checkPlanFields(source.otherwise, 'default', ACTION)
    checkAction(source.otherwise, 'default', source)
  }
  return (request) => decide(rules, source, request)
}

function decide(rules: readonly ReadyRule[], source: PlanSource, request: WholeRequest): Plan {
  const reasons: string[] = []
  for (const rule of rules) {
    if (!rule.tests.every((test) => test(request.facts))) continue
    const found = planOf(rule, source, request, reasons)
    if (found) return { ...found, confidence: rule.confidence ?? 1, rule: rule.name }
  }
  reasons.push('no rule is left that matches: the default')
  const defaults: readonly PlanAction[] = source.otherwise
    ? [source.otherwise]
    : source.tools.map(({ id }) => ({ tool: id }))
  for (const action of defaults) {
    const found = planOf(action, source, request, reasons)
    if (found) return { ...found, confidence: action.confidence ?? 0.5, rule: null }
  }
  throw new TroupeError(
    'UNAVAILABLE',
    `every tool that could be planned is to be avoided: ${request.avoid.join(', ')}`,
    {
      hint: 'wait until a breaker lets calls through again, or give the planner a default that is not avoided',
    },
  )
}

function planOf(
  action: PlanAction & { readonly name?: string },
  source: PlanSource,
  request: WholeRequest,
  reasons: string[],
): Omit<Plan, 'confidence' | 'rule'> | null {
  const { name = 'the default', options = {}, replicates = REPLICATES } = action
  const usable: { readonly known: PlanTool; readonly planned: PlannedTool }[] = []
  for (const wish of [action.tool, ...(action.fallbacks ?? [])]) {
    const { tool, options: own = {} } = typeof wish === 'string' ? { tool: wish } : wish
    const known = source.find(tool)
    if (request.avoid.some((avoided) => avoided === known.id || avoided === known.key)) {
      reasons.push(`${name}: '${tool}' is to be avoided`)
      continue
    }
    usable.push({ known, planned: { tool, options: { ...known.options, ...options, ...own, ...request.options } } })
  }
  const [first, ...rest] = usable
  if (!first) return null
  reasons.push(`${name}: '${first.planned.tool}'`)
  const isLow = isBelow(request.budget.tokens, LOW.tokens) || isBelow(request.budget.costUsd, LOW.costUsd)
  if (isLow && replicates > FEW_REPLICATES) reasons.push(`little is left to spend: ${FEW_REPLICATES} replicates`)
  const { tokens = null, costUsd = null, ms = null } = first.known.estimate(request.input ?? request.facts)
  return {
    ...first.planned,
    fallbacks: rest.map(({ planned }) => planned),
    replicates: isLow ? Math.min(FEW_REPLICATES, replicates) : replicates,
    estimate: { tokens, costUsd, ms },
    reasons,
  }
}

function isBelow(left: number | undefined, bound: number): boolean {
  return left !== undefined && left < bound
}

function readyRule(rule: PlanRule, place: string, source: PlanSource): ReadyRule {
  checkPlanFields(rule, place, RULE)
  const { name, priority = 0 } = rule
  if (typeof name !== 'string' || name === '')
    throw planFault(place, 'a rule has no name', 'name it: plans say which matched')
  if (!Number.isFinite(priority)) throw planFault(name, `the priority of '${name}' is ${priority}`, 'give a number')
  checkAction(rule, name, source)
  const conditions = planList(rule.when, `${name}.when`)
  const tests = conditions.map((condition, index) => planTest(condition, `${name}.when.${index}`))
  return { ...rule, tests }
}

function checkAction(
  { tool, options = {}, fallbacks: given, confidence = 1, replicates = 1 }: PlanAction,
  where: string,
  source: PlanSource,
) {
  const fallbacks = planList(given, `${where}.fallbacks`)
  checkTool(tool, `${where}.tool`, source)
  checkOptions(options, `${where}.options`)
  for (const [index, wish] of fallbacks.entries()) {
    const place = `${where}.fallbacks.${index}`
    if (typeof wish === 'string') {
      checkTool(wish, place, source)
      continue
    }
    checkPlanFields(wish, place, ['tool', 'options'])
    checkTool(wish.tool, `${place}.tool`, source)
    checkOptions(wish.options ?? {}, `${place}.options`)
  }
  if (fallbacks.length >= MOST_TOOLS) {
    throw planFault(where, `'${where}' has ${fallbacks.length} fallbacks`, `give ${MOST_TOOLS - 1} at most`)
  }
  if (!(typeof confidence === 'number' && confidence >= 0 && confidence <= 1)) {
    throw planFault(where, `the confidence of '${where}' is ${confidence}`, 'give a number from 0 to 1')
  }
  if (!Number.isInteger(replicates) || replicates < 1 || replicates > MOST_REPLICATES) {
    throw planFault(
      where,
      `'${where}' plans ${replicates} replicates`,
      `give a whole number from 1 to ${MOST_REPLICATES}`,
    )
  }
}

function checkTool(tool: unknown, where: string, source: PlanSource): void {
  if (typeof tool !== 'string') throw planFault(where, `${where} names no tool`, "give its name: 'count'")
  source.find(tool)
}

// Which options a tool has is for the tool to say.
function checkOptions(options: object, where: string): void {
  checkPlanFields(options, where, Object.keys(options ?? {}))
}
