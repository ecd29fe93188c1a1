import { expect, it } from 'vitest'
import { createAfterwards } from '../../../runtime/kernel/afterwards.ts'

it('one turn serves all who wait, and who took it back is not called', () => {
  const turns: (() => void)[] = []
  const called: string[] = []
  const afterwards = createAfterwards({ soon: () => {}, later: (callback) => turns.push(callback) })
  afterwards(() => called.push('a'))
  afterwards(() => called.push('b'))()
  afterwards(() => called.push('c'))
  expect(turns).toHaveLength(1)
  turns[0]?.()
  expect(called).toEqual(['a', 'c'])
  afterwards(() => called.push('d'))
  expect(turns).toHaveLength(2)
})
