import { z } from 'zod'
import { refuseStep } from '../machines/workflow-faults.ts'
import { planWorkflow } from '../machines/workflow-plan.ts'
import type { WorkflowSettings, WorkflowStep } from '../machines/workflow-step.ts'
import { WORKFLOW_EVENTS, WORKFLOW_MESSAGES, type WorkflowOutput } from '../machines/workflow.contract.ts'
import { workflowMachine } from '../machines/workflow.machine.ts'
import { type ActorDefinition, type ActorOptions, defineActor } from '../runtime/kernel/definition.ts'
import { type Contract, defineContract, type OutputOf } from '../runtime/protocol/contract.ts'
import { assertDeclared } from './declared-steps.ts'
import { checkOptions } from './option-kinds.ts'
import type { StepBody, StepWork, WorkflowBodies } from './step-body.ts'
import type {
  Answer,
  ChildOptions,
  InputFrom,
  MapActorOptions,
  MapResult,
  MapTaskOptions,
  ResultsFor,
  StepShape,
  TaskOptions,
  WithStep,
  WorkflowContract,
  WorkflowOptions,
} from './workflow-options.ts'
import { checkStepOptions, checkWorkflowOptions } from './workflow-options-check.ts'
import { takeUpRuns } from './workflow-take-up.ts'
import { workflowRunner } from './workflow-runner.ts'
import type { OutputScope } from './workflow-scope.ts'

type Names<S extends StepShape> = readonly S['name'][]

/** A workflow: an actor definition to spawn, and a builder that gives a new one with each step. */
export interface Workflow<Schema, S extends StepShape, Output>
  extends ActorDefinition<WorkflowContract<Schema, S, Output>> {
  /** Adds a step that is a function. What it returns is its result. */
  step<
    const Name extends string,
    Value,
    const After extends Names<S> = readonly [],
    const Optional extends boolean = false,
    W extends Answer = never,
  >(
    name: Name,
    options: TaskOptions<After, Optional, W, InputFrom<Schema>, ResultsFor<S, After[number]>, Value>,
  ): Workflow<Schema, WithStep<S, Name, After[number], Value, Optional, W>, Output>

  /** Adds a step over items, some at a time: a function for each, or an actor. Its result is their outcomes, in order. */
  map<
    const Name extends string,
    Item,
    Value,
    const After extends Names<S> = readonly [],
    const Optional extends boolean = false,
    W extends Answer = never,
  >(
    name: Name,
    options: MapTaskOptions<After, Optional, W, InputFrom<Schema>, ResultsFor<S, After[number]>, Item, Value>,
  ): Workflow<Schema, WithStep<S, Name, After[number], MapResult<Value>, Optional, W>, Output>
  map<
    const Name extends string,
    Item,
    C extends Contract,
    const After extends Names<S> = readonly [],
    const Optional extends boolean = false,
    W extends Answer = never,
  >(
    name: Name,
    options: MapActorOptions<After, Optional, W, InputFrom<Schema>, ResultsFor<S, After[number]>, Item, C>,
  ): Workflow<Schema, WithStep<S, Name, After[number], MapResult<OutputOf<C>>, Optional, W>, Output>

  /** Adds a step that is another workflow. Its result is what that ends with. */
  child<
    const Name extends string,
    C extends Contract,
    const After extends Names<S> = readonly [],
    const Optional extends boolean = false,
    W extends Answer = never,
  >(
    name: Name,
    options: ChildOptions<After, Optional, W, InputFrom<Schema>, ResultsFor<S, After[number]>, C>,
  ): Workflow<Schema, WithStep<S, Name, After[number], OutputOf<C>, Optional, W>, Output>

  /** Says what to make of the results of a run that went well. */
  output<Value>(
    make: (scope: OutputScope<InputFrom<Schema>, ResultsFor<S, S['name']>>) => Value | PromiseLike<Value>,
  ): Workflow<Schema, S, Value>
}

/**
 * Defines a workflow: steps that wait for each other, run side by side where they can, and keep what is finished when one
 * fails. Throws INVALID_MESSAGE, naming the steps, for what cannot be.
 *
 * @example
 * const report = defineWorkflow('report', { input: z.object({ path: z.string() }) })
 *   .step('read', { run: ({ input, signal }) => load(input.path, signal), timeout: '30s', retries: 2 })
 *   .map('sheets', { after: ['read'], over: ({ results }) => results.read.sheets, run: ({ item }) => count(item) })
 *   .output(({ results }) => results.sheets.length)
 */
