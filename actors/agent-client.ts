import type { agentContract, AgentPrompt } from '../machines/agent.contract.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import type { Ref } from '../runtime/kernel/ref.ts'
import { type Duration, milliseconds } from '../runtime/protocol/duration.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { checkPrincipal, type Principal } from '../runtime/protocol/principal.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'
import { type AgentAnswer, answerOfRun } from './agent-answer.ts'
import { assertSessionGrants } from './agent-grants.ts'
import { type Agent, agentParts } from './agent-parts.ts'
import { type AgentStream, followRun } from './agent-stream.ts'
import type { Budget } from './budget-client.ts'
import { validateTool } from './tool-schema.ts'

/** What `createAgent` takes. */
export interface AgentSessionOptions<Data = undefined> {
  /** Names the session: who opens it again finds it. Default: a fresh one. */
  readonly key?: string
  /**
   * On whose behalf it acts; only where the host is a runtime. Default: that of the host. Beside what its tools require it
   * needs `troupe.spawn`, `troupe.observe`, `troupe.stop`, `agent.run`, and `agent.answer` to answer questions.
   */
  readonly principal?: Principal
  /** Who pays for its runs. */
  readonly budget?: Budget
  /** What its instructions are made of: needed where the agent has an `input`. */
  readonly data?: Data
}

type NeededOptions<Data> = [Data] extends [never]
  ? [options?: AgentSessionOptions<Data>]
  : undefined extends Data
    ? [options?: AgentSessionOptions<Data>]
    : [options: AgentSessionOptions<Data> & { readonly data: Data }]

/** What one run may be given. */
export interface AgentRunOptions {
  /**
   * Names the run: who runs it again joins it, or gets what it came to while it is the session's last. CONFLICT with another
   * prompt, and when others were run since: it is not run twice. Default: a fresh one.
   */
  readonly key?: string
  /** How long it may take from its beginning, below what the agent allows. */
  readonly timeout?: Duration
  /** Aborting it cancels the run, with all that is under way. */
  readonly signal?: AbortSignal
}

/**
 * A session with an agent. It remembers what was said, and runs one prompt after another: while one is under way 16 wait, in
 * the order in which they were asked for; the next is refused with OVERLOADED.
 */
export interface AgentSession<Output> {
  readonly ref: Ref<typeof agentContract>
  /** Runs a prompt. Resolves however the run ended: `status` says how, `error` why. Rejects when it could not be begun. */
  generate(prompt: AgentPrompt, options?: AgentRunOptions): Promise<AgentAnswer<Output>>
  /**
   * Runs a prompt and gives what comes of it as it comes. Who leaves the loop early cancels the run: `answer` then resolves
   * to what there was by then, and what is asked next begins when the run is over.
   */
  stream(prompt: AgentPrompt, options?: AgentRunOptions): AgentStream<Output>
  /** Answers a question that the agent asked (`agent.asked`), by its id. NOT_FOUND when it is not open. */
  answer(question: string, text: string): Promise<void>
  /** Ends the run under way; `generate` resolves to what there is. Those that wait are run. */
  cancel(reason?: string): Promise<void>
  /** Ends the session. */
  stop(): Promise<void>
}

// The run itself knows when its time is over; this is for an agent that cannot be reached.
const LONGEST_RUN = '365d'

/**
 * Opens a session with an agent, or finds it.
 *
 * @example
 * const session = await createAgent(runtime, clerk, { key: 'ann', budget })
 * const { status, text, costUsd } = await session.generate('How much is 5 USD in EUR?')
 */
export async function createAgent<Data, Output>(
  host: ActorHost,
  agent: Agent<Data, Output>,
  ...[given]: NeededOptions<Data>
): Promise<AgentSession<Output>> {
  const options: AgentSessionOptions<Data> = given ?? {}
  policyFields(options, 'createAgent', ['key', 'principal', 'budget', 'data'])
  const { output, data: schema, plan, gates } = agentParts(agent)
  const { key = host.random.id(), budget } = options
  // Refused here, made there: a schema that transforms its input must not see its own output.
  if (schema) await validateTool(schema, options.data, `the data of '${plan.name}'`, 'createAgent.data')
  if (!schema && options.data !== undefined) {
    throw new TroupeError('INVALID_MESSAGE', `'${plan.name}' starts from no data`, {
      where: 'createAgent.data',
      hint: 'give the agent an input schema, or open it without data',
    })
  }
  const input = { budget: budget?.place ?? null, ...(schema ? { data: options.data } : {}) }
  const behalf = behalfOf(host, options.principal, plan.name)
  const takeBack = gates.lend(host.clock, key, gates.of(host))
  const ref = await behalf.spawn(agent, { key, input }).finally(takeBack)

  function begin(prompt: AgentPrompt, { key: run = host.random.id(), ...given }: AgentRunOptions, stream: boolean) {
    policyFields(given, 'run', ['timeout', 'signal'])
    const timeout = given.timeout === undefined ? {} : { timeout: milliseconds(given.timeout) }
    return { run, message: { type: 'agent.run', run, prompt, stream, ...timeout } as const }
  }

  // The answer then says that it was cancelled, and what it had cost.
  function cancelBy(run: string, signal: AbortSignal | undefined): () => void {
    const cancel = (): void => void ref.send({ type: 'agent.cancel', run }).catch(() => {})
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted) cancel()
    return () => signal?.removeEventListener('abort', cancel)
  }

  return {
    ref,
    async generate(prompt, runOptions = {}) {
      const { run, message } = begin(prompt, runOptions, false)
      const asked = ref.ask(message, { timeout: LONGEST_RUN })
      const stopListening = cancelBy(run, runOptions.signal)
      return asked.finally(stopListening).then((result) => answerOfRun(result, output)) as Promise<AgentAnswer<Output>>
    },
    stream(prompt, runOptions = {}) {
      const { run, message } = begin(prompt, runOptions, true)
      const following = ref.stream(message, { timeout: LONGEST_RUN })
      const stopListening = cancelBy(run, runOptions.signal)
      const cancel = (): void => void ref.send({ type: 'agent.cancel', run }).catch(() => {})
      return followRun(following, output, { cancel, stopListening }) as AgentStream<Output>
    },
    async answer(question, text) {
      await ref.ask({ type: 'agent.answer', question, text })
    },
    cancel: (reason) => ref.send({ type: 'agent.cancel', ...(reason === undefined ? {} : { reason }) }),
    stop: () => ref.stop(),
  }
}

function behalfOf(host: ActorHost, principal: Principal | undefined, agent: string): ActorHost {
  if (principal === undefined) return host
  const { as } = host as { readonly as?: (principal: Principal) => ActorHost }
  if (as) {
    assertSessionGrants(checkPrincipal(principal), agent)
    return as(principal)
  }
  throw new TroupeError('INVALID_MESSAGE', 'only a runtime can open a session for another principal', {
    where: 'createAgent.principal',
    hint: 'leave it out: an agent acts for the actor that opens it',
  })
}
