import { setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { type ActorDefinition, defineActor, defineContract, watch } from '../../runtime/index.ts'
import { memory } from '../../transports/memory/index.ts'
import { bossActor } from '../support/runtime/boss-actor.ts'
import { chronicle } from '../support/runtime/chronicle.ts'
import { fragileActor, fragileMachine } from '../support/runtime/fragile-actor.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { code } from '../support/runtime/outcome.ts'

const BREAK = { type: 'fragile.break' } as const
const GET = { type: 'fragile.get' } as const
const add = (by: number) => ({ type: 'fragile.add', by }) as const
const backoff = { first: '1s', jitter: 0 } as const
const NEVER = { intensity: 0 }

/** An actor that is set apart at its first failure. */
async function setApart() {
  const { runtime, clock } = await openRuntime({ supervision: NEVER })
  const fragile = fragileActor()
  const ref = await runtime.spawn(fragile, { key: 'a', input: { start: 3 } })
  await ref.send(add(4))
  const result = ref.result({ timeout: '1h' }).catch((error: unknown) => error)
  void ref.send(BREAK)
  const late = ref.send(add(1)).catch((error: unknown) => error)
  await runtime.idle()
  await late
  return { runtime, clock, ref, result, fragile }
}

describe('an actor in quarantine', () => {
  it('takes no messages, and says why and what to do', async () => {
    const { ref, runtime } = await setApart()
    const refused = { code: 'UNAVAILABLE', hint: expect.stringContaining('runtime.reset') as string }
    await expect(ref.send(add(1))).rejects.toMatchObject(refused)
    await expect(ref.ask(GET)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('broken') as string,
    })
    // The one that stood in its mailbox, and the two.
    expect(runtime.deadLetters.list().filter(({ error }) => error.code === 'UNAVAILABLE')).toHaveLength(2)
  })

  it('is shown with its failure and its last good state', async () => {
    const { ref, runtime } = await setApart()
    const view = await ref.state()
    expect(view).toMatchObject({ status: 'error', value: 'on', context: { total: 7 }, error: { code: 'CRASHED' } })
    expect(runtime.actors()).toEqual([ref.address])
  })

  it('has ended for who waits for its result, before or after', async () => {
    const { ref, result } = await setApart()
    expect(await result).toMatchObject({ code: 'CRASHED' })
    expect(await code(ref.result())).toBe('CRASHED')
    expect(await code(ref.waitFor({ state: 'late' }))).toBe('REJECTED')
    expect((await ref.waitFor({ status: 'error' })).status).toBe('error')
  })

  it('is found by who spawns it again, and can be stopped', async () => {
    const { ref, runtime, fragile } = await setApart()
    const again = await runtime.spawn(fragile, { key: 'a', input: { start: 100 } })
    expect((await again.state()).status).toBe('error')
    await ref.stop()
    expect(runtime.actors()).toEqual([])
    expect(await code(ref.result())).toBe('CANCELLED')
  })

  it('begins anew from its input when an operator resets it, with all its restarts', async () => {
    const { runtime, clock } = await openRuntime({ supervision: { intensity: 1, period: '1h' } })
    const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 3 } })
    const fail = async () => {
      await ref.send(BREAK)
      await clock.advance('1m')
    }
    await fail()
    await fail()
    expect(await code(ref.ask(GET))).toBe('UNAVAILABLE')
    await runtime.reset(ref.address)
    expect(await ref.ask(GET)).toBe(3)
    await fail()
    expect(await ref.ask(GET)).toBe(3)
  })
})

describe('a reset', () => {
  it('starts an actor at once that waits for its restart', async () => {
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 3 } })
    await ref.send(BREAK)
    void ref.send(add(1))
    await runtime.idle()
    await runtime.reset(ref.address)
    expect(await ref.ask(GET)).toBe(4)
  })

  it('starts an actor anew that runs, in its present life no more', async () => {
    const { runtime, clock } = await openRuntime()
    const ref = await runtime.spawn(fragileActor(), { key: 'a', input: { start: 3 } })
    await ref.send({ type: 'fragile.later' })
    await runtime.reset(ref.address)
    await clock.advance('2m')
    expect(await ref.ask(GET)).toBe(3)
  })

  it('needs its grant, an actor, and an input that was kept', async () => {
    const { runtime } = await openRuntime()
    const plain = fragileActor({ supervision: { restart: 'temporary', onPoison: 'resume' } })
    const ref = await runtime.spawn(plain, { key: 'a' })
    const other = runtime.as({ id: 'ann', grants: ['troupe.stop', 'troupe.observe'] })
    expect(await code(other.reset(ref.address))).toBe('FORBIDDEN')
    expect(await code(runtime.reset(ref.address))).toBe('REJECTED')
    expect(await code(runtime.reset('local/fragile/nobody'))).toBe('NOT_FOUND')
    expect(await code(runtime.reset('nonsense'))).toBe('INVALID_MESSAGE')
  })

  it('reaches an actor on another node', async () => {
    const transport = memory()
    const fragile = fragileActor()
    const { runtime } = await openRuntime({ transport, actors: [fragile], supervision: NEVER })
    const { runtime: other } = await openRuntime({ transport })
    const ref = await runtime.spawn(fragile, { key: 'a', input: { start: 3 } })
    await ref.send(BREAK)
    await runtime.idle()
    expect(await code(other.ref(fragile, 'a').ask(GET))).toBe('UNAVAILABLE')
    await other.reset(ref.address)
    expect(await other.ref(fragile, 'a').ask(GET)).toBe(3)
  })
})