export function defineWorkflow<Schema extends z.ZodType | undefined = undefined>(
  name: string,
  options: WorkflowOptions<Schema> = {},
): Workflow<Schema, never, undefined> {
  checkWorkflowOptions(name, options)
  return build({ name, options, steps: [], bodies: new Map(), output: null }) as never
}

interface Draft {
  readonly name: string
  readonly options: WorkflowOptions<z.ZodType | undefined>
  readonly steps: readonly WorkflowStep[]
  readonly bodies: ReadonlyMap<string, StepBody>
  readonly output: WorkflowBodies['output']
}

// What a builder's methods are given, with the types forgotten: those have done their work by then.
interface Given extends Omit<WorkflowStep, 'name' | 'kind' | 'conditional'> {
  readonly when?: StepBody['when']
  readonly run?: never
  readonly over?: never
  readonly actor?: ActorDefinition
  readonly workflow?: ActorDefinition
  readonly key?: never
  readonly input?: never
  readonly usage?: never
}

function build(draft: Draft): object {
  const { name, options, steps, output } = draft
  const { version, timeout, budget } = options
  const settings: WorkflowSettings = {
    output: output !== null,
    ...(version === undefined ? {} : { version }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(budget === undefined ? {} : { budget }),
  }
  if (steps.length > 0) {
    assertDeclared(name, steps)
    refuseStep(name, steps, settings)
  }

  let made: ActorDefinition | null = null
  const definition = (): ActorDefinition => (made ??= compile(draft, settings))
  const withStep = (kind: StepWork['kind'], work: (given: Given) => StepWork) => (step: string, given: Given) => {
    checkStepOptions(kind, `${name}.${step}`, given)
    const {
      when,
      run: _run,
      over: _over,
      actor: _actor,
      workflow: _workflow,
      key: _key,
      input: _input,
      ...facts
    } = given
    const { usage: _usage, ...plain } = facts
    const planned: WorkflowStep = { ...plain, name: step, kind, conditional: when !== undefined }
    const bodies = new Map(draft.bodies).set(step, { when: when ?? null, work: work(given) })
    return build({ ...draft, steps: [...steps, planned], bodies })
  }
  return {
    type: name,
    get contract() {
      return definition().contract
    },
    get policies() {
      return definition().policies
    },
    get hosted() {
      return definition().hosted
    },
    get takeUp() {
      return definition().takeUp
    },
    step: withStep('task', ({ run }) => ({ kind: 'task', run: run as never })),
    map: withStep('map', mapWork),
    child: withStep('child', ({ workflow, key, input }) => ({
      kind: 'child',
      definition: workflow as ActorDefinition,
      key: key ?? null,
      input: input ?? null,
      usage: null,
    })),
    output(make: WorkflowBodies['output']) {
      checkOptions({ output: make }, name, { output: 'function' }, ['output'])
      return build({ ...draft, output: make })
    },
  }
}

function mapWork({ over, run, actor, key, input, usage }: Given): StepWork {
  if (!actor) return { kind: 'map', over: over as never, each: { kind: 'task', run: run as never } }
  const each = {
    kind: 'actor',
    definition: actor,
    key: key ?? null,
    input: input ?? null,
    usage: usage ?? null,
  } as const
  return { kind: 'map', over: over as never, each }
}

function compile({ name, options, steps, bodies, output }: Draft, settings: WorkflowSettings): ActorDefinition {
  const { input, grants, keepResult, mailbox, durability, version = '1', migrate } = options
  const plan = planWorkflow(name, steps, { ...settings, durable: durability === 'durable' })
  const contract = defineContract({
    ...(input === undefined ? {} : { input }),
    output: z.custom<WorkflowOutput>(),
    messages: WORKFLOW_MESSAGES,
    emits: WORKFLOW_EVENTS,
  })
  const policies: Partial<ActorOptions<Contract>> = {
    ...(grants === undefined ? {} : { grants }),
    ...(keepResult === undefined ? {} : { keepResult }),
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(durability === undefined ? {} : { durability }),
    version,
    ...(migrate === undefined ? {} : { migrate }),
  }
  const runner = workflowRunner(plan, { steps: bodies, output })
  const logic = workflowMachine(plan).provide({ actors: { runner } })
  const definition = defineActor({ type: name, contract, logic, ...policies }) as unknown as ActorDefinition
  return { ...definition, takeUp: takeUpRuns(plan, version, options.renamed) }
}
