import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTimerWheel, type Timer } from '../../runtime/kernel/timer-wheel.ts'
import { createVirtualClock } from '../../runtime/testing.ts'

const DAY = 86_400_000
const instantly = () => createVirtualClock({ settle: async () => {} })

describe('a timer wheel', () => {
  it('fires what a sorted list would, in the same order, whatever is set, cancelled and let pass', async () => {
    const delays = fc.oneof(
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 0, max: 100_000 }),
      fc.integer({ min: 0, max: 2 ** 40 }),
    )
    const command = fc.oneof(
      { weight: 5, arbitrary: fc.record({ set: delays }) },
      { weight: 1, arbitrary: fc.record({ cancel: fc.nat() }) },
      { weight: 3, arbitrary: fc.record({ pass: fc.oneof(fc.nat(300), fc.nat(2 ** 33), fc.nat(2 ** 41)) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
        const clock = instantly()
        const wheel = createTimerWheel(clock)
        const fired: number[] = []
        const timers: Timer[] = []
        let model: { readonly id: number; readonly due: number }[] = []
        const expected: number[] = []
        for (const step of commands) {
          if ('set' in step) {
            const id = timers.length
            const due = clock.now() + step.set
            timers.push(wheel.set(due, () => fired.push(id)))
            model.push({ id, due })
          } else if ('cancel' in step) {
            const id = step.cancel % Math.max(1, timers.length)
            const timer = timers[id]
            if (timer) wheel.cancel(timer)
            model = model.filter((entry) => entry.id !== id)
          } else {
            await clock.advance(step.pass)
            const due = model.filter((entry) => entry.due <= clock.now()).sort((a, b) => a.due - b.due || a.id - b.id)
            expected.push(...due.map(({ id }) => id))
            model = model.filter((entry) => entry.due > clock.now())
          }
          expect(fired).toEqual(expected)
          expect(wheel.size).toBe(model.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('fires timers of one due time in the order they were set, however far ahead each was set', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    const due = clock.now() + 1_000_000
    const fired: number[] = []
    for (const wait of [0, 900_000, 99_000, 990, 10]) {
      await clock.advance(wait)
      const id = clock.now()
      if (clock.now() < due) wheel.set(due, () => fired.push(id))
    }
    await clock.advance(due - clock.now())
    expect(fired).toEqual([...fired].sort((a, b) => a - b))
    expect(fired).toHaveLength(4)
  })

  it('fires what is overdue when it is set at the next look, before what is due later', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    const fired: string[] = []
    wheel.set(clock.now() + 2, () => fired.push('later'))
    await clock.advance(1)
    wheel.set(clock.now() - 50, () => fired.push('overdue'))
    expect(fired).toEqual([])
    await clock.advance(1)
    expect(fired).toEqual(['overdue', 'later'])
  })

  it('never fires before the due time, not by a fraction of a millisecond', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    let at = 0
    wheel.set(clock.now() + 10.25, () => {
      at = clock.now()
    })
    const start = clock.now()
    await clock.advance(20)
    expect(at - start).toBeGreaterThanOrEqual(10.25)
  })

  it('waits beyond 2^31 milliseconds', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    let fired = 0
    wheel.set(clock.now() + 40 * DAY, () => fired++)
    await clock.advance(40 * DAY - 1)
    expect(fired).toBe(0)
    await clock.advance(1)
    expect(fired).toBe(1)
  })

  it('holds ten thousand timers on one alarm of its clock', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    let fired = 0
    const timers = Array.from({ length: 10_000 }, (_, n) =>
      wheel.set(clock.now() + ((n * 7919) % 10_007), () => fired++),
    )
    expect(clock.pending).toBe(1)
    for (const timer of timers.slice(0, 4_000)) wheel.cancel(timer)
    await clock.advance(10_007)
    expect(fired).toBe(6_000)
    expect(wheel.size).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('fires a new timer on time after the clock was set back by a day, the old ones at their due time', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    const fired: string[] = []
    const start = clock.now()
    wheel.set(start + DAY, () => fired.push('old'))
    wheel.set(start + 5, () => fired.push('first'))
    await clock.advance(5)
    await clock.setTo(start - DAY)
    wheel.set(clock.now() + 100, () => fired.push('new'))
    await clock.advance(100)
    expect(fired).toEqual(['first', 'new'])
    await clock.advance(2 * DAY)
    expect(fired).toEqual(['first', 'new', 'old'])
  })

  it('fires a timer on time when the clock was set back after its last one', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    let fired = 0
    wheel.set(clock.now() + DAY, () => fired++)
    await clock.advance(DAY)
    await clock.setTo(clock.now() - 3 * DAY)
    wheel.set(clock.now() + 50, () => fired++)
    await clock.advance(50)
    expect(fired).toBe(2)
  })

  it('fires all that is overdue after the clock was set forward by a day', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    const fired: number[] = []
    for (const hours of [30, 5, 20]) wheel.set(clock.now() + hours * 3_600_000, () => fired.push(hours))
    await clock.setTo(clock.now() + DAY)
    expect(fired).toEqual([5, 20])
  })

  it('forgets all on clear', async () => {
    const clock = instantly()
    const wheel = createTimerWheel(clock)
    wheel.set(clock.now() + 10, () => expect.unreachable())
    wheel.clear()
    await clock.advance(20)
    expect([wheel.size, clock.pending]).toEqual([0, 0])
  })
})
