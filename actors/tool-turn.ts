import type { WantedTool } from '../machines/model-chunk.ts'
import type { MessagePart } from '../machines/model-request.ts'
import { FRESH_TOOL_RUN, nextToolTurn, toolBounds, type ToolRunState } from '../machines/tool-bounds.ts'
import { errorValue, isTroupeError } from '../runtime/protocol/errors.ts'
import { validate } from '../runtime/protocol/validation.ts'
import { payloadHash } from './idempotency-payload.ts'
import type { ToolCallRequest, ToolsClient } from './tools-client.ts'

/** What one turn may be given. */
export interface ToolTurnOptions
  extends Pick<ToolCallRequest, 'timeout' | 'traceId' | 'requestId' | 'signal' | 'idempotency' | 'options'> {
  /** The name of the run: its calls have keys of it that stay the same when the turn is done again. */
  readonly run: string
  /** What the turn before gave back; left out in the first. */
  readonly state?: ToolRunState
  /** How many turns there may be (20), calls at once (8), and calls with the same input (2). */
  readonly bounds?: { readonly steps?: number; readonly inFlight?: number; readonly repeats?: number }
}

/** What came of the tools that a model wanted in one turn. */
export interface ToolTurn {
  /** In the order in which they were wanted, for the model to read. */
  readonly results: readonly ToolResultPart[]
  readonly state: ToolRunState
}

type ToolResultPart = Extract<MessagePart, { readonly type: 'tool-result' }>
type Client = Pick<ToolsClient, 'call'>

/**
 * Calls the tools that a model wants, some at a time. What fails, is refused, or was called with the same input too often
 * becomes a result that says so: the model can do better. Rejects with LIMIT_EXCEEDED after too many turns, and CANCELLED.
 */
export async function callTools(
  client: Client,
  wanted: readonly WantedTool[],
  { run, state = FRESH_TOOL_RUN, bounds = {}, ...request }: ToolTurnOptions,
): Promise<ToolTurn> {
  const limits = validate(toolBounds, bounds, 'the bounds of a turn', 'bounds')
  const inputs = wanted.map(({ input }) => parse(input))
  const fingerprints = wanted.map(({ tool }, index) => `${tool}:${payloadHash(inputs[index])}`)
  const next = nextToolTurn(state, limits, fingerprints)
  const results: ToolResultPart[] = []
  const queue = wanted.entries()

  async function work(): Promise<void> {
    for (const [index, want] of queue) {
      const call = `${run}.${next.run.steps}.${index}`
      results[index] = next.allowed[index]
        ? await resultOf(client, want, inputs[index], { ...request, call })
        : failed(want, `this was called with the same input ${limits.repeats} times: use what it gave`)
    }
  }

  await Promise.all(Array.from({ length: Math.min(limits.inFlight, wanted.length) }, work))
  return { results, state: next.run }
}

interface Parsed {
  readonly input?: unknown
  /** What a model wrote that is no JSON. */
  readonly fault?: string
}

async function resultOf(
  client: Client,
  want: WantedTool,
  parsed: Parsed | undefined,
  request: ToolCallRequest,
): Promise<ToolResultPart> {
  const { id, tool } = want
  if (parsed?.fault !== undefined) return failed(want, `the input is no JSON: ${parsed.fault}`)
  try {
    return { type: 'tool-result', id, tool, output: await client.call(tool, parsed?.input, request), failed: false }
  } catch (error) {
    if (isTroupeError(error, 'CANCELLED')) throw error
    const { message, hint } = errorValue(error)
    return failed(want, hint === undefined ? message : `${message} (${hint})`)
  }
}

function parse(text: string): Parsed {
  // A tool without input is often called with nothing at all.
  if (text.trim() === '') return { input: {} }
  try {
    return { input: JSON.parse(text) as unknown }
  } catch (error) {
    return { fault: errorValue(error).message }
  }
}

function failed({ id, tool }: WantedTool, output: string): ToolResultPart {
  return { type: 'tool-result', id, tool, output, failed: true }
}
