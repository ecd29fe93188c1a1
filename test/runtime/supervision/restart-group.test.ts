import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { restartGroup, type SupervisedChild } from '../../../runtime/supervision/restart-group.ts'
import { type RestartType, supervisionPolicy } from '../../../runtime/supervision/supervision-policy.ts'

const restarts = fc.array(fc.constantFrom<RestartType>('permanent', 'transient', 'temporary'), { minLength: 1 })
const families = fc.tuple(restarts, fc.nat()).map(([types, pick]) => {
  const siblings = types.map((restart, index) => ({ id: `child-${index}`, policy: supervisionPolicy({ restart }) }))
  const at = pick % siblings.length
  // Only an actor that may be restarted ever causes a restart.
  const child: SupervisedChild = { id: `child-${at}`, policy: supervisionPolicy({ restart: 'permanent' }) }
  return { siblings: siblings.with(at, child), at, child }
})
const ids = (children: readonly { readonly id: string }[]): string[] => children.map(({ id }) => id)
const stays = ({ policy }: SupervisedChild): boolean => policy.restart !== 'temporary'

describe('the group that is restarted', () => {
  it('one_for_one: is the one that failed', () => {
    fc.assert(
      fc.property(families, ({ siblings, child }) => {
        const group = restartGroup('one_for_one', child, siblings)
        expect(group).toEqual({ stop: [], start: [{ id: child.id, from: 'start' }] })
      }),
    )
  })

  it('one_for_all: is everyone, the latest stopped first, the earliest started first', () => {
    fc.assert(
      fc.property(families, ({ siblings, child }) => {
        const group = restartGroup('one_for_all', child, siblings)
        expect(group.stop).toEqual(ids(siblings.filter((one) => one !== child)).reverse())
        expect(ids(group.start)).toEqual(ids(siblings.filter(stays)))
      }),
    )
  })

  it('rest_for_one: is the one that failed and whoever was started after it', () => {
    fc.assert(
      fc.property(families, ({ siblings, child, at }) => {
        const group = restartGroup('rest_for_one', child, siblings)
        expect(group.stop).toEqual(ids(siblings.slice(at + 1)).reverse())
        expect(ids(group.start)).toEqual(ids(siblings.slice(at).filter(stays)))
      }),
    )
  })
})
