import { describe, expect, it, vi } from 'vitest'
import { type AgentSession, createAgent } from '../../actors/agent-client.ts'
import type { Agent } from '../../actors/agent-parts.ts'
import { type AgentDesign, defineAgent } from '../../actors/define-agent.ts'
import type { Tool } from '../../actors/define-tool.ts'
import type { ScriptedAnswer, ScriptedProvider } from '../../actors/models/scripted.ts'
import type { AgentQuestion } from '../../machines/agent.contract.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { VirtualClock } from '../../runtime/testing.ts'
import { gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { doubling, scriptedModels, wants } from './agent-bench.ts'

interface Life {
  readonly runtime: Runtime
  readonly clock: VirtualClock
  readonly provider: ScriptedProvider
  readonly agent: Agent<undefined, null>
  open(): Promise<AgentSession<null>>
}

/** A process with a durable agent. */
async function live(
  journal: ReturnType<typeof gatedJournal>,
  answers: readonly ScriptedAnswer[],
  tools: readonly Tool[],
  more: Partial<AgentDesign<undefined, null>> = {},
): Promise<Life> {
  let clock: VirtualClock | null = null
  const after = (ms: number, callback: () => void) =>
    (clock as VirtualClock).alarm((clock as VirtualClock).now() + ms, callback)
  const { models, provider } = scriptedModels(answers, {}, { after })
  const agent = defineAgent({ type: 'clerk', models, instructions: 'Go.', tools, durability: 'durable', ...more })
  const opened = await openRuntime({ journal, actors: agent.actors })
  clock = opened.clock
  return { ...opened, provider, agent, open: () => createAgent(opened.runtime, agent, { key: 'ann' }) }
}

const forever = () => new Promise(() => {})

describe('a durable agent', () => {
  it('goes on after its process ended: finished tools are not run again, and the model call is the same', async () => {
    const journal = gatedJournal()
    const execute = vi.fn(({ n }: { n: number }) => ({ n: n * 2 }))
    const first = await live(
      journal,
      [wants(['double', { n: 1 }]), { text: 'never', delay: '1h' }],
      [doubling(execute)],
    )
    const cutOff = (await first.open()).generate('go', { key: 'r-1' }).catch(() => 'gone')
    await vi.waitFor(() => expect(first.provider.calls).toHaveLength(2))
    await first.runtime.stop({ drain: 0 })
    expect(await cutOff).toBe('gone')

    const second = await live(journal, ['two'], [doubling(execute)])
    const answer = await (await second.open()).generate('go', { key: 'r-1' })
    expect(answer).toMatchObject({ status: 'succeeded', text: 'two', steps: 2, toolCalls: [{ status: 'succeeded' }] })
    expect(execute).toHaveBeenCalledOnce()
    expect(second.provider.calls).toHaveLength(1)
    expect(second.provider.calls[0]?.idempotencyKey).toBe(first.provider.calls[1]?.idempotencyKey)
    expect(second.provider.calls[0]?.request).toEqual(first.provider.calls[1]?.request)
  })

  it.each([
    [true, 'succeeded', null],
    [false, 'failed', 'TOOL_FAILED'],
  ])('executes a tool that was cut off again only if it may be: idempotent %s', async (idempotent, status, code) => {
    const journal = gatedJournal()
    const cut = vi.fn(forever)
    const first = await live(journal, [wants(['double', { n: 1 }])], [doubling(cut, { idempotent })])
    const cutOff = (await first.open()).generate('go', { key: 'r-1' }).catch(() => 'gone')
    await vi.waitFor(() => expect(cut).toHaveBeenCalledOnce())
    await first.runtime.stop({ drain: 0 })
    await cutOff

    const again = vi.fn(({ n }: { n: number }) => ({ n: n * 2 }))
    const second = await live(journal, ['done'], [doubling(again, { idempotent })])
    const answer = await (await second.open()).generate('go', { key: 'r-1' })
    expect(answer).toMatchObject({ status: 'succeeded', text: 'done', toolCalls: [{ status, code }] })
    expect(again).toHaveBeenCalledTimes(idempotent ? 1 : 0)
  })

  it('keeps its question open, and what was said', async () => {
    const journal = gatedJournal()
    const first = await live(journal, ['hello', wants(['ask_human', { question: 'Sure?' }])], [], { askHuman: true })
    const session = await first.open()
    const questions: AgentQuestion[] = []
    session.ref.on('agent.asked', ({ question }) => questions.push(question))
    await session.generate('hi')
    const cutOff = session.generate('go', { key: 'r-1' }).catch(() => 'gone')
    await vi.waitFor(() => expect(questions).toHaveLength(1))
    await first.runtime.stop({ drain: 0 })
    await cutOff

    const second = await live(journal, ['done'], [], { askHuman: true })
    const later = await second.open()
    const answer = later.generate('go', { key: 'r-1' })
    await later.answer(questions[0]?.id ?? '', 'yes')
    expect(await answer).toMatchObject({ status: 'succeeded', text: 'done' })
    const messages = second.provider.calls[0]?.request.messages.map(({ content }) => content) ?? []
    expect(messages.slice(0, 3)).toEqual(['hi', 'hello', 'go'])
  })

  it('keeps the runs that wait: they are run after the one that was cut off', async () => {
    const journal = gatedJournal()
    const first = await live(journal, [{ text: 'never', delay: '1h' }], [])
    const session = await first.open()
    const cutOff = ['r-1', 'r-2'].map((key) => session.generate(`do ${key}`, { key }).catch(() => 'gone'))
    await vi.waitFor(async () => expect(await session.ref.ask({ type: 'agent.status' })).toMatchObject({ waiting: 1 }))
    await vi.waitFor(() => expect(first.provider.calls).toHaveLength(1))
    await first.runtime.stop({ drain: 0 })
    expect(await Promise.all(cutOff)).toEqual(['gone', 'gone'])

    const second = await live(journal, ['one', 'two'], [])
    const later = await second.open()
    expect(await later.generate('do r-2', { key: 'r-2' })).toMatchObject({ status: 'succeeded', text: 'two' })
    expect(second.provider.calls[1]?.request.messages.map(({ content }) => content)).toEqual([
      'do r-1',
      'one',
      'do r-2',
    ])
  })

  it('pays once: what was spent before its process ended stays spent', async () => {
    const journal = gatedJournal()
    const limits = { costUsd: 5 }
    const first = await live(journal, [wants(['double', { n: 1 }]), { text: 'x', delay: '1h' }], [doubling()], {
      limits,
    })
    const cutOff = (await first.open()).generate('go', { key: 'r-1' }).catch(() => 'gone')
    await vi.waitFor(() => expect(first.provider.calls).toHaveLength(2))
    await first.runtime.stop({ drain: 0 })
    await cutOff
    const second = await live(journal, [{ text: 'done', usage: { input: 10, output: 5 } }], [doubling()], { limits })
    const answer = await (await second.open()).generate('go', { key: 'r-1' })
    expect(answer).toMatchObject({ status: 'succeeded', costUsd: 0.04 })
  })
})
