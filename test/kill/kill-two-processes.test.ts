import { afterEach, expect, it } from 'vitest'
import { endLives, type KillLife, startLife } from '../support/kill/kill-life.ts'
import type { KillLine } from '../support/kill/kill-line.ts'
import { KILL_PROMISES } from '../support/kill/kill-promises.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const scratch = scratchFolder()
afterEach(endLives)

function start(life: number, then: 'work' | 'stop'): KillLife {
  const place = { file: scratch('runs.sqlite'), errands: scratch('errands.jsonl') }
  return startLife({ ...place, life, death: null, then })
}

function expectPromises(told: readonly KillLine[], { lines }: KillLife): void {
  const found = lines.find((line) => line.kind === 'report')
  if (found?.kind !== 'report') throw new Error(`no report: ${JSON.stringify(lines)}`)
  expect(KILL_PROMISES.flatMap(([, broken]) => broken({ told, report: found.report }))).toEqual([])
}

it('a second process on the file of one that works is refused in clear words, and disturbs nothing', async () => {
  const first = start(1, 'work')
  await first.told('acknowledged')
  const second = start(2, 'stop')
  expect(await second.ended).toBe(null)
  expect(second.lines).toEqual([
    {
      kind: 'trouble',
      error: expect.objectContaining({
        code: 'CONFLICT',
        message: expect.stringMatching(/runs\.sqlite is owned by process \d+ on /),
        hint: expect.stringContaining('stop that one first'),
      }),
    },
  ])
  const before = first.lines.length
  await first.next()
  expect(first.lines.length).toBeGreaterThan(before)
  first.kill()
  expect(await first.ended).toBe('SIGKILL')
  const third = start(3, 'stop')
  expect(await third.ended).toBe(null)
  expectPromises(first.lines, third)
})

it('of two that start when the owner was killed exactly one has the file, and all that was acknowledged', async () => {
  const first = start(1, 'work')
  await first.told('acknowledged')
  first.kill()
  await first.ended
  const heirs = [start(2, 'work'), start(3, 'work')]
  // The one that is refused may be gone before the other can report.
  await Promise.race(heirs.map((heir) => heir.ended))
  await Promise.all(heirs.map((heir) => heir.told('report')))
  const [owner, ...others] = heirs.toSorted((one, other) => other.lines.length - one.lines.length)
  expect(others.map(({ lines }) => lines)).toMatchObject([[{ kind: 'trouble', error: { code: 'CONFLICT' } }]])
  expectPromises(first.lines, owner as KillLife)
})