describe('who watches an actor', () => {
  const contract = defineContract({ messages: {} })
  const watcher = (target: string) =>
    defineActor({
      type: 'watcher',
      contract,
      logic: setup({ actions: { look: watch(target as never) } }).createMachine({
        entry: 'look',
        initial: 'looking',
        states: { looking: { on: { 'troupe.down': 'told' } }, told: {} },
      }),
    })

  it('is told when it is given up, not when it is restarted', async () => {
    const { runtime, clock } = await openRuntime({ supervision: { intensity: 1, period: '1h' } })
    const ref = await runtime.spawn(fragileActor(), { key: 'a' })
    const eye = await runtime.spawn(watcher(ref.address), { key: 'w' })
    await ref.send(BREAK)
    await clock.advance('1s')
    expect((await eye.state()).value).toBe('looking')
    await ref.send(BREAK)
    await clock.advance('1s')
    expect((await eye.state()).value).toBe('told')
  })

  it('is told at once when it is in quarantine already', async () => {
    const { ref, runtime } = await setApart()
    const eye = await runtime.spawn(watcher(ref.address), { key: 'w' })
    await runtime.idle()
    expect((await eye.state()).value).toBe('told')
  })
})

describe('an escalation', () => {
  const supervision = { restart: 'transient', backoff } as const

  /** A worker under a boss under a chief, each with its restarts. */
  async function tower(options: { readonly boss: number; readonly chief: number; readonly root: number }) {
    const worker = fragileActor({ type: 'worker', logic: fragileMachine() })
    const period = '1h'
    const boss = bossActor([worker as unknown as ActorDefinition], {
      type: 'boss',
      supervision,
      children: { intensity: options.boss, period },
    })
    const chief = bossActor([boss as unknown as ActorDefinition], {
      type: 'chief',
      supervision,
      children: { intensity: options.chief, period },
    })
    const root = { intensity: options.root, period } as const
    const { runtime, clock } = await openRuntime({
      actors: [worker, boss, chief] as ActorDefinition[],
      supervision: root,
    })
    const ref = await runtime.spawn(chief, { key: 'c' })
    const lines = chronicle(runtime)
    const breakDown = async () => {
      const address = runtime.actors().find((one) => one.startsWith('local/worker/')) ?? ''
      await runtime.ref(worker, address.slice('local/worker/'.length)).send(BREAK)
      await clock.advance('1m')
    }
    return { runtime, clock, ref, lines, breakDown }
  }

  it('restarts the supervisor, and its children with it', async () => {
    const { breakDown, lines, runtime } = await tower({ boss: 1, chief: 1, root: 1 })
    await breakDown()
    lines.length = 0
    await breakDown()
    expect(lines).toEqual(['stopped worker', 'restarted boss', 'started boss', 'started worker'])
    expect(runtime.actors()).toHaveLength(3)
  })

  it('goes up two levels, with the first failure as its cause, and ends in quarantine at the top', async () => {
    const { breakDown, lines, ref } = await tower({ boss: 0, chief: 0, root: 0 })
    await breakDown()
    expect(lines).toEqual(['stopped worker', 'stopped boss', 'quarantined chief'])
    const { error } = await ref.state()
    expect(error?.message).toMatch(/local\/chief\/c may not be restarted: local\/boss\/.* may not be restarted/)
    expect(JSON.stringify(error?.data)).toContain('broken on purpose')
  })

  it('is over when the top has been reset', async () => {
    const { breakDown, ref, runtime } = await tower({ boss: 0, chief: 0, root: 0 })
    await breakDown()
    await runtime.reset(ref.address)
    expect(runtime.actors()).toHaveLength(3)
    expect((await ref.state()).value).toBe('at work')
  })

  it('uses up the restarts of each level before those of the next', async () => {
    const { breakDown, lines } = await tower({ boss: 1, chief: 1, root: 1 })
    for (let n = 0; n < 8; n++) await breakDown()
    const restarted = lines.filter((line) => /^(restarted|quarantined)/.test(line))
    expect(restarted).toEqual([
      'restarted worker',
      'restarted boss',
      'restarted worker',
      'restarted chief',
      'restarted worker',
      'restarted boss',
      'restarted worker',
      'quarantined chief',
    ])
  })

  it('is none where the policy is to set apart who failed: the others go on', async () => {
    const [one, two] = ['one', 'two'].map((type) => fragileActor({ type, logic: fragileMachine() }))
    const boss = bossActor([one, two] as unknown as ActorDefinition[], {
      children: { strategy: 'one_for_all', intensity: 0, exceeded: 'quarantine' },
    })
    const { runtime } = await openRuntime({ actors: [one, two, boss] as ActorDefinition[] })
    const ref = await runtime.spawn(boss, { key: 'b' })
    await runtime.ref('local/one/boss/b/one').send(BREAK as never)
    await runtime.idle()
    expect((await ref.state()).value).toBe('at work')
    expect((await runtime.ref('local/one/boss/b/one').state()).status).toBe('error')
    expect((await runtime.ref('local/two/boss/b/two').state()).status).toBe('active')
  })
})
