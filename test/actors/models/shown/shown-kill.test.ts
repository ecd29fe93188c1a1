import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { CallLine, CallPlan } from '../../../support/models/call-process.ts'
import { openFaultServer } from '../../../support/models/open-fault-server.ts'
import { scratchFolder } from '../../../support/transports/scratch-folder.ts'

const PROGRAM = fileURLToPath(new URL('../../../support/models/call-process.ts', import.meta.url))
const PROMPT = 'Good morning'.length
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 3)
const folder = scratchFolder()

/** Runs a process of calls to its end, or kills it when it tells what is waited for, some milliseconds later. */
async function live(
  plan: CallPlan,
  killAt: (line: CallLine) => boolean = () => false,
  later = 0,
): Promise<readonly CallLine[]> {
  const child = spawn(process.execPath, ['--conditions=troupe-source', PROGRAM, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 50_000,
  })
  const lines: CallLine[] = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as CallLine
    lines.push(line)
    if (!killAt(line)) return
    if (later === 0) child.kill('SIGKILL')
    else setTimeout(() => child.kill('SIGKILL'), later)
  })
  await once(child, 'close')
  expect(lines.filter(({ kind }) => kind === 'trouble')).toEqual([])
  return lines
}

const find = <K extends CallLine['kind']>(lines: readonly CallLine[], kind: K) =>
  lines.filter((line): line is Extract<CallLine, { kind: K }> => line.kind === kind)

it.each(['openai', 'anthropic'] as const)(
  '%s: a process that is killed in the middle of a durable call loses no cost, and none is paid twice',
  async (provider) => {
    const usage = { input: 20, output: 4 }
    const server = await openFaultServer({
      answers: [
        { text: 'first', usage },
        { text: ['half', ' an answer'], stallAfter: 1 },
        { text: 'second', usage },
      ],
    })
    const plan = { file: folder('calls.db'), url: server.url, provider, keys: ['c-1', 'c-2'] }
    const before = await live(plan, (line) => line.kind === 'said' && line.key === 'c-2')
    expect(find(before, 'answered').map(({ key, answer }) => [key, answer.text])).toEqual([['c-1', 'first']])
    expect(await server.requests[1]?.ended).toBe(true)

    const after = await live(plan)
    const [first, second] = find(after, 'answered').map(({ answer }) => answer)
    // The one that had ended is not made again; the one that was cut off was made once more, and no more often.
    expect(first).toEqual(find(before, 'answered')[0]?.answer)
    expect(server.requests).toHaveLength(3)
    expect(second?.text).toBe('second')
    expect(second?.attempts).toMatchObject([
      { category: 'network', estimated: true, usage: { inputTokens: { total: PROMPT }, outputTokens: { total: 100 } } },
      { category: null, estimated: false },
    ])
    const [told] = find(after, 'budget')
    const answered = (20 + 2 * 4) * 1_000_000
    const doubted = (PROMPT + 2 * 100) * 1_000_000
    expect(second?.costNanoUsd).toBe(doubted + answered)
    expect(told?.view).toMatchObject({
      settled: { tokens: 24 + PROMPT + 100 + 24, nanoUsd: answered + doubted + answered },
      held: { tokens: 0, nanoUsd: 0 },
      overrun: { tokens: 0 },
      calls: { held: 0, settled: 3 },
    })

    // A third life finds all of it as it was.
    const again = await live(plan)
    expect(find(again, 'answered').map(({ answer }) => answer)).toEqual([first, second])
    expect(find(again, 'budget')[0]?.view).toEqual(told?.view)
    expect(server.requests).toHaveLength(3)
  },
)

it.each(['openai', 'anthropic'] as const)(
  '%s: killed again and again at any moment, what is settled is what the calls cost, and no answer is bought again',
  async (provider) => {
    const server = await openFaultServer({
      answers: ({ index }) =>
        index % 4 === 1
          ? { status: 503 }
          : { text: ['a', 'b', 'c'], firstDelay: 4, gap: 4, usage: { input: 20, output: 4 } },
    })
    const keys = Array.from({ length: 12 }, (_, at) => `c-${at}`)
    const plan = { file: folder('calls.db'), url: server.url, provider, keys }
    const known = new Map<string, unknown>()
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await live(plan, (line) => line.kind === 'said', 1 + Math.random() * 120)
      for (const { key, answer } of find(lines, 'answered')) {
        expect(answer).toEqual(known.get(key) ?? answer)
        known.set(key, answer)
      }
    }
    const last = await live(plan)
    const answers = find(last, 'answered')
    expect(answers.map(({ key }) => key)).toEqual(keys)
    for (const { key, answer } of answers) expect(answer).toEqual(known.get(key) ?? answer)
    const view = find(last, 'budget')[0]?.view
    const cost = answers.reduce((sum, { answer }) => sum + answer.costNanoUsd, 0)
    expect([view?.settled.nanoUsd, view?.held.tokens, view?.overrun.tokens]).toEqual([cost, 0, 0])
    // Each request is an attempt that is accounted for; a doubted one may never have left.
    const attempts = answers.flatMap(({ answer }) => answer.attempts)
    const doubted = attempts.filter(({ estimated }) => estimated).length
    expect(server.requests.length).toBeLessThanOrEqual(attempts.length)
    expect(server.requests.length).toBeGreaterThanOrEqual(attempts.length - doubted)
  },
)
